"""A store to a read: the very one that Outgrow would have given for that span, from Parquet."""

import math
from collections.abc import Mapping, Sequence
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
_FEW, _SOME, _SMALL = 1 << 22, 50_000, 50_000
_QUESTION = ("question_id", "question", "kind")
_FLAT = [name for name in FLAT_ARROW.names if name != "content"]
_NONE: frozenset[str] = frozenset()
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
    batches = LeadBatches(distinct=True)  # a commit leaves every lead once
    for piece in pieces:
        batches.cover(piece.item, piece.questions if answers else ())
        batches.add(piece.item, _nothing(piece))
        parts = [part for part in store.parts(manifest, [piece.item.id]) if _touches(part, window)]
        if parts:
            batches.add(piece.item, _page(parts, window, answers=answers))
    return frames.kept(batches, oldest=oldest(pieces) if answers else {})


def _nothing(piece: Piece) -> PageColumns:
    """What was said of the content's records."""
    return PageColumns(Pile.of(()), (), (), frozenset(piece.drift), frozenset(piece.unread), b"")


def _touches(part: Part, window: Window) -> bool:
    first, last = part.held.first, part.held.last
    if first is None or last is None:
        return True
    return (window.start is None or last >= window.start) and (window.end is None or first < window.end)


def _head(file: parquet.Opened, window: Window) -> tuple[Ints | None, Ints]:
    """Rows wanted of a file of leads, None for all of them; and how many answers each of its leads has."""
    leads = file.read(("created_at", "gone_at", "answer_rows"))
    created = leads["created_at"]
    wanted = leads["gone_at"].is_null().to_numpy().astype(bool)
    for bound, keep in ((window.start, pc.greater_equal), (window.end, pc.less)):
        if bound is not None:
            wanted &= pc.fill_null(keep(created, pa.scalar(bound, UTC_US)), True).to_numpy().astype(bool)
    return None if wanted.all() else np.flatnonzero(wanted), leads["answer_rows"].to_numpy().astype(np.int64)


def _page(parts: Sequence[Part], window: Window, *, answers: bool) -> PageColumns:
    """The files of one content as if they were one page of Outgrow's."""
    small = sum(part.held.leads.rows for part in parts) < _SMALL
    with parquet.opened([part.leads for part in parts], LEADS) as files:
        for file in files if small else ():
            file.load((*_FLAT, "gone_at", "answer_rows"))
        rows, sizes = zip(*(_head(file, window) for file in files), strict=True)
        flat = {name: _column(files, name, rows) for name in reversed(_FLAT)}  # addresses, the longest, come first
    counts = np.concatenate([one if at is None else one[at] for one, at in zip(sizes, rows, strict=True)])
    flat["content"] = pa.array(np.zeros(len(counts), np.int16))
    if not answers:
        return PageColumns(Pile.of_page(flat, None, np.zeros_like(counts)), (), (), _NONE, _NONE, b"")
    wanted = [None if at is None else ranges(one, at) for one, at in zip(sizes, rows, strict=True)]
    with parquet.opened([part.answers for part in parts], ANSWERS) as files:
        for file in files if small else ():
            file.load(_LONG)
        long, keys, places = _long({name: _column(files, name, wanted) for name in _LONG}, counts)
    return PageColumns(Pile.of_page(flat, long, counts), keys, places, _NONE, _NONE, b"")


def _column(files: Sequence[parquet.Opened], name: str, rows: Sequence[Ints | None]) -> pa.Array:
    """One column of all files, at these rows of each.

    Column after column, so that what they are unpacked in is given back before the next: no two stand there twice.
    """
    taken = []
    for file, at in zip(files, rows, strict=True):
        column = file.read([name])[name]
        taken += (column if at is None else column.take(pa.array(at))).chunks
    kind = (LEADS if name in LEADS.names else ANSWERS).field(name).type
    if pa.types.is_dictionary(kind):
        found = parquet.compact(pa.chunked_array(taken, kind))
        made = pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(LARGE))
    else:
        kind = LARGE if kind == pa.string() else kind
        made = pa.concat_arrays([one.cast(kind) for one in taken] or [pa.array([], kind)])
    if len(made) > _SMALL:
        del taken
        pa.default_memory_pool().release_unused()
    return made


def _long(
    columns: Mapping[str, pa.Array], counts: Ints
) -> tuple[dict[str, pa.Array], tuple[Any, ...], tuple[int, ...]]:
    """The long columns, the questions that occur, and how far down each stood among a lead's answers."""
    keys, variant = _variants([columns[name] for name in _QUESTION])
    place = pc.fill_null(columns["place"], -1).to_numpy()
    places = _places(variant, place, counts, len(keys))
    json = columns["json"]
    codes = np.array([JSON.index(word) for word in json.dictionary.to_pylist()] or [0], np.uint8)
    made = {
        "variant": pa.array(variant),
        "place": pa.array(place.astype(np.int32)),
        "json": pa.array(codes[json.indices.to_numpy()]),
        **{name: columns[name] for name in ("text", "number", "score")},
    }
    return {name: made[name] for name in LONG_ARROW.names if name != "lead"}, keys, tuple(places.tolist())


def _variants(parts: Sequence[pa.DictionaryArray]) -> tuple[tuple[Any, ...], Any]:
    """What was asked in which words, and by row its place among them."""
    sizes = [max(len(part.dictionary), 1) for part in parts]
    code = np.zeros(len(parts[0]), np.int64)
    for part, size in zip(parts, sizes, strict=True):
        code *= size
        code += part.indices.to_numpy()
    if math.prod(sizes) <= _FEW:
        used = np.flatnonzero(np.bincount(code, minlength=1))
        lookup = np.zeros(math.prod(sizes), np.int32)
        lookup[used] = np.arange(len(used))
        variant = lookup[code]
    else:
        used, found = np.unique(code, return_inverse=True)
        variant = found.astype(np.int32)
    words = [part.dictionary.to_pylist() for part in parts]
    places = np.unravel_index(used, sizes)
    return tuple(zip(*([w[at] for at in p] for w, p in zip(words, places, strict=True)), strict=True)), variant


def _places(variant: Any, place: Any, counts: Ints, kinds: int) -> Any:
    """By question, how far down it stood among a lead's answers; some leads at a time, since it is long."""
    places = np.zeros(kinds, np.int64)
    ends = np.cumsum(counts)
    for first in range(0, len(counts), _SOME):
        some = counts[first : first + _SOME]
        start, end = ends[first] - counts[first], ends[first + len(some) - 1]
        begins = np.cumsum(place[start:end] <= 0)  # a row that begins an answer
        starts = np.repeat(np.cumsum(some) - some, some)
        np.maximum.at(places, variant[start:end], begins - begins[starts])
    return places
