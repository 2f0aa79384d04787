"""The long frame of `answers()`: every answer as received, one row for each, nothing left out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from outgrow_nb.frames import mask
from outgrow_nb.frames.arrays import choice, encoded, strings
from outgrow_nb.frames.cells import number_text
from outgrow_nb.frames.flat import status
from outgrow_nb.frames.options import labels_of
from outgrow_nb.frames.questions import Asked, form_places
from outgrow_nb.frames.results import numbers_alone
from outgrow_nb.frames.tables import EMPTY_LIST, LARGE, NUMBER, OTHER, TEXT, WHOLE


def answers_frame(
    long: pa.Table,
    flat: pa.Table,
    questions: Sequence[Asked],
    *,
    titles: Sequence[str],
    labels: bool,
    key: bytes | None,
) -> pd.DataFrame:
    """One row for each answer, item of a list answer, calculator result and unannounced field.

    Columns: lead_id (str), content (category), question_id, column (category), position (Int64: place in the form from
    1, NA for results and fields), kind, option (category: label where the question has options), text (str: raw, NA
    only for JSON null), number (float64), score (float64), rank (Int64: place in a list answer from 1), status.

    Args:
        long: Rows of the long table; `lead` gives positions in `flat`.
        flat: The flat table.
        questions: Every question whose variants occur in `long`.
        titles: By content code; "" for contents that have no row.
        labels: Options as a person reads them, else as received.
        key: Mask: free text dropped, e-mail and phone answers hashed, unknown options not named.
    """
    lookup = np.full(max((v for q in questions for v in q.variants), default=0) + 1, -1, np.int32)
    for place, one in enumerate(questions):
        lookup[one.variants] = place
    asked = lookup[long["variant"].to_numpy()]
    json = long["json"].to_numpy()
    number = long["number"].to_numpy()
    text = _raw_text(long["text"], json, number)
    option = _options(text, json, asked, questions, labels=labels, hide=key is not None)
    if key is not None:
        contact = [place for place, q in enumerate(questions) if mask.is_contact(q.kind, [w.text for w in q.wordings])]
        counted = [place for place, q in enumerate(questions) if q.shape in ("float", "integer", "result")]
        counted = sorted({*counted}.difference(contact))
        number = np.where(np.isin(asked, counted), number, np.nan)
        text = _masked(text, ~np.isnan(number), asked, contact, questions, key)
    lead = long["lead"]
    return pd.DataFrame(
        {
            "lead_id": strings(flat["lead_id"].take(lead)),
            "content": _coded(flat["content"].take(lead).to_numpy(), [title or None for title in titles]),
            "question_id": _coded(asked, [q.key for q in questions]),
            "column": _coded(asked, [q.column for q in questions]),
            "position": _positions(asked, questions),
            "kind": _coded(asked, [q.kind for q in questions]),
            "option": option,
            "text": strings(text),
            "number": number,
            "score": long["score"].to_numpy(),
            "rank": _ranks(long["place"].to_numpy()),
            "status": status(flat["status"].take(lead)),
        },
        copy=False,
    )


def _coded(codes: Any, names: Sequence[str | None]) -> pd.Categorical:
    labels = sorted({name for name in names if name is not None})
    places: dict[str | None, int] = {name: place for place, name in enumerate(labels)}
    return choice(np.array([*(places.get(name, -1) for name in names), -1], np.int32)[codes], labels)


def _positions(asked: Any, questions: Sequence[Asked]) -> Any:
    form = form_places(questions)
    positions = np.array([*(form.get((q.content, q.key), 0) for q in questions), 0], np.int64)[asked]
    return pd.arrays.IntegerArray(positions, positions == 0)


def _ranks(places: Any) -> Any:
    ranks = np.add(places, 1, dtype=np.int64)
    alone = ranks <= 0
    ranks[alone] = 1
    return pd.arrays.IntegerArray(ranks, alone)


def _raw_text(text: pa.ChunkedArray, json: Any, number: Any) -> pa.Array:
    """The text of every value, numbers spelled; each different number is spelled once."""
    text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], LARGE)
    source = np.arange(len(json), dtype=np.int32)  # as `lead` of the long table: no more rows than that
    source[(json != TEXT) & (json != OTHER)] = -1
    spelled: list[str] = []
    for code in (WHOLE, NUMBER):
        at = np.flatnonzero(json == code)
        values, inverse = np.unique(number[at], return_inverse=True)
        source[at] = len(text) + len(spelled) + inverse
        spelled += [number_text(value, code) for value in values]
    source[json == EMPTY_LIST] = len(text) + len(spelled)
    return pa.concat_arrays([text, pa.array([*spelled, "[]"], LARGE)]).take(pa.array(source, mask=source < 0))


def _options(
    text: pa.Array, json: Any, asked: Any, questions: Sequence[Asked], *, labels: bool, hide: bool
) -> pd.Categorical:
    found = np.full(len(asked), -1, np.int32)
    names: dict[str, int] = {}
    for place, one in enumerate(questions):
        if one.shape not in ("choice", "several", "ranking"):
            continue
        labelled = labels_of(one.options, as_received=not labels, hide_unknown=hide)
        at = np.flatnonzero((asked == place) & (json != EMPTY_LIST))
        codes, texts = encoded(text.take(pa.array(at)))
        made = [labelled.label(one) for one in texts]
        places = [-1 if label is None else names.setdefault(label, len(names)) for label in made]
        found[at] = np.array([*places, -1], np.int32)[codes]
    ordered = sorted(names)
    back = np.array([*(ordered.index(name) for name in names), -1], np.int32)
    return choice(back[found], ordered)


def _masked(
    text: pa.Array, counted: Any, asked: Any, contact: Sequence[int], questions: Sequence[Asked], key: bytes
) -> pa.Array:
    """Numbers as they are, e-mail and phone answers hashed, results where they are amounts; the rest dropped."""
    result = [place for place, q in enumerate(questions) if q.shape == "result" and place not in contact]
    source = np.where(counted, np.arange(len(asked)), -1)
    parts = [text]
    for places in (contact, result):
        at = np.flatnonzero(np.isin(asked, places))
        source[at] = sum(map(len, parts)) + np.arange(len(at))
        found = text.take(pa.array(at))
        parts.append(mask.hashed(found, key) if places is contact else numbers_alone(found))
    return pa.concat_arrays(parts).take(pa.array(source, mask=source < 0))
