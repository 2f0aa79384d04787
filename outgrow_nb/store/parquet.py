"""One pair of Parquet files to and from rows; any tool reads them: plain strings, UTC times, numbers, no lists."""

import hashlib
import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from outgrow_nb.errors import CacheError
from outgrow_nb.store import files
from outgrow_nb.store.manifest import File
from outgrow_nb.store.rows import ANSWERS, CODED, LEADS, TEXT, Rows


def write(table: pa.Table, folder: Path) -> File:
    """Writes a table into a folder, under a name made of its bytes.

    Raises:
        CacheError: It cannot be written; nothing that counts was touched.
    """
    out = io.BytesIO()
    columns = [compact(column) if column.type == CODED else column for column in table.columns]
    pq.write_table(pa.table(columns, table.column_names), out, compression="zstd", store_schema=False)
    data = out.getvalue()
    name = f"{hashlib.sha256(data).hexdigest()[:24]}.parquet"
    with files.told(folder):
        files.private(folder)
        if not (folder / name).exists():
            files.write(folder / name, data, flush=False)
    return File(name=name, rows=table.num_rows, bytes=len(data))


def compact(column: pa.ChunkedArray) -> pa.Array:
    """The same with a dictionary of what occurs and nothing else: it becomes the file's, and then a frame's labels."""
    column = column.unify_dictionaries()
    codes = pa.chunked_array([chunk.indices for chunk in column.chunks], pa.int32())
    words = column.chunk(0).dictionary if column.num_chunks else pa.array([], TEXT)
    found = pc.fill_null(codes, len(words)).to_numpy()  # what is missing comes last
    used = np.flatnonzero(np.bincount(found, minlength=len(words) + 1)[:-1])
    places = np.full(len(words) + 1, -1, np.int32)
    places[used] = np.arange(len(used))
    made = places[found]
    return pa.DictionaryArray.from_arrays(pa.array(made, mask=made < 0), words.take(pa.array(used)))


class Opened:
    """An open file.

    Args:
        path: The file.
        schema: The types of its columns.

    Raises:
        FileNotFoundError: A sync has replaced it.
        CacheError: It is damaged.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        coded = [field.name for field in schema if field.type == CODED]
        self._file: Any = None
        self._whole: pa.Table | None = None
        with _readable(path):
            self._file = pq.ParquetFile(path, read_dictionary=coded)

    def read(self, columns: Collection[str]) -> pa.Table:
        """Some columns, in the types of the schema; by one thread: each would keep what it unpacked in.

        Raises:
            CacheError: The file is damaged.
        """
        names = [name for name in self._schema.names if name in columns]
        if self._whole is not None:
            return self._whole.select(names)
        made: list[pa.ChunkedArray] = []
        with _readable(self._path):
            found = self._file.read(names, use_threads=False)
            made = [found[name].cast(self._schema.field(name).type) for name in names]
        return pa.table(made, names=names)

    def load(self, columns: Collection[str]) -> None:
        """Reads these columns at once, for a file so small that asking for each would take longer."""
        self._whole = self.read(columns)

    def close(self) -> None:
        """Gives the handle back."""
        self._file.close()


@contextmanager
def opened(paths: Sequence[Path], schema: pa.Schema) -> Iterator[list[Opened]]:
    """Several files; as `Opened`."""
    with ExitStack() as stack:
        made = []
        for path in paths:
            made.append(Opened(path, schema))
            stack.callback(made[-1].close)
        yield made


def read(path: Path, schema: pa.Schema, columns: Collection[str] | None = None) -> pa.Table:
    """A file's columns; as `Opened`."""
    with opened([path], schema) as (file,):
        return file.read(schema.names if columns is None else columns)


def read_rows(leads: Path, answers: Path) -> Rows:
    """Both files of a month."""
    return Rows(read(leads, LEADS), read(answers, ANSWERS))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    problem = None
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, KeyError, OSError) as error:
        problem = error
    if problem is not None:
        raise damaged(path, "it is damaged") from problem


def damaged(path: Path, why: str) -> CacheError:
    """What is said of a store that somebody else has changed."""
    return CacheError(f"Can't read {path}: {why}.", "Bring it back from a backup, or sync into a new folder.")
