"""Retry-After, as servers write it: seconds, a date, or nonsense (H08)."""

import math
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.api.patience import retry_after

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC).timestamp()
TEN_YEARS = 10 * 365 * 86400.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("2.5", 2.5),
        ("1e309", TEN_YEARS),
        ("9999999999", TEN_YEARS),
        ("nan", None),
        ("abc", None),
        ("", None),
        ("3, 5", None),
        ("Fri, 01 May 2026 12:00:30 GMT", 30.0),
        ("Fri, 01 May 2026 14:00:30 +0200", 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        ("Friday, 01-May-26 12:00:30 GMT", 30.0),
        ("Fri, 31 Feb 2026 12:00:30 GMT", None),
        ("Fri, 01 May 99999 12:00:30 GMT", None),
    ],
)
def test_h08_table(header: str | None, seconds: float | None) -> None:
    """Every way to write it gives seconds from 0 on, or None where it says nothing usable."""
    assert retry_after(header, NOW) == seconds


DATES = st.from_regex(
    r"[A-Z][a-z]{2,8}, [0-9]{1,3}[ -](Jan|Feb|Dec|Xyz)[ -][0-9]{1,6} [0-9]{1,3}:[0-9]{2}(:[0-9]{2,3})? "
    r"(GMT|EST|-0000|[+-][0-9]{4,6})",
    fullmatch=True,
)
HEADERS = st.text() | DATES | st.floats().map(str) | st.integers().map(str)


@given(HEADERS | st.lists(HEADERS, min_size=2, max_size=2).map(", ".join), st.floats(-1e11, 1e11))
def test_h08_never_crashes(header: str, now: float) -> None:
    """Whatever a server writes, the wait is finite and not negative, or there is none."""
    wait = retry_after(header, now)
    assert wait is None or (math.isfinite(wait) and 0 <= wait <= TEN_YEARS)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(0, 86400))
def test_h08_dates_are_read_back(moment: datetime, ahead: int) -> None:
    """A date in the future is that many seconds away."""
    moment = moment.replace(microsecond=0)
    assert retry_after(format_datetime(moment, usegmt=True), moment.timestamp() - ahead) == ahead
