"""What leads score, what calculators show, and which outcome people get: scores, results, outcomes."""

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import column, numbers
from outgrow_nb.explore.groups import coded, counts, groups
from outgrow_nb.explore.quantiles import quartiles
from outgrow_nb.explore.shares import floats, mean_interval, share
from outgrow_nb.explore.tables import table, whole
from outgrow_nb.frames.arrays import choice

_MOST_POINTS = 500


def scores(leads: pd.DataFrame, *, by: str | None = None, column: str = "score") -> pd.DataFrame:
    """Mean and spread of a number, such as the score.

    Args:
        leads: A frame of `og.leads()`.
        by: A column to split by; None does not split.
        column: The number.

    Returns:
        The column `by` (category) where given; n (int64: leads with that number); mean (Float64) with low and high of
        its 95 % t-interval (NA below two); median, q25, q75, min, max (Float64).

    Raises:
        ConfigError: No such column, or `column` holds no numbers.
    """
    values, split = numbers(leads, column), groups(leads, by)
    found = quartiles(values, split.codes, len(split))
    n, mean, deviation = (found[name].to_numpy(dtype=np.float64) for name in ("n", "mean", "std"))
    low, high = mean_interval(n, mean, deviation)
    columns = {
        "n": whole(n),
        **{name: floats(one) for name, one in (("mean", mean), ("low", low), ("high", high))},
        **{name: floats(found[name]) for name in ("median", "q25", "q75", "min", "max")},
    }
    return table(leads, "scores", columns, first=split.column(), base=f"leads with a known {column}", column=column)


def results(leads: pd.DataFrame, column: str) -> pd.DataFrame:
    """How a number is distributed: at each value the share of leads that have at most this (the empirical CDF).

    Args:
        leads: A frame of `og.leads()`.
        column: A number, such as a calculator's result.

    Returns:
        value (Float64, rising, each once; at most 500 of them, evenly by rank, the lowest and highest among them);
        n (int64: leads with that number, the same in each row); share (Float64, 0 to 1: of them at most this value).

    Raises:
        ConfigError: No such column, or it holds no numbers; where it holds ranges its `_low` and `_high` are named.
    """
    values = numbers(leads, column)
    known = np.sort(values[~np.isnan(values)])
    value, upto = np.unique(known, return_index=True)
    upto = np.append(upto[1:], len(known))[: len(value)]
    at = np.unique(np.linspace(0, len(value) - 1, min(len(value), _MOST_POINTS)).round().astype(np.int64))
    columns = {
        "value": floats(value[at]),
        "n": np.full(len(at), len(known), np.int64),
        "share": floats(upto[at] / max(len(known), 1)),
    }
    return table(leads, "results", columns, base=f"leads with a known {column}", column=column)


def outcomes(leads: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """How often each outcome was given.

    Args:
        leads: A frame of `og.leads()`.
        by: A column to split by; None does not split.

    Returns:
        The column `by` (category) where given; outcome (category); n (int64); base (int64: leads of the group with an
        outcome); share, low, high (Float64: n of base, with its 95 % Wilson interval). Every outcome stands in every
        group, also with n = 0.

    Raises:
        ConfigError: No such column.
    """
    codes, labels = coded(column(leads, "outcome"))
    split, size, known = groups(leads, by), len(labels), codes >= 0
    cell = split.codes[known] * size + codes[known]
    n = counts(cell, len(split) * size)
    base = np.repeat(counts(split.codes, len(split), known), size)
    columns = {
        "outcome": choice(np.tile(np.arange(size), len(split)), labels),
        "n": n,
        "base": base,
        **share(n, base),
    }
    first = split.column(np.repeat(np.arange(len(split)), size))
    unknown = int((~known).sum())
    return table(leads, "outcomes", columns, first=first, base="leads with an outcome", unknown=unknown)
