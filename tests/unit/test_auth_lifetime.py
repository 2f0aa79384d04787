"""How long a token lives, and when it is due (T01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.token import Token, parse
from outgrow_nb.config import Secret

NOW = 1_700_000_000.0
TEN_YEARS = 10 * 365 * 86400


@pytest.mark.parametrize(
    ("raw", "lifetime"),
    [
        (None, None),
        ("null", None),
        ("0", None),
        ('"0"', None),
        ("-5", None),
        ("0.5", None),
        ("1", 1),
        ('"3600"', 3600),
        ("3600.9", 3600.9),
        ("true", None),
        ('"abc"', None),
        ('""', None),
        ("[]", None),
        ("{}", None),
        ("NaN", None),
        ('"nan"', None),
        ("-Infinity", None),
        ("Infinity", TEN_YEARS),
        ("1e30", TEN_YEARS),
        ("1e400", TEN_YEARS),
        ("1" + "0" * 400, TEN_YEARS),
        ("-1" + "0" * 400, None),
    ],
)
def test_t01_lifetimes(raw: str | None, lifetime: float | None) -> None:
    """A number from 1 on is used, ten years at most; anything else means unknown."""
    field = f',"expires_in":{raw}' if raw is not None else ""
    token = parse(f'{{"access_token":"abc"{field}}}'.encode(), status=200, now=NOW)
    assert token.lifetime == lifetime


def test_t01_an_unknown_lifetime_is_used_until_refused() -> None:
    """Without a lifetime a token is neither due nor over, however late it is."""
    token = parse(b'{"access_token":"abc"}', status=200, now=NOW)
    assert token.lifetime is None
    assert token.leeway() == 0
    assert not token.is_due(NOW + 1e9)
    assert not token.is_due(NOW - 1e9)
    assert not token.is_over(NOW + 1e9)


@pytest.mark.parametrize(
    ("lifetime", "leeway"), [(1.0, 0.2), (100.0, 20.0), (300.0, 60.0), (3600.0, 60.0), (float(TEN_YEARS), 60.0)]
)
def test_due_and_over(lifetime: float, leeway: float) -> None:
    """Due a minute before its end, or a fifth of a short life; over exactly at its end."""
    token = Token(access=Secret("abc"), obtained_at=NOW, lifetime=lifetime)
    end = NOW + lifetime
    assert token.leeway() == pytest.approx(leeway)
    assert not token.is_due(NOW)
    assert not token.is_due(end - leeway - 0.01)
    assert token.is_due(end - leeway)
    assert not token.is_over(end - 0.01)
    assert token.is_over(end)


def test_a_clock_set_back() -> None:
    """Five minutes of a clock set back are taken as they are; beyond, the token is due but not over."""
    token = Token(access=Secret("abc"), obtained_at=NOW, lifetime=3600)
    assert not token.is_due(NOW - 300)
    assert token.is_due(NOW - 300.5)
    assert not token.is_over(NOW - 300.5)


@given(lifetime=st.floats(1, TEN_YEARS), passed=st.floats(-1e6, 1e9))
def test_whatever_is_over_is_due(lifetime: float, passed: float) -> None:
    """No token is over without being due, so a dead one is never sent."""
    token = Token(access=Secret("abc"), obtained_at=NOW, lifetime=lifetime)
    assert token.is_due(NOW + passed) or not token.is_over(NOW + passed)
