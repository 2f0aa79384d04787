"""Tables for tests of the pictures, and what stands in a picture, read back from its artists."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from outgrow_nb import explore, plot
from tests.unit.explore_support import BUDGET, PLAN, of, sandbox_read

Floats = npt.NDArray[np.float64]
SEVERAL = "which_of_these_would_you_like_help_with"


@cache
def leads() -> pd.DataFrame:
    """Leads of the sandbox's largest quiz, with who wants to be called; do not change."""
    return of(sandbox_read(3, 2_000, (PLAN,)), PLAN)


@cache
def answers() -> pd.DataFrame:
    """Their answers."""
    return sandbox_read(3, 2_000, (PLAN,)).answers()


@cache
def questions() -> pd.DataFrame:
    """Their data dictionary."""
    return sandbox_read(3, 2_000, (PLAN,)).questions_frame()


TABLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "timeline": explore.timeline,
    "timeline by": lambda frame: explore.timeline(frame, freq="M", by="utm_source"),
    "funnel": explore.funnel,
    "funnel by": lambda frame: explore.funnel(frame, by="utm_source"),
    "dropoff": lambda frame: explore.dropoff(answers()[answers()["lead_id"].isin(frame["lead_id"])]),
    "conversion": lambda frame: explore.conversion(frame, "called", by="utm_source"),
    "lift": lambda frame: explore.lift(frame, "called", by="utm_source"),
    "lift several": lambda frame: explore.lift(frame, "called", by=["utm_source", "device"]),
    "bands": lambda frame: explore.bands(frame, "called"),
    "scores": explore.scores,
    "scores by": lambda frame: explore.scores(frame, by="utm_source"),
    "outcomes": explore.outcomes,
    "outcomes by": lambda frame: explore.outcomes(frame, by="utm_source"),
    "relate": lambda frame: explore.relate(frame, "called"),
    "options": lambda frame: explore.options(frame, BUDGET),
    "options several": lambda frame: explore.options(frame, SEVERAL),
    "crosstab": lambda frame: explore.crosstab(frame, "utm_source", BUDGET),
    "hours": explore.hours,
    "results": lambda frame: explore.results(frame, "score"),
    "duration": lambda frame: explore.duration(frame, by="device"),
    "missing": explore.missing,
    "sources": explore.sources,
}
QUESTIONED = frozenset(TABLES) - {"dropoff", "hours", "sources"}


@cache
def _table(case: str) -> pd.DataFrame:
    return TABLES[case](leads())


def table(case: str) -> pd.DataFrame:
    """The table of that case, of all leads."""
    return _table(case).copy()


def draw(case: str, table: pd.DataFrame, **options: Any) -> Axes:
    """The picture of that case, on axes of its own that pyplot does not know."""
    axes = Figure(figsize=(7.2, 5), layout="constrained").subplots()
    drawn: Axes = getattr(plot, case.partition(" ")[0])(table, ax=axes, **options)
    assert drawn is axes
    return drawn


def artist(axes: Axes, gid: str) -> Any:
    """The one artist of that name."""
    found = [child for child in axes.get_children() if child.get_gid() == gid]
    assert len(found) == 1, (gid, found)
    return found[0]


def places(axes: Axes, gid: str = "value") -> Floats:
    """Where the dots stand, one row each."""
    return np.asarray(artist(axes, gid).get_offsets(), dtype=np.float64)


def spans(axes: Axes, gid: str = "interval") -> Floats:
    """Of each line its two ends, whichever way it lies."""
    ends = np.array([path.vertices for path in artist(axes, gid).get_paths()], dtype=np.float64)
    along = 0 if np.array_equal(ends[:, 0, 1], ends[:, 1, 1], equal_nan=True) else 1
    return np.asarray(ends[:, :, along])


def lengths(axes: Axes) -> Floats:
    """How long the bars are, from the top."""
    return np.array(
        [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle) and bar.get_gid() == "value"]
    )


def floats(table: pd.DataFrame, *names: str) -> Floats:
    """Columns as floats side by side."""
    return np.column_stack([table[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names])


def words(axes: Axes) -> list[str]:
    """Every text of the picture that is seen."""
    return [text.get_text() for text in texts(axes) if text.get_text()]


def texts(axes: Axes) -> list[Text]:
    """Every text artist that is seen."""
    unseen = {
        label
        for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim())))
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not low <= tick.get_loc() <= high
    }
    found: list[Any] = axes.findobj(Text)
    return [one for one in found if one.get_visible() and one not in unseen]


def title(axes: Axes) -> str:
    """The title, as it is read."""
    return axes.get_title(loc="left").replace("\n", " ").replace("\xa0", " ").replace(r"\$", "$")


def caption(axes: Axes) -> str:
    """What stands below, as it is read."""
    return axes.get_xlabel().replace("\n", " ").replace("\xa0", " ")


def row_names(axes: Axes) -> list[str]:
    """The rows' labels."""
    return [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
