"""What people answered: options of a question."""

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import column, truth
from outgrow_nb.explore.groups import counts, groups, spelled
from outgrow_nb.explore.shares import share
from outgrow_nb.explore.tables import table, whole
from outgrow_nb.frames.arrays import choice

_SEVERAL = "{}["


def options(leads: pd.DataFrame, column: str) -> pd.DataFrame:
    """How often each option of a question was chosen.

    Args:
        leads: A frame of `og.leads()`.
        column: A question's column; of a question with several choices or a ranking its name before the bracket.

    Returns:
        option (category, in form order, also those that nobody chose); n (int64: chose it; of a ranking: put it
        first); base (int64: answered the question); share, low, high (Float64: n of base, with its 95 % Wilson
        interval). Shares of several choices add up to more than 1.

    Raises:
        ConfigError: No such question, or its answers tell who people are.
    """
    several = [str(name) for name in leads.columns if str(name).startswith(_SEVERAL.format(column))]
    if several and column not in leads.columns:
        labels = [name[len(column) + 1 : -1] for name in several]
        chosen = [_ticked(leads, name) for name in several]
        n, base = whole([one for one, _ in chosen]), whole([shown for _, shown in chosen])
    else:
        labels, n = _single(leads, column)
        base = np.full(len(n), n.sum(), np.int64)
    columns = {"option": choice(np.arange(len(labels)), labels), "n": n, "base": base, **share(n, base)}
    return table(leads, "options", columns, base="leads who answered the question", column=column)


def _ticked(leads: pd.DataFrame, name: str) -> tuple[int, int]:
    values = leads[name]
    if pd.api.types.is_integer_dtype(values.dtype):
        return int((values == 1).sum()), int(values.notna().sum())
    known, true = truth(leads, name)
    return int(true.sum()), int(known.sum())


def _single(leads: pd.DataFrame, name: str) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    values = column(leads, name)
    split = groups(leads[values.notna().to_numpy(dtype=bool)], name)
    labels = list(split.labels)
    if isinstance(values.dtype, pd.CategoricalDtype):
        labels = list(dict.fromkeys(spelled(one) for one in values.cat.categories))
    place = np.array([labels.index(label) for label in split.labels], np.int64)
    n = np.zeros(len(labels), np.int64)
    n[place] = counts(split.codes, len(split))
    return labels, n
