"""One page of six pictures that answer "how is this content doing?"."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from outgrow_nb import explore
from outgrow_nb.plot import style, words
from outgrow_nb.plot.groups import sources
from outgrow_nb.plot.over_time import timeline
from outgrow_nb.plot.parts import outcomes
from outgrow_nb.plot.sheet import Sheet
from outgrow_nb.plot.spread import results
from outgrow_nb.plot.steps import dropoff, funnel


def dashboard(leads: pd.DataFrame, answers: pd.DataFrame, *, questions: pd.DataFrame | None = None) -> Figure:
    """How a content is doing: who comes, how far they get, where they leave, from where, how they score, how it ends.

    Args:
        leads: Of `Outgrow.leads`, one content or several.
        answers: Of `Outgrow.answers` for the same leads.
        questions: Of `Outgrow.questions`: texts instead of column names.

    Raises:
        ConfigError: These are other frames.
    """
    left = explore.dropoff(answers, questions=questions)
    heights = (3.2, max(3.2, 1.5 + 0.52 * min(len(left), style.MOST_ROWS)), 3.2)
    figure = Sheet(
        figsize=(10.4, 0.6 + sum(heights)), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.16, wspace=0.05)
    )
    places = figure.subplots(3, 2, height_ratios=heights, width_ratios=(1.45, 1))
    titles = [str(title) for title in leads["content"].cat.remove_unused_categories().cat.categories]
    name = titles[0] if len(titles) == 1 else f"{len(titles)} contents" if titles else "No leads in this period"
    figure.suptitle(
        words.safe(name, width=70), x=0.012, ha="left", fontsize=style.TITLE + 4, fontweight="bold", color=style.INK
    )
    timeline(explore.timeline(leads), ax=places[0, 0])
    funnel(explore.funnel(leads), ax=places[0, 1])
    dropoff(left, ax=places[1, 0])
    sources(explore.sources(leads), ax=places[1, 1])
    results(explore.results(leads, "score"), ax=places[2, 0])
    outcomes(explore.outcomes(leads), ax=places[2, 1])
    return figure
