"""One pair of Parquet files to and from rows; any tool reads them: plain strings, UTC times, numbers, no lists."""

import hashlib
import io
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from outgrow_nb.errors import CacheError
from outgrow_nb.store import files
from outgrow_nb.store.manifest import File
from outgrow_nb.store.rows import ANSWERS, CODED, LEADS, TEXT, Rows

_MANY = 20_000  # rows; fewer are read faster by one thread
_CODED = [field.name for field in (*LEADS, *ANSWERS) if field.type == CODED]


def write(table: pa.Table, folder: Path) -> File:
    """Writes a table into a folder, under a name made of its bytes.

    Raises:
        CacheError: It cannot be written; nothing that counts was touched.
    """
    out = io.BytesIO()
    plain = pa.schema([field.with_type(TEXT) if field.type == CODED else field for field in table.schema])
    # Words, not codes: Parquet makes dictionaries of its own, which hold what occurs and nothing else.
    pq.write_table(table.cast(plain), out, compression="zstd", store_schema=False)
    data = out.getvalue()
    name = f"{hashlib.sha256(data).hexdigest()[:24]}.parquet"
    with files.told(folder):
        files.private(folder)
        if not (folder / name).exists():
            files.write(folder / name, data)
    return File(name=name, rows=table.num_rows, bytes=len(data))


def read(path: Path, schema: pa.Schema, columns: Collection[str] | None = None) -> pa.Table:
    """A file's columns, in the types of the schema.

    Raises:
        FileNotFoundError: A sync has replaced it.
        CacheError: It is damaged.
    """
    names = [name for name in schema.names if columns is None or name in columns]
    try:
        with pq.ParquetFile(path, read_dictionary=[name for name in names if name in _CODED]) as file:
            found = file.read(names, use_threads=file.metadata.num_rows > _MANY)
        made = pa.table([found[name].cast(schema.field(name).type) for name in names], names=names)
    except (pa.ArrowException, KeyError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise damaged(path, "it is damaged") from error
    return made


def damaged(path: Path, why: str) -> CacheError:
    """What is said of a store that somebody else has changed."""
    return CacheError(f"Can't read {path}: {why}.", "Bring it back from a backup, or sync into a new folder.")


def read_rows(leads: Path, answers: Path) -> Rows:
    """Both files of a month."""
    return Rows(read(leads, LEADS), read(answers, ANSWERS))
