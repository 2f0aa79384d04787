"""What a read changes of a store: new, edited, moved and vanished leads; exports; whose store it is; what is swept."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from outgrow_nb.errors import CacheError, ConfigError
from outgrow_nb.frames import Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Arrival, Gap, Merged, Owner, Store, merge, read
from outgrow_nb.store.manifest import unpack
from tests.unit import frames_support
from tests.unit.frames_support import FORM, answer, lead, read_all
from tests.unit.kept_support import posix, room
from tests.unit.store_support import ANA, NOW, files, put

FULL = Arrival(covers=Window(), finished=True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that nothing was put into yet."""
    return Store(tmp_path / "kept")


def leads(*numbers: int, **fields: Any) -> Any:
    """A read of these leads."""
    return frames_support.read([lead(number, [answer("q-t", f"of {number}")], **fields) for number in numbers])


def ids(store: Store) -> list[int]:
    return [int(one, 16) for one in read(store).leads()["lead_id"]]


def test_new_and_edited(store: Store) -> None:
    """New ones are added, edited ones replaced, and what came again as it was changes nothing: not one file."""
    assert put(store, leads(1, 2, 3)) == Merged(3, 0, 0)
    before = [(path, path.stat().st_mtime_ns) for path in files(store.folder)]
    assert put(store, leads(2, 3)) == Merged(0, 0, 0)
    assert [(path, path.stat().st_mtime_ns) for path in files(store.folder)] == before
    assert put(store, leads(3, 4, score=5.0)) == Merged(1, 1, 0)
    assert read(store).leads()["score"].tolist()[2:] == [5.0, 5.0]
    edited = frames_support.read([lead(1, [answer("q-t", "something else")])])
    assert put(store, edited) == Merged(0, 1, 0)
    assert read(store).answers()["text"].tolist()[0] == "something else"
    assert ids(store) == [1, 2, 3, 4]


def test_an_older_version_changes_nothing(store: Store) -> None:
    """What was last updated before the one that is kept is passed over, in the same month and in another."""
    put(store, leads(1, score=2.0, updated_at="2026-06-02T00:00:00Z"))
    assert put(store, leads(1, score=1.0, updated_at="2026-06-01T00:00:00Z")) == Merged(0, 0, 0)
    moved = leads(1, score=1.0, updated_at="2026-06-01T00:00:00Z", created_at="2026-03-01T00:00:00Z")
    assert put(store, moved) == Merged(0, 0, 0)
    assert read(store).leads()["score"].tolist() == [2.0]
    assert list(store.manifest().contents["c1"].months) == ["2026-05"]


def test_a_lead_whose_time_was_edited_moves(store: Store) -> None:
    """It leaves its old month, also the month of unknown times; no reader of the files meets it twice."""
    put(store, leads(1, 2, created_at="no time"))
    assert list(store.manifest().contents["c1"].months) == ["unknown"]
    assert put(store, leads(1, created_at="2026-02-03T00:00:00Z")) == Merged(0, 1, 0)
    assert list(store.manifest().contents["c1"].months) == ["2026-02", "unknown"]
    assert put(store, leads(2, created_at="2026-02-04T00:00:00Z")) == Merged(0, 1, 0)
    assert list(store.manifest().contents["c1"].months) == ["2026-02"]
    assert len(list(files(store.folder))) == 2
    assert ids(store) == [1, 2]


def test_vanished_ones_are_marked_by_a_full_pass_alone(store: Store) -> None:
    """They stay on disk with the time at which they were missed, no frame shows them, and they may come back."""
    put(store, leads(1, 2, 3))
    put(store, leads(1, 3), Arrival(finished=True))
    assert ids(store) == [1, 2, 3]
    assert put(store, leads(1, 3), FULL) == Merged(0, 0, 1)
    assert ids(store) == [1, 3]
    piece = store.manifest().contents["c1"]
    assert (piece.leads, sum(month.gone for month in piece.months.values())) == (2, 1)
    on_disk = pd.read_parquet(next(files(store.folder)), columns=["lead_id", "gone_at"])
    assert on_disk["gone_at"].dropna().tolist() == [pd.Timestamp(NOW)]
    assert put(store, leads(1, 3), FULL) == Merged(0, 0, 0)
    assert put(store, leads(2)) == Merged(0, 1, 0)
    assert ids(store) == [1, 2, 3]


