"""Bodies to records: envelope or array, problems inside a 200, bodies that are not JSON, odd pages."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.api import decode
from outgrow_nb.errors import UnexpectedAnswer
from tests.unit.frames_support import ugly


@pytest.mark.parametrize("success", [True, "true", "True", 1, "1", None])
def test_success_in_any_spelling(success: object) -> None:
    """True, "true" and 1 are all a success."""
    page = decode.leads_page(json.dumps({"success": success, "data": [{"id": "a"}], "total": 1}).encode())
    assert [lead.id for lead in page.records] == ["a"]
    assert page.total == 1


@pytest.mark.parametrize("body", [b'[{"id": "a"}]', b'\xef\xbb\xbf [{"id": "a"}]\n', b'{"data": [{"id": "a"}]}'])
def test_bare_array_byte_order_mark_and_envelope(body: bytes) -> None:
    """An envelope and a bare array give the same records, with or without a byte order mark."""
    page = decode.leads_page(body)
    assert [lead.id for lead in page.records] == ["a"]
    assert page.next_cursor is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": 401}, 401),
        ({"code": "401", "message": "no"}, 401),
        ({"code": 401, "data": []}, 401),
        ({"success": False, "error": {"code": 403, "message": "no"}}, 403),
        ({"success": False, "error": {"code": "bad_key", "message": "no"}}, "bad_key"),
        ({"success": "false", "data": []}, None),
        ({"error": "broken"}, None),
    ],
)
@pytest.mark.parametrize(
    "read", [decode.leads_page, decode.contents, decode.questions, decode.content_ids, decode.account]
)
def test_a_problem_inside_a_200(read: Any, body: dict[str, Any], code: int | str | None) -> None:
    """A problem told by the body is raised with its code, also where data looks empty."""
    with pytest.raises(decode.EnvelopeProblem) as caught:
        read(json.dumps(body).encode())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "read", [decode.leads_page, decode.contents, decode.questions, decode.content_ids, decode.account]
)
@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"\xef\xbb\xbf", b"<html>", b"null", b"3", b'"text"', b"{", b'{"data": 3}', b"\xff"]
)
def test_a_body_of_another_shape(read: Any, body: bytes) -> None:
    """What is not JSON of the documented shape is refused, never taken for an empty account."""
    with pytest.raises(UnexpectedAnswer):
        read(body)


def test_a_web_page_is_named_by_its_title_alone() -> None:
    """The message has a web page's title, without control characters, and nothing else of it."""
    page = b"<html><title>Sign in\x1b[31m  \n to WiFi</title><body>secret-token-123</body></html>"
    with pytest.raises(UnexpectedAnswer) as caught:
        decode.leads_page(page)
    assert "a web page titled 'Sign in [31m to WiFi'" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": ""}, "text", 3, None])
def test_a_lead_without_id_is_refused(record: object) -> None:
    """Leads without an id cannot be told apart: nothing of the page is used."""
    with pytest.raises(UnexpectedAnswer):
        decode.leads_page(json.dumps([{"id": "a"}, record]).encode())


def test_an_announced_page_has_no_drift() -> None:
    """A page exactly as announced is decoded by the typed parser and keeps its bytes."""
    body = json.dumps(
        {"data": [{"id": "a", "score": 3, "answers": [{"question_id": "q", "answer": [1, "b"]}]}]}
    ).encode()
    page = decode.leads_page(body)
    assert page.records[0].answers is not None
    assert page.records[0].answers[0].answer == [1, "b"]
    assert (page.drift, dict(page.extras), page.body) == (frozenset(), {}, body)


def test_unannounced_fields_are_kept_and_named() -> None:
    """Unknown fields stand by position, unknown fields inside answers are named and kept too."""
    record = {"id": "a", "tier": "gold", "answers": [{"question_id": "q", "answer": 1, "seconds": 3}]}
    page = decode.leads_page(json.dumps([{"id": "b"}, record]).encode())
    assert page.drift == {"tier", "answers.seconds"}
    assert page.extras == {1: {"tier": "gold", "q / seconds": 3}}


