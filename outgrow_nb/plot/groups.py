"""Pictures that compare groups by a share: conversion, lift, sources, bands of the score."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.finding import ahead
from outgrow_nb.plot.reading import Floats, Reading, read


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
    won = words.cut(known.name(known.told("won") or "won"), 30)
    title = f"{won}, by {words.cut(known.name(known.by or 'group'))}"
    ranked = table["ranked"].to_numpy(dtype=bool, na_value=False)
    return _compared(known, title, f"Share with “{won}”, with its 95 % interval", ~ranked, ax, "leads with a known end")


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
    scores = known.floats("score_mean")
    extra = [f" · score {words.number(score)}" if score == score else "" for score in scores]
    return _compared(
        known, f"Completed leads, by source{touch}", "Share completed, with its 95 % interval", known.few(), ax, "leads",
        column="share", extra=extra,
    )  # fmt: skip


def lift(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How many times as often a group is won as everybody else; findings are coloured, what may be chance is grey.

    Args:
        table: Of `explore.lift`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    columns = ("n", "won", "rate", "base_rate", "lift", "low", "high", "p", "p_corrected", "finding")
    known = read(table, columns, questions=questions)
    won = words.cut(known.name(known.told("won") or "won"), 30)
    several = {"column", "value"} <= set(table.columns)
    subject = "group" if several else words.cut(known.name(known.by or "group"))
    ax = style.canvas(ax, style.row_height(min(len(table), style.MOST_ROWS)))
    title = f"{won}: no {subject} differs from the rest beyond chance"
    if table.empty:
        return style.nothing(ax, f"{won}, by {subject}")
    names = known.groups()
    if several:
        pairs = zip(known.groups("column"), known.groups("value"), strict=True)
        names = [f"{words.cut(known.name(column), 30)}: {value}" for column, value in pairs]
    finding = table["finding"].to_numpy(dtype=bool, na_value=False)
    values, low, high = known.floats("lift"), known.floats("low"), known.floats("high")
    if finding.sum() == 1:
        place = int(np.flatnonzero(finding)[0])
        title = f"{words.cut(names[place])}: {words.number(values[place])} times as often “{won}” as everybody else"
    elif finding.any():
        title = f"{won}: {finding.sum()} of {len(table)} groups differ from everybody else"
    shown = slice(0, style.MOST_ROWS)
    limit = _reach(values[shown], high[shown])
    colours = [style.GREY if not real else style.BLUE if value >= 1 else style.VERMILLION
               for real, value in zip(finding, values, strict=True)][shown]  # fmt: skip
    texts = [f"{words.number(value)}×" if value == value else "–" for value in values][shown]
    marks.dots(
        ax, values[shown], low[shown], np.fmin(high, limit)[shown], colours=colours, faint=known.few()[shown],
        texts=texts,
    )  # fmt: skip
    ax.axvline(1.0, color=style.INK, linewidth=1.0, zorder=1)
    ax.set_xlim(0, limit * 1.14)
    style.rows(ax, names[shown], known.floats("n")[shown].tolist())
    style.numbers(ax, "x")
    caption = known.caption("leads" if not several else "leads, several times", None if not several else float(table["n"].max()))
    x = "Times as often as everybody else (line: as often), with its 95 % interval; grey: may be chance"
    return style.dress(ax, title=title, x=x, caption=caption + _left_out(len(table)))


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
    won = words.cut(known.name(known.told("won") or "won"), 30)
    score = words.cut(known.name(known.told("column") or "score"))
    ax = style.canvas(ax, 3.6)
    title = f"{won}, by {score}"
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    values, low, high = known.floats("rate"), known.floats("low"), known.floats("high")
    names = known.groups("band")
    if len(table) > 1 and (low[-1] > high[0] or high[-1] < low[0]):
        more = "More" if low[-1] > high[0] else "Fewer"
        title = f"{more} “{won}” at {names[-1]} ({words.share(values[-1])}) than at {names[0]} ({words.share(values[0])})"
    places, few = np.arange(len(table)), known.few()
    inks = [(style.BLUE, style.FAINT if weak else 1.0) for weak in few]
    ax.vlines(places, low, high, colors=inks, linewidth=2.6, capstyle="round").set_gid("interval")
    ax.scatter(places, values, color=inks, s=60, zorder=3, edgecolors="white", linewidths=1.2).set_gid("value")
    for place, value, weak in zip(places, values, few, strict=True):
        ax.annotate(words.share(value), (place, value if value == value else 0), xytext=(9, 0), va="center",
                    textcoords="offset points", fontsize=style.TEXT, color=style.MUTED if weak else style.INK)  # fmt: skip
    labels = [f"{words.safe(name, width=16)}\nn = {n:,.0f}" for name, n in zip(names, known.floats("n"), strict=True)]
    ax.set_xticks(places, labels)
    ax.set_xlim(-0.5, len(table) - 0.4)
    style.shares(ax, "y", float(np.nanmax(high, initial=0.0)))
    return style.dress(
        ax, title=title, x=f"{score}, in bands", y=f"Share with “{won}”, 95 % interval", grid="y",
        caption=known.caption("leads with a known end"),
    )  # fmt: skip


def _compared(
    known: Reading,
    title: str,
    x: str,
    faint: npt.NDArray[np.bool_],
    ax: Axes | None,
    counted: str,
    *,
    column: str = "rate",
    extra: Sequence[str] = (),
) -> Axes:
    """Dots of shares, one row a group; the title names who is ahead only where no interval overlaps."""
    table = known.frame
    ax = style.canvas(ax, style.row_height(min(len(table), style.MOST_ROWS)))
    if table.empty:
        return style.nothing(ax, title)
    shown = slice(0, style.MOST_ROWS)
    values, low, high, names = known.floats(column), known.floats("low"), known.floats("high"), known.groups()
    percents = [words.share(value) for value in values]
    title = ahead(title, names, low, high, few=faint, texts=percents)
    texts = [percent + more for percent, more in zip(percents, extra or [""] * len(table), strict=True)][shown]
    colours = [style.GREY if name == words.UNKNOWN else style.BLUE for name in names][shown]
    marks.dots(ax, values[shown], low[shown], high[shown], colours=colours, faint=faint[shown], texts=texts)
    style.rows(ax, names[shown], known.floats("n")[shown].tolist())
    style.shares(ax, "x", float(np.nanmax(high[shown], initial=0.0)))
    return style.dress(ax, title=title, x=x, caption=known.caption(counted) + _left_out(len(table)))


def _reach(values: Floats, high: Floats) -> float:
    """How far the axis goes: over every dot, over intervals as far as three times the largest dot."""
    finite = high[np.isfinite(high)]
    top = float(np.nanmax(values, initial=1.0))
    return max(min(float(finite.max(initial=1.0)), 3 * top), top, 1.2)


def _left_out(rows: int) -> str:
    return f" · {rows - style.MOST_ROWS} more groups not drawn" if rows > style.MOST_ROWS else ""