def test_gone_is_what_is_missing_within_the_span(store: Store) -> None:
    """A span that was read wholly says nothing of other times."""
    start = datetime(2026, 5, 1, 0, 2, tzinfo=UTC)
    put(store, leads(1, 2, 3, 4))
    put(store, leads(3), Arrival(covers=Window(start, start + timedelta(minutes=2))))
    assert ids(store) == [1, 3, 4]


def test_everything_gone(store: Store) -> None:
    """A content that lost every lead is a content without leads."""
    put(store, leads(1, 2))
    assert put(store, leads(), FULL) == Merged(0, 0, 2)
    assert ids(store) == []
    assert store.manifest().contents["c1"].first is None


def test_an_export_fills_the_past(store: Store) -> None:
    """Known leads stay as the API told them, others come in, and gaps that the export spans are closed."""
    put(store, leads(5, score=1.0), Arrival(gap=Gap(start=at(0, 1), end=at(0, 4))))
    put(store, leads(5, score=1.0), Arrival(gap=Gap(start=at(1, 0), end=at(1, 30))))
    assert put(store, leads(1, 2, 5, 65, score=2.0), Arrival(export=True)) == Merged(3, 0, 0)
    assert read(store).leads()["score"].tolist() == [2.0, 2.0, 1.0, 2.0]
    assert store.manifest().contents["c1"].gaps == (Gap(start=at(1, 5), end=at(1, 30)),)
    assert put(store, leads(2, 5, score=1.0), FULL) == Merged(0, 1, 0)  # Outgrow need not have what an export has
    assert ids(store) == [1, 2, 5, 65]
    assert put(store, leads(5, score=1.0), FULL) == Merged(0, 0, 1)  # but 2 was its own by now
    assert ids(store) == [1, 5, 65]


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 5, 1, hour, minute, tzinfo=UTC)


def test_a_row_without_id_is_no_second_lead(store: Store) -> None:
    """A lead of an export and the API's of the same time and e-mail address are one, whichever came first."""
    api = {"id": "a1", "created_at": "2026-05-01T10:00:30.250Z", "email": "Ana@example.com"}
    row = {"id": "csv-1", "created_at": "2026-05-01T10:00:30Z", "email": "ana@example.com"}
    coarse = {**row, "id": "csv-2", "created_at": "2026-05-01T10:00:00Z"}
    other = {**row, "id": "csv-3", "email": "bo@example.com"}
    later = {**row, "id": "csv-4", "created_at": "2026-05-01T10:00:31Z"}
    put(store, frames_support.read([api]))
    put(store, frames_support.read([row, coarse, other, later]), Arrival(export=True))
    assert sorted(read(store).leads()["lead_id"]) == ["a1", "csv-3", "csv-4"]
    put(store, frames_support.read([{**other, "id": "b1"}]))
    assert sorted(read(store).leads()["lead_id"]) == ["a1", "b1", "csv-4"]


def test_another_account_is_refused(store: Store) -> None:
    """By id; where one has none, by having no content in common. The message names both and the way out."""
    put(store, leads(1))
    bo = Owner(id="2", name="Fjordlys")
    with pytest.raises(
        ConfigError, match=r"holds leads of Northwind \('Quiz' and others\), and this is Fjordlys"
    ) as no:
        merge(store, leads(2), {}, owner=bo, account=["c1"], at=NOW)
    assert "another folder" in no.value.next_step
    nameless = Owner(name="an API key's account")
    merge(store, leads(2), {}, owner=nameless, account=["c0", "c1"], at=NOW)
    with pytest.raises(ConfigError, match="an API key's account"):
        merge(store, leads(3), {}, owner=nameless, account=["c7"], at=NOW)
    assert ids(store) == [1, 2]


