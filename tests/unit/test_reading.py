"""Reading leads at once: whatever the times, the pages and the failures, every lead comes, and nothing is invented."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.api import endpoints
from outgrow_nb.api.endpoints import Endpoint
from outgrow_nb.api.prefetch import Prefetch
from outgrow_nb.api.reading import LeadReading
from outgrow_nb.api.transport import Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiUnavailable, UnexpectedAnswer
from outgrow_nb.records import LeadPage
from outgrow_nb.wire import Bearer, Fixed

T = TypeVar("T")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAGE = 3


class Service(Transport):
    """An API of leads in memory.

    Args:
        seconds: When each lead was created, in seconds after noon.
        keeps_to_spans: Whether `created_from` and `created_to` are honoured.
        tells_total: Whether pages say how many there are.
        fails: Numbers of requests that fail.
    """

    def __init__(
        self,
        seconds: Sequence[float],
        *,
        keeps_to_spans: bool = True,
        tells_total: bool = True,
        lies: int = 0,
        fails: Sequence[int] = (),
    ) -> None:
        super().__init__(Config(), Fixed(Bearer(Secret("AT"))))
        moments = sorted((NOON + timedelta(seconds=at), number) for number, at in enumerate(seconds))
        self.leads = [(at, f"lead-{number}") for at, number in moments]
        self.keeps_to_spans, self.tells_total, self.lies = keeps_to_spans, tells_total, lies
        self.fails = set(fails)
        self.requests = 0
        self._count = threading.Lock()

    def read(
        self,
        endpoint: Endpoint,
        decode: Callable[[bytes], T],
        *,
        parts: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> T:
        assert endpoint is endpoints.LEADS
        assert params is not None
        with self._count:
            self.requests += 1
            if self.requests in self.fails:
                raise ApiUnavailable("The line is down.", "Run the cell again.")
        start, end = (datetime.fromisoformat(str(params[name])) if name in params else None for name in SPAN)
        keeps = self.keeps_to_spans
        found = [
            lead
            for lead in self.leads
            if not keeps or ((start is None or lead[0] >= start) and (end is None or lead[0] < end))
        ]
        at, size = int(params.get("cursor", 0)), int(params["limit"])
        page = found[at : at + size]
        body: dict[str, Any] = {
            "data": [{"id": name, "created_at": when.isoformat()} for when, name in page],
            "next_cursor": str(at + size) if at + size < len(found) else None,
        }
        if self.tells_total:
            body["total"] = len(found) + self.lies
        return decode(json.dumps(body).encode())


SPAN = ("created_from", "created_to")


def reading(service: Service, *, workers: int = 3, end: float | None = None) -> LeadReading[LeadPage]:
    """A read of the service's one content; the present is an hour after noon."""
    last = None if end is None else NOON + timedelta(seconds=end)
    now = NOON + timedelta(hours=1)
    return LeadReading(
        service, ["c1"], lambda _, page: page, end=last, workers=workers, page_leads=PAGE, now=lambda: now
    )


def ids(made: LeadReading[LeadPage]) -> list[str]:
    """Ids received, those that came twice twice."""
    return [lead.id for _, page in made.pages() for lead in page.records]


moments = st.lists(st.one_of(st.integers(0, 3600), st.floats(0, 60), st.sampled_from([7.0, 7.25, 1800.0])), max_size=80)


@settings(max_examples=150, deadline=None)
@given(seconds=moments, workers=st.integers(1, 5), end=st.one_of(st.none(), st.integers(1, 4000)))
def test_every_lead_comes(seconds: list[float], workers: int, end: int | None) -> None:
    """Leads at any times, many in one second too: all of the span, none beside it, and the counts agree."""
    service = Service(seconds)
    made = reading(service, workers=workers, end=end)
    got = ids(made)
    wanted = {name for at, name in service.leads if end is None or at < NOON + timedelta(seconds=end)}
    assert set(got) == wanted
    assert made.total == len(wanted)
    made.check("c1", len(set(got)))
    with pytest.raises(UnexpectedAnswer):
        made.check("c1", len(set(got)) + 1)


@settings(max_examples=100, deadline=None)
@given(seconds=moments, fails=st.sets(st.integers(1, 40), max_size=12), stops=st.sets(st.integers(0, 20), max_size=3))
def test_a_read_goes_on_where_it_was_cut(seconds: list[float], fails: set[int], stops: set[int]) -> None:
    """After failures, and after a taker who stops in the middle of a page, what is missing comes."""
    service = Service(seconds, fails=sorted(fails))
    made = reading(service)
    got: set[str] = set()
    taken = 0
    for _ in range(len(fails) + len(stops) + 1):
        try:
            for _, page in made.pages():
                taken += 1
                if taken in stops:
                    raise KeyboardInterrupt
                got |= {lead.id for lead in page.records}
        except (ApiUnavailable, KeyboardInterrupt):
            continue
        break
    assert got == {name for _, name in service.leads}
    made.check("c1", len(got))


