"""Leads on disk, where a person named the place: Parquet by content and month, and a manifest that says what counts.

Arrow tables in and out; no network. Readers need no lock, and whatever stops a writer leaves the last whole state.
"""

from outgrow_nb.store.folder import Part, Store
from outgrow_nb.store.manifest import Gap, Manifest, Owner, Piece
from outgrow_nb.store.merging import Arrival, Merged, merge, refuse_foreign
from outgrow_nb.store.reading import read
from outgrow_nb.store.snapshots import find, snapshot

__all__ = [
    "Arrival",
    "Gap",
    "Manifest",
    "Merged",
    "Owner",
    "Part",
    "Piece",
    "Store",
    "find",
    "merge",
    "read",
    "refuse_foreign",
    "snapshot",
]
