"""Pictures that compare groups by a share: conversion, sources, bands of the score."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.finding import ahead
from outgrow_nb.plot.reading import Reading, read


def conversion(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Who is won, group by group: a dot and its 95 % interval, groups under five faint.

    Args:
        table: Of `explore.conversion`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("n", "won", "unknown", "rate", "low", "high", "ranked"), questions=questions)
    share = f"Share {known.won()}"
    ranked = table["ranked"].to_numpy(dtype=bool, na_value=False)
    return _compared(
        known,
        f"{share}, by {known.title(known.by or 'group')}",
        f"{share}, with its 95 % interval",
        ~ranked,
        ax,
        "leads with a known end",
        good="won",
    )


def sources(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How many of each source's leads completed, with the 95 % interval, and their mean score.

    Args:
        table: Of `explore.sources`.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    columns = ("n", "people", "completed", "share", "low", "high", "score_mean")
    known = read(table, columns)
    touch = {"first": ", first touch", "last": ", last touch"}.get(known.told("touch") or "", "")
    scores = words.alike(known.floats("score_mean").tolist())
    extra = [f" · score {score}" if score != "–" else "" for score in scores]
    return _compared(
        known,
        f"Completed leads, by source{touch}",
        "Share completed of known status, with its 95 % interval",
        known.few(),
        ax,
        "leads",
        column="share",
        extra=extra,
    )


def bands(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Who is won, by band of the score: a dot and its 95 % interval on each band.

    Args:
        table: Of `explore.bands`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("band", "n", "won", "unknown", "rate", "low", "high"), questions=questions)
    score = known.title(known.told("column") or "score")
    ax = style.canvas(ax, 3.6)
    title = f"Share {known.won()}, by {score}"
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    values, low, high = known.floats("rate"), known.floats("low"), known.floats("high")
    names = known.groups("band")
    if len(table) > 1 and (low[-1] > high[0] or high[-1] < low[0]):
        won, often = known.won(), "more" if low[-1] > high[0] else "less"
        ends = f"{names[-1]} ({words.share(values[-1])}) than at {names[0]} ({words.share(values[0])})"
        title = f"{won[:1].upper()}{won[1:]} {often} often at a {score} of {ends}"
    places, few = np.arange(len(table)), known.few()
    inks = [(style.BLUE, style.FAINT if weak else 1.0) for weak in few]
    ax.vlines(places, low, high, colors=inks, linewidth=2.6, capstyle="round").set_gid("interval")
    ax.scatter(places, values, color=inks, s=60, zorder=3, edgecolors="white", linewidths=1.2).set_gid("value")
    for place, value, weak in zip(places, values, few, strict=True):
        ax.annotate(
            words.share(value), (place, value if value == value else 0), xytext=(9, 0), textcoords="offset points",
            va="center", fontsize=style.TEXT, color=style.MUTED if weak else style.INK,
        )  # fmt: skip
    labels = [f"{words.safe(name, width=16)}\nn = {n:,.0f}" for name, n in zip(names, known.floats("n"), strict=True)]
    ax.set_xticks(places, labels)
    ax.set_xlim(-0.5, len(table) - 0.4)
    style.shares(ax, "y", float(np.nanmax(high, initial=0.0)))
    x, y = f"{score[:1].upper()}{score[1:]}, in bands", f"Share {known.won()}, 95 % interval"
    return style.dress(ax, title=title, x=x, y=y, caption=known.caption("leads with a known end"), grid="y")


def _compared(
    known: Reading,
    title: str,
    x: str,
    faint: npt.NDArray[np.bool_],
    ax: Axes | None,
    counted: str,
    *,
    column: str = "rate",
    good: str = "",
    extra: Sequence[str] = (),
) -> Axes:
    """Dots of shares, one row a group; the title names who is ahead only where no interval overlaps."""
    table, names = known.frame, known.groups()
    ax = style.canvas(ax, style.height(names))
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    values, low, high = known.floats(column), known.floats("low"), known.floats("high")
    percents = [words.share(value) for value in values]
    title = ahead(title, names, low, high, few=faint, texts=percents)
    shown = known.largest(style.MOST_ROWS)
    texts = [percents[row] + (extra[row] if extra else "") for row in shown]
    colours = [style.GREY if names[row] == words.UNKNOWN else style.BLUE for row in shown]
    marks.dots(ax, values[shown], low[shown], high[shown], colours=colours, faint=faint[shown], texts=texts)
    style.rows(ax, [names[row] for row in shown], known.floats("n")[shown].tolist())
    style.shares(ax, "x", float(np.nanmax(high[shown], initial=0.0)))
    caption = known.caption(counted)
    if good:  # of n leads so many; where shares have another base there is no share of all to be had from the table
        overall = float(table[good].sum()) / float(table["n"].sum())
        ax.axvline(overall, color=style.MUTED, linewidth=1.0, linestyle=":", zorder=1).set_gid("all")
        caption += f" · dotted: all, {words.share(overall)}"
    caption += words.more(len(table) - len(shown), "smaller group")
    return style.dress(ax, title=title, x=x, caption=caption)