@posix
def test_private(store: Store) -> None:
    """Folders 0700, files 0600, whatever the umask; and git is told to keep off."""
    put(store, leads(1, 2, created_at="2026-05-01T00:00:00Z"))
    for path in [store.folder, *store.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert (store.folder / ".gitignore").read_text() == "*\n"


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    """Nothing is ever put among other people's files; an empty folder will do."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds other files \(notes.txt\)"):
        Store(tmp_path)
    with pytest.raises(ConfigError, match="is not a folder"):
        Store(tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    assert Store(tmp_path / "empty").manifest().contents == {}
    assert list((tmp_path / "empty").iterdir()) == []


def test_no_id_leaves_the_folder(tmp_path: Path) -> None:
    """Whatever a service calls its contents."""
    items = [ContentItem(id=name, name="x") for name in ("../../out", "a/b", "..", "ü=%2F", "123")]
    store = Store(tmp_path / "deep" / "kept")
    put(store, read_all([(item, FORM, [lead(1)]) for item in items]))
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"kept"}
    assert len(list(files(store.folder))) == 10
    assert [source.item.id for source in read(store).sources] == [item.id for item in items]


def test_what_a_killed_writer_left_is_swept(store: Store) -> None:
    """Files that no manifest names, unfinished ones too, are gone after the next write; snapshots stay."""
    put(store, leads(1))
    good = set(files(store.folder))
    orphan = next(iter(good)).with_name("0" * 24 + ".parquet")
    orphan.write_bytes(b"x")
    (store.folder / ".new-0123").write_bytes(b"x")
    (store.folder / ".new-dir").mkdir()
    (store.folder / ".writing").touch()
    put(store, leads(1))
    assert set(files(store.folder)) == good
    assert sorted(path.name for path in store.folder.iterdir()) == [
        ".gitignore", ".lock", "answers", "leads", "manifest.json",
    ]  # fmt: skip


@posix
def test_no_room(store: Store) -> None:
    """A write that fails says so, and everything is as it was; with room again it goes on."""
    put(store, leads(1))
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    with room(500), pytest.raises(CacheError, match="what the store held before is whole") as full:
        put(store, leads(*range(2, 200)))
    assert str(store.folder) in str(full.value)
    assert {path: path.read_bytes() for path in before} == before
    assert ids(store) == [1]
    put(store, leads(2))
    assert ids(store) == [1, 2]
    assert len(list(files(store.folder))) == 2


def test_damage_is_told(store: Store) -> None:
    """A file that somebody changed or took away, and a manifest that is none, are errors with a way out."""
    put(store, leads(1))
    path = next(files(store.folder))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CacheError, match="damaged"):
        read(store)
    path.unlink()
    with pytest.raises(CacheError, match="is missing"):
        read(store)
    with pytest.raises(CacheError, match="newer version"):
        unpack(b'{"version": 99}', "here")
    (store.folder / "manifest.json").write_text("[]")
    with pytest.raises(CacheError, match="manifest"):
        read(store)


def test_pandas_and_duckdb_read_the_same(store: Store) -> None:
    """Plain strings, UTC times and float64, by a glob over the folders; no list column."""
    put(store, frames_support.read(frames_support.ugly()))
    frame = pd.read_parquet(store.folder / "leads")
    said = duckdb.connect().execute(f"select * from read_parquet('{store.folder}/leads/*/*/*.parquet')").df()
    assert sorted(frame["lead_id"]) == sorted(said["lead_id"]) == sorted(read(store).leads()["lead_id"])
    for name, kind in (("created_at", "datetime64[us, UTC]"), ("score", "float64"), ("answer_rows", "int32")):
        assert str(frame[name].dtype) == kind, name
    answers = pd.read_parquet(store.folder / "answers")
    assert set(answers["lead_id"]) <= set(frame["lead_id"])
    assert int(frame["answer_rows"].sum()) == len(answers) == len(read(store).answers())
    assert set(answers["json"]) <= {"null", "text", "number", "integer", "json", "empty list"}
    assert set(answers["content"]) == {"c1"}


def test_one_store_of_two_spellings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative name stays the folder it was, wherever the notebook goes."""
    monkeypatch.chdir(tmp_path)
    store = Store(Path("kept"))
    os.chdir("/")
    merge(store, leads(1), {}, owner=ANA, at=NOW)
    assert ids(Store(tmp_path / "kept")) == [1]
