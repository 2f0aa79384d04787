"""Pictures of how leads divide: options, outcomes, a cross table, what is missing."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.errors import ConfigError
from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.reading import Reading, read

_MOST_COLUMNS = 10


def options(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How often each option was chosen by those who were shown the question, with its 95 % interval.

    Args:
        table: Of `explore.options`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("option", "n", "base", "share", "low", "high"), questions=questions)
    title = known.name(known.told("column") or "What was chosen")
    return _barred(
        known, "option", title, "Share of those shown the question, with its 95 % interval", "leads shown it", ax
    )


def outcomes(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """What people were told at the end: bars with 95 % intervals; split, each group's shares as a heat map.

    Args:
        table: Of `explore.outcomes`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("outcome", "n", "base", "share", "low", "high"), questions=questions)
    if known.by:
        title = f"Outcomes, by {known.title(known.by)}"
        return _crossed(known, known.by, "outcome", title, "leads with an outcome", ax)
    return _barred(
        known,
        "outcome",
        "Outcomes",
        "Share of leads with an outcome, with its 95 % interval",
        "leads with an outcome",
        ax,
    )


def crosstab(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Two columns against each other: the shares of each row, the larger the darker.

    Args:
        table: Of `explore.crosstab`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    known = read(table, ("n", "base", "share"), questions=questions)
    names = [str(column) for column in table.columns if column not in ("n", "base", "share")]
    if len(names) != 2:
        raise ConfigError("This is no cross table of two columns.", "Give it explore.crosstab(leads, rows, columns).")
    first, second = (known.title(name) for name in names)
    title = f"{second[:1].upper()}{second[1:]}, by {first}"
    p, effect = known.told("p"), known.told("effect")
    if p is not None and effect is not None and float(p) < 0.05:
        weakly = "weakly " if float(effect) < 0.1 else ""
        title = f"{second[:1].upper()}{second[1:]} goes {weakly}with {first} (Cramér's V {float(effect):.2f})"
    return _crossed(known, names[0], names[1], title, "leads", ax)


def missing(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Which columns have gaps, the widest first.

    Args:
        table: Of `explore.missing`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table.
    """
    known = read(table, ("column", "n", "base", "share"), questions=questions)
    gaps = table[table["n"] > 0].sort_values("share", ascending=False, kind="stable")
    title = f"{len(gaps)} of {len(table)} columns have gaps"
    ax = style.canvas(ax, style.height([""] * len(gaps), 0.3))
    if table.empty or not table["base"].max():
        return style.nothing(ax, "Columns with gaps")
    if gaps.empty:
        return style.nothing(ax, title, "Nothing is missing")
    shown = gaps.head(style.MOST_ROWS)
    values = shown["share"].to_numpy(dtype=float, na_value=np.nan)
    texts = [f"{words.share(value)}  ({count:,})" for value, count in zip(values, shown["n"], strict=True)]
    marks.bars(ax, values, None, None, colours=[style.BLUE] * len(shown), faint=np.zeros(len(shown), bool), texts=texts)
    style.rows(ax, [known.name(str(column)) for column in shown["column"]], lines=1)
    style.shares(ax, "x", float(np.nanmax(values)))
    caption = known.caption("leads", float(table["base"].max())) + words.more(len(gaps) - len(shown), "further column")
    return style.dress(ax, title=title, x="Share of leads without a value (how many)", caption=caption)


def _barred(known: Reading, column: str, title: str, x: str, counted: str, ax: Axes | None) -> Axes:
    table = known.frame
    ax = style.canvas(ax, style.height(known.groups(column)))
    if table.empty or not table["base"].max():
        return style.nothing(ax, title)
    shown = slice(0, style.MOST_ROWS)
    values, names, counts = known.floats("share")[shown], known.groups(column)[shown], known.floats("n")[shown]
    high = known.floats("high")[shown]
    marks.bars(
        ax, values, known.floats("low")[shown], high, faint=np.zeros(len(values), bool),
        colours=[style.GREY if name == words.UNKNOWN else style.BLUE for name in names],
        texts=[words.share(value) for value in values],
    )  # fmt: skip
    style.rows(ax, names, counts.tolist())
    style.shares(ax, "x", float(np.nanmax(np.fmax(values, np.nan_to_num(high)), initial=0.0)))
    caption = known.caption(counted, float(known.floats("base").max()))
    caption += words.more(len(table) - style.MOST_ROWS, f"further {column}")
    return style.dress(ax, title=title, x=x, caption=caption)


def _crossed(known: Reading, rows: str, columns: str, title: str, counted: str, ax: Axes | None) -> Axes:
    flat = pd.DataFrame({"row": known.groups(rows), "column": known.groups(columns)})
    flat = flat.assign(share=known.floats("share"), base=known.floats("base"), n=known.floats("n"))
    bases, sizes = flat.groupby("row", sort=False)["base"].max(), flat.groupby("column", sort=False)["n"].sum()
    lines, heads = _largest(bases, style.MOST_ROWS), _largest(sizes, _MOST_COLUMNS)
    ax = style.canvas(ax, style.height(lines, 0.42) + 0.35)
    if flat.empty or not bases.max():
        return style.nothing(ax, title)
    grid = flat.pivot(index="row", columns="column", values="share").loc[lines, heads].to_numpy()
    texts = [[words.share(value) for value in line] for line in grid]
    marks.cells(ax, grid, texts, top=float(np.nanmax(grid, initial=0.0)))
    labels = [f"{words.safe(line, width=style.LABEL)}  n = {bases[line]:,.0f}" for line in lines]
    ax.set_yticks(np.arange(len(lines)) + 0.5, labels)
    width = max(style.letters(ax, style.TEXT) // max(len(heads), 1) - 1, 8)
    ax.set_xticks(np.arange(len(heads)) + 0.5, [words.safe(head, width=width, lines=3) for head in heads])
    ax.xaxis.tick_top()
    caption = known.caption(counted, float(bases.sum()))
    caption += words.more(len(bases) - len(lines), "smaller row") + words.more(len(sizes) - len(heads), "rarer column")
    return style.dress(ax, title=title, x="Share of each row's leads", caption=caption, grid="none")


def _largest(sizes: "pd.Series[float]", most: int) -> list[str]:
    """The names of the largest, in the order they stand."""
    kept = set(sizes.sort_values(ascending=False, kind="stable").index[:most])
    return [str(name) for name in sizes.index if name in kept]
