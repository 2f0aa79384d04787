"""Reads the leads of several contents at once: page after page by cursor, and by spans of time where that is slow.

The API gives leads oldest first and only by cursor (assumed), so one content alone would be read one page at a time.
Its first page tells how many there are; what is left is cut into spans of time, each with a cursor of its own, and
again where a span turns out to be large while threads are idle. Spans are half open and meet at whole seconds, so no
lead falls between two; those of a cut's second come twice, ids tell. A service that ignores spans is read by cursor.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Generic, TypeVar

from outgrow_nb.api import decode, endpoints
from outgrow_nb.api.prefetch import Prefetch
from outgrow_nb.api.spans import Arrived, Job, cut, within
from outgrow_nb.api.transport import Transport
from outgrow_nb.errors import UnexpectedAnswer
from outgrow_nb.records import LeadPage

PAGE_LEADS = 1000
T = TypeVar("T")


@dataclass
class _Count:
    """What one content's answers told of how many leads there are.

    Attributes:
        reported: Of the whole span asked for, by its first page.
        settled: Of the spans that are done with, by their last pages; None once one did not tell.
        open_ended: Leads may arrive while it is read.
        whole: Goes on by cursor from where it was first cut into spans; None where it was not.
        by_cursor: The service does not keep to spans.
    """

    open_ended: bool
    reported: int | None = None
    settled: int | None = 0
    whole: "Job | None" = None
    by_cursor: bool = False

    def settle(self, leads: int | None) -> None:
        """Adds what a span that is done with told."""
        self.settled = None if leads is None or self.settled is None else self.settled + leads


class LeadReading(Generic[T]):
    """One read of leads, which can be gone on with after a failure.

    Args:
        transport: Reads.
        content_ids: The contents.
        take: What is made of a content's page, in one thread of its own: threads that take pages apart side by side
            only fight for the interpreter, and hold many pages in memory at once.
        start: First instant wanted, aware; None for all that there is.
        starts: By content id, the same for one content.
        end: First instant not wanted, aware.
        workers: Requests under way at once.
        answers: Read answers and results too.
        page_leads: Leads asked for at once; 1,000 is the most that Outgrow gives (assumed).
        now: The present, aware.

    Attributes:
        transport: What reads; another one may go on.
    """

    def __init__(
        self,
        transport: Transport,
        content_ids: Sequence[str],
        take: Callable[[str, LeadPage], T],
        *,
        start: datetime | None = None,
        starts: Mapping[str, datetime] = MappingProxyType({}),
        end: datetime | None = None,
        workers: int,
        answers: bool = True,
        page_leads: int = PAGE_LEADS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.transport, self._workers, self._now = transport, workers, now
        self._page_leads, self._by_key = page_leads, transport.dialect() == "key"
        self._decode = decode.leads_page if answers else decode.flat_page
        self._counts = {content_id: _Count(open_ended=end is None) for content_id in content_ids}
        self._take, self._taker = take, ThreadPoolExecutor(1, thread_name_prefix="outgrow-nb take")
        self._ready: deque[tuple[str, T]] = deque()
        self._prefetch: Prefetch[Job, Arrived[T]] = Prefetch(self._read, workers)
        self._prefetch.waiting.extend(Job(one, starts.get(one, start), end) for one in content_ids)

    def pages(self) -> Iterator[tuple[str, T]]:
        """Content id and what was made of a page, as they arrive; with a key one page a content, of unknown span.

        Raises:
            UnexpectedAnswer: A cursor repeats.
            ApiError, SignInError: As `Transport.read`; call again to go on where it stopped.
        """
        yield from self._handed_over()
        for job, page in self._prefetch.results():
            self._ready.append((job.content_id, page.made))
            self._follow(job, page)
            yield from self._handed_over()

    def _handed_over(self) -> Iterator[tuple[str, T]]:
        """What has arrived; a page whose taker was interrupted is given again."""
        while self._ready:
            yield self._ready[0]
            self._ready.popleft()

    @property
    def total(self) -> int | None:
        """Leads that the answers so far say there are; None where one of them does not say."""
        told = [count.reported for count in self._counts.values()]
        return None if None in told else sum(filter(None, told))

    def check(self, content_id: str, received: int) -> None:
        """Whether everything that was reported has come.

        Args:
            content_id: A content that has been read to its end.
            received: Its distinct leads.

        Raises:
            UnexpectedAnswer: They differ.
        """
        count = self._counts[content_id]
        wanted = count.settled
        if wanted is None or count.reported is None:
            return
        if count.whole is not None and (not count.open_ended or count.reported > wanted):
            wanted = count.reported  # where spans met something may be missing
        if wanted != received:
            raise UnexpectedAnswer(
                f"Outgrow reports {wanted} leads, but its pages hold {received}.",
                "Run the cell again (new leads may have arrived meanwhile), or set an earlier until=.",
            )

    def _taken(self, content_id: str, body: bytes) -> Arrived[T]:
        page = self._decode(body)
        return Arrived.of(page, self._take(content_id, page))

    def _read(self, job: Job) -> Arrived[T]:
        def taken(body: bytes) -> Arrived[T]:
            return self._taker.submit(self._taken, job.content_id, body).result()

        if self._by_key:
            return self.transport.read(endpoints.KEY_LEADS, taken, parts={"content_id": job.content_id})
        asked: dict[str, str | int] = {"calculator": job.content_id, "limit": self._page_leads}
        for name, moment in (("created_from", job.start), ("created_to", job.end)):
            if moment is not None:
                asked[name] = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if job.cursor is not None:
            asked["cursor"] = job.cursor
        return self.transport.read(endpoints.LEADS, taken, params=asked)

    def _follow(self, job: Job, page: Arrived[T]) -> None:
        """Queues what a page leads to."""
        count, waiting = self._counts[job.content_id], self._prefetch.waiting
        if not job.cut and job.cursor is None:
            count.reported = page.total
        if job.cut and (count.by_cursor or not within(job, page)):
            self._give_up_spans(job.content_id)
        elif page.next_cursor is None:
            count.settle(page.total)
        elif page.next_cursor in job.cursors:
            raise UnexpectedAnswer(
                "Outgrow's pages of leads run in a circle.", "Report it if a second run ends so too."
            )
        else:
            job.cursors.add(page.next_cursor)
            following = replace(job, cursor=page.next_cursor, seen=job.seen + len(page.times))
            idle = len(waiting) < self._workers and not count.by_cursor
            parts = cut(job, page, self._workers, self._page_leads, self._now()) if idle else None
            if parts is None:
                waiting.appendleft(following)
                return
            before, spans = parts
            count.settle(job.seen + before)
            count.whole = count.whole or following
            waiting.extend(spans)

    def _give_up_spans(self, content_id: str) -> None:
        """Goes on by cursor where the content was first cut: what came by spans meanwhile is the same leads."""
        count, waiting = self._counts[content_id], self._prefetch.waiting
        if count.by_cursor or count.whole is None:
            return
        count.by_cursor, count.settled = True, 0
        for job in [job for job in waiting if job.content_id == content_id]:
            waiting.remove(job)
        waiting.appendleft(count.whole)
