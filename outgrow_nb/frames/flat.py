"""The flat columns of `leads()`: one row a submission, dtypes as `schema.FLAT` says, whatever the rows."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames import mask
from outgrow_nb.frames.arrays import choice, encoded, moments, recoded, strings
from outgrow_nb.frames.schema import FLAT, STATUSES, Column
from outgrow_nb.frames.tables import LARGE


def flat_columns(
    flat: pa.Table, *, titles: Sequence[str], types: Sequence[str], tz: str, key: bytes | None, only: Collection[int]
) -> dict[str, Any]:
    """Columns by name, in the order of the frame.

    Args:
        flat: Rows of the flat table.
        titles: By content code, what it is called; each once.
        types: By content code, its type; "" unknown.
        tz: Zone of the times.
        key: Mask with this key: contact columns hashed or empty, addresses without query; None keeps everything.
        only: Content codes whose names become categories.
    """
    content = flat["content"].to_numpy().astype(np.int64)
    made: dict[str, Any] = {}
    for column in FLAT:
        if column.name == "content":
            made["content"] = _named(content, titles, only)
        elif column.name == "content_type":
            made["content_type"] = _named(content, types, only)
        elif column.name == "status":
            made["status"] = status(flat["status"])
        elif column.form == "time":
            made[column.name] = moments(flat[column.name], tz)
        elif column.form == "number":
            made[column.name] = flat[column.name].to_numpy()
        elif column.form == "choice":
            codes, texts = encoded(flat[column.name])
            texts = texts if key is None else mask.nameless(texts)
            made[column.name] = choice(*recoded(codes, texts, cleaned_lower if column.lower else cleaned))
        else:
            made[column.name] = strings(_text(flat[column.name], column, key))
    return made


def _named(codes: Any, names: Sequence[str], only: Collection[int]) -> Any:
    return choice(*recoded(codes, [name if k in only else "" for k, name in enumerate(names)], cleaned))


def cleaned(text: str) -> str | None:
    """Without outer blanks; None for nothing."""
    return text.strip() or None


def cleaned_lower(text: str) -> str | None:
    """The same in lower case."""
    return text.strip().lower() or None


def _text(values: Any, column: Column, key: bytes | None) -> Any:
    if column.name != "lead_id" and pc.any(pc.equal(values, "")).as_py():
        values = pc.if_else(pc.equal(values, ""), pa.scalar(None, LARGE), values)
    if key is None or column.name == "lead_id":
        return values
    if column.name in mask.HASHED_COLUMNS:
        return mask.hashed(values, key)
    return pa.nulls(len(values), LARGE) if column.contact else mask.without_query(values)


def status(values: Any) -> Any:
    """Started < partial < completed; any other word is missing here and kept as a field."""
    codes, texts = encoded(values)
    places = [STATUSES.index(text) if text in STATUSES else -1 for text in texts]
    return choice(np.array([*places, -1], np.int64)[codes], STATUSES, ordered=True)
