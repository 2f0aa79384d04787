"""SQL over a store, out of core: DuckDB reads the store's own files, and nothing else.

The query's connection knows the files that the manifest names and no others, no network, no extension, no Python
variable; its settings are locked, and only SELECT runs, so that nothing can be written.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from outgrow_nb.errors import CacheError, ConfigError, OutgrowError
from outgrow_nb.store.duck import duckdb_at, duckdb_errors, need_duckdb
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Manifest
from outgrow_nb.store.slices import Replaced
from outgrow_nb.store.sql_result import result_frame
from outgrow_nb.store.sql_views import literal, make_views

if TYPE_CHECKING:
    import duckdb

_MEMORY, _MOST_THREADS = "1GB", 4
_TABLES = "The tables are leads, answers, questions and contents; og.sql('describe leads') lists columns."


def query(store: Store, manifest: Manifest, sql: str, *, tz: str, mask_key: bytes | None = None) -> pd.DataFrame:
    """What a SELECT gives over the tables leads, answers, questions and contents.

    Args:
        store: The store.
        manifest: What of it counts.
        sql: One SELECT.
        tz: The zone of the result's times, and of the query's own (`date_trunc`, casts to text).
        mask_key: Hide who people are with this key; None keeps everything.

    Returns:
        A frame with the dtypes of `result_frame`.

    Raises:
        ConfigError: DuckDB is not installed; the query is no SELECT, or wrong.
        Replaced: A sync has replaced a file.
        CacheError: A file is damaged, or no room is left for what does not fit into memory.
    """
    need_duckdb()
    _refuse_others(sql)
    files = [path for part in store.parts(manifest) for path in (part.leads, part.answers)]
    problem: OutgrowError | None = None
    with _connection(files, tz) as connection:
        try:
            make_views(connection, store, manifest, tz=tz, mask_key=mask_key)
            connection.execute("SET lock_configuration = true")
            table = _run(connection, sql)
        except duckdb_errors() as error:
            problem = _told(error, files)
    if problem is not None:
        raise problem
    return result_frame(table, tz)


def _run(connection: "duckdb.DuckDBPyConnection", sql: str) -> pa.Table:
    """Runs the query in a thread of its own: DuckDB does not notice that somebody pressed Stop, and is told."""
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: connection.sql(sql).to_arrow_table())
        try:
            return found.result()
        except KeyboardInterrupt:
            connection.interrupt()
            raise


@contextmanager
def _connection(files: Sequence[Path], tz: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A connection that may read these files; what does not fit into memory goes into a private folder, gone after."""
    with tempfile.TemporaryDirectory(prefix="outgrow-nb-sql-") as room:
        threads = str(min(os.cpu_count() or 1, _MOST_THREADS))
        with duckdb_at(":memory:", memory_limit=_MEMORY, threads=threads) as connection:
            for setting, value in (
                ("TimeZone", literal(tz)),
                ("temp_directory", literal(room)),
                ("secret_directory", literal(f"{room}/none")),
                ("allowed_paths", f"[{', '.join(literal(str(path)) for path in files)}]"),
                ("enable_external_access", "false"),
            ):
                connection.execute(f"SET {setting} = {value}")
            yield connection


def _refuse_others(sql: str) -> None:
    """Refuses what is not one SELECT."""
    import duckdb

    problem: OutgrowError | None = None
    try:
        kinds = [statement.type.name for statement in duckdb.extract_statements(sql)]
    except duckdb.Error as error:
        problem = ConfigError(_first_line(error), _TABLES)
    if problem is not None:
        raise problem
    if kinds != ["SELECT"]:
        raise ConfigError(
            "og.sql() runs one SELECT; a store is changed by og.sync() and og.add_export() alone.",
            "Write one statement that begins with SELECT, FROM or WITH.",
        )


def _told(error: Exception, files: Sequence[Path]) -> OutgrowError:
    """The same as ours, with the next step."""
    import duckdb

    if not all(path.exists() for path in files):
        return Replaced("The store was synced while it was read.", "Run the cell again.")
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return CacheError(_first_line(error), "Ask for fewer columns or rows, or make room in the temporary folder.")
    if isinstance(error, duckdb.PermissionException):
        return ConfigError("A query reads the store alone: no other file, no network.", _TABLES)
    return ConfigError(_first_line(error), _TABLES)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
