"""Leads of a CSV export into a store: what is there already stays as it is, what is missing is added."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from outgrow_nb.frames import LeadBatches, kept
from outgrow_nb.records import ContentItem, LeadPage
from outgrow_nb.store import parquet
from outgrow_nb.store.csv_ids import MADE
from outgrow_nb.store.csv_leads import CsvLeads
from outgrow_nb.frames.times import instant
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Gap
from outgrow_nb.store.merging import merge
from outgrow_nb.store.rows import LEADS

_PAGES_AT_ONCE = 20
_COLUMNS = ("lead_id", "email", "created_at")


@dataclass
class Added:
    """What came of it.

    Attributes:
        rows: Leads in the file.
        new: Those that the store did not have.
        first: First time in the file.
        last: Last one.
    """

    rows: int = 0
    new: int = 0
    first: datetime | None = None
    last: datetime | None = None


def add_leads(store: Store, leads: CsvLeads, item: ContentItem, *, at: datetime) -> Added:
    """Adds what the store has not; safe to stop and to run again.

    A lead of the file is known where the store has its id; or, for a row without an id, where the store has a lead of
    the same e-mail address in the same minute. Spans that Outgrow never showed count as filled where the file covers
    them.

    Args:
        store: The store.
        leads: The file.
        item: The content.
        at: The present.

    Raises:
        CacheError: The store cannot be written; what it held before is whole.
    """
    known, made = _Known(store, item.id), Added()
    pages = leads.pages(item.id)
    while some := list(islice(pages, _PAGES_AT_ONCE)):
        batches = LeadBatches(keep_bytes=0)
        batches.cover(item)
        for page in some:
            batches.add(item, known.without(page))
            _count(made, page)
        if len(batches):
            made.new += len(batches)
            merge(store, kept(batches), {}, owner=None, at=at)
    _fill_gaps(store, item.id, made)
    return made


class _Known:
    """What a store has of a content, leads that are gone included."""

    def __init__(self, store: Store, content_id: str) -> None:
        self._ids: set[str] = set()
        self._people: set[tuple[str, datetime]] = set()
        for part in store.parts(store.manifest(), [content_id]):
            for row in _rows(parquet.read(part.leads, LEADS, _COLUMNS)):
                self._ids.add(row[0])
                if row[1] and row[2]:
                    self._people.add(_person(row[1], row[2]))

    def without(self, page: LeadPage) -> LeadPage:
        """The page's leads that are not known."""
        new = [place for place, record in enumerate(page.records) if not self._has(record)]
        extras = {place: page.extras[old] for place, old in enumerate(new) if old in page.extras}
        return msgspec.structs.replace(page, records=[page.records[place] for place in new], extras=extras)

    def _has(self, record: Any) -> bool:
        if record.id in self._ids:
            return True
        created = instant(record.created_at)
        has_made_id = record.id.startswith(MADE) and record.email and created
        return bool(has_made_id) and _person(record.email, created) in self._people  # type: ignore[arg-type]


def _rows(table: pa.Table) -> Iterator[tuple[str, str | None, datetime | None]]:
    return zip(*(table[name].to_pylist() for name in _COLUMNS), strict=True)


def _person(email: str, created: datetime) -> tuple[str, datetime]:
    return email.strip().casefold(), created.replace(second=0, microsecond=0)


def _count(made: Added, page: LeadPage) -> None:
    times = [at for at in (instant(record.created_at) for record in page.records) if at is not None]
    made.rows += len(page.records)
    made.first = min([*times, *([made.first] if made.first else [])], default=None)
    made.last = max([*times, *([made.last] if made.last else [])], default=None)


def _fill_gaps(store: Store, content_id: str, made: Added) -> None:
    """Takes the file's span out of the spans that Outgrow never showed."""
    if made.first is None or made.last is None:
        return
    held = store.manifest().contents.get(content_id)
    if held is None or not held.gaps:
        return
    with store.exclusive() as manifest:
        piece = manifest.contents[content_id]
        left = tuple(rest for gap in piece.gaps for rest in _outside(gap, made.first, made.last))
        if left != piece.gaps:
            contents = {**manifest.contents, content_id: msgspec.structs.replace(piece, gaps=left)}
            store.commit(msgspec.structs.replace(manifest, contents=contents))


def _outside(gap: Gap, first: datetime, last: datetime) -> Iterator[Gap]:
    if last <= gap.start or first >= gap.end:
        yield gap
        return
    if gap.start < first:
        yield Gap(start=gap.start, end=first)
    if last < gap.end:
        yield Gap(start=last, end=gap.end)
