"""Batches of a read to one kept read: each lead once, in order of time, questions named."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from outgrow_nb.frames.arrays import Ints, encoded
from outgrow_nb.frames.batches import LeadBatches
from outgrow_nb.frames.kept import KeptLeads
from outgrow_nb.frames.questions import asked

_UNKNOWN = np.iinfo(np.int64).min


def kept(batches: LeadBatches) -> KeptLeads:
    """Everything taken so far, as one immutable read.

    A lead that came twice is kept as last updated (of equals, as last received).
    """
    parts = batches.parts()
    flat, long = parts.flat, parts.long
    order = _order(flat)
    if order is not None:
        position = np.full(flat.num_rows, -1, np.int64)
        position[order] = np.arange(len(order))
        lead = position[long["lead"].to_numpy()]
        along = np.argsort(lead, kind="stable")
        along = along[np.searchsorted(lead[along], 0) :]
        flat = flat.take(pa.array(order)).combine_chunks()
        long = long.take(pa.array(along)).combine_chunks()
        long = long.set_column(0, "lead", pa.array(lead[along].astype(np.int32)))
    questions = asked(parts.sources, parts.variants, parts.places, _spans(flat, long, len(parts.variants)))
    return KeptLeads(parts.sources, flat, long, questions, parts.bodies)


def _order(flat: pa.Table) -> Ints | None:
    """Rows to keep, in order; None if all are kept as they stand."""
    created = _microseconds(flat, "created_at")
    sortable = np.where(created == _UNKNOWN, np.iinfo(np.int64).max, created)
    content = flat["content"].to_numpy()
    codes, ids = encoded(flat["lead_id"])
    identity = codes * (int(content.max(initial=0)) + 1) + content
    unique = len(np.unique(identity)) == len(identity)
    if unique and bool((np.diff(sortable) > 0).all()):
        return None
    keep = np.arange(len(identity)) if unique else _latest(identity, _microseconds(flat, "updated_at"))
    texts = np.array(ids, object)
    ranks = np.empty(len(texts), np.int64)
    ranks[np.argsort(texts, kind="stable")] = np.arange(len(texts))
    return keep[np.lexsort((content[keep], ranks[codes[keep]], sortable[keep]))]


def _latest(identity: Ints, updated: Ints) -> Ints:
    order = np.lexsort((np.arange(len(identity)), updated, identity))
    last = np.r_[identity[order][1:] != identity[order][:-1], True]
    return np.sort(order[last])


def _microseconds(flat: pa.Table, name: str) -> Ints:
    made: Ints = flat[name].cast(pa.int64()).fill_null(_UNKNOWN).to_numpy()
    return made


def _spans(flat: pa.Table, long: pa.Table, variants: int) -> Sequence[tuple[int | None, int | None]]:
    """By variant, the first and last time a lead was asked it."""
    created = _microseconds(flat, "created_at")
    first, last = np.full(variants, np.iinfo(np.int64).max), np.full(variants, _UNKNOWN)
    times = created[long["lead"].to_numpy()] if long.num_rows else np.empty(0, np.int64)
    codes = long["variant"].to_numpy()[times != _UNKNOWN] if long.num_rows else np.empty(0, np.int32)
    times = times[times != _UNKNOWN]
    np.minimum.at(first, codes, times)
    np.maximum.at(last, codes, times)
    return [(None, None) if b == _UNKNOWN else (int(a), int(b)) for a, b in zip(first, last, strict=True)]
