"""When leads come and how long they take: timeline, hours, duration."""

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import statuses, times
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.quantiles import quartiles
from outgrow_nb.explore.shares import floats, truths
from outgrow_nb.explore.tables import table, whole
from outgrow_nb.frames.arrays import choice
from outgrow_nb.frames.window import zone

_PERIODS = {"D": "D", "W": "W-SUN", "M": "M", "Q": "Q-DEC", "Y": "Y-DEC"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def timeline(leads: pd.DataFrame, *, freq: str = "W", by: str | None = None) -> pd.DataFrame:
    """Leads by period; every period between the first and the last lead stands there, also one without leads.

    Args:
        leads: A frame of `og.leads()`; leads without a time are left out and counted in `attrs`.
        freq: "D", "W" (from Monday), "M", "Q" or "Y", in the zone of `created_at`.
        by: A column to split by, such as "utm_source"; None does not split.

    Returns:
        The column `by` (category) where given; period (datetime64[us, tz]: its start); n, completed (int64); whole
        (boolean: False for a last period whose last day no lead has reached, for a last day, and for a first period
        whose first day no lead has seen: what they show is not the whole of it).

    Raises:
        ConfigError: `freq` is none of these; no such column.
    """
    if freq not in _PERIODS:
        raise ConfigError(f"freq={freq!r} is unknown.", 'Write freq="D", "W", "M", "Q" or "Y".')
    moment, split, done = times(leads, "created_at"), groups(leads, by), statuses(leads) == 2
    zone_of = moment.dt.tz
    local = moment.dt.tz_localize(None)
    known = local.notna().to_numpy()
    first, last = local.min(), local.max()
    span = pd.period_range(first, last, freq=_PERIODS[freq]) if known.any() else pd.PeriodIndex([], freq="D")
    starts = span.start_time.as_unit("us")
    place = np.searchsorted(starts.to_numpy(), local[known].to_numpy(), side="right") - 1
    size = len(starts)
    cell, cells = split.codes[known] * size + place, len(split) * size
    whole_ones = np.ones(size, bool)
    if size:
        whole_ones[0] = first.normalize() == starts[0]
        whole_ones[-1] &= freq != "D" and last.normalize() == span[-1].end_time.normalize()
    period = starts.tz_localize(zone_of, ambiguous=np.ones(size, bool), nonexistent="shift_forward")
    repeat = np.tile(np.arange(size), len(split))
    columns = {
        "period": period.take(repeat).as_unit("us"),
        "n": counts(cell, cells),
        "completed": counts(cell, cells, done[known]),
        "whole": truths(whole_ones[repeat]),
    }
    labels = split.column(np.repeat(np.arange(len(split)), size))
    without = int((~known).sum())
    return table(leads, "timeline", columns, first=labels, base="leads received", freq=freq, without_time=without)


def hours(leads: pd.DataFrame, *, tz: str | None = None) -> pd.DataFrame:
    """Leads by weekday and hour of the day, 168 rows.

    Args:
        leads: A frame of `og.leads()`; leads without a time are left out and counted in `attrs`.
        tz: Zone of the hours, such as "Europe/Berlin"; None is that of `created_at`.

    Returns:
        weekday (ordered category, Mon to Sun); hour (int64, 0 to 23); n (int64).

    Raises:
        ConfigError: No such zone; no column `created_at`.
    """
    moment = times(leads, "created_at")
    moment = moment if tz is None else moment.dt.tz_convert(zone(tz))
    known = moment.dropna()
    cell = (known.dt.day_of_week * 24 + known.dt.hour).to_numpy(dtype=np.int64)
    place = np.arange(7 * 24)
    columns = {
        "weekday": choice(place // 24, WEEKDAYS, ordered=True),
        "hour": whole(place % 24),
        "n": counts(cell, 7 * 24),
    }
    zone_name = str(moment.dt.tz)
    without = len(moment) - len(known)
    return table(leads, "hours", columns, base="leads received", tz=zone_name, without_time=without)


def duration(leads: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """How long leads take, from `created_at` to `updated_at`: the time until the last answer, pauses included.

    Args:
        leads: A frame of `og.leads()`; negative and unknown spans are left out and counted in `attrs` as `unknown`.
        by: A column to split by; None does not split.

    Returns:
        The column `by` (category) where given; n (int64: leads with a span); median, q25, q75 (Float64: seconds).

    Raises:
        ConfigError: A column is missing.
    """
    span = (times(leads, "updated_at") - times(leads, "created_at")).dt.total_seconds()
    spent = np.asarray(span.where(span >= 0), np.float64)
    split = groups(leads, by)
    found = quartiles(spent, split.codes, len(split))
    columns = {"n": whole(found["n"]), **{name: floats(found[name]) for name in ("median", "q25", "q75")}}
    unknown = int(np.isnan(spent).sum())
    return table(leads, "duration", columns, first=split.column(), base="leads with a known span", unknown=unknown)
