"""What DuckDB gives, with the dtypes of the frames; and a store with nothing in it."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from outgrow_nb.store import Store
from outgrow_nb.store.sql import query
from outgrow_nb.store.sql_result import result_frame

KINDS = {
    "'a' AS utm_source": "category",
    "'partial' AS status": "category",
    "'other words' AS status": "category",
    "'x' AS anything": "str",
    "1::utinyint AS n": "int64",
    "NULL::integer AS n": "Int64",
    "1::integer AS rank": "Int64",
    "sum(2) AS n": "int64",
    "10::hugeint * 1000000000000000000000 AS n": "float64",
    "1.25::decimal(5, 2) AS n": "float64",
    "1.5::float AS n": "float64",
    "NULL::double AS n": "float64",
    "true AS b": "boolean",
    "NULL::boolean AS b": "boolean",
    "now() AS t": "datetime64[us, Europe/Berlin]",
    "date '2026-05-01' AS t": "datetime64[us]",
    "timestamp '2026-05-01 10:00' AS t": "datetime64[us]",
    "'b'::enum('a', 'b') AS e": "category",
    "[1, 2] AS l": "object",
}


@pytest.mark.parametrize("what", KINDS)
def test_types(what: str) -> None:
    """Each SQL type has one dtype, with no rows too."""
    with duckdb.connect() as held:
        for rows in (1, 0):
            table = held.sql(f"SELECT * FROM (SELECT {what}) LIMIT {rows}").to_arrow_table()
            frame = result_frame(table, "Europe/Berlin")
            assert len(frame) == rows
            whole = not rows and what.partition("::")[2].startswith(("integer AS n", "hugeint"))
            assert str(frame.dtypes.iloc[0]) == ("int64" if whole else KINDS[what])


def test_values() -> None:
    """Statuses are ordered; columns of one name stay apart; sums are exact, beyond int64 as near as float64 comes."""
    with duckdb.connect() as held:
        table = held.sql("SELECT 'partial' AS status, 1 AS a, 2 AS a, 9007199254740993::hugeint AS b").to_arrow_table()
    frame = result_frame(table, "UTC")
    assert list(frame["status"].cat.categories) == ["started", "partial", "completed"]
    assert frame["status"].cat.ordered
    assert frame.to_numpy().tolist() == [["partial", 1, 2, 9007199254740993]]


def test_nothing_is_kept(tmp_path: Path) -> None:
    """A store with nothing in it has its four tables, with no rows."""
    store = Store(tmp_path / "kept")
    for name in ("leads", "answers", "questions", "contents"):
        frame = query(store, store.manifest(), f"FROM {name}", tz="UTC")
        assert isinstance(frame, pd.DataFrame)
        assert len(frame) == 0
        assert len(frame.columns) > 5
