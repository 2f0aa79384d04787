"""Times as Outgrow writes them to UTC: ISO 8601 with or without zone, epoch seconds or milliseconds, ObjectIds."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames.tables import UTC_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_BELIEVED = tuple((end - _EPOCH) // timedelta(microseconds=1) for end in (_EARLIEST, _LATEST))
_MILLISECONDS_FROM = 1e11  # as seconds the year 5138, as milliseconds March 1973
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_FIRST_ID = datetime(2010, 1, 1, tzinfo=UTC)
_PLAIN_NUMBER = re.compile(r"-?[0-9]{9,16}(\.[0-9]+)?")


def instant(value: Any) -> datetime | None:
    """An aware UTC time, or None for what is no time between 1970 and 2200; no zone means UTC.

    Day-first and other written dates are not guessed.
    """
    if isinstance(value, str):
        value = value.strip()
        if _PLAIN_NUMBER.fullmatch(value):
            value = float(value)
    try:
        if isinstance(value, str):
            made = datetime.fromisoformat(value)
            made = made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            made = _EPOCH + timedelta(seconds=seconds)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return made if _EARLIEST <= made <= _LATEST else None


def of_object_id(lead_id: str) -> datetime | None:
    """The second in which an ObjectId was made (its first 8 hex digits), if the id is one and it is believable."""
    if not _OBJECT_ID.fullmatch(lead_id):
        return None
    made = _EPOCH + timedelta(seconds=int(lead_id[:8], 16))
    return made if _FIRST_ID <= made <= _LATEST else None


def instants(values: Sequence[Any]) -> tuple[pa.Array, list[int]]:
    """A page's times as timestamp[us, UTC], and the positions of values that are no time, as `instant` reads them."""
    try:
        made = pa.array(values, pa.string()).cast(UTC_US)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass
    else:
        ends = pc.min_max(made.cast(pa.int64())).as_py()
        if made.null_count == len(made) or _BELIEVED[0] <= ends["min"] <= ends["max"] <= _BELIEVED[1]:
            return made, []
    slow = [instant(value) for value in values]
    bad = [k for k, (value, found) in enumerate(zip(values, slow, strict=True)) if found is None and value is not None]
    return pa.array(slow, UTC_US), bad
