"""Leads to one CSV file that a spreadsheet can open without running what a lead has typed."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from outgrow_nb.store.placing import new_file
from outgrow_nb.store.stream import Stream, plain

# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), the wide forms of it included.
_RISKY = "[=+\\-@\t\r\n＝＋－＠]"
_BOM = b"\xef\xbb\xbf"  # without it Excel reads "Müller" as "MÃ¼ller"; pandas, DuckDB, Polars and R pass over it


def write_csv(stream: Stream, path: Path) -> int:
    """Writes the file, commas between cells, UTF-8 with a byte order mark; numbers stay numbers, times are ISO 8601.

    A text (and a column's name) that begins as a formula does, gets an apostrophe before it.

    Returns:
        Number of rows.

    Raises:
        ConfigError: The place cannot be written.
    """
    rows = 0
    schema = guarded(plain(stream.schema.empty_table())).schema
    with new_file(path) as made, made.open("wb") as file:
        file.write(_BOM)
        with csv.CSVWriter(file, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
            for piece in stream.pieces():
                writer.write(guarded(plain(piece)))
                rows += piece.num_rows
    return rows


def guarded(table: pa.Table) -> pa.Table:
    """The same, no text of it a formula; categories become text."""
    columns = [
        _guarded(table[field.name].cast(pa.large_string())) if _is_text(field.type) else table[field.name]
        for field in table.schema
    ]
    names = _guarded(pa.array(table.column_names, pa.large_string())).to_pylist()
    return pa.table(columns, names)


def _guarded(texts: Any) -> Any:
    return pc.replace_substring_regex(texts, f"^({_RISKY})", r"'\1")


def _is_text(kind: pa.DataType) -> bool:
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return bool(texts or pa.types.is_dictionary(kind))
