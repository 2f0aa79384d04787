"""A store to a read: the very one that Outgrow would have given for that span, from Parquet."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb import frames
from outgrow_nb.frames import KeptLeads, LeadBatches, Window
from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.page import PageColumns
from outgrow_nb.frames.pile import Pile
from outgrow_nb.frames.tables import FLAT_ARROW, LARGE, LONG_ARROW, UTC_US
from outgrow_nb.store import parquet
from outgrow_nb.store.folder import Part, Store
from outgrow_nb.store.manifest import Manifest, Piece
from outgrow_nb.store.rows import ANSWERS, JSON, LEADS, ranges
from outgrow_nb.store.wordings import oldest

_TRIES = 5
_QUESTION = ("question_id", "question", "kind")
_FLAT = [name for name in LEADS.names if name != "content_id"]
_LONG = [name for name in ANSWERS.names if name not in ("lead_id", "content_id", "created_at")]


def read(
    store: Store,
    contents: Sequence[str] | None = None,
    window: Window = frames.Window(),  # noqa: B008 - frozen
    *,
    answers: bool = True,
) -> KeptLeads:
    """What is kept of these contents in this span, leads that are gone left out.

    Args:
        store: The store.
        contents: Ids, in the order wanted; None is everything. One that the store does not have is passed over.
        window: The span; a lead whose time is unknown is in every one.
        answers: With answers; without them the half of the files is not opened.

    Raises:
        CacheError: A file is missing or damaged.
    """
    for attempt in range(_TRIES):
        manifest = store.manifest()
        try:
            return _read(store, manifest, contents, window, answers=answers)
        except FileNotFoundError:  # a sync replaced a file after its manifest was read: the new one names another
            if attempt == _TRIES - 1 or store.manifest().serial == manifest.serial:
                break
    raise parquet.damaged(store.folder, "a file that its manifest names is missing")


def _read(
    store: Store, manifest: Manifest, contents: Sequence[str] | None, window: Window, *, answers: bool
) -> KeptLeads:
    wanted = list(manifest.contents) if contents is None else [one for one in contents if one in manifest.contents]
    pieces = [manifest.contents[content_id] for content_id in wanted]
    batches = LeadBatches()
    for piece in pieces:
        batches.cover(piece.item, piece.questions if answers else ())
        batches.add(piece.item, _nothing(piece))
        for part in store.parts(manifest, [piece.item.id]):
            if _touches(part, window):
                batches.add(piece.item, _page(part, window, answers=answers))
    return frames.kept(batches, oldest=oldest(pieces) if answers else {})


def _nothing(piece: Piece) -> PageColumns:
    """What was said of the content's records."""
    return PageColumns(Pile.of(()), (), (), frozenset(piece.drift), frozenset(piece.unread), b"")


def _touches(part: Part, window: Window) -> bool:
    first, last = part.held.first, part.held.last
    if first is None or last is None:
        return True
    return (window.start is None or last >= window.start) and (window.end is None or first < window.end)


def _within(leads: pa.Table, window: Window) -> Ints | None:
    """Rows wanted; None for all of them."""
    created = leads["created_at"]
    wanted = leads["gone_at"].is_null().to_numpy().astype(bool)
    for bound, keep in ((window.start, pc.greater_equal), (window.end, pc.less)):
        if bound is not None:
            wanted &= pc.fill_null(keep(created, pa.scalar(bound, UTC_US)), True).to_numpy().astype(bool)
    return None if wanted.all() else np.flatnonzero(wanted)


def _page(part: Part, window: Window, *, answers: bool) -> PageColumns:
    """The files of one month as if they were one page of Outgrow's."""
    leads = parquet.read(part.leads, LEADS, _FLAT)
    counts = leads["answer_rows"].to_numpy()
    at = _within(leads, window)
    long, keys, places = None, (), ()  # type: tuple[Any, Any, Any]
    if answers:
        table = parquet.read(part.answers, ANSWERS, _LONG)
        if at is not None:
            table = table.take(pa.array(ranges(counts.astype(np.int64), at)))
    if at is not None:
        leads, counts = leads.take(pa.array(at)), counts[at]
    if answers:
        long, keys, places = _long(table, counts)
    else:
        counts = np.zeros(len(leads), np.int32)
    flat = {name: _flat(leads[name], kind, whole=at is None) for name, kind in _kinds() if name != "content"}
    flat["content"] = pa.array(np.zeros(len(leads), np.int16))
    return PageColumns(Pile.of_page(flat, long, counts), keys, places, frozenset(), frozenset(), b"")


def _kinds() -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in FLAT_ARROW]


def _flat(column: pa.ChunkedArray, kind: pa.DataType, *, whole: bool) -> pa.Array:
    """A column in the type of the flat table; of a part of the rows, a dictionary holds what occurs in it."""
    if not pa.types.is_dictionary(kind):
        return _one(column.cast(kind))
    if not whole:
        return _one(column.cast(pa.string())).cast(LARGE).dictionary_encode()
    found = _one(column)
    return pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(LARGE))


def _one(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _long(table: pa.Table, counts: Any) -> tuple[dict[str, pa.Array], tuple[Any, ...], tuple[int, ...]]:
    """The long columns, the questions that occur, and how far down each stood among a lead's answers."""
    parts = [_one(table[name]) for name in _QUESTION]
    code = np.zeros(len(table), np.int64)
    for part in parts:
        code = code * max(len(part.dictionary), 1) + part.indices.to_numpy()
    used, first, variant = np.unique(code, return_index=True, return_inverse=True)
    rows = pa.array(first)
    keys = tuple(zip(*(part.take(rows).to_pylist() for part in parts), strict=True))
    place = pc.fill_null(table["place"], -1).to_numpy()
    begins = np.cumsum(place <= 0)  # a row that begins an answer
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    ordinal = begins - begins[starts] if len(begins) else begins
    places = np.zeros(len(used), np.int64)
    np.maximum.at(places, variant, ordinal)
    json = _one(table["json"])
    codes = np.array([JSON.index(word) for word in json.dictionary.to_pylist()] or [0], np.uint8)
    made = {
        "variant": pa.array(variant.astype(np.int32)),
        "place": pa.array(place.astype(np.int32)),
        "json": pa.array(codes[json.indices.to_numpy()]),
        "text": _one(table["text"].cast(LARGE)),
        "number": _one(table["number"]),
        "score": _one(table["score"]),
    }
    return {name: made[name] for name in LONG_ARROW.names if name != "lead"}, keys, tuple(places.tolist())
