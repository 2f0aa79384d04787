"""The table of calls: paths that cannot be bent, and how certain each call is."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.api import endpoints
from outgrow_nb.api.endpoints import Endpoint
from outgrow_nb.errors import UnknownContent

ALL = [value for value in vars(endpoints).values() if isinstance(value, Endpoint)]
KEY = "KEY-CANARY/or not"


@pytest.mark.parametrize("endpoint", ALL, ids=lambda endpoint: endpoint.path)
def test_every_call_says_how_certain_it_is(endpoint: Endpoint) -> None:
    """Each call has a certainty, a dialect, a bounded answer, and only reads what a client may read."""
    assert endpoint.certainty in ("confirmed", "guide", "assumed")
    assert endpoint.dialect in ("bearer", "key", "both")
    assert 0 < endpoint.max_bytes <= 2 << 30
    assert endpoint.path.startswith("/")
    assert not endpoint.path.startswith(("/leads/add", "/builder", "/admin", "/integration"))
    assert ("{api_key}" in endpoint.path) <= (endpoint.dialect == "key")


def test_the_key_dialect_is_confirmed() -> None:
    """What accounts have today stands on code that others run, not on our guesses."""
    assert {call.path for call in ALL if call.certainty == "confirmed"} == {
        "/calculator",
        "/get_cal/{api_key}",
        "/get_leads/{api_key}/{content_id}",
    }


@pytest.mark.parametrize(
    ("value", "encoded"),
    [("6f0c", "6f0c"), ("a b", "a%20b"), ("a?b#c", "a%3Fb%23c"), ("ü%2e", "%C3%BC%252e"), ("a:b@c", "a%3Ab%40c")],
)
def test_parts_are_percent_encoded(value: str, encoded: str) -> None:
    """What would begin a query or a fragment stays a part of the path."""
    assert endpoints.QUESTIONS.fill({"content_id": value}) == f"/calculator/{encoded}/questions"


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "/", "../me"])
def test_parts_that_would_change_the_path_are_refused(value: str) -> None:
    """An empty part, a slash or a step upwards is no id."""
    with pytest.raises(UnknownContent) as caught:
        endpoints.QUESTIONS.fill({"content_id": value})
    assert caught.value.problem == f"{value!r} is no id."
    assert caught.value.next_step == "See og.contents()."


def test_a_bad_key_is_not_shown() -> None:
    """The message about an impossible key does not hold it."""
    with pytest.raises(UnknownContent) as caught:
        endpoints.KEY_CONTENTS.fill({"api_key": KEY})
    assert str(caught.value).startswith("This key is no id.")
    assert "CANARY" not in repr(caught.value)


@given(st.text(max_size=30))
def test_any_part_comes_back_or_is_refused(value: str) -> None:
    """Whatever an id holds: one segment that decodes to it, nothing before or after it moved; or an error."""
    try:
        path = endpoints.QUESTIONS.fill({"content_id": value})
    except (UnknownContent, UnicodeEncodeError):
        assert not value or "/" in value or value in (".", "..") or any(0xD800 <= ord(char) < 0xE000 for char in value)
        return
    parts = urlsplit("https://outgrow.example" + path)
    assert (parts.query, parts.fragment) == ("", "")
    root, calculator, segment, questions = parts.path.split("/")
    assert (root, calculator, questions) == ("", "calculator", "questions")
    assert unquote(segment) == value
