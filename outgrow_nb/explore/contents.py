"""How each content is doing, and where values are missing: overview and missing."""

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import column, numbers, statuses, times
from outgrow_nb.explore.groups import coded, counts, groups
from outgrow_nb.explore.shares import floats, share
from outgrow_nb.explore.tables import table, texts, whole


def overview(leads: pd.DataFrame) -> pd.DataFrame:
    """One row a content, the one with the most leads first.

    Args:
        leads: A frame of `og.leads()`.

    Returns:
        content (category); n (int64: leads); completed (Int64: of those whose status is known; NA where none is);
        completed_share, low, high (Float64: of those whose status is known, with its 95 % Wilson interval); first,
        last (datetime64[us, tz]: created_at); score_mean, score_median (Float64: of leads with a score); sources
        (int64: different utm_source, the unknown one not counted).

    Raises:
        ConfigError: A column is missing: content, status, created_at, score, utm_source.
    """
    split, status = groups(leads, "content"), statuses(leads)
    size, codes = len(split), split.codes
    n, known, done = (counts(codes, size, where) for where in (None, status >= 0, status == 2))
    moment = times(leads, "created_at").groupby(codes).agg(["min", "max"]).reindex(range(size))
    score = pd.Series(numbers(leads, "score")).groupby(codes).agg(["mean", "median"]).reindex(range(size))
    source, _ = coded(column(leads, "utm_source"))
    pairs = np.unique(np.column_stack([codes, source])[source >= 0], axis=0)
    order = np.argsort(-n, kind="stable")
    columns = {
        "n": whole(n),
        "completed": pd.arrays.IntegerArray(whole(done), known == 0),
        **{f"completed_{k}" if k == "share" else k: v for k, v in share(done, known).items()},
        "first": moment["min"].array,
        "last": moment["max"].array,
        "score_mean": floats(score["mean"]),
        "score_median": floats(score["median"]),
        "sources": counts(pairs[:, 0], size),
    }
    taken = {name: values[order] for name, values in columns.items()}
    return table(leads, "overview", taken, first=split.column(order), base="leads received")


def missing(leads: pd.DataFrame) -> pd.DataFrame:
    """How many values each column lacks, in the frame's order; empty text counts as a value.

    Args:
        leads: Any frame.

    Returns:
        column (str); n (int64: missing); base (int64: rows); share (Float64: missing of the rows, NA without rows).
    """
    n = whole([leads.iloc[:, place].isna().sum() for place in range(leads.shape[1])])
    base = np.full(len(n), len(leads), np.int64)
    columns = {
        "column": texts(str(name) for name in leads.columns),
        "n": n,
        "base": base,
        "share": share(n, base)["share"],
    }
    return table(leads, "missing", columns, base="rows")
