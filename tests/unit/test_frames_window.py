"""`since` and `until` to a span of UTC instants: dates, datetimes, spans, zones and the days clocks change."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import Window, window, zone
from outgrow_nb.frames.window import When

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # a datetime of its parts


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        (None, None, None, None),
        ("30d", None, at(2026, 5, 16, 12), None),
        ("12h", "90min", at(2026, 6, 15, 0), at(2026, 6, 15, 10, 30)),
        ("8w", None, at(2026, 4, 20, 12), None),
        ("2026-05-01", "2026-05-31", at(2026, 5, 1), at(2026, 6, 1)),
        (date(2026, 5, 1), date(2026, 5, 1), at(2026, 5, 1), at(2026, 5, 2)),
        (datetime(2026, 5, 1, 8), "2026-05-01T09:00", at(2026, 5, 1, 8), at(2026, 5, 1, 9)),
        ("2026-05-01T08:00:00+02:00", None, at(2026, 5, 1, 6), None),
        (datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=2))), None, at(2026, 5, 1, 6), None),
    ],
)
def test_what_a_person_writes(since: When, until: When, start: datetime | None, end: datetime | None) -> None:
    """Dates take their whole day, instants stand as they are, spans count back from now."""
    assert window(since, until, tz="UTC", now=NOW) == Window(start, end)


def test_a_day_is_the_zones_day() -> None:
    """In Berlin the day on which summer time begins has 23 hours, the one on which it ends 25."""
    spring = window("2026-03-29", "2026-03-29", tz="Europe/Berlin", now=NOW)
    autumn = window("2026-10-25", "2026-10-25", tz="Europe/Berlin", now=NOW)
    assert spring == Window(at(2026, 3, 28, 23), at(2026, 3, 29, 22))
    assert autumn == Window(at(2026, 10, 24, 22), at(2026, 10, 25, 23))


@pytest.mark.parametrize(
    "value", ["yesterday", "01/05/2026", "30", "d", "2026-13-01", "", 30, "999999w", pd.NaT, float("nan"), True]
)
def test_what_is_no_time(value: Any) -> None:
    """The message names the argument and shows how to write it."""
    with pytest.raises(ConfigError, match=r"(?s)since=.*30d"):
        window(value, None, tz="UTC", now=NOW)
    with pytest.raises(ConfigError, match=r"(?s)until=.*30d"):
        window(None, value, tz="UTC", now=NOW)


def test_beyond_the_calendar() -> None:
    """The day after the last and the hours before the first are refused, not a crash."""
    with pytest.raises(ConfigError, match="until="):
        window(None, date.max, tz="UTC", now=NOW)
    with pytest.raises(ConfigError, match="since="):
        window(date.min, None, tz="Asia/Tokyo", now=NOW)


def test_until_before_since() -> None:
    """An empty span by mistake is refused, and so is one of no length: a whole day is written as a date."""
    with pytest.raises(ConfigError, match="until= is before"):
        window("2026-05-02", datetime(2026, 5, 1), tz="UTC", now=NOW)
    for midnight in (datetime(2026, 5, 1), pd.Timestamp("2026-05-01"), "2026-05-01T00:00"):
        with pytest.raises(ConfigError, match=r'(?s)same instant.*until="2026-05-01"'):
            window(midnight, midnight, tz="Asia/Tokyo", now=NOW)
    assert window("2026-05-01", "2026-05-01", tz="UTC", now=NOW) == Window(at(2026, 5, 1), at(2026, 5, 2))


@pytest.mark.parametrize("tz", ["Nowhere/City", "", "../etc/passwd", "a" * 300])
def test_no_such_zone(tz: str) -> None:
    """A name that is no zone is refused in two sentences."""
    with pytest.raises(ConfigError, match="no time zone"):
        zone(tz)


@pytest.mark.parametrize(("tz", "name"), [(ZoneInfo("Europe/Berlin"), "Europe/Berlin"), (UTC, "UTC"), (5, "UTC")])
def test_a_zone_is_given_by_its_name(tz: Any, name: str) -> None:
    """A zone object or a number is refused with the name to write."""
    with pytest.raises(ConfigError, match=f'tz="{name}"'):
        zone(tz)


WINDOWS = st.builds(
    lambda a, b: Window(None if a is None else NOW + timedelta(a), None if b is None else NOW + timedelta(b)),
    st.none() | st.integers(-5, 0),
    st.none() | st.integers(0, 5),
)


@settings(deadline=None)
@given(WINDOWS, WINDOWS, st.integers(-8, 8))
def test_a_window_covers_another_if_it_holds_all_its_times(one: Window, other: Window, day: int) -> None:
    """No time of the narrower lies outside the wider."""
    moment = NOW + timedelta(days=day)

    def holds(span: Window) -> bool:
        return (span.start is None or moment >= span.start) and (span.end is None or moment < span.end)

    if one.covers(other):
        assert holds(one) or not holds(other)
    assert one.covers(one)
    assert Window().covers(one)
