"""One page of six pictures that answer "how is this content doing?"."""

from io import BytesIO

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from outgrow_nb import explore
from outgrow_nb.plot import style, words
from outgrow_nb.plot.groups import sources
from outgrow_nb.plot.over_time import timeline
from outgrow_nb.plot.parts import outcomes
from outgrow_nb.plot.spread import results
from outgrow_nb.plot.steps import dropoff, funnel


class _Page(Figure):
    """A figure outside pyplot, so that a notebook shows it once: as the value of its cell."""

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        FigureCanvasAgg(self).print_png(written)
        return written.getvalue()


def dashboard(leads: pd.DataFrame, answers: pd.DataFrame) -> Figure:
    """How a content is doing: how many come, how far they get, where they leave, from where, how they score, how it ends.

    Args:
        leads: Of `Outgrow.leads`, one content or several.
        answers: Of `Outgrow.answers` for the same leads.

    Raises:
        ConfigError: These are other frames.
    """
    figure = _Page(figsize=(10.4, 12.4), layout="constrained")
    places = figure.subplots(3, 2)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.16)
    titles = [str(title) for title in leads["content"].cat.remove_unused_categories().cat.categories]
    name = titles[0] if len(titles) == 1 else f"{len(titles)} contents"
    figure.suptitle(
        words.safe(name, width=70), x=0.012, ha="left", fontsize=style.TITLE + 4, fontweight="bold", color=style.INK
    )
    timeline(explore.timeline(leads), ax=places[0, 0])
    funnel(explore.funnel(leads), ax=places[0, 1])
    dropoff(explore.dropoff(answers), ax=places[1, 0])
    sources(explore.sources(leads), ax=places[1, 1])
    results(explore.results(leads, "score"), ax=places[2, 0])
    outcomes(explore.outcomes(leads), ax=places[2, 1])
    return figure
