"""A token endpoint's answer (T01-T06), and when a token is due."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.token import MAX_ANSWER, RefusedByServer, Token, parse
from outgrow_nb.config import Secret
from outgrow_nb.errors import UnexpectedAnswer

NOW = 1_700_000_000.0
TEN_YEARS = 10 * 365 * 86400
OLD = Token(
    access=Secret("old-access"), refresh=Secret("old-refresh"), obtained_at=NOW - 4000, lifetime=3600, scope="read"
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        name: json_values | st.sampled_from(["bearer", "Bearer", "abc", "3600", 3600])
        for name in (
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in",
            "scope",
            "error",
            "error_description",
        )
    },
)


def answer(**fields: Any) -> bytes:
    return json.dumps({"access_token": "abc", **fields}).encode()


def parsed(body: bytes, *, status: int = 200, previous: Token | None = None) -> Token:
    return parse(body, status=status, now=NOW, previous=previous)


def assert_total(body: bytes, status: int, previous: Token | None) -> None:
    try:
        token = parsed(body, status=status, previous=previous)
    except (RefusedByServer, UnexpectedAnswer) as refused:
        assert str(refused)  # noqa: PT017 - either outcome is right; anything else would pass through
    else:
        assert 200 <= status < 300
        assert token.access.reveal().isascii()
        assert token.obtained_at == NOW
        assert token.lifetime is None or 1 <= token.lifetime <= TEN_YEARS


@given(body=st.binary(max_size=300), status=st.integers(100, 599))
def test_any_bytes_give_a_token_or_our_error(body: bytes, status: int) -> None:
    """Whatever bytes arrive, the outcome is a token, a refusal, or an unexpected answer."""
    assert_total(body, status, None)


@given(value=answers | json_values, status=st.sampled_from([200, 201, 302, 400, 500]), again=st.booleans())
def test_any_json_gives_a_token_or_our_error(value: object, status: int, again: bool) -> None:
    """Whatever JSON arrives, of whatever types, the outcome is a token, a refusal, or an unexpected answer."""
    assert_total(json.dumps(value).encode(), status, OLD if again else None)


def test_the_answer_of_the_standard() -> None:
    """The example of RFC 6749 section 5.1 gives its fields."""
    token = parsed(answer(token_type="Bearer", refresh_token="def", expires_in=3600, scope="read write"))
    assert token == Token(
        access=Secret("abc"), refresh=Secret("def"), obtained_at=NOW, lifetime=3600, scope="read write"
    )
    assert "abc" not in repr(token)
    assert "def" not in repr(token)


@pytest.mark.parametrize(
    ("raw", "lifetime"),
    [
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
def test_lifetimes(raw: str, lifetime: float | None) -> None:
    """T01: a number from 1 on is used, ten years at most; anything else means unknown."""
    token = parsed(b'{"access_token":"abc","expires_in":' + raw.encode() + b"}")
    assert token.lifetime == lifetime


def test_an_unknown_lifetime_is_used_until_refused() -> None:
    """T01: without a lifetime a token is neither due nor over, however late it is."""
    token = parsed(answer())
    assert token.lifetime is None
    assert token.leeway() == 0
    assert not token.is_due(NOW + 1e9)
    assert not token.is_due(NOW - 1e9)
    assert not token.is_over(NOW + 1e9)


def test_expires_at_is_ignored() -> None:
    """T02: the server's clock is not ours, so a moment it names is not used."""
    assert parsed(answer(expires_at=NOW - 100)) == parsed(answer())


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("value", [123, True, ["abc"], "a\r\nb", "a b", " ", "é", "\x7f", "\ud800", "a" * 200_000])
def test_impossible_tokens(name: str, value: object) -> None:
    """T03: what cannot be a token is refused, in words that do not repeat it."""
    with pytest.raises(UnexpectedAnswer, match=name) as caught:
        parsed(answer(**{name: value}), previous=OLD)
    assert str(value) not in str(caught.value) or value == " "


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_access_token(value: object) -> None:
    """T03: an empty or missing access token is refused, even when an older one is known."""
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        parsed(answer(access_token=value), previous=OLD)
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        parsed(b"{}", previous=OLD)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "token_type", "error", "expires_in"])
def test_the_same_field_twice(name: str) -> None:
    """T04: a field that decides something and stands twice makes the answer unusable."""
    with pytest.raises(UnexpectedAnswer, match="not a token"):
        parsed(f'{{"access_token":"abc","{name}":"1","{name}":"1"}}'.encode())


