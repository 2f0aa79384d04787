"""Numbers into bands of equal width with round edges."""

import math
from itertools import count

import numpy as np

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import Floats
from outgrow_nb.frames.arrays import Ints

_ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 7.5)  # times a power of ten


def cut(values: Floats, bands: int) -> tuple[Ints, list[str]]:
    """By value the place of its band (-1 unknown), and the bands' labels, lowest first.

    Raises:
        ConfigError: `bands` is below 1.
    """
    if bands < 1:
        raise ConfigError(f"bands={bands!r} cannot be.", "Ask for one band or more.")
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(values), -1, np.int64), []
    low, high = float(values[known].min()), float(values[known].max())
    whole = bool((values[known] % 1 == 0).all())
    codes = np.full(len(values), -1, np.int64)
    if bands == 1 or low == high:
        codes[known] = 0
        return codes, [f"{low:,.15g}" if low == high else f"{low:,.15g} to {high:,.15g}"]
    step = _step(low, high, bands, whole=whole)
    first = math.floor(low / step)
    codes[known] = np.floor(values[known] / step).astype(np.int64) - first
    places = range(int(codes.max()) + 1)
    return codes, [_label((first + place) * step, step, whole=whole) for place in places]


def _step(low: float, high: float, bands: int, *, whole: bool) -> float:
    """The narrowest round width with which so many bands are enough."""
    power = math.floor(math.log10(max((high - low) / bands, max(abs(low), abs(high)) * 1e-12, 1e-300)))
    widths = (factor * 10.0**exponent for exponent in count(power - 1) for factor in _ROUND)
    fitting = (one for one in widths if math.floor(high / one) - math.floor(low / one) < bands)
    return next(one for one in fitting if not (whole and one % 1))


def _label(start: float, step: float, *, whole: bool) -> str:
    if whole and step == 1:
        return f"{start:,.0f}"
    if whole:
        return f"{start:,.0f} to {start + step - 1:,.0f}"
    places = max(0, -math.floor(math.log10(step)) + (step / 10.0 ** math.floor(math.log10(step)) % 1 > 0))
    return f"{start:,.{places}f} to {start + step:,.{places}f}"
