"""Leads to Parquet that pandas, DuckDB, Polars, Dask and Spark read back: a file, or a folder by content and month."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.text import slug
from outgrow_nb.store.placing import new_file
from outgrow_nb.store.stream import Stream

QUESTIONS = b"outgrow_questions"  # names the data dictionary, JSON records, in a file's own metadata
UNKNOWN_MONTH = "unknown"
_COMPRESSION = "zstd"
_MOST_OPEN = 4

Questions = Sequence[Mapping[str, Any]]


def write_parquet(stream: Stream, path: Path, questions: Questions = ()) -> int:
    """Writes one file, a row group for each piece.

    Args:
        stream: The leads.
        path: The file.
        questions: The data dictionary, kept in the file's metadata under ``outgrow_questions``.

    Returns:
        Number of rows.

    Raises:
        ConfigError: The place cannot be written.
    """
    rows = 0
    schema = _with_questions(stream.schema, questions)
    with new_file(path) as made, pq.ParquetWriter(made, schema, compression=_COMPRESSION) as writer:
        for piece in stream.pieces():
            writer.write_table(piece.replace_schema_metadata(schema.metadata))
            rows += piece.num_rows
    return rows


def write_partitions(stream: Stream, folder: Path, ids: Mapping[str, str]) -> int:
    """Fills ``folder/content_id=…/month=YYYY-MM/part-0.parquet``; months are those of UTC, "unknown" without a time.

    Args:
        stream: Rows with the columns content and created_at.
        folder: A new folder.
        ids: By title, the content's id; a title that is not there stands as a slug.

    Returns:
        Number of rows.

    Raises:
        ConfigError: One of the two columns is missing.
    """
    for name in ("content", "created_at"):
        if name not in stream.schema.names:
            raise ConfigError(
                f"A folder of Parquet is by content and month, and there is no column {name!r}.",
                "Give a path that ends in .parquet, for one file.",
            )
    rows, parts, writers = 0, dict[str, int](), dict[str, pq.ParquetWriter]()
    folder.mkdir(mode=0o700)
    with ExitStack() as stack:
        for piece in stream.pieces():
            for content, month, some in _by_content_and_month(piece):
                place = f"content_id={quote(ids.get(content) or slug(content), safe='')}/month={month}"
                if place not in writers:
                    _make_room(writers)
                    number = parts[place] = parts.get(place, -1) + 1
                    (folder / place).mkdir(mode=0o700, parents=True, exist_ok=True)
                    file = folder / place / f"part-{number}.parquet"
                    writers[place] = pq.ParquetWriter(file, stream.schema, compression=_COMPRESSION)
                    stack.callback(writers[place].close)
                writers[place].write_table(some)
                rows += some.num_rows
    return rows


def _make_room(writers: dict[str, pq.ParquetWriter]) -> None:
    """A writer keeps what it has not written: only a few are open at once."""
    if len(writers) >= _MOST_OPEN:
        writers.pop(next(iter(writers))).close()


def _by_content_and_month(piece: pa.Table) -> Iterator[tuple[str, str, pa.Table]]:
    months = pc.strftime(piece["created_at"].cast(pa.timestamp("us")), "%Y-%m").fill_null(UNKNOWN_MONTH)
    contents = piece["content"].cast(pa.large_string()).fill_null("")
    keys = pa.table([contents, months], ["content", "month"])
    for key in sorted(
        {(row["content"], row["month"]) for row in keys.group_by(["content", "month"]).aggregate([]).to_pylist()}
    ):
        same = pc.and_(pc.equal(contents, key[0]), pc.equal(months, key[1]))
        yield (*key, piece.filter(same))


def _with_questions(schema: pa.Schema, questions: Questions) -> pa.Schema:
    if not questions:
        return schema
    told = json.dumps(list(questions), ensure_ascii=False, default=str).encode()
    return schema.with_metadata({**(schema.metadata or {}), QUESTIONS: told})
