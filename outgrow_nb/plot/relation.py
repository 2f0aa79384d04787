"""The picture of what goes with a column: one row a column, the strongest on top."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import marks, style, words
from outgrow_nb.plot.reading import read


def relate(table: pd.DataFrame, *, questions: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """How strongly each column goes with another; findings are coloured, what may be chance is grey.

    Args:
        table: Of `explore.relate`.
        questions: Of `Outgrow.questions`: texts instead of column names.
        ax: Where to draw; None makes a new figure.

    Raises:
        ConfigError: It is another table, or tells who people are.
    """
    columns = ("column", "test", "effect", "effect_name", "n", "p", "p_corrected", "finding")
    known = read(table, columns, questions=questions)
    key = words.cut(known.name(known.told("key") or "it"))
    ax = style.canvas(ax, style.row_height(min(len(table), style.MOST_ROWS)))
    if table.empty:
        return style.nothing(ax, f"What goes with “{key}”", "Nothing to compare")
    shown = slice(0, style.MOST_ROWS)
    finding = table["finding"].to_numpy(dtype=bool, na_value=False)
    names = [words.cut(known.name(str(column)), 52) for column in table["column"]]
    values = known.floats("effect")[shown]
    title = f"What goes with “{key}”: nothing beyond chance"
    if finding.any():
        first = names[int(np.flatnonzero(finding)[0])]
        title = f"“{words.cut(first)}” goes with “{key}”" + (" most of all" if finding.sum() > 1 else "")
    effects = [words.group(name) for name in table["effect_name"]]
    texts = [f"{value:.2f}  {effect}" if value == value else "–" for value, effect in zip(values, effects, strict=False)]
    inks = [style.BLUE if real else style.GREY for real in finding[shown]]
    few = known.few()[shown]
    rows = np.arange(len(values))
    ax.hlines(rows, 0, np.nan_to_num(values), colors=inks, linewidth=2.2).set_gid("stem")
    marks.dots(ax, values, values, values, colours=inks, faint=few, texts=texts, ends=np.fmax(np.nan_to_num(values), 0))
    style.rows(ax, names[shown], known.floats("n")[shown].tolist())
    reach = max(float(np.nanmax(np.abs(values), initial=0.0)), 0.1)
    ax.set_xlim(-reach * 1.1 if np.nanmin(values, initial=0.0) < 0 else 0, reach * 1.4)
    style.numbers(ax, "x")
    more = f" · {len(table) - style.MOST_ROWS} weaker ones not drawn" if len(table) > style.MOST_ROWS else ""
    caption = known.caption("leads at most", float(table["n"].max())) + more
    x = "Strength: 0 none, 1 complete; grey: may be chance (p corrected for the number of columns)"
    return style.dress(ax, title=title, x=x, caption=caption)
