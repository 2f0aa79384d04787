"""What stands on the rows of a picture: a dot with its interval, a bar with its interval, cells of a heat map."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from outgrow_nb.plot import style

Floats = npt.NDArray[np.float64]
_HEAT = LinearSegmentedColormap.from_list("outgrow", ["#F3F7FA", "#9CC4DE", style.BLUE, "#003A5D"])


def dots(
    ax: Axes,
    values: Floats,
    low: Floats,
    high: Floats,
    *,
    colours: Sequence[str],
    faint: npt.NDArray[np.bool_],
    texts: Sequence[str],
    ends: Floats | None = None,
) -> None:
    """A dot, its interval and its value in words on each row; artists "interval" and "value".

    Args:
        ax: The axes.
        values: Where each dot stands.
        low: Where its interval begins.
        high: Where it ends.
        colours: Of each row.
        faint: Which rows rest on few.
        texts: What stands at the end of each row.
        ends: Where each row ends; None: with its interval.
    """
    rows = np.arange(len(values))
    inks = [to_rgba(colour, style.FAINT if weak else 1.0) for colour, weak in zip(colours, faint, strict=True)]
    ax.hlines(rows, low, high, colors=inks, linewidth=2.6, capstyle="round").set_gid("interval")
    ax.scatter(values, rows, c=inks, s=52, zorder=3, edgecolors="white", linewidths=1.2).set_gid("value")
    _at_ends(ax, np.fmax(values, high) if ends is None else ends, texts, faint)


def bars(
    ax: Axes,
    values: Floats,
    low: Floats | None,
    high: Floats | None,
    *,
    colours: Sequence[str],
    faint: npt.NDArray[np.bool_],
    texts: Sequence[str],
    height: float = 0.66,
) -> None:
    """A bar from 0, its interval and its value in words on each row; artists "value" and "interval".

    Args:
        ax: The axes.
        values: How long each bar is.
        low: Where its interval begins; None for no intervals.
        high: Where it ends.
        colours: Of each row.
        faint: Which rows rest on few.
        texts: What stands at the end of each row.
        height: Of a bar, in rows.
    """
    rows = np.arange(len(values))
    inks = [to_rgba(colour, style.FAINT if weak else 1.0) for colour, weak in zip(colours, faint, strict=True)]
    for bar in ax.barh(rows, np.nan_to_num(values), height=height, color=inks):
        bar.set_gid("value")
    ends = np.nan_to_num(values)
    if low is not None and high is not None:
        ax.hlines(rows, low, high, colors=style.INK, linewidth=1.3, alpha=0.75).set_gid("interval")
        ends = np.fmax(ends, np.nan_to_num(high))
    _at_ends(ax, ends, texts, faint)


def cells(ax: Axes, values: Floats, texts: Sequence[Sequence[str]] | None, *, top: float) -> None:
    """A heat map, the first row on top; artist "value".

    Args:
        ax: The axes.
        values: By row and column, NaN where there is none.
        texts: What stands in each cell; None for nothing.
        top: The value of the darkest colour.
    """
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(values), cmap=_HEAT, vmin=0.0, vmax=max(top, 1e-9), edgecolors="white", linewidth=1.2
    )
    mesh.set_gid("value")
    ax.set_ylim(values.shape[0], 0)
    for row, line in enumerate(texts or []):
        for column, text in enumerate(line):
            dark = np.isfinite(values[row, column]) and _light(_HEAT(values[row, column] / max(top, 1e-9))) < 0.18
            ax.text(
                column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=style.TEXT,
                color="white" if dark else "black",
            )  # fmt: skip


def _light(colour: tuple[float, float, float, float]) -> float:
    """Relative luminance (WCAG 2.2); below 0.18 white words are read best, above it black ones."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _at_ends(ax: Axes, ends: Floats, texts: Sequence[str], faint: npt.NDArray[np.bool_]) -> None:
    for row, (end, text, weak) in enumerate(zip(ends, texts, faint, strict=True)):
        known = bool(np.isfinite(end))
        ax.annotate(
            text, (end if known else 0.0, row), xycoords="data" if known else ax.get_yaxis_transform(),
            xytext=(7, 0), textcoords="offset points", va="center", fontsize=style.TEXT,
            color=style.MUTED if weak else style.INK, annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        )  # fmt: skip
