"""Times of records: every spelling that is one, and nothing guessed from what is none."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames.times import instant, instants, of_object_id
from tests.unit.frames_support import read

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


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2500-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2026-05-01",
        "2026-05-01T10",
        "2026-05-01T10:00:00+02",
        "2026-05-01T10:00:00+0200",
        "2026-05-01T10:00:00+25:00",
        "2026-05-01T10:00:00.123456789Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T10:00:60Z",
        "2026-05-01t10:00:00z",
        " 2026-05-01T10:00:00Z ",
        "2026-05",
        "20260501",
    ],
)
def test_a_time_does_not_depend_on_its_neighbours(value: str) -> None:
    """Whether a page is all ISO 8601 or has other spellings too: each time is read as if it stood alone."""
    made, bad = instants([value])
    assert (made.to_pylist(), bad) == ([instant(value)], [0] if instant(value) is None else [])
    beside, _ = instants([value, 1777629600])
    assert beside.to_pylist() == [instant(value), TEN]


def test_a_year_that_is_none_is_kept_as_received() -> None:
    """The year 1 of an empty database field is no time: told, kept as text, and the frame is shown in any zone."""
    frame = read([{"id": "a", "created_at": "0001-01-01T00:00:00Z"}]).leads(tz="America/New_York")
    assert frame["created_at"].isna().all()
    assert frame["created_at_as_received"].tolist() == ["0001-01-01T00:00:00Z"]
    assert "NaT" in repr(frame["created_at"])


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
