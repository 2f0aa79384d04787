"""The store's files as other tools read them, without this package: the same rows and types in each."""

import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from outgrow_nb.records import ContentItem
from outgrow_nb.store import Owner, Store, merge
from tests.unit.frames_support import FORM, lead, read_all, ugly

QUIZ, POLL = ContentItem(id="c1", name="Quiz", type="Quiz"), ContentItem(id="5f/2 x", name="Poll", type="Poll")
HIVE = ["content", "month"]


def by_pandas(tree: Path) -> pa.Table:
    return pa.Table.from_pandas(pd.read_parquet(tree, dtype_backend="pyarrow"), preserve_index=False)


def by_polars(tree: Path) -> pa.Table:
    return pl.scan_parquet(f"{tree}/**/*.parquet", hive_partitioning=True).collect().to_arrow()


def by_duckdb(tree: Path) -> pa.Table:
    with duckdb.connect() as held:
        held.execute("SET TimeZone = 'UTC'")
        return held.sql(f"from read_parquet('{tree}/**/*.parquet', hive_partitioning = true)").to_arrow_table()


def by_dask(tree: Path) -> pa.Table:
    with dask.config.set({"dataframe.convert-string": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Dask's own use of pandas
        return pa.Table.from_pandas(dd.read_parquet(tree, dtype_backend="pyarrow").compute(), preserve_index=False)


TOOLS: dict[str, Callable[[Path], pa.Table]] = {
    "pandas": by_pandas,
    "polars": by_polars,
    "duckdb": by_duckdb,
    "dask": by_dask,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two contents and several months, one of them without a time."""
    store = Store(tmp_path_factory.mktemp("tools") / "kept")
    poll = [lead(k, created_at=f"2025-{k % 12 + 1:02d}-03T10:00:00Z", utm_source="Google", score=k) for k in range(30)]
    made = read_all([(QUIZ, FORM, ugly()), (POLL, (), poll)])
    merge(store, made, {}, owner=Owner(id="1", name="a"), at=datetime(2026, 6, 30, tzinfo=UTC))
    return store.folder


def kind(found: pa.DataType) -> str:
    """A type by what it means, whatever its width."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    if any(is_text(found) for is_text in texts):
        return "text"
    if pa.types.is_timestamp(found):
        return f"time {found.tz}"
    return "integer" if pa.types.is_integer(found) else str(found)


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Every row, NaN as missing, in an order that hangs on the values alone."""
    names = sorted(table.column_names)
    columns = [[None if value != value else value for value in table[name].to_pylist()] for name in names]
    return sorted(zip(*columns, strict=True), key=repr)


@pytest.mark.parametrize("tree", ["leads", "answers"])
@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_reads_the_same(kept: Path, tool: str, tree: str) -> None:
    """The hive columns, every column's type, and every value are those that pandas reads."""
    wanted, found = by_pandas(kept / tree), TOOLS[tool](kept / tree)
    assert sorted(found.column_names) == sorted(wanted.column_names)
    assert set(HIVE) <= set(found.column_names)
    kinds = {name: kind(found.schema.field(name).type) for name in found.column_names}
    assert kinds["lead_id"] == kinds["content"] == kinds["month"] == "text"
    assert kinds["created_at"] == "time UTC"
    assert kinds == {name: kind(wanted.schema.field(name).type) for name in wanted.column_names} | {
        name: kinds[name]
        for name in kinds
        if wanted[name].null_count == len(wanted)  # pandas knows no type of nothing
    }
    assert rows(found) == rows(wanted)


def test_what_is_there(kept: Path) -> None:
    """All leads are there, each in its content's and month's folder; ids and months survive as texts."""
    found = by_pandas(kept / "leads")
    assert len(found) == len({(one["id"]) for one in ugly()}) + 30
    assert set(found["content"].to_pylist()) == {"c1", "5f/2 x"}
    assert {"2025-01", "2025-12", "2026-05", "unknown"} <= set(found["month"].to_pylist())
