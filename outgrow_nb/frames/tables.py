"""The two Arrow tables of a read and what their codes stand for."""

from typing import NamedTuple

import pyarrow as pa

from outgrow_nb.frames.schema import FLAT
from outgrow_nb.records import ContentItem, Question

LARGE = pa.large_string()
UTC_US = pa.timestamp("us", "UTC")
AS_RECEIVED = " as received"  # ends the name of a field that keeps what its column cannot hold

# Columns that a record itself has; the content's name and type come from the content.
RECORD_FIELDS = tuple(column.name for column in FLAT if column.name not in ("lead_id", "content", "content_type"))

# What an answer was in JSON: null, text, number with or without a point, anything else (as JSON text), or [].
NULL, TEXT, NUMBER, WHOLE, OTHER, EMPTY_LIST = range(6)

FLAT_ARROW = pa.schema(
    [("lead_id", LARGE), ("content", pa.int16())]
    + [
        (
            c.name,
            {
                "time": UTC_US,
                "number": pa.float64(),
                "choice": pa.dictionary(pa.int32(), LARGE),
                "text": LARGE,
            }[c.form],
        )
        for c in FLAT
        if c.name in RECORD_FIELDS
    ]
)
LONG_ARROW = pa.schema(
    [
        ("lead", pa.int32()),
        ("variant", pa.int32()),
        ("place", pa.int32()),
        ("json", pa.uint8()),
        ("text", LARGE),
        ("number", pa.float64()),
        ("score", pa.float64()),
    ]
)


class Variant(NamedTuple):
    """One question as some leads were asked it."""

    content: int
    question_id: str
    text: str
    kind: str


class Source(NamedTuple):
    """What a read covers of one content.

    Attributes:
        item: The content.
        questions: As asked today.
        drift: Names of fields that nobody announced, or whose values are of another type.
        unread: Names of fields with values that could not be read; those values are kept as fields.
    """

    item: ContentItem
    questions: tuple[Question, ...]
    drift: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()


class Parts(NamedTuple):
    """Everything of a read that was received; `tidy` once each lead stands there once and all are in order."""

    sources: tuple[Source, ...]
    variants: tuple[Variant, ...]
    places: tuple[int, ...]
    flat: pa.Table
    long: pa.Table
    bodies: tuple[tuple[str, bytes], ...]
    tidy: bool = False
