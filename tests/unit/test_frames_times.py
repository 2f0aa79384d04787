"""Times of records: every spelling that is one, and nothing guessed from what is none."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames.times import instant, instants, of_object_id

TEN = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-01T10:00:00Z",
        "2026-05-01T10:00:00.000Z",
        "2026-05-01T12:00:00+02:00",
        "2026-05-01 10:00:00",
        "2026-05-01T10:00",
        "20260501T100000Z",
        1777629600,
        1777629600.0,
        1777629600000,
        "1777629600",
        "1777629600000",
    ],
)
def test_every_spelling_of_one_time(value: Any) -> None:
    """ISO 8601 with Z, offset or nothing, and epoch seconds or milliseconds, are the same instant."""
    assert instant(value) == TEN
    made, bad = instants([value])
    assert (made.to_pylist(), bad) == ([TEN], [])


@pytest.mark.parametrize(
    "value", ["01/05/2026", "May 1", "", "0000-00-00", "12026-05-01", True, 1e300, -5, 0, "nan", [], {}]
)
def test_what_is_no_time(value: Any) -> None:
    """Nothing is guessed: other spellings, true, and numbers outside 1970 to 2200 are no time."""
    assert instant(value) is None
    assert instants(["2026-05-01T10:00:00Z", value])[1] == [1]


def test_missing_is_not_bad() -> None:
    """A null time is missing, not unreadable."""
    made, bad = instants([None, None])
    assert (made.null_count, bad) == (2, [])


def test_an_object_id_tells_its_second() -> None:
    """The first eight hex digits of an ObjectId are seconds; other ids tell nothing."""
    assert of_object_id("69f479e0aaaaaaaaaaaaaaaa") == datetime.fromtimestamp(0x69F479E0, UTC)
    assert of_object_id("000000000000000000000001") is None
    assert of_object_id("69f479e0") is None
    assert of_object_id("z" * 24) is None


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)))
def test_iso_round_trip(moment: datetime) -> None:
    """What isoformat writes is read back to the microsecond, alone and among odd spellings."""
    aware = moment.replace(tzinfo=UTC)
    assert instant(aware.isoformat()) == aware
    assert instants([aware.isoformat(), "bad"])[0].to_pylist() == [aware, None]
    assert instants([aware.isoformat().replace("+00:00", "Z")])[0].to_pylist() == [aware]
