"""Spans of time that leads are read by: how what is left of one is cut, and whether a page keeps to its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from outgrow_nb.records import LeadPage

T = TypeVar("T")
_SECOND = timedelta(seconds=1)
_MOST_PAGES = 4  # of one span: small enough that no thread is left with a long rest
_MOST_SPANS = 8  # for each thread at once; what turns out larger is cut again
_FILL = 0.8  # of a page: leads do not come evenly, and a second page for a few of them is a request for nothing


@dataclass(frozen=True)
class Job:
    """One page to be asked for.

    Attributes:
        content_id: The content.
        start: First instant of its span.
        end: First instant after it.
        cut: The span is a part of the one asked for.
        cursor: Where the page begins; None for the span's first.
        seen: Leads on the span's earlier pages.
        cursors: All of the span so far.
    """

    content_id: str
    start: datetime | None
    end: datetime | None
    cut: bool = False
    cursor: str | None = None
    seen: int = 0
    cursors: set[str] = field(default_factory=set, repr=False)


@dataclass(frozen=True)
class Arrived(Generic[T]):
    """What is kept of a page: what was made of it, and what tells how to go on.

    Attributes:
        made: What the taker of pages made of it.
        times: `created_at` of its leads, as received.
        next_cursor: How to ask for the next page; None at the end.
        total: How many leads the answer reports.
    """

    made: T
    times: Sequence[object]
    next_cursor: str | None
    total: int | None

    @classmethod
    def of(cls, page: LeadPage, made: T) -> "Arrived[T]":
        """Lets the page itself go."""
        return cls(made, [lead.created_at for lead in page.records], page.next_cursor, page.total)


def cut(job: Job, page: Arrived[T], workers: int, size: int, now: datetime) -> tuple[int, list[Job]] | None:
    """What is left of a span after a page, as spans of about as many leads; None where that gains nothing.

    Returns:
        Leads of the page before the first of the spans, and the spans.
    """
    left = (page.total or 0) - job.seen - len(page.times)
    if left <= size:
        return None
    times = [_time(at) for at in page.times]
    known = [at for at in times if at is not None]
    if len(known) < len(times) or known != sorted(known):
        return None
    start, end = known[-1].replace(microsecond=0), job.end or now
    if known[0] >= start or end <= start:
        return None
    pages_each = max(1, min(_MOST_PAGES, left // size // (2 * workers)))
    wanted = math.ceil(left / (_FILL * pages_each * size))
    count = min(wanted, _MOST_SPANS * workers, (end - start) // _SECOND)
    borders = [start + (end - start) * place / max(count, 1) for place in range(count)]
    starts = [border.replace(microsecond=0) for border in borders]
    ends = [*starts[1:], job.end]
    if count < 2:
        return None
    spans = [Job(job.content_id, *span, cut=True) for span in zip(starts, ends, strict=True)]
    return sum(at < start for at in known), spans


def within(job: Job, page: Arrived[T]) -> bool:
    """Whether a page keeps to its span, as its ends tell."""
    ends = [_time(at) for at in (page.times[0], page.times[-1])] if page.times else []
    return all(at is None or _contains(job, at) for at in ends)


def _contains(job: Job, at: datetime) -> bool:
    return (job.start is None or at >= job.start) and (job.end is None or at < job.end)


def _time(value: object) -> datetime | None:
    """An ISO time with its zone; None for whatever else stands there."""
    try:
        made = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return made.astimezone(UTC) if made is not None and made.tzinfo is not None else None
