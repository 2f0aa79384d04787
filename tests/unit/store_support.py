"""A store put together by hand, and frames compared to the dtype."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from outgrow_nb.frames import KeptLeads
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Arrival, Merged, Owner, Store, merge

NOW = datetime(2026, 6, 30, tzinfo=UTC)
ANA = Owner(id="1", name="Northwind")
POLL = ContentItem(id="c2", name="Poll", type="Poll")


def put(store: Store, made: KeptLeads, arrival: Arrival | None = None, *, at: datetime = NOW) -> Merged:
    """Merges a read; what changed of its first content."""
    arrivals = {source.item.id: arrival for source in made.sources} if arrival is not None else {}
    told = merge(store, made, arrivals, owner=ANA, at=at)
    return told[made.sources[0].item.id]


def same(one: KeptLeads, other: KeptLeads) -> None:
    """Every frame of both is the same, to the dtype."""
    equal = pd.testing.assert_frame_equal
    for labels in (True, False):
        equal(one.leads(labels=labels), other.leads(labels=labels))
        equal(one.answers(labels=labels), other.answers(labels=labels))
    equal(one.leads(mask_key=b"k" * 32), other.leads(mask_key=b"k" * 32))
    equal(one.answers(mask_key=b"k" * 32), other.answers(mask_key=b"k" * 32))
    equal(one.questions_frame(), other.questions_frame())
    assert one.drift() == other.drift()


def files(folder: Path) -> Iterator[Path]:
    """Parquet files that any tool finds there."""
    for tree in ("leads", "answers"):
        yield from sorted((folder / tree).rglob("*.parquet"))
