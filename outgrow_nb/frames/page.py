"""One page of records to Arrow columns, knowing no other page; nothing is pivoted and nothing is dropped.

The long columns have one row for each answer, for each item of a list answer, for each calculator result, and for each
field that nobody announced.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, count
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from outgrow_nb.frames import times
from outgrow_nb.frames.long import long_columns
from outgrow_nb.frames.pile import Pile
from outgrow_nb.frames.schema import FIELD_KIND, FLAT, RESULT_KIND, STATUSES
from outgrow_nb.frames.tables import AS_RECEIVED, FLAT_ARROW, LARGE, RECORD_FIELDS, UTC_US
from outgrow_nb.records import Answer, ContentItem, Lead, LeadPage

_CHOICES = frozenset(c.name for c in FLAT if c.form == "choice")
_FIELDS = {"lead_id": attrgetter("id")} | {name: attrgetter(name) for name in RECORD_FIELDS}
_KEY = attrgetter("question_id"), attrgetter("question"), attrgetter("kind")

Key = tuple[str, str, str]
_Odd = dict[int, dict[str, Any]]


class PageColumns(NamedTuple):
    """What one page holds.

    Attributes:
        pile: Its leads and answers; `content` is 0, and `variant` is the place in `keys`.
        keys: Id, text and kind of every question that its leads were asked.
        places: By question, the last place among a lead's answers at which it stood.
        drift: Names of fields that nobody announced.
        unread: Names of fields with values that their column cannot hold.
        body: The bytes received.
    """

    pile: Pile
    keys: tuple[Key, ...]
    places: tuple[int, ...]
    drift: frozenset[str]
    unread: frozenset[str]
    body: bytes


def page_columns(item: ContentItem, page: LeadPage, *, answers: bool = True) -> PageColumns:
    """A page as columns; knows nothing of other pages.

    Args:
        item: The content.
        page: Its leads.
        answers: Keep answers, results and what nobody announced; False keeps the flat columns alone.
    """
    flat, odd = _flat(item, page.records)
    keys: dict[Key, int] = defaultdict(count().__next__)
    places: Any = ()
    long, counts = None, np.zeros(len(page.records), np.int32)
    given = _given(page, odd) if answers else []
    if any(given):
        long, places = _long(given, keys)
        counts = np.bincount(long.pop("lead").to_numpy(), minlength=len(counts)).astype(np.int32)
    unread = frozenset(chain.from_iterable(odd.values()))
    return PageColumns(Pile.of_page(flat, long, counts), tuple(keys), tuple(places), page.drift, unread, page.body)


def _flat(item: ContentItem, records: Sequence[Lead]) -> tuple[dict[str, pa.Array], _Odd]:
    """The flat columns; and, by position, values that their column cannot hold."""
    values = {name: list(map(field, records)) for name, field in _FIELDS.items()}
    odd: _Odd = {}
    made: dict[str, pa.Array] = {}
    for field in FLAT_ARROW:
        if field.name == "content":
            made[field.name] = pa.array(np.zeros(len(records), np.int16))
        elif field.name in ("created_at", "updated_at"):
            made[field.name] = _time(field.name, values, odd)
        elif field.name in _CHOICES:
            made[field.name] = pa.array(values[field.name], LARGE).dictionary_encode()
        else:
            made[field.name] = pa.array(values[field.name], field.type)
    of = [record.calculator_id for record in records]
    for name, found, fine in (
        ("status", values["status"], {*STATUSES, None}),
        ("calculator_id", of, {item.id, item.parentapp, None}),
    ):
        if not fine.issuperset(found):
            for position, value in enumerate(found):
                if value not in fine:
                    odd.setdefault(position, {})[f"{name}{AS_RECEIVED}"] = value
    return made, odd


def _time(name: str, values: Mapping[str, Sequence[Any]], odd: _Odd) -> pa.Array:
    made, bad = times.instants(values[name])
    for position in bad:
        odd.setdefault(position, {})[f"{name}{AS_RECEIVED}"] = values[name][position]
    if name == "created_at" and made.null_count:
        ids = values["lead_id"]
        known = made.to_pylist()
        made = pa.array([t or times.of_object_id(i) for t, i in zip(known, ids, strict=True)], UTC_US)
    return made


def _given(page: LeadPage, odd: _Odd) -> list[Sequence[Answer]]:
    """By lead its answers, and what else stands in the long columns."""
    given: list[Sequence[Answer]] = [record.answers or () for record in page.records]
    for position, record in enumerate(page.records):
        if record.results or position in page.extras or position in odd:
            more = [Answer(f"result:{r.name}", r.name, RESULT_KIND, r.value) for r in record.results or ()]
            for fields in (page.extras.get(position, {}), odd.get(position, {})):
                more += [Answer(f"field:{name}", name, FIELD_KIND, value) for name, value in fields.items()]
            given[position] = [*given[position], *more]
    return given


def _long(given: Sequence[Sequence[Answer]], keys: dict[Key, int]) -> tuple[dict[str, pa.Array], Any]:
    """The long columns, `lead` counted from the page's first; and the last place of each question."""
    answers, lengths = list(chain.from_iterable(given)), list(map(len, given))
    parts = (map(part, answers) for part in _KEY)
    codes = np.fromiter(map(keys.__getitem__, zip(*parts, strict=True)), np.int32, len(answers))
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    places = np.zeros(len(keys), np.int64)
    np.maximum.at(places, codes, np.arange(len(codes)) - starts)
    values, scores = list(map(attrgetter("answer"), answers)), list(map(attrgetter("score"), answers))
    leads = np.repeat(np.arange(len(given), dtype=np.int32), lengths)
    return long_columns(leads, codes, values, scores), places.tolist()
