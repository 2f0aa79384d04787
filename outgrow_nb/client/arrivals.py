"""What a step of a sync is to the store: how far it reached, what it covers, and what Outgrow did not show."""

from datetime import datetime, timedelta

from outgrow_nb.client.steps import Step
from outgrow_nb.frames import Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Arrival, Gap, Piece

SHOWN = timedelta(hours=24)
"""What the API-key service is known to show at least (an earlier client of Outgrow's own said "the last 24 hours")."""
_MOMENT = timedelta(microseconds=1)
Span = tuple[datetime, datetime]


def arrival(
    step: Step,
    item: ContentItem,
    span: Span | None,
    piece: Piece | None,
    *,
    by_key: bool,
    earliest: datetime | None,
    now: datetime,
) -> Arrival:
    """What a step is of one content.

    Args:
        step: The step.
        item: The content.
        span: First and last lead of it that came.
        piece: What the store had before.
        by_key: An API key read.
        earliest: The first lead of any content that came in this sync.
        now: The present.
    """
    if by_key:
        return _by_key(span, piece, earliest, now)
    last = span[1] if span is not None else piece.last if piece is not None and step.full else None
    reached = step.window.end if not step.last else last
    return Arrival(
        covers=step.window if step.full else None,
        reached=min(reached, now) if reached is not None else None,
        finished=step.last,
        counted=item.leads_count if step.by_count and step.last else None,
    )


def _by_key(span: Span | None, piece: Piece | None, earliest: datetime | None, now: datetime) -> Arrival:
    """What came by key covers the store where it reaches back to the first lead that is kept."""
    covers = None
    if piece is not None and span is not None and piece.first is not None and span[0] <= piece.first:
        covers = Window(span[0], span[1] + _MOMENT)
    before = piece.synced_at if piece is not None else None
    gap = None
    if before is not None and now - before > SHOWN and (earliest is None or earliest > before):
        gap = Gap(start=before, end=span[0] if span is not None else now)
    return Arrival(covers=covers, finished=True, gap=gap)