def test_a_score_of_an_answer_that_is_none_is_kept() -> None:
    """Points as text are points if they are a number, else they are kept as a field."""
    answers = [{"question": "Q", "answer": 1, "score": "2.5"}, {"question": "R", "answer": 1, "score": "ten"}]
    page = decode.leads_page(json.dumps([{"id": "a", "answers": answers}]).encode())
    assert page.records[0].answers is not None
    assert [answer.score for answer in page.records[0].answers] == [2.5, None]
    assert page.extras == {0: {"R / score": "ten"}}


def test_every_ugly_lead_is_read() -> None:
    """One page of hand-written ugly leads: none refuses the page."""
    page = decode.leads_page(json.dumps(ugly()).encode())
    assert len(page.records) == len(ugly()) >= 60
    assert page.records[16].id == "17"
    assert page.records[17].phone == "4915112345678"


def test_raw_is_the_record_as_received() -> None:
    """The record with that id, unchanged; None if the page has none."""
    body = json.dumps({"data": [{"id": "a", "x": [1, {"y": None}]}, {"id": 7}]}).encode()
    assert decode.raw_lead(body, "a") == {"id": "a", "x": [1, {"y": None}]}
    assert decode.raw_lead(body, "7") == {"id": 7}
    assert decode.raw_lead(body, "b") is None


def test_contents_need_only_an_id() -> None:
    """Every other field of a content may be missing, of another type, or unannounced."""
    full = {"id": "b", "name": "B", "leads_count": "12", "meta_data": {"title": "T"}, "x": 1}
    body = json.dumps({"success": True, "data": [{"id": 5}, full]}).encode()
    five, b = decode.contents(body)
    assert (five.id, five.title, five.leads_count) == ("5", "5", None)
    assert (b.title, b.leads_count, b.meta_title) == ("B", 12, "T")
    with pytest.raises(UnexpectedAnswer):
        decode.contents(b'[{"name": "no id"}]')


def test_questions_with_options_of_any_kind() -> None:
    """Options are objects or bare texts; scores are numbers or texts."""
    asked = {"id": "q", "text": "T", "kind": "poll", "options": [{"id": 1, "text": "A", "score": "2"}, "B"]}
    body = json.dumps({"data": [asked, {"text": "U"}]}).encode()
    first, second = decode.questions(body)
    assert [(o.id, o.text, o.score) for o in first.options] == [("1", "A", 2.0), (None, "B", None)]
    assert (second.id, second.text) == ("", "U")


def test_account_analytics_and_key_contents() -> None:
    """The smaller calls, with and without an envelope."""
    assert decode.account(b'{"data": {"id": "1", "email": "a@example.com", "extra": 1}}').email == "a@example.com"
    assert decode.account(b'{"id": 1, "name": "A"}').name == "A"
    assert decode.content_ids(b'[{"id": "a", "calculator": "A"}, {"calculator": "none"}]') == ["a"]
    (day,) = decode.analytics(b'{"data": [{"date": "2026-05-01", "views": "7", "leads": 1.0}, {"views": 3}]}')
    assert (day.date, day.views, day.starts, day.leads) == ("2026-05-01", 7, None, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(JSON | st.fixed_dictionaries({"data": JSON}))
def test_any_json_is_read_or_refused_in_our_words(value: Any) -> None:
    """Whatever JSON comes, the decoders answer, or raise one of the two documented errors."""
    body = json.dumps(value).encode()
    readers: tuple[Any, ...] = (decode.leads_page, decode.contents, decode.questions, decode.account, decode.analytics)
    for read in (*readers, decode.content_ids):
        try:
            read(body)
        except (UnexpectedAnswer, decode.EnvelopeProblem):
            continue


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_in_our_words(body: bytes) -> None:
    """Random bytes raise one of the two documented errors, or happen to be JSON."""
    try:
        decode.leads_page(body)
    except (UnexpectedAnswer, decode.EnvelopeProblem):
        return
