"""Whether two columns go together: the test that fits their kinds, its p, and the strength on a scale from 0 to 1."""

from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.stats import contingency

from outgrow_nb.explore.columns import Floats
from outgrow_nb.explore.shares import LEAST
from outgrow_nb.frames.arrays import Ints

_RESAMPLES = 9999


class Tested(NamedTuple):
    """What a test said; NaN where there was nothing to compare."""

    test: str
    effect: float
    effect_name: str
    p: float


NOTHING = Tested("", np.nan, "", np.nan)


def two_by_two(good: int, n: int, rest_good: int, rest: int) -> float:
    """P of two shares being one: chi-squared without continuity correction, Fisher's exact where a count is small."""
    counted = np.array([[good, n - good], [rest_good, rest - rest_good]], np.int64)
    if (counted.sum(axis=0) == 0).any() or (counted.sum(axis=1) == 0).any():
        return float("nan")
    return _p(counted)[1]


def two_categories(first: Ints, second: Ints) -> Tested:
    """Cramer's V (Cramér 1946) with chi-squared, or Fisher's exact test for a sparse 2 x 2.

    Labels of fewer than five rows count as one label: many rare ones make any V large.
    """
    counted = contingency.crosstab(_common(first), _common(second)).count
    if min(counted.shape) < 2:
        return NOTHING
    test, p = _p(counted)
    return Tested(test, float(contingency.association(counted, method="cramer")), "Cramer's V", p)


def number_by_category(values: Floats, codes: Ints) -> Tested:
    """Kruskal-Wallis (1952); strength is the root of epsilon-squared, H / (n - 1) (Tomczak & Tomczak 2014).

    Labels of fewer than five rows are left out: the test's p holds from five on.
    """
    often = np.isin(codes, np.flatnonzero(np.bincount(codes) >= LEAST))
    values, codes = values[often], codes[often]
    samples = [values[codes == code] for code in np.unique(codes)]
    if len(samples) < 2 or len(np.unique(values)) < 2:
        return NOTHING
    statistic, p = stats.kruskal(*samples)
    return Tested("Kruskal-Wallis", float(np.sqrt(max(statistic, 0.0) / (len(values) - 1))), "epsilon", float(p))


def two_numbers(first: Floats, second: Floats) -> Tested:
    """Spearman's rank correlation (1904), from -1 to 1."""
    if len(first) < 3 or len(np.unique(first)) < 2 or len(np.unique(second)) < 2:
        return NOTHING
    rho, p = stats.spearmanr(first, second)
    return Tested("Spearman", float(rho), "rho", float(p))


def _p(counted: Ints) -> tuple[str, float]:
    """By chi-squared; where more than a fifth of the expected counts are below 5 (Cochran 1954) by an exact way."""
    expected = contingency.expected_freq(counted)
    if counted.shape == (2, 2) and expected.min() < LEAST:
        return "Fisher's exact", float(stats.fisher_exact(counted).pvalue)
    if (expected < LEAST).mean() > 0.2 or expected.min() < 1:
        drawn = stats.MonteCarloMethod(n_resamples=_RESAMPLES, rng=np.random.default_rng(0))
        return "chi-squared, resampled", float(stats.chi2_contingency(counted, correction=False, method=drawn).pvalue)
    return "chi-squared", float(stats.chi2_contingency(counted, correction=False).pvalue)


def _common(codes: Ints) -> Ints:
    rare = np.bincount(codes) < LEAST if len(codes) else np.array([], bool)
    return np.where(rare[codes], len(rare), codes) if len(codes) else codes
