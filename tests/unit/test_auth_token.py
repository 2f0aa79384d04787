"""A token endpoint's answer: a token or our error, whatever it says (T02-T06)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.token import MAX_ANSWER, RefusedByServer, Token, parse
from outgrow_nb.config import Secret
from outgrow_nb.errors import UnexpectedAnswer
from tests.unit.kept_support import within

NOW = 1_700_000_000.0
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
        assert token.lifetime is None or 1 <= token.lifetime <= 10 * 365 * 86400


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


def test_t02_expires_at_is_ignored() -> None:
    """The server's clock is not ours, so a moment it names is not used."""
    for moment in (NOW - 100, NOW + 100, 0, "2020-01-01T00:00:00Z", None):
        assert parsed(answer(expires_at=moment)) == parsed(answer())
        assert parsed(answer(expires_at=moment, expires_in=600)) == parsed(answer(expires_in=600))


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("value", [123, True, ["abc"], "a\r\nb", "a b", " ", "é", "\x7f", "\ud800", "a" * 200_000])
def test_t03_impossible_tokens(name: str, value: object) -> None:
    """What cannot be a token is refused, in words that do not repeat it."""
    with pytest.raises(UnexpectedAnswer, match=name) as caught:
        parsed(answer(**{name: value}), previous=OLD)
    assert str(value) not in str(caught.value) or value == " "


@pytest.mark.parametrize("value", ["", None])
def test_t03_an_empty_access_token(value: object) -> None:
    """An empty or missing access token is refused, even when an older one is known."""
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        parsed(answer(access_token=value), previous=OLD)
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        parsed(b"{}", previous=OLD)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "token_type", "error", "expires_in"])
def test_t04_the_same_field_twice(name: str) -> None:
    """A field that decides something and stands twice makes the answer unusable."""
    with pytest.raises(UnexpectedAnswer, match="not a token"):
        parsed(f'{{"access_token":"abc","{name}":"1","{name}":"1"}}'.encode())


def test_t04_extra_fields_may_even_stand_twice() -> None:
    """What we do not read is ignored."""
    assert parsed(b'{"access_token":"abc","x":1,"x":2,"id_token":"abc"}') == parsed(answer())


def test_t04_a_byte_order_mark() -> None:
    """A byte order mark in front does no harm."""
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
def test_t04_no_token_at_all(body: bytes) -> None:
    """A form, a page, another JSON value, an endless one: unexpected, whatever the status."""
    for status in (200, 500):
        with pytest.raises(UnexpectedAnswer, match=f"status {status}"):
            parsed(body, status=status)


@pytest.mark.parametrize("kind", ["mac", "", None, 1])
def test_r12_not_a_bearer_token(kind: object) -> None:
    """A token of another kind cannot be used as a bearer token."""
    with pytest.raises(UnexpectedAnswer, match="bearer"):
        parsed(answer(token_type=kind))


def test_t05_an_error_goes_before_a_token() -> None:
    """With both, the error counts; its words come along."""
    with pytest.raises(RefusedByServer) as caught:
        parsed(answer(error="invalid_grant", error_description="Used already"))
    assert (caught.value.code, caught.value.description) == ("invalid_grant", "Used already")


def test_t05_r11_a_status_is_an_error_too() -> None:
    """A token under an error status is not taken; without a code the status is named."""
    for status in (199, 300, 307, 400, 500):
        for fields in ({}, {"error": 7}):
            with pytest.raises(RefusedByServer) as caught:
                parsed(answer(**fields), status=status)
            assert (caught.value.code, caught.value.description) == (f"status {status}", "")
    assert parsed(answer(), status=299) == parsed(answer(), status=200)


def test_t06_the_servers_words_are_made_fit_to_be_shown() -> None:
    """Our token, control characters and length are taken out of what the server says."""
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


def test_t04_the_largest_answer() -> None:
    """An answer of 256 KiB is read, one byte more is not."""
    assert parsed(answer() + b" " * (262_144 - len(answer()))) == parsed(answer())
    with pytest.raises(UnexpectedAnswer, match="not a token"):
        parsed(answer() + b" " * (262_145 - len(answer())))


def test_t06_a_megabyte_of_words() -> None:
    """An answer of a megabyte is not even read."""
    with pytest.raises(UnexpectedAnswer):
        parsed(answer(error="invalid_grant", error_description="x" * 1_000_000), status=400)


def test_r01_r03_a_refresh_keeps_what_the_answer_leaves_out() -> None:
    """RFC 6749 section 6: without a new refresh token or scope the old ones stay; new ones replace them."""
    kept = parsed(answer(refresh_token="", expires_in=60), previous=OLD)
    assert (kept.refresh, kept.scope) == (OLD.refresh, "read")
    renewed = parsed(answer(refresh_token="new", scope="all"), previous=OLD)
    assert (renewed.refresh, renewed.scope) == (Secret("new"), "all")
    assert parsed(answer(scope=["all"])).scope is None


def test_t06_many_words_in_little_time() -> None:
    """A page of HTML of almost 256 KiB is cut to 300 characters within a second, whatever stands in it."""
    words = "<p>" + "secret-refresh-1 %73ecret \x1b[1m\u202e" * 5_500
    body = answer(error="invalid_grant", error_description=words)
    assert 200_000 < len(body) <= MAX_ANSWER
    with pytest.raises(RefusedByServer) as caught:
        within(1, lambda: parse(body, status=400, now=NOW, secrets=(Secret("secret-refresh-1"),)))
    assert len(caught.value.description) <= 300
    assert caught.value.description.isprintable()
    assert "secret-refresh-1" not in caught.value.description


@pytest.mark.parametrize("scope", ["read \ud800", "read\x00", ["read"], 5, None])
def test_r03_an_impossible_scope(scope: object) -> None:
    """A scope that is no text, or could not be saved, counts as absent; the token is kept."""
    assert parsed(answer(scope=scope), previous=OLD).scope == "read"
    assert parsed(answer(scope=scope)).scope is None


def test_t03_the_longest_token() -> None:
    """A token of 64 KiB of any visible characters is taken, one more is not."""
    assert parsed(answer(access_token="!~")).access == Secret("!~")
    assert len(parsed(answer(access_token="a" * 65_536)).access.reveal()) == 65_536
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        parsed(answer(access_token="a" * 65_537))
