"""Words in pictures: foreign text made harmless for matplotlib, wrapped and cut; numbers as a person writes them."""

import re
import textwrap

import pandas as pd

UNKNOWN = "(unknown)"
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().,;]+")


def safe(text: str, *, width: int = 60, lines: int = 2) -> str:
    """A text as it may be given to matplotlib: wrapped and cut; a dollar sign begins no mathematics (X02).

    Args:
        text: Any text; blanks are joined, e-mail addresses left out.
        width: Letters in a line.
        lines: At most so many; what is longer ends in "…".
    """
    plain = _ADDRESS.sub("(e-mail)", " ".join(text.split()))
    found = textwrap.wrap(plain, width=max(width, 8), max_lines=lines, placeholder="…", break_long_words=True)
    return "\n".join(found).replace("$", r"\$")


def cut(text: str, width: int = 44) -> str:
    """A text short enough to stand within a sentence."""
    plain = " ".join(text.split())
    return plain if len(plain) <= width else plain[: width - 1].rstrip() + "…"


def group(value: object) -> str:
    """A group's name; whoever is unknown is called so."""
    return UNKNOWN if value is None or value is pd.NA or value != value else str(value)


def share(value: float) -> str:
    """0.123 is "12 %", 0.0123 is "1.2 %"; "–" where there is none."""
    if value != value:
        return "–"
    return f"{value:.1%}".replace("%", " %") if 0 < value < 0.0995 else f"{value:.0%}".replace("%", " %")


def between(low: float, high: float) -> str:
    """An interval of shares in words."""
    return f"{share(low).removesuffix(' %')} to {share(high)}"


def number(value: float) -> str:
    """Three figures that matter, thousands apart; "–" where there is none."""
    if value != value:
        return "–"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spoken(column: str) -> str:
    """A column's name for readers: `what_is_your_budget` is "What is your budget", `utm_source` "UTM source"."""
    base, bracket, option = column.partition("[")
    plain = " ".join(base.split("_")).strip()
    plain = "UTM" + plain[3:] if plain.startswith("utm ") else plain[:1].upper() + plain[1:]
    return f"{plain}: {option.removesuffix(']')}" if bracket else plain