def test_extra_fields_may_even_stand_twice() -> None:
    """T04: what we do not read is ignored."""
    assert parsed(b'{"access_token":"abc","x":1,"x":2,"id_token":"abc"}') == parsed(answer())


def test_a_byte_order_mark() -> None:
    """T04: a byte order mark in front does no harm."""
    assert parsed(b"\xef\xbb\xbf" + answer()) == parsed(answer())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"access_token=abc&token_type=bearer",
        b"<html>Sign in to the hotel</html>",
        b'"abc"',
        b"[]",
        b"null",
        b"\xff\xfe{",
        b"[" * 100_000,
        b'{"access_token":"abc","n":' + b"9" * 5000 + b"}",
        answer(padding="x" * MAX_ANSWER),
    ],
)
def test_no_token_at_all(body: bytes) -> None:
    """T04: a form, a page, another JSON value, an endless one: unexpected, whatever the status."""
    for status in (200, 500):
        with pytest.raises(UnexpectedAnswer, match=f"status {status}"):
            parsed(body, status=status)


@pytest.mark.parametrize("kind", ["mac", "", None, 1])
def test_not_a_bearer_token(kind: object) -> None:
    """A token of another kind cannot be used as a bearer token."""
    with pytest.raises(UnexpectedAnswer, match="bearer"):
        parsed(answer(token_type=kind))


def test_an_error_goes_before_a_token() -> None:
    """T05: with both, the error counts; its words come along."""
    with pytest.raises(RefusedByServer) as caught:
        parsed(answer(error="invalid_grant", error_description="Used already"))
    assert (caught.value.code, caught.value.description) == ("invalid_grant", "Used already")


def test_a_status_is_an_error_too() -> None:
    """T05: a token under an error status is not taken; without a code the status is named."""
    for fields in ({}, {"error": 7}):
        with pytest.raises(RefusedByServer) as caught:
            parsed(answer(**fields), status=500)
        assert (caught.value.code, caught.value.description) == ("status 500", "")


def test_the_servers_words_are_made_fit_to_be_shown() -> None:
    """T06: our token, control characters and length are taken out of what the server says."""
    words = "bad \x1b[31mtoken\x1b[0m secret-refresh-1 \u202e\x00<b>\n" + "x" * 1000
    body = answer(error="secret-refresh-1" + "e" * 100, error_description=words)
    with pytest.raises(RefusedByServer) as caught:
        parse(body, status=400, now=NOW, secrets=(Secret("secret-refresh-1"),))
    shown = caught.value.description
    assert "secret-refresh-1" not in repr(caught.value)
    assert shown.startswith("bad token […] <b> xxx")
    assert shown.isprintable()
    assert len(shown) == 300
    assert len(caught.value.code) == 60


def test_a_megabyte_of_words() -> None:
    """T06: an answer of a megabyte is not even read."""
    with pytest.raises(UnexpectedAnswer):
        parsed(answer(error="invalid_grant", error_description="x" * 1_000_000), status=400)


def test_a_refresh_keeps_what_the_answer_leaves_out() -> None:
    """RFC 6749 section 6: without a new refresh token or scope the old ones stay; new ones replace them."""
    kept = parsed(answer(refresh_token="", expires_in=60), previous=OLD)
    assert (kept.refresh, kept.scope) == (OLD.refresh, "read")
    renewed = parsed(answer(refresh_token="new", scope="all"), previous=OLD)
    assert (renewed.refresh, renewed.scope) == (Secret("new"), "all")
    assert parsed(answer(scope=["all"])).scope is None


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
