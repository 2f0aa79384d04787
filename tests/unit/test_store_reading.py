"""What a store gives back: the very frames that the read itself gives, whole, in parts, and put in piece by piece."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames import Window
from outgrow_nb.store import Store, read
from tests.unit import frames_support
from tests.unit.frames_support import FORM, QUIZ, answer, lead, read_all, ugly
from tests.unit.store_support import POLL, put, same

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nothing here is about the disk


def test_ugly_leads(tmp_path: Path) -> None:
    """Everything that was ever seen in a record comes back as it went in."""
    made = frames_support.read(ugly())
    store = Store(tmp_path / "kept")
    put(store, made)
    same(read(store), made)


def test_one_by_one(tmp_path: Path) -> None:
    """Merged one lead at a time it is what it is at once."""
    records = ugly()
    store = Store(tmp_path / "kept")
    for record in records:
        put(store, frames_support.read([record]))
    same(read(store), frames_support.read(records))


def test_a_span(tmp_path: Path) -> None:
    """A part of what is kept is what a read of that span alone would have been; unknown times are in every span."""
    records: list[Any] = [dated(number, f"2026-{1 + number % 6:02d}-{1 + number % 28:02d}") for number in range(40)]
    records += [{**lead(99, [answer("q-t", "once")]), "created_at": "some day"}]
    store = Store(tmp_path / "kept")
    put(store, frames_support.read(records))
    window = Window(datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC))
    within = [
        one for one in records if one["created_at"] == "some day" or "2026-02-10" <= one["created_at"] < "2026-05-05"
    ]
    assert 5 < len(within) < 30
    same(read(store, None, window), frames_support.read(within))


def dated(number: int, day: str) -> dict[str, Any]:
    """A lead of a day, with a few answers, a different campaign each month."""
    given = [answer("q-c", ("Yes", "No", "Perhaps")[number % 3]), answer("q-m", ["Red", f"Other {day}"])]
    given += [answer("q-n", number / 4), answer("q-t", f"Text of {day}")][: number % 3]
    return lead(number, given, created_at=f"{day}T12:00:00Z", utm_campaign=f" May {day[:7]} ", outcome=f"of {day}")


def test_several_contents(tmp_path: Path) -> None:
    """Contents stand in the order asked for, their leads in the order of time."""
    one = [dated(number, f"2026-01-{1 + number:02d}") for number in range(20)]
    other = [dated(number, f"2026-01-{2 + number:02d}") for number in range(15)]
    store = Store(tmp_path / "kept")
    put(store, read_all([(QUIZ, FORM, one), (POLL, (), other)]))
    same(read(store, ["c2", "c1"]), read_all([(POLL, (), other), (QUIZ, FORM, one)]))
    same(read(store, ["c2"]), read_all([(POLL, (), other)]))
    same(read(store, ["c2", "unknown"]), read_all([(POLL, (), other)]))


def test_a_file_holds_what_occurs_in_it(tmp_path: Path) -> None:
    """Not one word of another content or month: what a tool takes for its labels are the labels of these rows."""
    store = Store(tmp_path / "kept")
    one = [dated(1, "2026-01-05"), dated(2, "2026-02-05")]
    put(store, read_all([(QUIZ, FORM, one), (POLL, (), [dated(3, "2026-01-07")])]))
    for path in (tmp_path / "kept" / "leads").rglob("*.parquet"):
        column = pq.ParquetFile(path, read_dictionary=["outcome"]).read()["outcome"]
        assert column.chunk(0).dictionary.to_pylist() == column.to_pylist()


def test_without_leads(tmp_path: Path) -> None:
    """A content without leads gives frames with every column and no row."""
    store = Store(tmp_path / "kept")
    put(store, frames_support.read([]))
    same(read(store), frames_support.read([]))
    assert len(read(Store(tmp_path / "nothing"))) == 0


def test_a_renamed_question_keeps_its_column(tmp_path: Path) -> None:
    """The oldest text that the store knows names the column, also in a span in which nobody was asked it any more."""
    old = lead(1, [answer("q-t", "a", text="Anything else?")], created_at="2026-01-05T00:00:00Z")
    new = lead(2, [answer("q-t", "b", text="What else?")], created_at="2026-03-05T00:00:00Z")
    store = Store(tmp_path / "kept")
    put(store, frames_support.read([new], questions=()))
    assert "what_else" in read(store).leads()
    put(store, frames_support.read([old], questions=()))
    march = Window(datetime(2026, 3, 1, tzinfo=UTC), None)
    assert list(read(store, None, march).leads()["anything_else"]) == ["b"]
    assert set(read(store, None, march).answers()["column"]) == {"anything_else"}


def test_without_answers_their_files_stay_closed(tmp_path: Path) -> None:
    """The flat columns need half of the files."""
    store = Store(tmp_path / "kept")
    made = frames_support.read(ugly())
    put(store, made)
    for path in (tmp_path / "kept" / "answers").rglob("*.parquet"):
        path.write_bytes(b"")
    pd.testing.assert_frame_equal(
        read(store, answers=False).leads(answers="none"), made.leads(answers="none"), check_like=False
    )


@settings(max_examples=20, deadline=None)
@given(
    parts=st.lists(
        st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5), st.integers(0, 70)), max_size=8), max_size=5
    )
)
def test_any_order_of_pieces(parts: list[list[tuple[int, int, int]]]) -> None:
    """Whatever comes in whatever order, twice or edited or moved to another month: each lead once, as last updated."""
    latest: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        store = Store(Path(place) / "kept")
        version = 0
        for part in parts:
            records = []
            for number, value, day in part:
                version += 1
                made = datetime(2026, 1, 20, tzinfo=UTC) + timedelta(days=day, minutes=number)
                updated = made + timedelta(days=400, minutes=version)  # not always later than what came before
                record = lead(number, [answer("q-t", f"{value}")], created_at=made.isoformat())
                record |= {"updated_at": updated.isoformat(), "score": float(version)}
                records.append(record)
                old = latest.get(number)
                if old is None or record["updated_at"] >= old["updated_at"]:
                    latest[number] = record
            put(store, frames_support.read(records))
        expected = frames_support.read(sorted(latest.values(), key=lambda one: one["score"]))
        found = read(store)
        stored = store.manifest().contents.get("c1")
        assert (stored.leads if stored else 0) == len(latest)
        assert found.flat["lead_id"].to_pylist() == expected.flat["lead_id"].to_pylist()
        if latest:
            pd.testing.assert_frame_equal(found.answers(), expected.answers())
