"""Pictures of how far people get: the funnel, and the questions where they leave."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.reading import Reading, read


def funnel(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How many reach each step: bars, or a line for each of the six largest groups.

    Args:
        table: Of `explore.funnel`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("step", "n", "share", "low", "high", "of_previous"), questions=questions)
    title = "How far people get" + (f", by {known.title(known.by)}" if known.by else "")
    steps = list(dict.fromkeys(known.groups("step")))
    if table.empty or not table["n"].sum():
        return style.nothing(style.canvas(ax, 2.8), title)
    first = steps[0]
    base = float(table.loc[(table["step"].astype(str) == first).to_numpy(), "n"].sum())
    caption = known.caption(first, base)
    if known.by:
        ax = style.canvas(ax, 3.8)
        caption += _slopes(ax, known, steps)
        style.shares(ax, "y", 1.0)
        return style.dress(ax, title=title, y=f"Share of “{first}”", caption=caption, grid="y")
    ax = style.canvas(ax, style.height(steps, 0.5))
    values, previous = known.floats("share"), known.floats("of_previous")
    texts = [
        words.share(value) + (f"  ({words.share(before)} of the step before)" if place > 1 and before == before else "")
        for place, (value, before) in enumerate(zip(values, previous, strict=True))
    ]
    marks.bars(
        ax, values, known.floats("low"), known.floats("high"), colours=[style.BLUE] * len(table), faint=known.few(),
        texts=texts,
    )  # fmt: skip
    style.rows(ax, known.groups("step"), known.floats("n").tolist())
    style.shares(ax, "x", float(np.nanmax(values, initial=0.0)))
    return style.dress(ax, title=title, x=f"Share of “{first}”, with its 95 % interval", caption=caption)


def dropoff(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Where people leave, question by question; one is named the worst only where its interval is above all others.

    Args:
        table: Of `explore.dropoff`.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    columns = ("content", "position", "column", "text", "n", "left", "rate", "low", "high", "worst")
    known = read(table, columns)
    title = "Where people leave, question by question"
    shown = slice(0, style.MOST_ROWS)
    ax = style.canvas(ax, style.height([""] * len(table), 0.58))
    if table.empty or not table["n"].sum():
        return style.nothing(ax, title)
    values, low, high = known.floats("rate")[shown], known.floats("low")[shown], known.floats("high")[shown]
    worst = table["worst"].to_numpy(dtype=bool, na_value=False)[shown]
    texts, counts, positions = known.groups("text"), known.floats("n"), known.floats("position")
    if worst.sum() == 1:
        place = int(np.flatnonzero(worst)[0])
        title = f"Most leave at “{words.cut(texts[place], 60)}”: {words.share(values[place])}"
    several = table["content"].nunique() > 1
    contents = known.groups("content")
    marks.bars(
        ax, values, low, high, height=0.34, colours=[style.VERMILLION if row else style.BLUE for row in worst],
        faint=known.few()[shown], texts=[words.share(value) for value in values],
    )  # fmt: skip
    width = style.letters(ax, style.TEXT * 0.95) - 12
    for row in range(len(values)):
        number = f"{positions[row]:.0f}. " if positions[row] == positions[row] else ""
        label = words.safe(f"{number}{contents[row] + ': ' if several else ''}{texts[row]}", width=width, lines=1)
        ax.text(
            0.008, row - 0.36, f"{label}  n = {counts[row]:,.0f}", transform=ax.get_yaxis_transform(), va="center",
            fontsize=style.TEXT, color=style.INK,
        ).set_gid("label")  # fmt: skip
    ax.set_yticks([])
    ax.set_ylim(len(values) - 0.7, -0.7)
    style.shares(ax, "x", float(np.nanmax(high, initial=0.0)))
    caption = known.caption("leads at the first question", float(counts[0]))
    caption += words.more(len(table) - style.MOST_ROWS, "later question")
    return style.dress(
        ax, title=title, x="Share of those shown it who left there, with its 95 % interval", caption=caption
    )


def _slopes(ax: Axes, known: Reading, steps: list[str]) -> str:
    """A line for each of the largest groups, named at its end; what the caption says of the others."""
    frame = known.frame.assign(group=known.groups(), place=[steps.index(step) for step in known.groups("step")])
    sizes = (
        frame[frame["place"] == 0].groupby("group", sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    )
    largest = list(sizes.index[: len(style.GROUPS)])
    inks, ends = style.colours(largest), []
    for name, ink in zip(largest, inks, strict=True):
        rows = frame[frame["group"] == name].sort_values("place")
        values = rows["share"].to_numpy(dtype=float, na_value=np.nan)
        low, high = (rows[column].to_numpy(dtype=float, na_value=np.nan) for column in ("low", "high"))
        alpha = style.FAINT if sizes[name] < 5 else 1.0
        ax.plot(rows["place"], values, color=ink, linewidth=2.2, marker="o", markersize=6, alpha=alpha)[0].set_gid(name)
        ax.fill_between(rows["place"], low, high, color=ink, alpha=0.10, linewidth=0)
        ends.append(float(values[-1]) if values[-1] == values[-1] else 0.0)
    for name, ink, place in zip(largest, inks, style.apart(ends, 0.075), strict=True):
        ax.annotate(
            words.safe(name, width=18, lines=1) + f"  {words.share(ends[largest.index(name)])}, n = {sizes[name]:,.0f}",
            (len(steps) - 1, place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=style.SMALL,
            color=style.ink(ink), annotation_clip=False,
        )  # fmt: skip
    ax.set_xticks(range(len(steps)), [words.safe(step, width=16) for step in steps])
    ax.set_xlim(-0.15, len(steps) - 0.95)
    return words.more(len(sizes) - len(largest), "smaller group")
