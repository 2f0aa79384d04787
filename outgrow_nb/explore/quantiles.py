"""Numbers of a group at a glance: how many, mean and spread, median and quartiles."""

import pandas as pd

from outgrow_nb.explore.columns import Floats
from outgrow_nb.frames.arrays import Ints


def quartiles(values: Floats, codes: Ints, size: int) -> pd.DataFrame:
    """By group n, mean, std, median, q25, q75, min and max of the values that are known; NaN without any."""
    grouped = pd.Series(values).groupby(codes)
    made = grouped.agg(["count", "mean", "std", "median", "min", "max"]).rename(columns={"count": "n"})
    made["q25"], made["q75"] = grouped.quantile(0.25), grouped.quantile(0.75)
    made = made.reindex(range(size))
    made["n"] = made["n"].fillna(0)
    return made