@settings(max_examples=60, deadline=None)
@given(seconds=moments)
def test_a_service_that_does_not_keep_to_spans(seconds: list[float]) -> None:
    """It is read by cursor alone, and nothing is missing or refused."""
    service = Service(seconds, keeps_to_spans=False)
    made = reading(service)
    got = set(ids(made))
    assert got == {name for _, name in service.leads}
    made.check("c1", len(got))


@settings(max_examples=30, deadline=None)
@given(seconds=moments)
def test_a_service_that_tells_no_total(seconds: list[float]) -> None:
    """By cursor, each page once."""
    service = Service(seconds, tells_total=False)
    made = reading(service)
    got = ids(made)
    assert sorted(got) == sorted(name for _, name in service.leads)
    assert service.requests == max(1, -(-len(seconds) // PAGE))
    assert made.total is None
    made.check("c1", 12345)


@pytest.mark.parametrize("lies", [1, -1])
@pytest.mark.parametrize("leads", [5, 60])
def test_a_total_that_lies(lies: int, leads: int) -> None:
    """Pages that do not add up to what is reported are refused, whether or not they were read by spans."""
    made = reading(Service([at * 7.0 for at in range(leads)], lies=lies), end=4000)
    got = set(ids(made))
    with pytest.raises(UnexpectedAnswer, match=rf"reports {leads + lies} leads, but its pages hold {leads}"):
        made.check("c1", len(got))


def test_a_lead_that_falls_between_two_spans() -> None:
    """A service whose spans leave out their first instant loses leads: refused, not silently short."""

    class Leaky(Service):
        def read(self, endpoint: Endpoint, decode: Callable[[bytes], T], **asked: Any) -> T:
            params = dict(asked["params"])
            if "created_from" in params:
                later = datetime.fromisoformat(str(params["created_from"])) + timedelta(milliseconds=1)
                params["created_from"] = later.isoformat()
            return super().read(endpoint, decode, params=params)

    made = reading(Leaky([float(at) for at in range(100)]))
    got = set(ids(made))
    assert len(got) < 100
    with pytest.raises(UnexpectedAnswer):
        made.check("c1", len(got))


def test_leads_that_arrive_meanwhile() -> None:
    """An open span that grows is no error: what its last pages report is what has come."""
    service = Service([at * 30.0 for at in range(60)])
    made = reading(service)
    got: set[str] = set()
    for turn, (_, page) in enumerate(made.pages()):
        got |= {lead.id for lead in page.records}
        if turn == 0:
            service.leads.append((NOON + timedelta(hours=2), "the newcomer"))
    made.check("c1", len(got))
    assert "the newcomer" in got


def test_a_cursor_in_a_circle() -> None:
    """Pages that lead back to themselves end the read."""

    class Circle(Service):
        def read(self, endpoint: Endpoint, decode: Callable[[bytes], T], **asked: Any) -> T:
            return decode(b'{"data": [{"id": "a"}], "next_cursor": "again"}')

    with pytest.raises(UnexpectedAnswer, match="circle"):
        ids(reading(Circle([])))


def test_few_requests_more_than_pages() -> None:
    """Spans cost at most two thirds more requests than pages, evenly spread or in bursts."""
    even = [at * 3.0 for at in range(1200)]
    bursts = [hour * 600 + at * 0.4 for hour in range(6) for at in range(200)]
    for seconds in (even, bursts):
        service = Service(seconds)
        got = set(ids(reading(service, workers=4)))
        assert len(got) == 1200
        assert service.requests <= 400 * 5 / 3


def test_threads_work_at_once() -> None:
    """One content's pages are asked for by several threads at the same time."""
    together = threading.Barrier(3, timeout=20)

    class Meeting(Service):
        def read(self, endpoint: Endpoint, decode: Callable[[bytes], T], **asked: Any) -> T:
            if "created_from" in asked["params"] and not together.broken and met.acquire(blocking=False):
                together.wait()
            return super().read(endpoint, decode, **asked)

    met = threading.Semaphore(3)
    service = Meeting([at * 10.0 for at in range(200)])
    assert len(set(ids(reading(service, workers=3)))) == 200
    assert not together.broken


def test_never_more_ahead_than_agreed() -> None:
    """A taker who is slow holds the threads back: at most two jobs a thread are begun ahead."""
    begun: list[int] = []

    def work(job: int) -> int:
        begun.append(job)
        return job

    jobs: Prefetch[int, int] = Prefetch(work, 2)
    jobs.waiting.extend(range(50))
    results: Iterator[tuple[int, int]] = jobs.results()
    for taken in range(1, 20):
        next(results)
        assert len(begun) <= taken + 2 * 2
    results.close()  # type: ignore[attr-defined]
    assert len(jobs.waiting) >= 50 - 19 - 4
