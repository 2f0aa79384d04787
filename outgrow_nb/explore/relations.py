"""What goes with what: relate looks at every column, crosstab at two."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.association import NOTHING, Tested, number_by_category, two_categories, two_numbers
from outgrow_nb.explore.columns import CONTACT, Bools, column, is_number, numbers
from outgrow_nb.explore.groups import coded, counts, groups
from outgrow_nb.explore.shares import corrected, findings, floats, ratio
from outgrow_nb.explore.tables import table, texts, whole

_LEFT_OUT = CONTACT | {"lead_id", "content_type", "referrer", "landing_page"}
_MOST_LABELS = 50


class _Side(NamedTuple):
    """A column to compare: its numbers, or the codes of its labels, and where it is known."""

    numeric: bool
    values: Any
    known: Bools


def relate(leads: pd.DataFrame, key: str, *, among: Sequence[str] | None = None) -> pd.DataFrame:
    """Which columns go with `key`: findings first, then what may be chance; each the strongest first.

    The test is chosen by kind: two categories by chi-squared with Cramer's V (Fisher's exact test where a 2 x 2 has an
    expected count below 5, resampling where a larger table is sparse); a number and a category by Kruskal-Wallis with
    epsilon, the root of epsilon-squared; two numbers by Spearman's rho. All three strengths reach 1. Rows where one of
    the two is unknown are left out; p corrected over all columns by Benjamini and Hochberg.

    Args:
        leads: A frame of `og.leads()`.
        key: The column in question, such as "won" or "score".
        among: The columns to look at; None is every category, truth, number and text of at most 50 different values,
            but not who people are, ids, addresses and times.

    Returns:
        column, test (str); effect (Float64, signed for rho); effect_name (str); n (int64: rows where both are known);
        p, p_corrected (Float64); finding (boolean: p_corrected < 0.05 and n >= 5). Columns where nothing can be
        compared are left out, or NA and last where they were named.

    Raises:
        ConfigError: No such column.
    """
    one = _side(leads, key)
    names = (
        [str(name) for name in leads.columns if _comparable(leads, str(name), key)] if among is None else list(among)
    )
    others = [_side(leads, name) for name in names]
    tests = [_tested(one, other, one.known & other.known) for other in others]
    kept = [place for place, tested in enumerate(tests) if among is not None or tested is not NOTHING]
    n = whole([(one.known & others[place].known).sum() for place in kept])
    effect, p = (np.array([getattr(tests[place], of) for place in kept], np.float64) for of in ("effect", "p"))
    p_corrected = corrected(p)
    found = findings(p_corrected, n)
    order = np.lexsort((np.where(np.isnan(effect), 1, -np.abs(effect)), ~np.asarray(found, bool)))
    columns = {
        "column": texts(names[kept[place]] for place in order),
        "test": texts(tests[kept[place]].test or None for place in order),
        "effect": floats(effect[order]),
        "effect_name": texts(tests[kept[place]].effect_name or None for place in order),
        "n": n[order],
        "p": floats(p[order]),
        "p_corrected": floats(p_corrected[order]),
        "finding": found[order],
    }
    return table(leads, "relate", columns, base="leads where both are known", key=key)


def crosstab(leads: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    """How the values of one column spread over those of another.

    Args:
        leads: A frame of `og.leads()`.
        rows: The column whose values are the bases.
        columns: The other column.

    Returns:
        The column `rows`, the column `columns` (category); n (int64); base (int64: leads of the row); share (Float64:
        n of base). Every pair stands there. `attrs`: p and effect (Cramer's V) as `relate` has them, of the leads
        where both are known; None where there is nothing to compare.

    Raises:
        ConfigError: No such column, or twice the same.
    """
    if rows == columns:
        raise ConfigError(f"Column {rows!r} cannot be set against itself.", "Name two different columns.")
    one, other = groups(leads, rows), groups(leads, columns)
    size = len(other)
    n = counts(one.codes * size + other.codes, len(one) * size)
    base = np.repeat(counts(one.codes, len(one)), size)
    first, second = (coded(column(leads, name))[0] for name in (rows, columns))
    both = (first >= 0) & (second >= 0)
    tested = two_categories(first[both], second[both])
    labels = one.column(np.repeat(np.arange(len(one)), size)) | other.column(np.tile(np.arange(size), len(one)))
    made = {"n": n, "base": base, "share": ratio(n, base)}
    p, effect = (None if np.isnan(value) else value for value in (tested.p, tested.effect))
    return table(leads, "crosstab", made, first=labels, base=f"leads by {rows}", p=p, effect=effect)


def _side(leads: pd.DataFrame, name: str) -> _Side:
    values = column(leads, name)
    if name in CONTACT:
        raise ConfigError(f"Column {name!r} tells who people are, and is not compared.", "Choose another column.")
    if is_number(values):
        made = numbers(leads, name)
        return _Side(True, made, ~np.isnan(made))
    codes, _ = coded(values)
    return _Side(False, codes, codes >= 0)


def _comparable(leads: pd.DataFrame, name: str, key: str) -> bool:
    values = column(leads, name)
    if name == key or name in _LEFT_OUT or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return False
    if is_number(values) or pd.api.types.is_bool_dtype(values.dtype) or isinstance(values.dtype, pd.CategoricalDtype):
        return True
    kind = pd.api.types.infer_dtype(values, skipna=True)
    return kind == "boolean" or (kind == "string" and values.nunique() <= _MOST_LABELS)


def _tested(one: _Side, other: _Side, both: Bools) -> Tested:
    if not both.any():
        return NOTHING
    first, second = one.values[both], other.values[both]
    if one.numeric and other.numeric:
        return two_numbers(first, second)
    if not one.numeric and not other.numeric:
        return two_categories(first, second)
    return number_by_category(first, second) if one.numeric else number_by_category(second, first)
