"""Pictures of what goes with what, findings apart from chance: relate, lift."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.reading import Floats, read


def relate(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How strongly each column goes with another; findings are coloured, what may be chance is grey.

    Args:
        table: Of `explore.relate`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    needed = ("column", "test", "effect", "effect_name", "n", "p", "p_corrected", "finding")
    known = read(table, needed, questions=questions)
    key = f"“{words.cut(known.name(known.told('key') or 'it'))}”"
    ax = style.canvas(ax, style.height([""] * len(table), 0.32))
    if table.empty:
        return style.nothing(ax, f"What goes with {key}", "Nothing to compare")
    shown = slice(0, style.MOST_ROWS)
    finding = table["finding"].to_numpy(dtype=bool, na_value=False)
    columns = [str(column) for column in table["column"]]
    values = known.floats("effect")[shown]
    title = f"What goes with {key}: nothing beyond chance"
    if finding.any():
        first = known.title(columns[int(np.flatnonzero(finding)[0])])
        title = f"{first[:1].upper()}{first[1:]} goes with {key}" + (" most of all" if finding.sum() > 1 else "")
    effects = [words.group(name) for name in table["effect_name"]]
    texts = [
        f"{value:.2f}  {effect}" if value == value else "–" for value, effect in zip(values, effects, strict=False)
    ]
    inks = [style.BLUE if real else style.GREY for real in finding[shown]]
    few = known.few()[shown]
    rows = np.arange(len(values))
    ax.hlines(rows, 0, np.nan_to_num(values), colors=inks, linewidth=2.2).set_gid("stem")
    marks.dots(ax, values, values, values, colours=inks, faint=few, texts=texts, ends=np.fmax(np.nan_to_num(values), 0))
    style.rows(ax, [known.name(column) for column in columns[shown]], known.floats("n")[shown].tolist(), lines=1)
    reach = max(float(np.nanmax(np.abs(values), initial=0.0)), 0.1)
    ax.set_xlim(-reach * 1.1 if np.nanmin(values, initial=0.0) < 0 else 0, reach * 1.4)
    style.numbers(ax, "x")
    caption = known.caption("leads at most", float(table["n"].max()))
    caption += words.more(len(table) - style.MOST_ROWS, "weaker column")
    x = "Strength: 0 none, 1 complete; grey: may be chance (p corrected)"
    return style.dress(ax, title=title, x=x, caption=caption)


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
    several = {"column", "value"} <= set(table.columns)
    subject = "group" if several else known.title(known.by or "group")
    title = f"No {subject} differs from the rest beyond chance"
    if table.empty:
        return style.nothing(style.canvas(ax, 2.4), f"Won more often than others, by {subject}")
    names = known.groups()
    if several:
        pairs = zip(known.groups("column"), known.groups("value"), strict=True)
        names = [f"{words.cut(known.name(column), 24)}: {value}" for column, value in pairs]
    ax = style.canvas(ax, style.height(names))
    finding = table["finding"].to_numpy(dtype=bool, na_value=False)
    values, low, high = known.floats("lift"), known.floats("low"), known.floats("high")
    if finding.sum() == 1:
        place = int(np.flatnonzero(finding)[0])
        title = f"{words.cut(names[place])}: {values[place]:.2f} times as often {known.won()} as everybody else"
    elif finding.any():
        title = f"{finding.sum()} of {len(table)} groups differ from everybody else"
    shown = known.largest(style.MOST_ROWS, finding)
    values, low, high, finding = values[shown], low[shown], high[shown], finding[shown]
    limit = _reach(values, high)
    marks.dots(
        ax,
        values,
        low,
        np.minimum(high, limit),
        colours=[
            style.GREY if not real else style.BLUE if value >= 1 else style.VERMILLION
            for real, value in zip(finding, values, strict=True)
        ],
        faint=known.few()[shown],
        texts=[f"{value:.2f}×" if value == value else "–" for value in values],
    )
    ax.axvline(1.0, color=style.INK, linewidth=1.0, zorder=1)
    ax.set_xlim(0, limit * 1.14)
    style.rows(ax, [names[row] for row in shown], known.floats("n")[shown].tolist())
    style.numbers(ax, "x")
    most = float(table.groupby("column", sort=False)["n"].sum().max()) if several else None
    caption = known.caption("leads", most) + words.more(len(table) - len(shown), "smaller group")
    x = "Times as often as everybody else, 95 % interval; grey: may be chance"
    return style.dress(ax, title=title, x=x, caption=caption)


def _reach(values: Floats, high: Floats) -> float:
    """How far the axis goes: over every dot, over intervals as far as three times the largest dot."""
    finite = high[np.isfinite(high)]
    top = float(np.nanmax(values, initial=1.0))
    return max(min(float(finite.max(initial=1.0)), 3 * top), top, 1.2)
