"""Pages of leads, and answers that are none: whatever they say, nobody is asked but the server that was configured."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from outgrow_nb.api import pages
from outgrow_nb.api.reading import LeadReading
from outgrow_nb.api.transport import Transport
from outgrow_nb.errors import UnexpectedAnswer, UnknownContent
from tests.wire.fault_server import FaultServer, fault_server, send
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.transport_support import (
    CANARY,
    Clock,
    asking,
    calls,
    key_transport,
    read,
    signed_in_transport,
    standing_clock,
    trouble,
)

clock = pytest.fixture(standing_clock)
transport = pytest.fixture(signed_in_transport)
by_key = pytest.fixture(key_transport)
fault = pytest.fixture(fault_server)
LEADS = "/api/v1/leads"


@pytest.fixture
def elsewhere() -> Iterator[FaultServer]:
    """Another server; whatever it is asked is a token lost."""
    for made in fault_server():
        yield made
        assert made.seen == []


def content_with_leads(transport: Transport) -> str:
    return max(pages.contents(transport), key=lambda item: item.leads_count or 0).id


def test_pages_in_order(transport: Transport, by_key: Callable[..., Transport]) -> None:
    """Page after page until the end, all of the total; the key's one page holds the same leads."""
    content = content_with_leads(transport)
    got = list(pages.leads(transport, content))
    ids = [lead.id for page in got for lead in page.records]
    assert len(set(ids)) == got[0].total
    (whole,) = pages.leads(by_key(), content)
    assert {lead.id for lead in whole.records} == set(ids)


@pytest.mark.parametrize("total", ["+5", "-3"])
def test_totals_that_lie(sandbox: Sandbox, transport: Transport, total: str) -> None:
    """Pages that do not add up to the total are an error, never a silently short frame."""
    content = content_with_leads(transport)
    sandbox.control(total=total)
    error = trouble(lambda: list(pages.leads(transport, content)), UnexpectedAnswer)
    assert "but its pages hold" in error.problem


def one_by_one(transport: Transport) -> int:
    return sum(len(page.records) for page in pages.leads(transport, "1"))


def several_at_once(transport: Transport) -> int:
    return sum(len(page.records) for _, page in LeadReading(transport, ["1"], lambda _, page: page, workers=4).pages())


@pytest.mark.parametrize("all_leads", [one_by_one, several_at_once])
def test_cursor_in_a_circle(fault: FaultServer, clock: Clock, all_leads: Callable[[Transport], int]) -> None:
    """A server that gives the same cursor again does not keep the cell for ever."""
    fault.answers[LEADS] = send(b'{"success": true, "data": [{"id": "1"}], "next_cursor": "again"}')
    error = trouble(lambda: all_leads(asking(fault.url, clock)), UnexpectedAnswer)
    assert error.problem == "Outgrow's pages of leads run in a circle."


@pytest.mark.parametrize("all_leads", [one_by_one, several_at_once])
@pytest.mark.parametrize("cursor", ["{url}/leads?cursor=2", "//{host}/leads", "/\\\\{host}", "@{host}/x", "a&b=c#d ?é"])
def test_h05_a_next_page_elsewhere(
    fault: FaultServer, elsewhere: FaultServer, clock: Clock, all_leads: Callable[[Transport], int], cursor: str
) -> None:
    """A cursor is a word for the same server, be it an address: no link of an answer is followed, no token leaves."""
    wanted = cursor.format(url=elsewhere.url, host=urlsplit(elsewhere.url).netloc)
    link, json = f"{elsewhere.url}/leads?page=2", wanted.replace("\\", "\\\\")
    first = f"""{{"data": [{{"id": "1"}}], "next_cursor": "{json}", "next": "{link}", "next_page_url": "{link}",
        "links": {{"next": "{link}"}}, "paging": {{"next": {{"href": "{link}"}}}}}}""".encode()
    last = send(b'{"data": [{"id": "2"}]}', link=f'<{link}>; rel="next"', content_location=link)
    fault.answers[LEADS] = [send(first, link=f'<{link}>; rel="next"', refresh=f"0; url={link}"), last]
    assert all_leads(asking(fault.url, clock)) == 2
    assert [headers["authorization"] for _, headers in fault.seen] == [f"Bearer {CANARY}"] * 2
    assert [parse_qs(urlsplit(path).query).get("cursor") for path, _ in fault.seen] == [None, [wanted]]


@pytest.mark.parametrize("odd", ["{url}/x", "//{host}/x", "../../x", "..", ".", "/x", ""])
def test_h05_an_id_that_is_an_address(fault: FaultServer, elsewhere: FaultServer, clock: Clock, odd: str) -> None:
    """An id that would lead elsewhere, be it the server's own, is refused in words before anybody is asked."""
    wanted = odd.format(url=elsewhere.url, host=urlsplit(elsewhere.url).netloc)
    error = trouble(lambda: pages.questions(asking(fault.url, clock), wanted), UnknownContent)
    assert error.problem == f"{wanted!r} is no id."
    assert fault.seen == []


@pytest.mark.parametrize(
    "odd", ["@{host}", ":80@{host}", "?x=1", "#x", "%2e%2e", "\\\\{host}", "a b", "\r\nHost: {host}"]
)
def test_h05_an_id_that_is_odd(fault: FaultServer, elsewhere: FaultServer, clock: Clock, odd: str) -> None:
    """An id of any other characters is one part of the path, at the same server."""
    wanted = odd.format(host=urlsplit(elsewhere.url).netloc)
    fault.answers = Anything(send(b'{"data": []}'))
    assert pages.questions(asking(fault.url, clock), wanted) == []
    ((path, headers),) = fault.seen
    assert path.startswith("/api/v1/calculator/")
    assert path.count("/") == 5
    assert headers["host"] == urlsplit(fault.url).netloc


class Anything(dict[str, Any]):
    """The same answer at every path."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, path: str) -> Any:
        return self._answer


def test_h12_a_captive_portal(sandbox: Sandbox, transport: Transport) -> None:
    """A web page in place of an answer is named by status, type and title, and not asked for again."""
    sandbox.control(html="@/api/v1/me")
    error = trouble(lambda: read(transport), UnexpectedAnswer)
    assert "a web page titled 'Welcome to Guest Wi-Fi'" in error.problem
    assert error.problem.endswith("It came with status 200 as text/html.")
    assert calls(sandbox) == 1


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (b"  Sign\n in\t", "Sign in"),
        (b"\x1b[31mred\x07\r\nSet-Cookie: a", "[31mred Set-Cookie: a"),
        ("\u202eevil\u200b \ufeffpage".encode(), "evil page"),
        (b"\xff\xfe half", "\ufffd\ufffd half"),
        (b"word " * 70, "word " * 15 + "word…"),
        (b"x" * 300, "…"),
    ],
)
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "a/\x1b[31m" + "b" * 300, None])
def test_h12_80_safe_characters(fault: FaultServer, clock: Clock, title: bytes, shown: str, kind: str | None) -> None:
    """At most 80 characters of a title are shown and 40 of its kind, all of them printable; nothing of the page."""
    more = {} if kind is None else {"content_type": kind}
    fault.answers["/api/v1/me"] = send(b"<html><title>" + title + b"</title>secret words", 203, **more)
    error = trouble(lambda: read(asking(fault.url, clock)), UnexpectedAnswer)
    assert f"a web page titled {shown!r} (" in error.problem
    assert len(shown) <= 80
    assert "status 203 as " in error.problem
    assert len(error.problem) < 260
    assert error.problem.isprintable()
    assert "secret" not in error.problem
