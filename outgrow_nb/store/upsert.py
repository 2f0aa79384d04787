"""New rows into old ones by lead id: what is the same stays, what differs is replaced, what is new is added."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.order import microseconds
from outgrow_nb.store.rows import ANSWERS, LEADS, Rows, joined

_COMPARED = [name for name in LEADS.names if name not in ("content_id", "answer_rows")]
_ANSWERED = [name for name in ANSWERS.names if name not in ("lead_id", "content_id", "created_at")]


class Upserted(NamedTuple):
    """What came of it.

    Attributes:
        rows: All of them; the very old ones where nothing was new.
        added: Ids that were not there.
        changed: How many were replaced.
    """

    rows: Rows
    added: pa.Array
    changed: int


def upsert(old: Rows | None, new: Rows) -> Upserted:
    """Puts new rows into old ones; a lead that was last updated before the one that is kept is passed over."""
    ids = ids_of(new)
    if old is None or not len(old):
        return Upserted(new, ids, 0)
    place = pc.index_in(ids, value_set=ids_of(old))
    added = np.flatnonzero(place.is_null().to_numpy(zero_copy_only=False))
    known = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    before = place.drop_null().to_numpy().astype(np.int64)
    newer = microseconds(new.leads["updated_at"])[known] >= microseconds(old.leads["updated_at"])[before]
    known, before = known[newer], before[newer]
    differs = _differs(old.take(before), new.take(known))
    changed, replaced = known[differs], before[differs]
    if not len(added) and not len(changed):
        return Upserted(old, ids.take(pa.array(added)), 0)
    stays = np.delete(np.arange(len(old)), replaced)
    rows = joined([old.take(stays), new.take(np.sort(np.concatenate([added, changed])))])
    return Upserted(rows, ids.take(pa.array(added)), len(changed))


def without(rows: Rows, ids: pa.Array) -> Rows:
    """The rows of other leads; the very same where none of these is there."""
    found = pc.is_in(ids_of(rows), value_set=ids).to_numpy(zero_copy_only=False)
    return rows.take(np.flatnonzero(~found)) if found.any() else rows


def ids_of(rows: Rows) -> pa.Array:
    """Lead ids."""
    column = rows.leads["lead_id"]
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def all_ids(parts: Sequence[pa.Array]) -> pa.Array:
    """Ids, one after the other."""
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _differs(old: Rows, new: Rows) -> Any:
    """By lead, whether anything of it differs; both are the same leads in the same order."""
    counts = old.counts
    differs = counts != new.counts
    for name in _COMPARED:
        differs |= _unequal(old.leads[name], new.leads[name])
    same = np.flatnonzero(~differs)
    old, new = old.take(same), new.take(same)
    answer = np.zeros(old.answers.num_rows, bool)
    for name in _ANSWERED:
        answer |= _unequal(old.answers[name], new.answers[name])
    lead: Ints = np.repeat(same, counts[same])
    differs[lead[answer]] = True
    return differs


def _unequal(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Any:
    if pa.types.is_dictionary(old.type):
        old, new = old.cast(pa.string()), new.cast(pa.string())
    found = pc.or_kleene(pc.not_equal(old, new), pc.xor(old.is_null(), new.is_null()))
    return pc.fill_null(found, False).to_numpy().astype(bool)
