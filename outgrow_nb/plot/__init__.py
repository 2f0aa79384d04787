"""Pictures of `outgrow_nb.explore`'s tables: a table in, matplotlib `Axes` out; one picture for each function's name.

::

    from outgrow_nb import explore, plot

    plot.conversion(explore.conversion(leads, "bought", by="utm_source"))

Contact data is never drawn. A title says a finding only where the table carries it.
"""

import importlib.util

from outgrow_nb.errors import ConfigError

if importlib.util.find_spec("matplotlib") is None:
    raise ConfigError("Pictures need matplotlib, which is not installed.", "Run: pip install 'outgrow-nb[explore]'")

from outgrow_nb.plot.dashboard import dashboard
from outgrow_nb.plot.groups import bands, conversion, sources
from outgrow_nb.plot.over_time import hours, timeline
from outgrow_nb.plot.parts import crosstab, missing, options, outcomes
from outgrow_nb.plot.relation import lift, relate
from outgrow_nb.plot.spread import duration, results, scores
from outgrow_nb.plot.steps import dropoff, funnel

__all__ = [
    "bands",
    "conversion",
    "crosstab",
    "dashboard",
    "dropoff",
    "duration",
    "funnel",
    "hours",
    "lift",
    "missing",
    "options",
    "outcomes",
    "relate",
    "results",
    "scores",
    "sources",
    "timeline",
]
