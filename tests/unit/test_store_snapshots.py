"""Snapshots: what was frozen stays as it was, costs no second copy, and is found by name or time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outgrow_nb.errors import ConfigError
from outgrow_nb.store import Store, find, read, snapshot
from tests.unit import frames_support
from tests.unit.frames_support import lead
from tests.unit.store_support import NOW, files, put, same

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two leads."""
    made = Store(tmp_path / "kept")
    put(made, frames_support.read([lead(1), lead(2)]))
    return made


def test_it_stays_as_it_was(store: Store) -> None:
    """Whatever comes later, and the live folders hold live files alone."""
    before = read(store)
    frozen = snapshot(store, "first quarter", at=NOW)
    put(store, frames_support.read([lead(2, score=1.0), lead(3)]))
    same(read(frozen), before)
    assert len(read(store)) == 3
    assert len(list(files(store.folder))) == 2
    assert frozen.manifest().content_hash != store.manifest().content_hash
    assert frozen.manifest().name == "first quarter"


def test_the_files_are_the_same_files(store: Store) -> None:
    """Hard links: a snapshot takes no room until the store changes."""
    frozen = snapshot(store, "a", at=NOW)
    for one, other in zip(files(store.folder), files(frozen.folder), strict=True):
        assert one.stat().st_ino == other.stat().st_ino
    assert frozen.manifest().content_hash == store.manifest().content_hash


def test_found_by_name_or_time(store: Store) -> None:
    """The last one that was taken before a time; a name comes first."""
    for days, name in ((0, "a"), (2, "b"), (1, "c")):
        snapshot(store, name, at=NOW + days * DAY)
    assert find(store, "c", None).manifest().name == "c"
    assert find(store, None, NOW + 1.5 * DAY).manifest().name == "c"
    assert find(store, "2030", datetime(2030, 1, 1, tzinfo=UTC)).manifest().name == "b"
    with pytest.raises(ConfigError, match="no snapshot from before 2026-06-30 00:00 UTC") as none:
        find(store, None, NOW)
    assert "'a' (2026-06-30 00:00 UTC), 'c' (2026-07-01 00:00 UTC), 'b'" in none.value.next_step
    with pytest.raises(ConfigError, match="no snapshot named 'x'"):
        find(store, "x", None)


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", " a", "a\n", "x" * 101, "a:b"])
def test_names(store: Store, name: str) -> None:
    """One that is no plain folder name is refused, and so is one that is taken."""
    with pytest.raises(ConfigError, match="cannot be a snapshot's name"):
        snapshot(store, name, at=NOW)
    snapshot(store, "a", at=NOW)
    with pytest.raises(ConfigError, match="already"):
        snapshot(store, "a", at=NOW)
