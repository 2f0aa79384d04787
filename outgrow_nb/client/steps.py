"""What a sync asks for, in steps that each fit into memory: large contents by spans of time, small ones together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from outgrow_nb.frames import Window
from outgrow_nb.frames.times import instant
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Manifest

OVERLAP = timedelta(hours=48)
"""How far before the last lead a sync begins again: leads are edited, and clocks differ."""
STEP_LEADS = 25_000


@dataclass(frozen=True)
class Step:
    """What is fetched at once, and counts at once.

    Attributes:
        items: The contents.
        window: The span asked for.
        starts: By content id, a start of its own.
        full: Everything of the span is asked for, so that what does not come is gone.
        last: The contents have been read to their end then.
        by_count: It is read again because counts differ.
    """

    items: tuple[ContentItem, ...]
    window: Window = Window()  # noqa: RUF009 - frozen
    starts: Mapping[str, datetime] = field(default_factory=dict)
    full: bool = True
    last: bool = True
    by_count: bool = False


def steps(
    items: Sequence[ContentItem],
    held: Manifest,
    *,
    by_key: bool,
    workers: int,
    full: bool,
    now: datetime,
    at_once: int = STEP_LEADS,
) -> Iterator[Step]:
    """The steps of a sync.

    Args:
        items: The contents.
        held: What the store has.
        by_key: An API key reads: one answer a content, whose span nobody can choose.
        workers: Requests under way at once.
        full: Read everything again.
        now: The present.
        at_once: Leads of one step, about.
    """
    if by_key:
        most = sorted(items, key=lambda item: -_held(held, item))  # the fullest tells best how far Outgrow looks back
        for place in range(0, len(most), workers):
            yield Step(tuple(most[place : place + workers]), full=False)
        return
    starts = {} if full else {item.id: start for item in items if (start := _start(held, item)) is not None}
    known = tuple(item for item in items if item.id in starts)
    if known:
        yield Step(known, starts=starts, full=False)
    yield from again([item for item in items if item.id not in starts], now=now, at_once=at_once, by_count=False)


def again(
    items: Sequence[ContentItem], *, now: datetime, at_once: int = STEP_LEADS, by_count: bool = True
) -> Iterator[Step]:
    """The steps of reading all of these contents."""
    small: list[ContentItem] = []
    for item in items:
        if (item.leads_count or 0) > at_once:
            yield from _by_time(item, now, at_once, by_count=by_count)
            continue
        if small and sum(one.leads_count or 0 for one in (*small, item)) > at_once:
            yield Step(tuple(small), by_count=by_count)
            small = []
        small.append(item)
    if small:
        yield Step(tuple(small), by_count=by_count)


def _by_time(item: ContentItem, now: datetime, at_once: int, *, by_count: bool) -> Iterator[Step]:
    """Spans that begin with a month, each of about as many leads as fit."""
    born = instant(item.created_at)
    months = _months(born, now) if born is not None else []
    count = min(len(months), -(-(item.leads_count or 0) // at_once))
    borders = sorted({months[len(months) * place // count] for place in range(1, count)}) if count > 1 else []
    for start, end in zip([None, *borders], [*borders, None], strict=True):
        yield Step((item,), Window(start, end), last=end is None, by_count=by_count)


def _months(born: datetime, now: datetime) -> list[datetime]:
    first, last = (moment.year * 12 + moment.month - 1 for moment in (born, now))
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(first, last + 1)]


def _start(held: Manifest, item: ContentItem) -> datetime | None:
    piece = held.contents.get(item.id)
    return piece.reached - OVERLAP if piece is not None and piece.reached is not None else None


def _held(held: Manifest, item: ContentItem) -> int:
    piece = held.contents.get(item.id)
    return piece.leads if piece is not None else 0
