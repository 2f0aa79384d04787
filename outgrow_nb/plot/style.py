"""How every picture looks: colours that colour-blind people tell apart, sizes, titles, axes, and the empty picture."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from outgrow_nb.plot import words
from outgrow_nb.plot.sheet import Sheet

# Okabe and Ito, "Color Universal Design" (2008); yellow and black are left out: too pale, and the colour of words.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
GROUPS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY)
GREY, PALE, INK, MUTED, GRID = "#8C8C8C", "#B5D2E6", "#222222", "#5C5C5C", "#E3E3E3"
# The same colours for words: dark enough on white (WCAG 2.2, 1.4.3: 4.5 to 1).
_WORDS = {
    ORANGE: "#8A6000",
    GREEN: "#00795A",
    VERMILLION: "#B84F00",
    PURPLE: "#A0527F",
    SKY: "#2B7BAA",
    GREY: "#6B6B6B",
}
WIDTH = 7.2  # inches: a notebook's 720 pixels
TITLE, TEXT, SMALL = 12.5, 10.0, 9.0  # points
FAINT = 0.35
MOST_ROWS, LABEL = 20, 26  # rows drawn; letters in a row's name before it takes a second line


def canvas(ax: Axes | None, height: float) -> Axes:
    """The given axes, else those of a new figure, which a notebook shows once, at the end of its cell.

    Args:
        ax: Where to draw; nothing of pyplot's is touched then.
        height: In inches, of a new figure, or of a sheet that holds nothing else.
    """
    if ax is not None:
        sheet = ax.get_figure()
        if isinstance(sheet, Sheet) and len(sheet.axes) == 1:
            sheet.set_figheight(height)
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=(WIDTH, height), layout="constrained")[1]


def height(names: Sequence[str], each: float = 0.36) -> float:
    """Inches for rows of these names; more where one takes two lines."""
    wraps = any(len(name) > LABEL for name in names[:MOST_ROWS])
    return 1.35 + (each + 0.1 * wraps) * max(min(len(names), MOST_ROWS), 2)


def letters(ax: Axes, size: float) -> int:
    """How many letters of that size stand side by side in the place of these axes, labels included."""
    figure, place = ax.get_figure(root=True), ax.get_subplotspec()
    inches = float(figure.get_figwidth()) if figure is not None else WIDTH
    part = len(place.colspan) / place.get_gridspec().ncols if place is not None else ax.get_position().width
    room = inches * part - (0.3 if _indent(ax) else 0.9) - (0.6 if part < 1 else 0.0)
    return max(int(room * 72 / (size * 0.57)), 16)


def dress(
    ax: Axes, *, title: str, x: str = "", y: str = "", caption: str = "", grid: Literal["x", "y", "none"] = "x"
) -> Axes:
    """Title, labels and base; no frame, and a grid only along the axis that is read.

    Args:
        ax: Drawn already.
        title: What is found, or else what is shown.
        x: What the x axis counts, with its unit.
        y: The same of the y axis.
        caption: The base, below everything.
        grid: Which axis is read.
    """
    head = words.safe(title, width=letters(ax, TITLE * 1.1), lines=3)
    heading = ax.set_title(head, loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=10)
    below = "\n".join(words.safe(part, width=letters(ax, TEXT), lines=3) for part in (x, caption) if part)
    ax.set_xlabel(below, loc="left", fontsize=TEXT, color=MUTED, labelpad=6, linespacing=1.5)
    figure = ax.get_figure(root=True)
    if figure is not None:  # words begin where the names of the rows begin
        left = ScaledTranslation(-_indent(ax) / 72, 0, figure.dpi_scale_trans)
        for text in (heading, ax.xaxis.label):
            text.set_transform(text.get_transform() + left)
    ax.set_ylabel(words.safe(y, width=40), fontsize=TEXT, color=MUTED)
    ax.tick_params(axis="both", labelsize=TEXT, length=0, colors=INK)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
    if grid != "none":
        ax.grid(axis=grid, color=GRID, linewidth=0.8)
        ax.spines["left" if grid == "x" else "bottom"].set_visible(True)
        ax.spines["left" if grid == "x" else "bottom"].set_color(MUTED)
    return ax


def rows(ax: Axes, names: Sequence[str], bases: Sequence[float] | None = None, *, lines: int = 2) -> None:
    """One labelled row after another, from the top.

    Args:
        ax: The axes.
        names: Foreign texts.
        bases: The n of each row.
        lines: A name's; names of one line may be longer.
    """
    labels = [words.safe(name, width=LABEL if lines > 1 else 36, lines=lines) for name in names]
    if bases is not None:
        labels = [f"{label}  n = {base:,.0f}" for label, base in zip(labels, bases, strict=True)]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(max(len(labels), 1) - 0.4, -0.6)


def _indent(ax: Axes) -> float:
    """How wide the longest name of a row is, in points."""
    lines = [
        line for label in ax.get_yticklabels() for line in label.get_text().replace(r"\$", "$").split("\n") if line
    ]
    if not lines or not isinstance(ax.yaxis.get_major_locator(), FixedLocator):
        return 0.0
    longest, font = sorted(lines, key=len)[-3:], FontProperties(size=TEXT)
    return 4.0 + max(text_to_path.get_text_width_height_descent(line, font, False)[0] for line in longest)


def shares(ax: Axes, axis: Literal["x", "y"], top: float) -> None:
    """An axis of shares from 0 to a little over `top`, never a mark beyond 100 %."""
    limit = max(top, 0.02) * 1.16
    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    which.set_major_formatter(FuncFormatter(lambda value, _place: "" if value > 1.0001 else words.share(value)))
    (ax.set_xlim if axis == "x" else ax.set_ylim)(0, limit)


def numbers(ax: Axes, axis: Literal["x", "y"], *, whole: bool = False) -> None:
    """An axis of numbers, thousands apart.

    Args:
        ax: The axes.
        axis: Which.
        whole: Counts: no mark between whole numbers.
    """
    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_major_locator(MaxNLocator(5, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    which.set_major_formatter(FuncFormatter(lambda value, _place: words.number(value)))


def colours(groups: Sequence[str]) -> list[str]:
    """One for each group; whoever is unknown is grey."""
    known = iter(GROUPS * (len(groups) // len(GROUPS) + 1))
    return [GREY if group == words.UNKNOWN else next(known) for group in groups]


def ink(colour: str) -> str:
    """The colour of words that stand for something of that colour."""
    return _WORDS.get(colour, colour)


def nothing(ax: Axes, title: str, sentence: str = "No leads in this period") -> Axes:
    """Axes that say why they are empty."""
    ax.set_xticks([])
    ax.set_yticks([])
    dress(ax, title=title, grid="none")
    ax.text(0.5, 0.5, sentence, transform=ax.transAxes, ha="center", va="center", fontsize=TITLE, color=MUTED)
    return ax


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The places moved as little as can be so that no two labels are closer than `gap`; the order stays."""
    order = sorted(range(len(places)), key=lambda place: places[place])
    blocks: list[list[float]] = []  # pool adjacent violators: [mean of (place - rank * gap), how many]
    for rank, place in enumerate(order):
        blocks.append([places[place] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-1][0] < blocks[-2][0]:
            (mean, size), (before, many) = blocks.pop(), blocks.pop()
            blocks.append([(mean * size + before * many) / (size + many), size + many])
    means = [mean for mean, size in blocks for _ in range(int(size))]
    moved = list(places)
    for rank, (place, mean) in enumerate(zip(order, means, strict=True)):
        moved[place] = mean + rank * gap
    return moved
