"""The frame of `analytics()`: views, starts, completions and leads by day, week or month."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from outgrow_nb.frames import arguments
from outgrow_nb.frames.arrays import labelled
from outgrow_nb.records import Day

By = Literal["day", "week", "month"]
_COUNTS = ("views", "starts", "completions", "leads")
_PERIODS = {"day": "D", "week": "W-SUN", "month": "M"}


def analytics_frame(days: Mapping[str, Sequence[Day]], *, by: By = "day") -> pd.DataFrame:
    """One row a content and period, oldest first.

    A period's count is missing where one of its days has none; a week begins on Monday, and is dated so.

    Args:
        days: By the content's title, its days as the service tells them.
        by: "day", "week" or "month".

    Columns: content (category), date (datetime64[us], the first day of the period in the service's own days), views,
    starts, completions, leads (Int64).

    Raises:
        ConfigError: `by` is none of these.
    """
    arguments.one_of(by=by)
    flat = [(title, day) for title, of in days.items() for day in of]
    moments = pd.to_datetime([day.date[:10] for _, day in flat], errors="coerce", format="%Y-%m-%d")
    frame = pd.DataFrame(
        {
            "content": labelled([title for title, _ in flat]),
            "date": pd.DatetimeIndex(moments).to_period(_PERIODS[by]).to_timestamp().as_unit("us"),
            **{name: pd.array([getattr(day, name) for _, day in flat], dtype="Int64") for name in _COUNTS},
        }
    )
    frame = frame[frame["date"].notna()]
    grouped = frame.groupby(["content", "date"], observed=True, sort=True)
    whole = grouped[list(_COUNTS)].sum(min_count=0).mask(grouped[list(_COUNTS)].count().ne(grouped.size(), axis=0))
    return whole.astype("Int64").reset_index().astype({"date": "datetime64[us]"})
