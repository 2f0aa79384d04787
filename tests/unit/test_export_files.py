"""Writers of exports: whole or not at all, private, nothing a spreadsheet would run, the same rows and types back."""

import csv
import json
import os
import re
import stat
import warnings
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.mask import person_id
from outgrow_nb.store.export_csv import write_csv
from outgrow_nb.store.export_duckdb import write_duckdb
from outgrow_nb.store.export_parquet import QUESTIONS, write_parquet, write_partitions
from outgrow_nb.store.masking import masked
from outgrow_nb.store.placing import new_file, new_folder
from outgrow_nb.store.stream import Stream, of_frame
from tests.unit.frames_support import read, ugly
from tests.unit.kept_support import room

KEY = b"k" * 32
Writer = Callable[[Stream, Path], int]
WRITERS: dict[str, Writer] = {
    "a.csv": write_csv,
    "a.parquet": write_parquet,
    "a.duckdb": lambda stream, path: write_duckdb({"leads": stream}, path),
}
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")


@pytest.fixture
def leads() -> pd.DataFrame:
    """Ugly leads, with every kind of column."""
    return read(ugly()).leads(tz="Europe/Berlin")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("name", WRITERS)
def test_private_and_replaced(tmp_path: Path, leads: pd.DataFrame, name: str) -> None:
    """A file is 0600, replaces the one before, counts its rows, and leaves nothing beside it."""
    path = tmp_path / name
    path.write_text("before")
    path.chmod(0o644)
    assert WRITERS[name](of_frame(leads), path) == len(leads)
    assert mode(path) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert b"before" not in path.read_bytes()[:6]


@pytest.mark.parametrize("name", WRITERS)
def test_an_error_leaves_the_old_file(tmp_path: Path, leads: pd.DataFrame, name: str) -> None:
    """Whatever goes wrong half-way, the file that stood there is untouched, and nothing is left beside it."""
    path = tmp_path / name
    path.write_text("before")
    whole = of_frame(leads)

    def pieces() -> "pa.Iterator[pa.Table]":
        yield from whole.pieces()
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        WRITERS[name](Stream(whole.schema, pieces), path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk(tmp_path: Path, leads: pd.DataFrame, name: str) -> None:
    """A disk without room is told in two lines; what stood there is whole."""
    path = tmp_path / name
    path.write_text("before")
    with room(4096), pytest.raises(ConfigError, match="Can't write") as caught:
        WRITERS[name](of_frame(leads), path)
    assert caught.value.next_step
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_no_place(tmp_path: Path, leads: pd.DataFrame, name: str) -> None:
    """A folder that is not there, and a folder in the file's place, are told."""
    with pytest.raises(ConfigError, match="Can't write"):
        WRITERS[name](of_frame(leads), tmp_path / "missing" / name)
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        WRITERS[name](of_frame(leads), tmp_path / name)


def test_parquet_is_the_frame(tmp_path: Path, leads: pd.DataFrame) -> None:
    """Pandas reads the very frame back, as it would from its own file; the data dictionary stands inside."""
    write_parquet(of_frame(leads), tmp_path / "a.parquet", [{"column": "zip", "text": "Your zip?"}])
    leads.to_parquet(tmp_path / "b.parquet", index=False)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), pd.read_parquet(tmp_path / "b.parquet"))
    told = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[QUESTIONS])
    assert told == [{"column": "zip", "text": "Your zip?"}]


def test_duckdb_has_every_value(tmp_path: Path, leads: pd.DataFrame) -> None:
    """Each table is there, texts as texts, times as instants, missing as NULL."""
    write_duckdb({"leads": of_frame(leads), "more": of_frame(pd.DataFrame({"a": [1]}))}, tmp_path / "a.duckdb")
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as held:
        back = held.sql("from leads").to_arrow_table()
        assert held.sql("select a from more").fetchall() == [(1,)]
    assert back.column_names == list(leads.columns)
    assert back["lead_id"].to_pylist() == leads["lead_id"].tolist()
    assert str(back.schema.field("created_at").type).startswith("timestamp[us, tz=")
    assert [None if v is None else pd.Timestamp(v) for v in back["created_at"].to_pylist()] == [
        None if pd.isna(v) else v for v in leads["created_at"]
    ]
    for name in ("your_zip_code", "choice", "note"):
        assert back[name].to_pylist() == leads[name].astype(object).where(leads[name].notna(), None).tolist()


def test_partitions(tmp_path: Path, leads: pd.DataFrame) -> None:
    """A folder is by content and month of UTC; read as a whole it has the frame's columns, and every lead once."""
    with new_folder(tmp_path / "export") as made:
        assert write_partitions(of_frame(leads), made / "leads", {"Quiz": "c/1"}) == len(leads)
    folders = sorted({str(one.parent.relative_to(tmp_path)) for one in tmp_path.rglob("*.parquet")})
    months = leads["created_at"].dt.tz_convert("UTC").dt.strftime("%Y-%m").fillna("unknown")
    assert folders == [f"export/leads/content_id=c%2F1/month={month}" for month in sorted(set(months))]
    back = pd.read_parquet(tmp_path / "export" / "leads")
    assert list(back.columns) == [*leads.columns, "content_id", "month"]
    assert sorted(back["lead_id"]) == sorted(leads["lead_id"])
    assert set(back["content_id"]) == {"c/1"}
    assert {mode(one) for one in (tmp_path / "export").rglob("*")} == {0o600, 0o700}
    with pytest.raises(ConfigError, match="no column 'created_at'"):
        write_partitions(of_frame(leads.drop(columns="created_at")), tmp_path / "other", {})


