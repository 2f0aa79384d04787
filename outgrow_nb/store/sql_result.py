"""What a query gives, as a frame with the dtypes of `schema`: DuckDB knows neither categories nor pandas' zones."""

from typing import Any

import pandas as pd
import pyarrow as pa

from outgrow_nb.frames.arrays import choice, encoded, moments, recoded, strings
from outgrow_nb.frames.flat import status
from outgrow_nb.frames.schema import FLAT, STATUSES
from outgrow_nb.frames.tables import LARGE

_CHOICES = frozenset(
    {*(column.name for column in FLAT if column.form == "choice"), "question_id", "column", "kind", "option", "type"}
)
_NULLABLE = frozenset({"position", "rank"})
_INT64 = pa.int64()
_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def result_frame(table: pa.Table, tz: str) -> pd.DataFrame:
    """One column each.

    Texts are str (category where frames have one of that name), whole numbers int64 or, with NULL, Int64, other numbers
    float64, truth boolean, times datetime64[us, tz], dates and times without zone datetime64[us].

    Args:
        table: As DuckDB gave it.
        tz: The zone of the times.
    """
    columns = [_column(name, column, tz) for name, column in zip(table.column_names, table.columns, strict=True)]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(table.num_rows))
    return frame.set_axis(table.column_names, axis=1)


def _column(name: str, column: pa.ChunkedArray, tz: str) -> Any:
    kind = column.type
    made: Any
    if any(is_text(kind) for is_text in _TEXTS):
        made = _texts(name, column.cast(LARGE))
    elif pa.types.is_dictionary(kind):
        made = choice(*encoded(column.cast(pa.dictionary(pa.int32(), LARGE))))
    elif pa.types.is_timestamp(kind) and kind.tz:
        made = moments(column.cast(pa.timestamp("us", "UTC")), tz)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        made = column.cast(pa.timestamp("us")).to_pandas()
    elif pa.types.is_boolean(kind):
        made = column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get)
    elif pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        made = _whole(column, nullable=name in _NULLABLE)
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        made = column.cast(pa.float64()).to_pandas()
    else:
        made = column.to_pandas()
    return made


def _texts(name: str, column: pa.ChunkedArray) -> Any:
    if name not in _CHOICES:
        return strings(column)
    codes, texts = encoded(column)
    if name == "status" and set(texts) <= set(STATUSES):
        return status(column)
    return choice(*recoded(codes, texts, _same))


def _same(text: str) -> str:
    return text


def _whole(column: pa.ChunkedArray, *, nullable: bool) -> Any:
    """Sums of whole numbers come as decimals of 38 digits."""
    try:
        column = column.cast(_INT64)
    except pa.ArrowInvalid:
        return column.cast(pa.float64(), safe=False).to_pandas()
    if column.null_count or nullable:
        return column.to_pandas(types_mapper={_INT64: pd.Int64Dtype()}.get)
    return column.to_pandas()
