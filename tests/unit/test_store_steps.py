"""What a sync asks for, step by step, and what a step is to the store: pure functions, no server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outgrow_nb.client.arrivals import arrival
from outgrow_nb.client.steps import OVERLAP, Step, again, steps
from outgrow_nb.frames import Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Gap, Manifest, Piece
from outgrow_nb.store.manifest import File, Month

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILE = File(name="a", rows=1, bytes=1)


def item(name: str, count: int | None = 10, **more: Any) -> ContentItem:
    return ContentItem(id=name, leads_count=count, **more)


def held(**reached: datetime | None) -> Manifest:
    pieces = {name: Piece(item=item(name), reached=moment) for name, moment in reached.items()}
    return Manifest(contents=pieces)


def planned(items: list[ContentItem], before: Manifest, **more: Any) -> list[Step]:
    asked: dict[str, Any] = {"by_key": False, "workers": 4, "full": False, "now": NOW} | more
    return list(steps(items, before, **asked))


def test_what_is_known_begins_48_hours_before_the_last_lead() -> None:
    """Known contents together, each from a start of its own; new ones from the beginning."""
    known, new = planned([item("a"), item("b"), item("c")], held(a=NOW, b=NOW - DAY, c=None))
    assert [one.id for one in known.items] == ["a", "b"]
    assert known.starts == {"a": NOW - OVERLAP, "b": NOW - DAY - OVERLAP}
    assert timedelta(hours=48) == OVERLAP
    assert (known.full, known.window) == (False, Window())
    assert ([one.id for one in new.items], new.full, new.starts) == (["c"], True, {})
    (everything,) = planned([item("a"), item("b")], held(a=NOW, b=NOW), full=True)
    assert (everything.full, everything.starts) == (True, {})


def test_small_contents_go_together_and_large_ones_by_months() -> None:
    """No step is much larger than it may be; spans meet, the first and the last are open, the last one ends it."""
    large = item("large", 95, created_at="2026-01-10T00:00:00Z")
    made = list(again([item("a", 20), item("b", 20), large, item("c", 5), item("d", None)], now=NOW, at_once=30))
    assert [[one.id for one in step.items] for step in made] == [["a"], *[["large"]] * 4, ["b", "c", "d"]]
    spans = [step.window for step in made[1:5]]
    assert (spans[0].start, spans[-1].end) == (None, None)
    assert [one.end for one in spans[:-1]] == [one.start for one in spans[1:]]
    assert all(one.start is None or (one.start.day, one.start.hour) == (1, 0) for one in spans)
    assert [step.last for step in made[1:5]] == [False, False, False, True]
    (alone,) = again([item("x", 95)], now=NOW, at_once=30)  # nobody knows when it began
    assert (alone.window, alone.last) == (Window(), True)


def test_a_key_reads_as_many_at_once_as_it_may() -> None:
    """Those that hold most come first, since they tell best how far back Outgrow looks."""
    month = Month(leads=File(name="a", rows=7, bytes=1), answers=FILE)
    before = Manifest(contents={"c": Piece(item=item("c"), months={"2026-06": month})})
    made = planned([item("a"), item("b"), item("c")], before, by_key=True, workers=2)
    assert [[one.id for one in step.items] for step in made] == [["c", "a"], ["b"]]
    assert not any(step.full for step in made)


@pytest.mark.parametrize(
    ("pause", "earliest", "gap"),
    [
        (20 * HOUR, None, False),  # a day is shown
        (20 * HOUR, 10 * HOUR, False),
        (3 * DAY, 4 * DAY, False),  # it looked back beyond the last sync, if only at another content
        (3 * DAY, 2 * DAY, True),
        (3 * DAY, None, True),
    ],
)
def test_gaps(pause: timedelta, earliest: timedelta | None, gap: bool) -> None:
    """A key that was away for longer than a day, and is shown nothing from before, may have missed leads."""
    piece = Piece(item=item("a"), synced_at=NOW - pause)
    span = (NOW - HOUR, NOW) if earliest is not None else None
    first = NOW - earliest if earliest is not None else None
    made = arrival(Step((item("a"),)), item("a"), span, piece, by_key=True, earliest=first, now=NOW)
    end = NOW - HOUR if span else NOW
    assert made.gap == (Gap(start=NOW - pause, end=end) if gap else None)
    fresh = arrival(Step((item("a"),)), item("a"), span, None, by_key=True, earliest=first, now=NOW)
    assert fresh.gap is None


def test_what_a_key_is_shown_covers_what_is_kept_only_from_its_beginning() -> None:
    """A window that slides says nothing of what it no longer shows."""
    month = Month(leads=FILE, answers=FILE, first=NOW - 2 * DAY, last=NOW - DAY)
    piece = Piece(item=item("a"), months={"2026-06": month}, synced_at=NOW - HOUR)

    def covers(first: datetime) -> Window | None:
        span = (first, NOW)
        return arrival(Step((item("a"),)), item("a"), span, piece, by_key=True, earliest=first, now=NOW).covers

    assert covers(NOW - 2 * DAY) == Window(NOW - 2 * DAY, NOW + timedelta(microseconds=1))
    assert covers(NOW - DAY) is None


def test_how_far_a_sign_in_has_read() -> None:
    """To the end of a span, at last to the last lead, by Outgrow's clock, never beyond the present."""
    one = item("a")

    def reached(step: Step, span: tuple[datetime, datetime] | None, piece: Piece | None = None) -> datetime | None:
        return arrival(step, one, span, piece, by_key=False, earliest=None, now=NOW).reached

    span = (NOW - 9 * DAY, NOW - 5 * DAY)
    assert reached(Step((one,), Window(None, NOW - DAY), last=False), None) == NOW - DAY
    assert reached(Step((one,)), span) == NOW - 5 * DAY
    assert reached(Step((one,)), (NOW, NOW + 400 * DAY)) == NOW
    assert reached(Step((one,)), None) is None
    month = Month(leads=FILE, answers=FILE, first=NOW - 8 * DAY, last=NOW - 7 * DAY)
    assert reached(Step((one,)), None, Piece(item=one, months={"2026-06": month})) == NOW - 7 * DAY