def test_a_folder_of_somebody_else(tmp_path: Path, leads: pd.DataFrame) -> None:
    """An earlier export is replaced, an empty folder filled; a folder with anything else in it is refused."""
    place = tmp_path / "export"
    for rows in (3, 5):
        with new_folder(place) as made:
            write_partitions(of_frame(leads.head(rows)), made / "leads", {})
        assert len(pd.read_parquet(place / "leads")) == rows
    assert [one.name for one in tmp_path.iterdir()] == ["export"]
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("text")
    with pytest.raises(ConfigError, match=r"thesis holds something that is no export"), new_folder(other):
        pass
    assert (other / "chapter.txt").read_text() == "text"
    (other / "chapter.txt").unlink()
    with new_folder(other):
        pass
    with pytest.raises(RuntimeError), new_folder(place):
        raise RuntimeError
    assert len(pd.read_parquet(place / "leads")) == 5


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.one_of(TEXT, st.sampled_from(["=1+1", "+49 170", "-", "@x", "\t=1", "\r=1"])), min_size=1))
def test_no_cell_is_a_formula(tmp_path: Path, texts: list[str]) -> None:
    """No text, category or column name begins as a formula does; each is the text, or it with one apostrophe."""
    frame = pd.DataFrame({"=name": texts, "choice": pd.Categorical(texts), "number": [-1.5] * len(texts)})
    write_csv(of_frame(frame), tmp_path / "a.csv")
    header, *rows = cells(tmp_path / "a.csv")
    assert header == ["'=name", "choice", "number"]
    for text, row in zip(texts, rows, strict=True):
        guarded = f"'{text}" if FORMULA.match(text) else text
        assert row == [guarded, guarded, "-1.5"]


def test_csv_values(tmp_path: Path) -> None:
    """Numbers stay numbers, missing is empty, times have their offset, nested values are texts."""
    at = pd.Timestamp("2026-01-25 15:30", tz="Europe/Berlin")
    frame = pd.DataFrame(
        {
            "f": [-1.5, None],
            "i": pd.array([-3, None], "Int64"),
            "b": [True, False],
            "t": [at, None],
            "l": [[1, "a"], None],
        },
    ).astype({"t": "datetime64[us, Europe/Berlin]"})
    with pytest.raises(ConfigError, match="'l' holds values of several kinds"):
        of_frame(frame)
    frame["l"] = pd.Series([["a", "b"], None])
    write_csv(of_frame(frame), tmp_path / "a.csv")
    assert cells(tmp_path / "a.csv")[1:] == [
        ["-1.5", "-3", "true", "2026-01-25 15:30:00.000000+0100", "['a', 'b']"],
        ["", "", "false", "", ""],
    ]


def test_index_and_names(tmp_path: Path) -> None:
    """A named index is exported, any other is not; names that are no text become one; doubled names are refused."""
    frame = pd.DataFrame({1: [1, 2, 2]})
    assert of_frame(frame[frame[1] > 1]).schema.names == ["1"]
    assert of_frame(frame.groupby(1).size().rename("n").to_frame()).schema.names == ["1", "n"]
    with pytest.raises(ConfigError, match="Several columns are called 'a'"):
        of_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_masked(leads: pd.DataFrame) -> None:
    """Contact details are hashed or empty, free text is left out and named; masking twice changes nothing."""
    frame = leads.assign(email="Ana@x.example", first_name="Ana", referrer="https://u:p@x.example/a?email=ana#b")
    frame["utm_campaign"] = pd.Categorical(["mail to Ana@x.example", *["spring"] * (len(frame) - 1)])
    stream, dropped = masked(of_frame(frame), KEY)
    (piece,) = stream.pieces()
    assert piece.schema.names == stream.schema.names
    assert set(piece["email"].to_pylist()) == {person_id("ana@x.example", KEY)}
    assert piece["first_name"].null_count == len(frame)
    assert piece["utm_campaign"].to_pylist() == [None, *["spring"] * (len(frame) - 1)]
    assert set(piece["referrer"].to_pylist()) == {"https://x.example/a"}
    assert {"note", "your_zip_code"} <= set(dropped)
    assert not {*dropped} & {*piece.schema.names}
    assert "number" in piece.schema.names
    assert "Ana" not in str(piece.to_pydict())
    again, nothing = masked(stream, KEY)
    assert not nothing
    (second,) = again.pieces()
    assert second.equals(piece)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link in the file's place is replaced; what it points at is untouched."""
    (tmp_path / "real").write_text("before")
    (tmp_path / "a.csv").symlink_to(tmp_path / "real")
    with new_file(tmp_path / "a.csv") as made:
        made.write_text("new")
    assert (tmp_path / "real").read_text() == "before"
    assert not (tmp_path / "a.csv").is_symlink()


def test_slices_of_a_large_frame(tmp_path: Path) -> None:
    """A frame of several slices is written wholly, in order, categories the same."""
    frame = pd.DataFrame({"n": range(120_000), "c": pd.Categorical(["b", "a", None] * 40_000)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert write_parquet(of_frame(frame), tmp_path / "a.parquet") == 120_000
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), frame)
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3
