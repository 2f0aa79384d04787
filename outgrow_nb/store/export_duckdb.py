"""Tables to one DuckDB file."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from outgrow_nb.errors import ConfigError
from outgrow_nb.store.duck import duckdb_at, duckdb_errors, need_duckdb
from outgrow_nb.store.placing import new_file
from outgrow_nb.store.stream import Stream, plain

_MEMORY = "128MB"


def write_duckdb(tables: Mapping[str, Stream], path: Path) -> int:
    """Writes the file; categories become VARCHAR, times TIMESTAMPTZ.

    Args:
        tables: By name.
        path: The file.

    Returns:
        Number of rows of the first table.

    Raises:
        ConfigError: DuckDB is not installed, or the place cannot be written.
    """
    need_duckdb()
    counts: dict[str, int] = {}
    with new_file(path) as made:
        problem = ""
        try:
            _fill(made, tables, counts)
        except duckdb_errors() as error:
            problem = str(error).splitlines()[0].rpartition(": ")[2]
        if problem:
            raise ConfigError(
                f"Can't write {path} ({problem}); what stood there before is untouched.",
                "Free some room, or name another place.",
            )
    return next(iter(counts.values()))


def _fill(made: Path, tables: Mapping[str, Stream], counts: dict[str, int]) -> None:
    with duckdb_at(str(made), memory_limit=_MEMORY, threads="1") as connection:
        for name, stream in tables.items():
            counts[name] = 0
            connection.from_arrow(_texts(stream.schema.empty_table())).create(name)
            for piece in stream.pieces():
                connection.from_arrow(_texts(piece)).insert_into(name)
                counts[name] += piece.num_rows


def _texts(piece: pa.Table) -> pa.Table:
    """The same with text in place of categories, whose codes differ from piece to piece."""
    made = plain(piece)
    for place, field in enumerate(made.schema):
        if pa.types.is_dictionary(field.type):
            made = made.set_column(place, field.name, made.column(place).cast(pa.large_string()))
    return made
