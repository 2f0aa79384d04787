"""From leads to findings: DataFrames in, small tidy DataFrames out; pure, no contact details in any result.

Every result has its base ``n``; shares carry 95 % Wilson intervals, p-values are corrected for how many were looked
at. Unknown is never "lost", a group under five people is never ranked, and no worst step is named while intervals
overlap. ``outgrow_nb.plot`` draws these tables.

::

    from outgrow_nb import explore

    explore.overview(leads)
    explore.dropoff(og.answers("Which plan fits you?"), questions=og.questions())
    explore.conversion(explore.join_crm(leads, crm, on="email"), "won", by="utm_source")
"""

from outgrow_nb.errors import ConfigError

try:
    import scipy as _scipy  # noqa: F401
except ModuleNotFoundError:
    raise ConfigError("outgrow_nb.explore needs scipy.", "Run: pip install 'outgrow-nb[explore]'") from None

from outgrow_nb.explore.calendar import duration, hours, timeline
from outgrow_nb.explore.chosen import options
from outgrow_nb.explore.contents import missing, overview
from outgrow_nb.explore.crm import join_crm
from outgrow_nb.explore.hiding import mask
from outgrow_nb.explore.leaving import dropoff
from outgrow_nb.explore.people import dedupe, sources
from outgrow_nb.explore.relations import crosstab, relate
from outgrow_nb.explore.scored import outcomes, results, scores
from outgrow_nb.explore.steps import funnel
from outgrow_nb.explore.winning import bands, conversion, lift

__all__ = [
    "bands",
    "conversion",
    "crosstab",
    "dedupe",
    "dropoff",
    "duration",
    "funnel",
    "hours",
    "join_crm",
    "lift",
    "mask",
    "missing",
    "options",
    "outcomes",
    "overview",
    "relate",
    "results",
    "scores",
    "sources",
    "timeline",
]
