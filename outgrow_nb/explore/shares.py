"""Shares with their Wilson interval, means with their t-interval, p-values corrected for how many there are."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from outgrow_nb.explore.columns import Floats

CONFIDENCE = 0.95
LEAST = 5  # people: a smaller group is not ranked and gives no finding
LEVEL = 0.05


def floats(values: Any) -> pd.arrays.FloatingArray:
    """Numbers as Float64, what is not finite as NA."""
    made = np.asarray(values, np.float64)
    unknown = ~np.isfinite(made)
    return pd.arrays.FloatingArray(np.where(unknown, 0.0, made), unknown)


def share(part: Any, whole: Any, *, name: str = "share") -> dict[str, Any]:
    """`part / whole` with its 95 % Wilson interval, as columns; NA where there is no whole, or less than the part.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22, 209; by `scipy.stats.binomtest(…).proportion_ci("wilson")`.
    """
    rows = [_wilson(int(k), int(n)) for k, n in zip(part, whole, strict=True)]
    rates, lows, highs = zip(*rows, strict=True) if rows else ((), (), ())
    return {name: floats(rates), "low": floats(lows), "high": floats(highs)}


def _wilson(part: int, whole: int) -> tuple[float, float, float]:
    if not 0 <= part <= whole or whole == 0:
        return np.nan, np.nan, np.nan
    interval = stats.binomtest(part, whole).proportion_ci(CONFIDENCE, method="wilson")
    return part / whole, float(interval.low), float(interval.high)


def ratio(part: Any, whole: Any) -> pd.arrays.FloatingArray:
    """`part / whole` alone; NA where there is no whole, or less of it than of the part."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    fine = (whole > 0) & (part <= whole)
    return floats(np.divide(part, whole, out=np.full(len(part), np.nan), where=fine))


def mean_interval(n: Floats, mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """The 95 % t-interval of means (NaN below two values), from the sample's standard deviation."""
    enough = n >= 2
    freedom = np.where(enough, n - 1, 1)
    half = stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * deviation / np.sqrt(np.where(enough, n, 1))
    half = np.where(enough, half, np.nan)
    return mean - half, mean + half


def corrected(p: Any) -> Floats:
    """P-values by Benjamini and Hochberg, among those that there are; NaN stays NaN.

    Source: Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57, 289; by `scipy.stats.false_discovery_control`.
    """
    made = np.array(p, np.float64)
    known = ~np.isnan(made)
    if known.any():
        made[known] = stats.false_discovery_control(made[known], method="bh")
    return made


def findings(p_corrected: Floats, n: Any) -> pd.arrays.BooleanArray:
    """What is called a finding: a corrected p below 0.05, seen in five people or more."""
    known = ~np.isnan(p_corrected)
    found = np.zeros(len(p_corrected), bool)
    found[known] = p_corrected[known] < LEVEL
    return truths(found & (np.asarray(n) >= LEAST))


def truths(values: Any, unknown: Any = None) -> pd.arrays.BooleanArray:
    """Truth as boolean, NA where unknown."""
    made = np.asarray(values, bool)
    return pd.arrays.BooleanArray(made, np.zeros(len(made), bool) if unknown is None else np.asarray(unknown, bool))
