"""Pictures of numbers: scores by group, how results are spread, how long people take."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.finding import ahead
from outgrow_nb.plot.reading import Floats, read

_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))


def scores(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How a number differs by group: the mean with its 95 % interval over a pale bar, the middle half of all.

    Args:
        table: Of `explore.scores`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("n", "mean", "low", "high", "median", "q25", "q75", "min", "max"), questions=questions)
    column = words.cut(known.name(known.told("column") or "score"))
    title = column + (f", by {known.title(known.by)}" if known.by else "")
    names, values, low, high = known.groups(), known.floats("mean"), known.floats("low"), known.floats("high")
    ax = style.canvas(ax, style.height(names))
    if not np.isfinite(values).any():
        return style.nothing(ax, title, "No lead has one in this period")
    few, texts = known.few(), words.alike(values.tolist())
    if known.by:
        title = ahead(title, names, low, high, few=few, texts=texts)
    shown = known.largest(style.MOST_ROWS)
    values, low, high, few = values[shown], low[shown], high[shown], few[shown]
    q25, q75 = known.floats("q25")[shown], known.floats("q75")[shown]
    ax.hlines(np.arange(len(shown)), q25, q75, colors=style.GRID, linewidth=13).set_gid("middle half")
    # the interval of two or three leads may be as wide as the sea: it runs out of the picture, not the others
    top, bottom = np.where(few, np.nan, high), np.where(few, np.nan, low)
    marks.dots(
        ax,
        values,
        low,
        high,
        colours=[style.GREY if names[row] == words.UNKNOWN else style.BLUE for row in shown],
        faint=few,
        texts=[texts[row] for row in shown],
        ends=np.fmax(np.fmax(top, q75), values),
    )
    style.rows(ax, [names[row] or "all" for row in shown], known.floats("n")[shown].tolist())
    _room(ax, np.concatenate([q25, bottom, values]), np.concatenate([q75, top, values]))
    style.numbers(ax, "x")
    caption = known.caption("leads with one") + words.more(len(table) - len(shown), "smaller group")
    x = f"{column}: mean with its 95 % interval; pale: the middle half"
    return style.dress(ax, title=title, x=x, caption=caption)


def results(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How a number is spread: for each value the share of leads that have at most so much, and the median.

    Args:
        table: Of `explore.results`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("value", "n", "share"), questions=questions)
    column = words.cut(known.name(known.told("column") or "value"))
    ax = style.canvas(ax, 3.5)
    if table.empty:
        return style.nothing(ax, f"{column}: how it is spread")
    values, up_to = known.floats("value"), known.floats("share")
    ax.step(values, up_to, where="post", color=style.BLUE, linewidth=2.4)[0].set_gid("value")
    median = float(values[np.searchsorted(up_to, 0.5 - 1e-12)])
    ax.hlines(0.5, min(values.min(), median), median, color=style.MUTED, linewidth=1.0, linestyle="--")
    ax.scatter([median], [0.5], color=style.BLUE, s=46, zorder=3, edgecolors="white")
    ax.annotate(f"median {words.number(median)}", (median, 0.5), xytext=(9, -4), textcoords="offset points",
                va="top", fontsize=style.TEXT, color=style.INK)  # fmt: skip
    style.shares(ax, "y", 0.9)
    style.numbers(ax, "x")
    title = f"{column}: half have at most {words.number(median)}"
    caption = known.caption("leads with one", float(table["n"].max()))
    return style.dress(ax, title=title, x=column, y="Share with at most so much", caption=caption, grid="y")


def duration(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How long people take: the median on a bar that holds the middle half.

    Args:
        table: Of `explore.duration`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("n", "median", "q25", "q75"), questions=questions)
    title = "How long people take" + (f", by {known.title(known.by)}" if known.by else "")
    names = known.groups()
    ax = style.canvas(ax, style.height(names))
    if not np.isfinite(known.floats("median")).any():
        return style.nothing(ax, title)
    shown = known.largest(style.MOST_ROWS)
    divisor, unit = _unit(known.floats("median"))
    median, q25, q75 = (known.floats(column)[shown] / divisor for column in ("median", "q25", "q75"))
    inks = [style.GREY if names[row] == words.UNKNOWN else style.BLUE for row in shown]
    texts = [f"{value:,.1f} {unit}" if value == value else "–" for value in median]
    marks.dots(ax, median, q25, q75, colours=inks, faint=known.few()[shown], texts=texts)
    style.rows(ax, [names[row] or "all" for row in shown], known.floats("n")[shown].tolist())
    ax.set_xlim(0, max(float(np.nanmax(np.fmax(median, np.nan_to_num(q75)))), 1.0) * 1.2)
    style.numbers(ax, "x")
    x = f"From the first to the last answer, in {unit}: median, and the middle half"
    caption = known.caption("leads with both times") + words.more(len(table) - len(shown), "smaller group")
    return style.dress(ax, title=title, x=x, caption=caption)


def _unit(seconds: Floats) -> tuple[float, str]:
    middle = float(np.nanmedian(seconds))
    return next(((size, name) for size, name in _UNITS if middle >= 2 * size), (1.0, "seconds"))


def _room(ax: Axes, low: Floats, high: Floats) -> None:
    """From 0 where that is near, else from a little before the first number; room for words at the end."""
    first, last = float(np.nanmin(low)), float(np.nanmax(high))
    start = 0.0 if 0 <= first <= 0.6 * last else first - 0.08 * (last - first or 1.0)
    ax.set_xlim(start, last + 0.13 * ((last - start) or 1.0))
