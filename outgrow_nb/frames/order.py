"""Which leads of a read are kept, and in which order: each once a content, oldest first."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.pile import Columns, Pile
from outgrow_nb.frames.tables import LARGE, UTC_US, Parts

UNKNOWN = np.iinfo(np.int64).min
_ODD = np.uint64(0x9E3779B97F4A7C15)  # spreads bits: 2^64 by the golden ratio
_LAST = np.iinfo(np.int64).max


def tidied(parts: Parts) -> Parts:
    """The same leads, each once and in order."""
    if parts.tidy:
        return parts
    long, lead = parts.long, parts.long["lead"].to_numpy()
    if bool((np.diff(lead) < 0).any()):
        along = np.argsort(lead, kind="stable")
        long, lead = long.take(pa.array(along)), lead[along]
    counts = np.bincount(lead, minlength=parts.flat.num_rows).astype(np.int32)
    flat, long = parts.flat.combine_chunks(), long.combine_chunks()
    pile = in_order(Pile(_pieces(flat), _pieces(long.drop_columns(["lead"])), [counts]))
    pile.join()
    flat, long = pile.tables()
    return parts._replace(flat=flat, long=long, tidy=True)


def _pieces(table: pa.Table) -> Columns:
    return {name: list(table[name].chunks) for name in table.column_names}


def in_order(pile: Pile, *, distinct: bool = False) -> Pile:
    """Each lead once a content, in order of `created_at` (unknown times last), then id.

    A lead that came twice is kept as last updated (of equals, as last received); with `distinct` none does.
    """
    order = _order(pile.flat, distinct=distinct)
    return pile if order is None else pile.in_order(order)


def _order(flat: Columns, *, distinct: bool) -> Ints | None:
    """Rows to keep, in order; None if all are kept as they stand."""
    created = microseconds(pa.chunked_array(flat["created_at"], UTC_US))
    created = np.where(created == UNKNOWN, _LAST, created)
    content = pa.chunked_array(flat["content"], pa.int16()).to_numpy()
    ids = pa.chunked_array(flat["lead_id"], LARGE)
    rows = np.arange(len(created))
    if not distinct:
        rows = np.delete(rows, _superseded(flat, ids, content))
    order: Ints = rows[np.argsort(created[rows], kind="stable")]
    times = created[order]
    same = times[1:] == times[:-1]
    tied = np.flatnonzero(np.r_[False, same] | np.r_[same, False])
    if len(tied):
        some = order[tied]
        keys = list(
            zip(times[tied].tolist(), ids.take(pa.array(some)).to_pylist(), content[some].tolist(), strict=True)
        )
        order[tied] = some[sorted(range(len(keys)), key=keys.__getitem__)]
    return None if len(order) == len(created) and bool((np.diff(order) == 1).all()) else order


def _superseded(flat: Columns, ids: pa.ChunkedArray, content: Ints) -> Ints:
    """Rows whose lead stands in another row of the same content that was updated, or else received, later."""
    again = _perhaps_again(ids)
    codes = ids.take(pa.array(again)).combine_chunks().dictionary_encode().indices.to_numpy()
    twice = np.bincount(codes)[codes] > 1
    again, codes = again[twice], codes[twice]
    updated = microseconds(pa.chunked_array(flat["updated_at"], UTC_US))[again]
    order = np.lexsort((updated, codes, content[again]))
    at: Ints = again[order]
    last = (np.diff(codes[order], append=-1) != 0) | (np.diff(content[at], append=-1) != 0)
    superseded: Ints = at[~last]
    return superseded


def _perhaps_again(ids: pa.ChunkedArray) -> Ints:
    """Rows whose id may stand in another row too; a table of all ids would take more room than the leads.

    Ids of one size and whole words, as ObjectIds are, become one number each, and numbers that stand alone are passed
    over; of other ids any may stand there twice.
    """
    sizes = pc.min_max(pc.binary_length(ids)).as_py()
    if sizes["min"] != sizes["max"] or not sizes["min"] or sizes["min"] % 8:
        return np.arange(len(ids))
    mixed = np.concatenate([_mixed(chunk, sizes["min"]) for chunk in ids.chunks if len(chunk)])
    order: Ints = np.argsort(mixed, kind="stable")
    same = mixed[order[1:]] == mixed[order[:-1]]
    return np.sort(order[np.r_[False, same] | np.r_[same, False]])


def _mixed(ids: pa.Array, size: int) -> Any:
    """A number for each id of so many bytes; equal ids have equal numbers."""
    texts = np.frombuffer(ids.buffers()[2], np.uint8)[ids.offset * size :][: len(ids) * size]
    words = texts.view(np.uint64).reshape(len(ids), -1)
    number = words[:, 0]
    for place in range(1, words.shape[1]):
        number = (number * _ODD) ^ words[:, place]
    return number


def microseconds(times: pa.ChunkedArray) -> Ints:
    """Microseconds since 1970, `UNKNOWN` for null."""
    made: Ints = times.cast(pa.int64()).fill_null(UNKNOWN).to_numpy()
    return made
