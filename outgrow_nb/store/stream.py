"""A table that arrives in pieces, so that any size passes through little memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.errors import ConfigError

SLICE_ROWS = 50_000


@dataclass(frozen=True, repr=False, eq=False)
class Stream:
    """Rows of one schema.

    Attributes:
        schema: Names and types.
        pieces: Gives the rows, piece by piece, each time from the beginning; every piece has the schema.
    """

    schema: pa.Schema
    pieces: Callable[[], Iterator[pa.Table]]


def of_frame(frame: pd.DataFrame) -> Stream:
    """A frame in slices; a named index becomes columns, any other is left out.

    Raises:
        ConfigError: Two columns of one name, or a column of values that no file format holds.
    """
    named = [name for name in frame.index.names if name is not None]
    whole = frame.reset_index(level=named) if named else frame
    whole = whole.set_axis([str(name) for name in whole.columns], axis=1)
    doubled = sorted(set(whole.columns[whole.columns.duplicated()]))
    if doubled:
        raise ConfigError(f"Several columns are called {doubled[0]!r}.", "Give each column its own name: frame.rename.")
    schema = pa.schema([_field(whole, name) for name in whole.columns], _pandas_metadata(whole))

    def pieces() -> Iterator[pa.Table]:
        for start in range(0, max(len(whole), 1), SLICE_ROWS):
            some = whole.iloc[start : start + SLICE_ROWS]
            yield pa.Table.from_pandas(some, schema, preserve_index=False, nthreads=1).replace_schema_metadata(
                schema.metadata
            )

    return Stream(schema, pieces)


def _field(frame: pd.DataFrame, name: str) -> pa.Field:
    """The column's type, found from all of its values."""
    try:
        found = pa.Schema.from_pandas(frame[[name]], preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise ConfigError(
            f"Column {name!r} holds values of several kinds, which no file format takes.",
            f"Make text of it first: frame[{name!r}] = frame[{name!r}].astype(str).",
        ) from None
    return found.field(name)


def _pandas_metadata(frame: pd.DataFrame) -> dict[bytes, bytes]:
    """What makes pandas read the very dtypes back."""
    first = frame.head(0)
    made: dict[bytes, bytes] = pa.Schema.from_pandas(first, preserve_index=False).metadata
    return made


def plain(table: pa.Table) -> pa.Table:
    """The same with NaN as null, and nested values as text, for formats that know no other."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_floating(field.type):
            table = table.set_column(
                place, field.name, pc.if_else(pc.is_nan(column), pa.scalar(None, field.type), column)
            )
        elif pa.types.is_nested(field.type):
            texts: list[Any] = [None if value is None else str(value) for value in column.to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.large_string()))
    return table
