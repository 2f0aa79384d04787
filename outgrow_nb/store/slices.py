"""A store's leads a slice at a time, each a read of its own: whatever the size of a month, little memory is needed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from outgrow_nb.errors import CacheError
from outgrow_nb.frames import KeptLeads
from outgrow_nb.frames.arrays import Ints, encoded
from outgrow_nb.frames.questions import Asked, asked
from outgrow_nb.frames.tables import FLAT_ARROW, LARGE, LONG_ARROW, Source, Variant
from outgrow_nb.store.folder import Part
from outgrow_nb.store.manifest import Piece
from outgrow_nb.store.rows import ANSWERS, JSON, LEADS, ranges

ROWS = 10_000
_BUFFER = 1 << 18
FLAT_COLUMNS = [name for name in LEADS.names if name != "content_id"]
_QUESTION = ("question_id", "question", "kind")
_LONG = [name for name in ANSWERS.names if name not in ("lead_id", "content_id", "created_at")]


class Replaced(CacheError):
    """A sync replaced a file while it was waited for: the new manifest names another."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Contents and questions of a whole store, so that every slice names them in the same way.

    Attributes:
        sources: Every content.
        variants: Every way in which a question was ever asked.
        questions: Every question.
    """

    sources: tuple[Source, ...]
    variants: tuple[Variant, ...]
    questions: tuple[Asked, ...]

    def read(self, flat: pa.Table, long: pa.Table) -> KeptLeads:
        """These rows as a read."""
        return KeptLeads(self.sources, flat, long, self.questions, self.variants)

    def nothing(self) -> KeptLeads:
        """A read without leads."""
        return self.read(FLAT_ARROW.empty_table(), LONG_ARROW.empty_table())

    def place(self, content_id: str) -> int:
        """Where a content stands among all."""
        return next(place for place, source in enumerate(self.sources) if source.item.id == content_id)


def vocabulary(pieces: Sequence[Piece]) -> Vocabulary:
    """What a store has been asked."""
    sources = tuple(Source(p.item, p.questions, frozenset(p.drift), frozenset(p.unread)) for p in pieces)
    told = [(place, one) for place, piece in enumerate(pieces) for one in piece.wordings]
    variants = tuple(Variant(place, one.question_id, one.text, one.kind) for place, one in told)
    spans = [(one.first, one.last) for _, one in told]
    return Vocabulary(sources, variants, asked(sources, variants, [one.place for _, one in told], spans))


def slices(part: Part, words: Vocabulary, *, answers: bool, rows: int = ROWS) -> Iterator[KeptLeads]:
    """The leads of one content and month that are not gone, in the order kept.

    Args:
        part: The files.
        words: Of the whole store.
        answers: With answers; without them their file is not opened.
        rows: Leads in a slice, at most.

    Raises:
        Replaced: A sync has replaced a file.
        CacheError: A file is damaged.
    """
    place = words.place(part.content_id)
    codes = {(v.question_id, v.text, v.kind): code for code, v in enumerate(words.variants) if v.content == place}
    take = _taker(part.answers) if answers else None
    for batch in batches(part.leads, FLAT_COLUMNS, rows):
        leads = pa.Table.from_batches([batch])
        counts = leads["answer_rows"].to_numpy().astype(np.int64)
        here = np.flatnonzero(leads["gone_at"].is_null().to_numpy())
        long = take(int(counts.sum())).take(pa.array(ranges(counts, here))) if take else None
        flat = flat_table(leads.take(pa.array(here)), place)
        yield words.read(flat, _long(long, counts[here], codes) if long is not None else LONG_ARROW.empty_table())


def batches(path: Path, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
    """A file's rows, so many at a time.

    Raises:
        Replaced: It is not there any more.
        CacheError: It is damaged.
    """
    problem: CacheError | None = None
    try:
        with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
            yield from file.iter_batches(rows, columns=list(columns), use_threads=False)
    except FileNotFoundError:
        problem = Replaced(f"{path} was replaced by a sync meanwhile.", "Run the cell again.")
    except (pa.ArrowException, OSError):
        problem = CacheError(f"Can't read {path}: it is damaged.", "Bring it back from a backup, or sync anew.")
    if problem is not None:
        raise problem


def _taker(path: Path) -> Callable[[int], pa.Table]:
    """Gives the next so many rows of a file."""
    source = batches(path, _LONG, ROWS)
    waiting = [ANSWERS.empty_table().select(_LONG).cast(_PLAIN)]

    def take(count: int) -> pa.Table:
        while sum(map(len, waiting)) < count:
            waiting.append(pa.Table.from_batches([next(source)]).cast(_PLAIN))
        whole = pa.concat_tables(waiting)
        waiting[:] = [whole.slice(count)]
        return whole.slice(0, count)

    return take


_PLAIN = pa.schema(
    [(n, pa.string() if pa.types.is_dictionary(ANSWERS.field(n).type) else ANSWERS.field(n).type) for n in _LONG]
)


def flat_table(leads: pa.Table, place: int) -> pa.Table:
    """Leads of a file as a read has them; `place` is their content's."""
    made = {"content": pa.array(np.full(len(leads), place, np.int16))}
    for field in FLAT_ARROW:
        if field.name == "content":
            continue
        if pa.types.is_dictionary(field.type):
            made[field.name] = leads[field.name].cast(LARGE).combine_chunks().dictionary_encode()
        else:
            made[field.name] = leads[field.name].cast(field.type)
    return pa.table([made[name] for name in FLAT_ARROW.names], schema=FLAT_ARROW).combine_chunks()


def _long(table: pa.Table, counts: Ints, codes: Mapping[tuple[str, str, str], int]) -> pa.Table:
    json, words = encoded(table["json"])
    made = {
        "lead": pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts)),
        "variant": pa.array(_variants([encoded(table[name]) for name in _QUESTION], codes), pa.int32()),
        "place": table["place"].fill_null(-1),
        "json": pa.array(np.array([*map(JSON.index, words), 0], np.uint8)[json]),
        "text": table["text"].cast(LARGE),
        "number": table["number"],
        "score": table["score"],
    }
    return pa.table([made[name] for name in LONG_ARROW.names], schema=LONG_ARROW).combine_chunks()


def _variants(parts: Sequence[tuple[Ints, list[str]]], codes: Mapping[tuple[str, str, str], int]) -> Ints:
    """By row, the code of its question; each different one is looked up once."""
    mixed = np.zeros(len(parts[0][0]), np.int64)
    for part, words in parts:
        mixed = mixed * max(len(words), 1) + part
    _, first, back = np.unique(mixed, return_index=True, return_inverse=True)
    keys = zip(*([words[code] for code in part[first]] for part, words in parts), strict=True)
    found: Ints = np.array([*(codes[key] for key in keys), 0], np.int64)[back]
    return found
