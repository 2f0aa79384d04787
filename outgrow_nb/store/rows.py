"""Leads and answers of one content and month by value, as a pair of Parquet files holds them: without any codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames import KeptLeads
from outgrow_nb.frames.arrays import Ints, encoded, recoded
from outgrow_nb.frames.flat import cleaned, cleaned_lower
from outgrow_nb.frames.schema import FLAT, STATUSES, Column
from outgrow_nb.frames.tables import UTC_US

UNKNOWN = "unknown"
TEXT = pa.string()
CODED = pa.dictionary(pa.int32(), TEXT)
JSON = ("null", "text", "number", "integer", "json", "empty list")
"""What an answer was in JSON, by the codes of `frames.tables`."""

_FORMS = {"text": TEXT, "choice": CODED, "time": UTC_US, "number": pa.float64()}
_OWN = [column for column in FLAT if column.name not in ("lead_id", "content", "content_type")]
LEADS = pa.schema(
    [("lead_id", TEXT), ("content_id", CODED)]
    + [(column.name, _FORMS[column.form]) for column in _OWN]
    + [("from_export", pa.bool_()), ("gone_at", UTC_US), ("answer_rows", pa.int32())]
)
ANSWERS = pa.schema(
    [
        ("lead_id", CODED),
        ("content_id", CODED),
        ("created_at", UTC_US),
        ("question_id", CODED),
        ("question", CODED),
        ("kind", CODED),
        ("place", pa.int32()),
        ("json", CODED),
        ("text", TEXT),
        ("number", pa.float64()),
        ("score", pa.float64()),
    ]
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Leads, oldest first, and their answers in the order of the leads.

    Attributes:
        leads: Of `LEADS`; `answer_rows` is how many rows of `answers` a lead has, `from_export` that a dashboard's
            export alone has it so far, `gone_at` when Outgrow was first seen without it.
        answers: Of `ANSWERS`.
    """

    leads: pa.Table
    answers: pa.Table

    def __len__(self) -> int:
        return int(self.leads.num_rows)

    def take(self, at: Ints) -> "Rows":
        """The leads at these positions, in that order, with their answers."""
        return Rows(self.leads.take(pa.array(at)), self.answers.take(pa.array(ranges(self.counts, at))))

    def with_column(self, name: str, column: Any) -> "Rows":
        """The same with another column of that name."""
        leads = self.leads.set_column(LEADS.get_field_index(name), LEADS.field(name), column)
        return Rows(leads, self.answers)

    @property
    def counts(self) -> Ints:
        """Answers of each lead."""
        made: Ints = self.leads["answer_rows"].to_numpy().astype(np.int64)
        return made


def months_of(times: pa.ChunkedArray) -> Any:
    """Of each time its month, such as "2026-06"."""
    made = times.cast(pa.timestamp("us")).to_numpy().astype("M8[M]").astype(str)
    made[made == "NaT"] = UNKNOWN
    return made


def joined(parts: list[Rows]) -> Rows:
    """All of them, oldest first (unknown times last), then by id."""
    leads = pa.concat_tables([part.leads for part in parts]).unify_dictionaries().combine_chunks()
    answers = pa.concat_tables([part.answers for part in parts]).unify_dictionaries().combine_chunks()
    order = pc.sort_indices(leads, [("created_at", "ascending"), ("lead_id", "ascending")])
    made, at = Rows(leads, answers), order.to_numpy().astype(np.int64)
    return made if bool((np.diff(at) == 1).all()) and len(at) and at[0] == 0 else made.take(at)


def rows_by_month(read: KeptLeads, place: int) -> Iterator[tuple[str, Rows]]:
    """What a read holds of one of its contents, month by month, as frames show it: cleaned, words for codes."""
    at = np.flatnonzero(read.flat["content"].to_numpy() == place)
    counts = np.bincount(read.long["lead"].to_numpy(), minlength=read.flat.num_rows)
    months = months_of(read.flat["created_at"])[at]
    for month in sorted(set(months)):
        yield month, _rows_of(read, place, at[months == month], counts)


def _rows_of(read: KeptLeads, place: int, at: Ints, counts: Ints) -> Rows:
    flat = read.flat.take(pa.array(at))
    long, mine = read.long.take(pa.array(ranges(counts, at))), counts[at]
    columns = {
        "lead_id": _short(flat["lead_id"]),
        "content_id": _constant(read.sources[place].item.id, len(at)),
        "from_export": pa.array(np.zeros(len(at), bool)),
        "gone_at": pa.nulls(len(at), UTC_US),
        "answer_rows": pa.array(mine.astype(np.int32)),
    }
    columns |= {column.name: _cleaned(flat[column.name], column) for column in _OWN}
    leads = pa.table([columns[name] for name in LEADS.names], schema=LEADS)
    return Rows(leads, _answers(read, long, np.repeat(np.arange(len(at)), mine), leads))


def ranges(counts: Ints, at: Ints) -> Ints:
    """Rows of those that stand one after another with so many rows each, for the ones at these positions."""
    starts, sizes = np.cumsum(counts) - counts, counts[at]
    made: Ints = np.repeat(starts[at] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    return made


def _answers(read: KeptLeads, long: pa.Table, lead: Ints, leads: pa.Table) -> pa.Table:
    variant, json = long["variant"].to_numpy(), long["json"].to_numpy()
    place = long["place"].to_numpy()
    columns = {
        "lead_id": pa.DictionaryArray.from_arrays(pa.array(lead.astype(np.int32)), _one(leads["lead_id"])),
        "content_id": _constant(leads["content_id"][0].as_py() if len(leads) else "", len(long)),
        "created_at": leads["created_at"].take(pa.array(lead)),
        "question_id": _named(variant, [one.question_id for one in read.variants]),
        "question": _named(variant, [one.text for one in read.variants]),
        "kind": _named(variant, [one.kind for one in read.variants]),
        "place": pa.array(place, pa.int32(), mask=place < 0),
        "json": pa.DictionaryArray.from_arrays(pa.array(json.astype(np.int32)), pa.array(JSON, TEXT)),
        "text": _short(long["text"]),
        "number": long["number"],
        "score": long["score"],
    }
    return pa.table([columns[name] for name in ANSWERS.names], schema=ANSWERS)


def _named(codes: Ints, names: list[str]) -> pa.DictionaryArray:
    distinct = {name: place for place, name in enumerate(dict.fromkeys(names))}
    lookup = np.array([*(distinct[name] for name in names), 0], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(lookup[codes]), pa.array(list(distinct), TEXT))


def _constant(text: str, size: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, np.int32)), pa.array([text], TEXT))


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _short(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(TEXT)


def _cleaned(values: pa.ChunkedArray, column: Column) -> pa.Array | pa.ChunkedArray:
    """A column as `leads()` has it."""
    if column.form == "choice":
        codes, texts = encoded(values)
        if column.name == "status":
            codes, labels = recoded(codes, texts, lambda text: text if text in STATUSES else None)
        else:
            codes, labels = recoded(codes, texts, cleaned_lower if column.lower else cleaned)
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(labels, TEXT))
    if column.form == "text":
        short = _short(values)
        return pc.if_else(pc.equal(short, ""), pa.scalar(None, TEXT), short)
    return values
