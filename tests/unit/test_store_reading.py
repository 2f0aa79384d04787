"""What a store gives back: the very frames that the read itself gives, whole, in parts, and put in piece by piece."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Owner, Store, merge, read
from tests.unit import frames_support
from tests.unit.frames_support import ugly

NOW = datetime(2026, 6, 30, tzinfo=UTC)
ANA = Owner(id="1", name="Northwind")
POLL = ContentItem(id="c2", name="Poll", type="Poll")


def put(store: Store, made: KeptLeads) -> None:
    """Merges a read of which nothing else is known."""
    merge(store, made, {}, owner=ANA, at=NOW)


def same(one: KeptLeads, other: KeptLeads, window: Window = Window()) -> None:  # noqa: B008 - frozen
    """Every frame of both is the same, to the dtype."""
    for labels in (True, False):
        pd.testing.assert_frame_equal(one.leads(None, window, labels=labels), other.leads(None, window, labels=labels))
        pd.testing.assert_frame_equal(
            one.answers(None, window, labels=labels), other.answers(None, window, labels=labels)
        )
    for key in (None, b"k" * 32):
        pd.testing.assert_frame_equal(one.leads(None, window, mask_key=key), other.leads(None, window, mask_key=key))
        pd.testing.assert_frame_equal(one.answers(mask_key=key), other.answers(mask_key=key))
    pd.testing.assert_frame_equal(one.questions_frame(), other.questions_frame())
    assert one.drift() == other.drift()


def test_ugly_leads(tmp_path: Path) -> None:
    """Everything that was ever seen in a record comes back as it went in."""
    made = frames_support.read(ugly())
    store = Store(tmp_path / "kept")
    put(store, made)
    same(read(store), made)


def test_page_by_page(tmp_path: Path) -> None:
    """Merged one lead at a time it is what it is at once."""
    records = ugly()
    store = Store(tmp_path / "kept")
    for record in records:
        put(store, frames_support.read([record]))
    same(read(store), frames_support.read(records))
