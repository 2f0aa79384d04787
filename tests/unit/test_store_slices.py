"""A store in slices: together they are the frames, whatever the size of a slice; replaced files are told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from outgrow_nb.errors import CacheError, ConfigError
from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Arrival, Owner, Store, merge, read
from outgrow_nb.store.partition import Wanted, partition
from outgrow_nb.store.slices import Replaced, slices, vocabulary
from outgrow_nb.store.sql import query
from outgrow_nb.store.streams import StoreTables
from tests.unit import frames_support
from tests.unit.frames_support import FORM, QUIZ, answer, lead, ugly

NOW = datetime(2026, 6, 30, tzinfo=UTC)
KEY = b"k" * 32
TWIN = ContentItem(id="c2", name="Quiz", type="Quiz")


def put(store: Store, made: KeptLeads, *, whole: bool = False) -> None:
    """Merges a read; whole: what it has not is gone."""
    arrivals = {item.id: Arrival(covers=Window()) for item in made.contents} if whole else {}
    merge(store, made, arrivals, owner=Owner(id="1", name="a"), at=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Ugly leads, another content of the same title, and leads that are gone."""
    made = Store(tmp_path / "kept")
    asked = [lead(k, [answer("q-c", "Yes"), answer("q-m", ["Red", "Blue, dark"]), answer("q-n", k)]) for k in range(40)]
    put(made, frames_support.read_all([(QUIZ, FORM, ugly()), (TWIN, FORM, asked)]))
    put(made, frames_support.read_all([(TWIN, FORM, asked[::2])]), whole=True)
    return made


def plain(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Every row, missing as None, in an order that hangs on the values alone."""
    bare = frame.astype(dict.fromkeys(frame.columns, object)).where(frame.notna(), None)
    return sorted(bare.itertuples(index=False, name=None), key=repr)


@pytest.mark.parametrize("rows", [1, 7, 10_000])
@pytest.mark.parametrize("key", [None, KEY])
def test_slices_are_the_frames(store: Store, rows: int, key: bytes | None) -> None:
    """Leads and answers of all slices are those of one read: the same values, names of columns, positions."""
    held = store.manifest()
    words = vocabulary(list(held.contents.values()))
    every = [one for part in store.parts(held) for one in slices(part, words, answers=True, rows=rows)]
    whole = read(store)
    leads = [row for one in every for row in plain(one.leads(answers="none", mask_key=key))]
    answers = [row for one in every for row in plain(one.answers(mask_key=key))]
    assert sorted(leads, key=repr) == plain(whole.leads(answers="none", mask_key=key))
    assert sorted(answers, key=repr) == plain(whole.answers(mask_key=key))
    told, wanted = words.nothing().questions_frame(), whole.questions_frame()
    seen = told.pop("last_seen"), wanted.pop("last_seen")
    pd.testing.assert_frame_equal(told, wanted)
    assert not (seen[0] < seen[1]).any()  # by leads that are gone meanwhile, perhaps later
    assert max(map(len, every)) <= rows


def test_streams_are_the_frames(store: Store) -> None:
    """What exports are made of has the frames' columns and types, and every value."""
    tables = StoreTables(store, store.manifest(), tz="Europe/Berlin", mask_key=None)
    whole = read(store)
    leads = pa.concat_tables(tables.leads().pieces()).unify_dictionaries().to_pandas()
    wanted = whole.leads(answers="none", tz="Europe/Berlin")
    texts = {"object": "str"}  # pandas 2.3 reads texts back so
    kinds = [texts.get(str(kind), str(kind)) for kind in leads.dtypes]
    assert kinds == [str(kind) for kind in wanted.dtypes]
    assert plain(leads) == plain(wanted)
    answers = pa.concat_tables(tables.answers().pieces()).unify_dictionaries().to_pandas()
    assert list(answers.columns) == [*whole.answers().columns, "created_at"]
    assert len(tables.contents()) == 2
    assert tables.contents()["leads"].tolist() == [len(frames_support.read(ugly())), 20]
    assert tables.ids() == {"Quiz (c1)": "c1", "Quiz (c2)": "c2"}


def test_sql_shows_no_lead_that_is_gone(store: Store) -> None:
    """Nor its answers."""
    whole = read(store)
    counted = query(
        store, store.manifest(), "select count(*) from leads union all select count(*) from answers", tz="UTC"
    )
    assert counted.iloc[:, 0].tolist() == [len(whole), len(whole.answers())]


CALLS: dict[str, Callable[[Store], object]] = {
    "export": lambda s: [list(StoreTables(s, s.manifest(), tz="UTC").answers().pieces())],
    "sql": lambda s: query(s, s.manifest(), "select count(text) from answers", tz="UTC"),
    "dask": lambda s: [
        partition((str(p.leads), "Quiz", ""), Wanted(("Quiz",), (), Window(), "all", "UTC", False))
        for p in s.parts(s.manifest())
    ],
}


@pytest.mark.parametrize("way", CALLS)
def test_a_file_that_was_replaced(store: Store, way: str) -> None:
    """A file that is not there any more is told as what it is: a sync replaced it."""
    for part in store.parts(store.manifest()):
        part.leads.unlink()
    with pytest.raises(Replaced):
        CALLS[way](store)


@pytest.mark.parametrize("way", CALLS)
def test_a_damaged_file(store: Store, way: str) -> None:
    """A file that is none is told with a way out."""
    for part in store.parts(store.manifest()):
        for path in (part.leads, part.answers):
            path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises((CacheError, ConfigError)) as caught:
        CALLS[way](store)
    assert caught.value.next_step


STOPPED = """
import sys
from pathlib import Path
from outgrow_nb.store import Store
from outgrow_nb.store.sql import query
store = Store(Path(sys.argv[1]))
print("running", flush=True)
try:
    sql = "select count(*) from range(100000000000) a, range(1000) b where a.range % 7 = b.range"
    query(store, store.manifest(), sql, tz="UTC")
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="a process of Windows gets no SIGINT")
def test_a_query_can_be_stopped(store: Store, tmp_path: Path) -> None:
    """Stop ends a query that would run for hours, and its temporary folder is gone."""
    environment = {**os.environ, "TMPDIR": str(tmp_path / "room")}
    (tmp_path / "room").mkdir()
    command = [sys.executable, "-c", STOPPED, str(store.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == "stopped\n"
    assert process.returncode == 0
    assert list((tmp_path / "room").iterdir()) == []
