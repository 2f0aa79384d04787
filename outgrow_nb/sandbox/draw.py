"""Repeatable chance: integer mixing that gives the same numbers on every Python and every platform."""

from collections.abc import Sequence
from itertools import accumulate

_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """64 well-mixed bits from integers (the finalizer of splitmix64, chained)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state + (part & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def number_of(text: str) -> int:
    """A stable 64-bit number for a text (FNV-1a over UTF-8), so that catalog keys can seed `mix`."""
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = ((state ^ byte) * 0x100000001B3) & _MASK
    return state


def object_id(seconds: int, *parts: int) -> str:
    """24 hex digits as a document database makes them: 8 for the time, 16 for the rest."""
    return f"{seconds & 0xFFFFFFFF:08x}{mix(*parts):016x}"


def running_totals(weights: Sequence[int]) -> tuple[int, ...]:
    """Cumulative weights, for picking with `bisect`."""
    return tuple(accumulate(weights))
