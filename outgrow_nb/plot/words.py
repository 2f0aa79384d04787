"""Words in pictures: foreign text made harmless for matplotlib, wrapped and cut; numbers as a person writes them."""

import re
import textwrap
from collections.abc import Sequence

import pandas as pd

# Pictures have no colour fonts: emoji, their joiners and skin tones would be boxes, and a warning for each.
_EMOJI = re.compile("[\U0001f000-\U0001faff\U000e0000-\U000e007f\ufe0e\ufe0f\u200d]+")
UNKNOWN = "(unknown)"
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().,;]+")


def safe(text: str, *, width: int = 60, lines: int = 2) -> str:
    """A text as it may be given to matplotlib: wrapped and cut; a dollar sign begins no mathematics (X02).

    Args:
        text: Any text; blanks are joined, e-mail addresses and emoji left out.
        width: Letters in a line.
        lines: At most so many; what is longer ends in "…".
    """
    plain = _BLANKS.sub(" ", _ADDRESS.sub("(e-mail)", _EMOJI.sub("", text))).strip()
    plain = plain.replace(" %", "\u00a0%")
    found = textwrap.wrap(plain, width=max(width, 8), max_lines=lines, placeholder="…", break_long_words=True)
    return "\n".join(found).replace("$", r"\$")


def cut(text: str, width: int = 44) -> str:
    """A text short enough to stand within a sentence."""
    plain = _BLANKS.sub(" ", text).strip()
    if len(plain) <= width:
        return plain
    return (plain[:width].rpartition(" ")[0] or plain[: width - 1]).rstrip(" ,;:") + "…"


def group(value: object) -> str:
    """A group's name; whoever is unknown is called so."""
    return UNKNOWN if value is None or value is pd.NA or value != value else str(value)


def share(value: float) -> str:
    """0.123 is "12 %", 0.0123 is "1.2 %", in one piece; "–" where there is none."""
    if value != value:
        return "–"
    return (f"{value:.1%}" if 0 < value < 0.0995 else f"{value:.0%}").replace("%", "\u00a0%")


def more(count: int, what: str) -> str:
    """What the caption says of groups that are not drawn; "" where all are."""
    return f" · {count:,} {what}{'' if count == 1 else 's'} not drawn" if count > 0 else ""


def number(value: float) -> str:
    """Three figures that matter, thousands apart; "–" where there is none."""
    if value != value:
        return "–"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def alike(values: Sequence[float]) -> list[str]:
    """Numbers with as many decimals each: none where they are whole or large, else one or two."""
    known = [value for value in values if value == value]
    most = max((abs(value) for value in known), default=0.0)
    places = 0 if most >= 100 or all(value == round(value) for value in known) else 1 if most >= 10 else 2
    return [f"{value:,.{places}f}" if value == value else "–" for value in values]


def spoken(column: str) -> str:
    """A column's name for readers: `what_is_your_budget` is "What is your budget", `utm_source` "UTM source"."""
    plain = _BLANKS.sub(" ", column.replace("_", " ")).strip()
    return "UTM" + plain[3:] if plain.startswith("utm ") else plain[:1].upper() + plain[1:]
