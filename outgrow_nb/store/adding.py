"""Leads of a CSV export into a store: what is there already stays as it is, what is missing is added."""

from datetime import datetime
from typing import NamedTuple

from outgrow_nb.frames import LeadBatches, kept
from outgrow_nb.records import ContentItem
from outgrow_nb.store.csv_leads import CsvLeads
from outgrow_nb.store.folder import Store
from outgrow_nb.store.merging import Arrival, merge


class Added(NamedTuple):
    """What came of it.

    Attributes:
        rows: Leads in the file.
        new: Those that the store did not have.
        total: Leads that it has of the content now.
        first: First time in the file.
        last: Last one.
    """

    rows: int
    new: int
    total: int
    first: datetime | None
    last: datetime | None


def add_leads(store: Store, leads: CsvLeads, item: ContentItem, *, at: datetime) -> Added:
    """Adds what the store has not, all at once or not at all.

    Args:
        store: The store.
        leads: The file.
        item: The content.
        at: The present.

    Raises:
        CacheError: The store cannot be written; what it held before is whole.
    """
    batches = LeadBatches(keep_bytes=0)
    batches.cover(item)
    for page in leads.pages(item.id):
        batches.add(item, page)
    read = kept(batches)
    told = merge(store, read, {item.id: Arrival(export=True)}, owner=None, at=at)
    first, last = read.span() or (None, None)
    return Added(len(read), told[item.id].new, store.manifest().contents[item.id].leads, first, last)
