"""A stream of leads without who people are, by the rules of `frames.mask`."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames import mask
from outgrow_nb.frames.schema import FLAT, FLAT_NAMES
from outgrow_nb.store.stream import Stream

_ADDRESSES = frozenset({"referrer", "landing_page"})
_CONTACT = frozenset(column.name for column in FLAT if column.contact)
_HASHED = re.compile(r"[0-9a-f]{32}")


def masked(stream: Stream, key: bytes) -> tuple[Stream, list[str]]:
    """Hashes in place of contact details, nothing that people wrote freely.

    E-mail address, phone number and company become keyed hashes (those that are one already stay), names null,
    addresses lose their query, categories that hold an e-mail address become null; other columns are left out unless
    they are numbers, times, true/false or categories.

    Args:
        stream: Leads, with the columns of `Outgrow.leads` or some of them.
        key: The account's mask key.

    Returns:
        The stream, and the names of columns that were left out.
    """
    dropped = [field.name for field in stream.schema if not _is_harmless(field)]
    kept = [field for field in stream.schema if field.name not in dropped]
    hidden = {field.name for field in kept if field.name in _CONTACT | _ADDRESSES}
    words = {field.name for field in kept if pa.types.is_dictionary(field.type)} - hidden
    fields = [pa.field(f.name, pa.large_string()) if f.name in hidden else f for f in kept]
    schema = pa.schema(fields, _without(stream.schema.metadata, dropped))

    def pieces() -> Iterator[pa.Table]:
        for piece in stream.pieces():
            columns = [_hidden(piece[f.name], f.name, key) if f.name in hidden else piece[f.name] for f in fields]
            columns = [_nameless(c) if f.name in words else c for f, c in zip(fields, columns, strict=True)]
            yield pa.table(columns, schema=schema)

    return Stream(schema, pieces), dropped


def _is_harmless(field: pa.Field) -> bool:
    kind = field.type
    known = field.name in FLAT_NAMES or pa.types.is_dictionary(kind) or pa.types.is_boolean(kind)
    return known or pa.types.is_temporal(kind) or pa.types.is_null(kind) or _is_number(kind)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _hidden(column: pa.ChunkedArray, name: str, key: bytes) -> pa.Array:
    texts = column.cast(pa.large_string())
    if name in _ADDRESSES:
        return mask.without_query(texts)
    if name in mask.HASHED_COLUMNS:
        return _replaced(texts, lambda text: text if _HASHED.fullmatch(text) else mask.person_id(text, key))
    return pa.nulls(len(texts), pa.large_string())


def _nameless(column: pa.ChunkedArray) -> Any:
    found = {text for chunk in column.chunks for text in chunk.dictionary.to_pylist() if isinstance(text, str)}
    bad = [text for text in found if text and not mask.nameless([text])[0]]
    texts = column.cast(pa.large_string())
    return pc.if_else(pc.is_in(texts, pa.array(bad)), None, texts).cast(column.type) if bad else column


def _replaced(texts: pa.ChunkedArray, of: Callable[[str], str]) -> pa.Array:
    encoded = texts.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.large_string()).dictionary_encode()
    made = [of(text) if text.strip() else None for text in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(made, pa.large_string()), encoded.indices)


def _without(metadata: Any, dropped: list[str]) -> Any:
    """What pandas is told of the columns does not hold for those that were left out."""
    return {name: value for name, value in (metadata or {}).items() if name != b"pandas" or not dropped}
