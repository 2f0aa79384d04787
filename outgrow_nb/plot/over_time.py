"""Pictures of when leads come: the timeline, and the hours of the week."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.reading import Floats, Reading, read

_SPANS = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}
_MOST_LINES = len(style.GROUPS)
_SHADE = "////"


def timeline(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How many leads each period brought: all and completed, or a line for each of the six largest groups.

    A period that was not over is hatched; in lines it is the dotted end.

    Args:
        table: Of `explore.timeline`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("period", "n", "completed", "whole"), questions=questions)
    ax = style.canvas(ax, 3.5)
    span = _SPANS.get(known.told("freq") or "", "period")
    title = f"Leads a {span}" + (f", by {known.title(known.by)}" if known.by else "")
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    caption = known.caption("leads")
    if known.by:
        caption += _lines(ax, known)
    else:
        _areas(ax, known)
    locator = AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    ax.set_ylim(0, max(float(table["n"].max()) * (1.12 if known.by else 1.3), 1.0))
    style.numbers(ax, "y", whole=True)
    if not table["whole"].to_numpy(dtype=bool, na_value=True).all():
        caption += f" · {'dotted' if known.by else 'hatched'}: not the whole {span}"
    return style.dress(ax, title=title, y=f"Leads a {span}", caption=caption, grid="y")


def hours(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """When in the week leads come: weekday by hour, the more the darker.

    Args:
        table: Of `explore.hours`.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table.
    """
    known = read(table, ("weekday", "hour", "n"))
    ax = style.canvas(ax, 3.3)
    zone = known.told("tz")
    title = "Leads by weekday and hour" + (f" ({zone})" if zone else "")
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    days = (
        list(table["weekday"].cat.categories)
        if hasattr(table["weekday"], "cat")
        else list(dict.fromkeys(table["weekday"]))
    )
    grid = np.zeros((len(days), 24))
    rows = [days.index(day) for day in table["weekday"]]
    grid[rows, table["hour"].to_numpy()] = known.floats("n")
    marks.cells(ax, grid, None, top=float(grid.max()))
    ax.set_yticks(np.arange(len(days)) + 0.5, [words.safe(str(day)) for day in days])
    ax.set_xticks(np.arange(0, 24, 3) + 0.5, [f"{hour} h" for hour in range(0, 24, 3)])
    most = np.unravel_index(int(grid.argmax()), grid.shape)
    caption = f"{known.caption('leads')} · darkest: {grid.max():,.0f} leads, {days[most[0]]} at {most[1]} h"
    return style.dress(ax, title=title, caption=caption, grid="none")


def _edges(periods: "pd.Series[pd.Timestamp]") -> Floats:
    """Where each period begins, on the clock of its zone, and where the last one ends (as long as the one before)."""
    times = periods.dt.tz_localize(None) if getattr(periods.dt, "tz", None) is not None else periods
    starts = np.asarray(date2num(times.to_numpy()), dtype=np.float64)
    step = float(np.diff(starts)[-1]) if len(starts) > 1 else 7.0
    return np.append(starts, starts[-1] + step)


def _areas(ax: Axes, known: Reading) -> None:
    """Artists "n" and "completed"; what is not whole is hatched over."""
    edges = _edges(known.frame["period"])
    total, done = known.floats("n"), known.floats("completed")
    ax.stairs(total, edges, fill=True, color=style.PALE, label="all leads").set_gid("n")
    ax.stairs(done, edges, fill=True, color=style.BLUE, label="completed").set_gid("completed")
    for place in np.flatnonzero(~known.frame["whole"].to_numpy(dtype=bool, na_value=True)):
        ax.stairs(
            total[place : place + 1], edges[place : place + 2], fill=True, facecolor="none", hatch=_SHADE,
            edgecolor="white", linewidth=0,
        ).set_gid("part")  # fmt: skip
    ax.legend(
        loc="upper left", ncols=2, frameon=False, fontsize=style.TEXT, labelcolor=style.INK, handlelength=1.0,
        borderaxespad=0.1,
    )  # fmt: skip


def _lines(ax: Axes, known: Reading) -> str:
    """A line for each of the largest groups, named at its end; what the caption says of the others."""
    frame = known.frame.assign(group=known.groups())
    sizes = frame.groupby("group", sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    largest = list(sizes.index[:_MOST_LINES])
    ends: list[float] = []
    inks = style.colours(largest)
    for name, ink in zip(largest, inks, strict=True):
        rows = frame[frame["group"] == name]
        starts = _edges(rows["period"])[:-1]
        counts = rows["n"].to_numpy(dtype=float)
        whole = rows["whole"].to_numpy(dtype=bool, na_value=True)
        last = len(counts) if whole[-1] or len(counts) < 2 else len(counts) - 1
        ax.plot(starts[:last], counts[:last], color=ink, linewidth=2.0, marker="o" if last == 1 else "")[0].set_gid(
            name
        )
        if last < len(counts):
            ax.plot(starts[last - 1 :], counts[last - 1 :], color=ink, linewidth=1.6, linestyle=":")[0].set_gid("part")
        ends.append(float(counts[-1]))
    top = max(float(frame["n"].max()) * 1.12, 1.0)
    for name, ink, place in zip(largest, inks, style.apart(ends, top * 0.075), strict=True):
        ax.annotate(
            words.safe(name, width=22, lines=1), (1, place / top), xycoords="axes fraction", xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=style.TEXT, color=style.ink(ink), annotation_clip=False,
        )  # fmt: skip
    ax.margins(x=0.01)
    return words.more(len(sizes) - len(largest), "smaller group")
