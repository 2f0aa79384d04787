"""Pages of records to Arrow batches, one flat and one long batch a page; nothing is pivoted and nothing is dropped.

The long batch has one row for each answer, for each item of a list answer, for each calculator result, and for each
field that nobody announced.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from outgrow_nb.frames import times
from outgrow_nb.frames.long import long_batch
from outgrow_nb.frames.schema import FIELD_KIND, FLAT, RESULT_KIND, STATUSES
from outgrow_nb.frames.tables import (
    AS_RECEIVED,
    FLAT_ARROW,
    LARGE,
    LONG_ARROW,
    RECORD_FIELDS,
    UTC_US,
    Parts,
    Source,
    Variant,
)
from outgrow_nb.records import Answer, ContentItem, Lead, LeadPage, Question

_CHOICES = frozenset(c.name for c in FLAT if c.form == "choice")
_FIELDS = {"lead_id": attrgetter("id")} | {name: attrgetter(name) for name in RECORD_FIELDS}
_KEY = attrgetter("question_id"), attrgetter("question"), attrgetter("kind")


class LeadBatches:
    """Takes pages as they arrive, gives everything at the end.

    Args:
        keep_bytes: How many bytes of pages as received are kept for `raw`; beyond that the oldest are let go.
    """

    def __init__(self, *, keep_bytes: int = 64 << 20) -> None:
        self._keep_bytes = keep_bytes
        self._bodies: list[tuple[str, bytes]] = []
        self._contents: dict[str, int] = {}
        self._sources: list[Source] = []
        self._known: list[dict[tuple[str, str, str], int]] = []
        self._variants: list[Variant] = []
        self._places: list[int] = []
        self._pages: list[tuple[pa.RecordBatch, pa.RecordBatch | None, int]] = []

    def __len__(self) -> int:
        """Leads taken so far, ids that came twice counted twice."""
        return self._pages[-1][2] if self._pages else 0

    def cover(self, item: ContentItem, questions: Sequence[Question] = ()) -> None:
        """Name a content of the read, with its questions as asked today; also if it has no leads."""
        if item.id not in self._contents:
            self._contents[item.id] = len(self._sources)
            self._sources.append(Source(item, ()))
            self._known.append({})
        if questions:
            place = self._contents[item.id]
            self._sources[place] = self._sources[place]._replace(questions=tuple(questions))

    def add(self, item: ContentItem, page: LeadPage) -> None:
        """Take one page of leads of a content; wholly, or not at all where it is interrupted."""
        self.cover(item)
        content = self._contents[item.id]
        source = self._sources[content]
        self._sources[content] = source._replace(drift=source.drift | page.drift)
        if page.body:
            self._keep(item.id, page.body)
        if page.records:
            flat, odd = self._flat_batch(content, page.records)
            if odd:
                source = self._sources[content]
                self._sources[content] = source._replace(unread=source.unread.union(*odd.values()))
            long = self._long_batch(content, page.records, page.extras, odd)
            self._pages.append((flat, long, len(self) + len(page.records)))

    def parts(self) -> Parts:
        """Everything taken so far."""
        return Parts(
            tuple(self._sources),
            tuple(self._variants),
            tuple(self._places),
            pa.Table.from_batches([flat for flat, _, _ in self._pages], FLAT_ARROW).unify_dictionaries(),
            pa.Table.from_batches(
                [long for _, long, _ in self._pages if long is not None], LONG_ARROW
            ).combine_chunks(),
            tuple(self._bodies),
        )

    def _keep(self, content_id: str, body: bytes) -> None:
        self._bodies.append((content_id, body))
        kept = sum(len(one) for _, one in self._bodies)
        while kept > self._keep_bytes:
            kept -= len(self._bodies.pop(0)[1])

    def _flat_batch(self, content: int, records: Sequence[Lead]) -> tuple[pa.RecordBatch, dict[int, dict[str, Any]]]:
        """The flat batch; and, by position, values that their column cannot hold."""
        columns = {name: list(map(field, records)) for name, field in _FIELDS.items()}
        odd: dict[int, dict[str, Any]] = {}
        arrays: list[pa.Array] = []
        for field in FLAT_ARROW:
            if field.name == "content":
                arrays.append(pa.array(np.full(len(records), content, np.int16)))
            elif field.name in ("created_at", "updated_at"):
                arrays.append(self._time(field.name, columns, odd))
            elif field.name in _CHOICES:
                arrays.append(pa.array(columns[field.name], LARGE).dictionary_encode())
            else:
                arrays.append(pa.array(columns[field.name], field.type))
        item = self._sources[content].item
        of = [record.calculator_id for record in records]
        for name, values, fine in (
            ("status", columns["status"], {*STATUSES, None}),
            ("calculator_id", of, {item.id, item.parentapp, None}),
        ):
            if not fine.issuperset(values):
                for position, value in enumerate(values):
                    if value not in fine:
                        odd.setdefault(position, {})[f"{name}{AS_RECEIVED}"] = value
        return pa.RecordBatch.from_arrays(arrays, schema=FLAT_ARROW), odd

    @staticmethod
    def _time(name: str, columns: Mapping[str, Sequence[Any]], odd: dict[int, dict[str, Any]]) -> pa.Array:
        made, bad = times.instants(columns[name])
        for position in bad:
            odd.setdefault(position, {})[f"{name}{AS_RECEIVED}"] = columns[name][position]
        if name == "created_at" and made.null_count:
            ids = columns["lead_id"]
            known = made.to_pylist()
            made = pa.array([t or times.of_object_id(i) for t, i in zip(known, ids, strict=True)], UTC_US)
        return made

    def _long_batch(
        self,
        content: int,
        records: Sequence[Lead],
        extras: Mapping[int, Mapping[str, Any]],
        odd: Mapping[int, Mapping[str, Any]],
    ) -> pa.RecordBatch | None:
        given: list[Sequence[Answer]] = [record.answers or () for record in records]
        for position, record in enumerate(records):
            if record.results or position in extras or position in odd:
                more = [Answer(f"result:{r.name}", r.name, RESULT_KIND, r.value) for r in record.results or ()]
                for fields in (extras.get(position, {}), odd.get(position, {})):
                    more += [Answer(f"field:{name}", name, FIELD_KIND, value) for name, value in fields.items()]
                given[position] = [*given[position], *more]
        answers = list(chain.from_iterable(given))
        if not answers:
            return None
        lengths = list(map(len, given))
        leads = np.repeat(np.arange(len(self), len(self) + len(records), dtype=np.int32), lengths)
        variants = self._codes(content, answers, lengths)
        values, scores = list(map(attrgetter("answer"), answers)), list(map(attrgetter("score"), answers))
        return long_batch(leads, variants, values, scores)

    def _codes(
        self, content: int, answers: Sequence[Answer], lengths: Sequence[int]
    ) -> np.ndarray[Any, np.dtype[np.int32]]:
        known, parts = self._known[content], [list(map(part, answers)) for part in _KEY]
        try:
            codes = np.fromiter(map(known.__getitem__, zip(*parts, strict=True)), np.int32, len(answers))
        except KeyError:
            for key in dict.fromkeys(zip(*parts, strict=True)):
                if key not in known:
                    self._places.append(0)  # first, so that an interruption leaves no question without a place
                    self._variants.append(Variant(content, *key))
                    known[key] = len(self._variants) - 1
            return self._codes(content, answers, lengths)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.array(self._places, np.int64)
        np.maximum.at(places, codes, np.arange(len(codes)) - starts)
        self._places = places.tolist()
        return codes
