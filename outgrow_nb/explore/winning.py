"""What becomes of leads: conversion by group, by score band, and against everybody else."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import contingency

from outgrow_nb.explore.association import two_by_two
from outgrow_nb.explore.columns import numbers, truth
from outgrow_nb.explore.cuts import cut
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.shares import CONFIDENCE, LEAST, corrected, findings, floats, ratio, share, truths
from outgrow_nb.explore.tables import table, texts
from outgrow_nb.frames.arrays import choice

_BASE = "leads whose {} is known"


def conversion(leads: pd.DataFrame, won: str, *, by: str) -> pd.DataFrame:
    """Of the leads whose end is known, how many were won, by group; the best rate first.

    A lead whose `won` is NA is unknown, never lost. Groups of fewer than five known leads are not ranked: they stand
    at the end, by size.

    Args:
        leads: A frame of `og.leads()` with a column that says who was won, such as from `join_crm`.
        won: That column: true, false or NA.
        by: A column to split by.

    Returns:
        The column `by` (category); n (int64: known); won (int64); unknown (int64); rate, low, high (Float64: won of n,
        with its 95 % Wilson interval); ranked (boolean: n >= 5).

    Raises:
        ConfigError: No such column, or `won` holds something else.
    """
    split = groups(leads, by)
    known, true = truth(leads, won)
    n, good, unknown = (counts(split.codes, len(split), where) for where in (known, true, ~known))
    ranked = n >= LEAST
    rates = np.divide(good, n, out=np.zeros(len(n)), where=n > 0)
    order = np.lexsort((np.arange(len(n)), -n, np.where(ranked, -rates, 0), ~ranked))
    n, good, unknown = n[order], good[order], unknown[order]
    columns = {
        "n": n,
        "won": good,
        "unknown": unknown,
        **share(good, n, name="rate"),
        "ranked": truths(ranked[order]),
    }
    return table(leads, "conversion", columns, first=split.column(order), base=_BASE.format(repr(won)), won=won)


def bands(leads: pd.DataFrame, won: str, *, column: str = "score", bands: int = 5) -> pd.DataFrame:
    """Of the leads in each band of a number, how many were won.

    Bands are equally wide with round edges, at most as many as asked for; "20 to 39" holds both ends where all values
    are whole numbers, else a band ends just below its second number.

    Args:
        leads: A frame of `og.leads()` with a column that says who was won.
        won: That column: true, false or NA; NA is unknown, never lost.
        column: The number; leads without it are left out and counted in `attrs` as `without`.
        bands: At most so many.

    Returns:
        band (ordered category); n (int64: known), won, unknown (int64); rate, low, high (Float64: won of n, with its
        95 % Wilson interval). A band in the middle stands there with n = 0 too.

    Raises:
        ConfigError: No such column, `won` or `column` holds something else, or `bands` is below 1.
    """
    values = numbers(leads, column)
    known, true = truth(leads, won)
    codes, labels = cut(values, bands)
    has = codes >= 0
    n, good, unknown = (counts(codes, len(labels), has & where) for where in (known, true, ~known))
    columns = {
        "band": choice(np.arange(len(labels)), labels, ordered=True),
        "n": n,
        "won": good,
        "unknown": unknown,
        **share(good, n, name="rate"),
    }
    base = _BASE.format(f"{column} and {won!r}").replace(" is ", " are ")
    return table(leads, "bands", columns, base=base, column=column, without=int((~has).sum()))


def lift(leads: pd.DataFrame, won: str, *, by: str | Sequence[str]) -> pd.DataFrame:
    """How many times as often a group is won as everybody else; the largest lift first.

    Lift is the group's rate divided by that of all other leads whose end is known (the relative risk), with the 95 %
    interval of Katz et al. 1978 (Biometrics 34, 469). Tested by chi-squared without continuity correction, by
    Fisher's exact test where an expected count is below 5; p corrected over all rows by Benjamini and Hochberg. Leads
    are taken for independent: where people come again, `dedupe` first.

    Args:
        leads: A frame of `og.leads()` with a column that says who was won.
        won: That column: true, false or NA; NA is unknown, never lost, and in no number.
        by: A column to split by, or several: then all their values are looked at, and corrected for, together.

    Returns:
        The column `by` (category), or `column` and `value` (str) for several; n, won (int64); rate, base_rate
        (Float64: base_rate is everybody else's); lift, low, high, p, p_corrected (Float64); finding (boolean:
        p_corrected < 0.05 and n >= 5). NA where there is nobody to compare with.

    Raises:
        ConfigError: No such column, or `won` holds something else.
    """
    known, true = truth(leads, won)
    names = [by] if isinstance(by, str) else list(dict.fromkeys(by))
    splits = [groups(leads, name) for name in names]
    n = np.concatenate([counts(one.codes, len(one), known) for one in splits] or [np.array([], np.int64)])
    good = np.concatenate([counts(one.codes, len(one), true) for one in splits] or [np.array([], np.int64)])
    rest, rest_good = known.sum() - n, true.sum() - good
    risk = np.array([_risk(*row) for row in zip(good, n, rest_good, rest, strict=True)]).reshape(-1, 3)
    p = np.array([two_by_two(*row) for row in zip(good, n, rest_good, rest, strict=True)], np.float64)
    p_corrected = corrected(p)
    order = np.argsort(np.where(np.isnan(risk[:, 0]), np.inf, -risk[:, 0]), kind="stable")
    pairs = [(one.name, label) for one in splits for label in one.labels]
    several = {name: texts(pairs[k][place] for k in order) for place, name in enumerate(("column", "value"))}
    first = splits[0].column(order) if isinstance(by, str) else several
    columns: dict[str, Any] = {
        "n": n,
        "won": good,
        "rate": ratio(good, n),
        "base_rate": ratio(rest_good, rest),
        **{name: floats(risk[:, k]) for k, name in enumerate(("lift", "low", "high"))},
        "p": floats(p),
        "p_corrected": floats(p_corrected),
        "finding": findings(p_corrected, n),
    }
    taken = {name: values[order] for name, values in columns.items()}
    return table(leads, "lift", taken, first=first, base=_BASE.format(repr(won)), won=won)


def _risk(good: int, n: int, rest_good: int, rest: int) -> tuple[float, float, float]:
    if n == 0 or rest == 0 or rest_good == 0:
        return np.nan, np.nan, np.nan
    found = contingency.relative_risk(int(good), int(n), int(rest_good), int(rest))
    if good == 0:
        return 0.0, np.nan, np.nan
    low, high = found.confidence_interval(CONFIDENCE)
    return float(found.relative_risk), float(low), float(high)
