"""Every way in which a kept sign-in cannot be read, locked, written or deleted: no secret in any frame behind it."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Secret
from outgrow_nb.errors import CacheError
from tests.helpers_secrets import assert_clean
from tests.unit.kept_support import FULL, KEYED, nobody, posix, put, room

pytestmark = posix
Trouble = AbstractContextManager[object]


def newer(path: Path) -> Trouble:
    kept = json.loads(path.read_bytes())
    path.write_text(json.dumps({**kept, "version": 99}))
    return nullcontext()


def is_a_folder(path: Path) -> Trouble:
    path.rename(path.with_name("kept"))
    path.mkdir()
    return nullcontext()


def is_a_link(path: Path) -> Trouble:
    kept = path.with_name("kept")
    path.rename(kept)
    path.symlink_to(kept)
    return nullcontext()


def open_to_all(path: Path) -> Trouble:
    path.parent.chmod(0o777)
    return nullcontext()


def locked(path: Path) -> Trouble:
    return FileCache(path.parent).exclusive("default")


def unreadable(path: Path) -> Trouble:
    path.chmod(0)
    return nobody(path.parent)


def corrupt_and_stuck(path: Path) -> Trouble:
    path.write_bytes(path.read_bytes()[:-9])
    path.parent.chmod(0o500)
    return nobody(path.parent)


def lock_is_a_link(path: Path) -> Trouble:
    path.with_suffix(".lock").unlink()
    path.with_suffix(".lock").symlink_to(path)
    return nullcontext()


def no_room(path: Path) -> Trouble:
    return room(64)


TROUBLES: dict[str, tuple[Callable[[Path], Trouble], str]] = {
    "newer": (newer, "read write"),
    "a folder": (is_a_folder, "read write delete"),
    "a link": (is_a_link, "read"),
    "open to all": (open_to_all, "write delete"),
    "locked": (locked, "write delete"),
    "unreadable": (unreadable, "read"),
    "corrupt and stuck": (corrupt_and_stuck, "read write delete"),
    "the lock is a link": (lock_is_a_link, "write delete"),
    "no room": (no_room, "write"),
}
WORK: dict[str, Callable[[FileCache, Entry], object]] = {
    "read": lambda cache, _: cache.read("default"),
    "write": lambda cache, entry: keep_in(cache, "default", entry),
    "delete": lambda cache, _: forget(cache),
}
CASES = [(trouble, work) for trouble, (_, works) in TROUBLES.items() for work in works.split()]


def forget(cache: FileCache) -> None:
    with cache.exclusive("default") as held:
        held.delete()


@pytest.mark.parametrize(("trouble", "work"), CASES)
@pytest.mark.parametrize("entry", [FULL, KEYED], ids=["sign-in", "key"])
def test_s02_a_place_in_trouble(tmp_path: Path, trouble: str, work: str, entry: Entry) -> None:
    """Links, folders, locks, modes, versions, damage, no room."""
    tmp_path.chmod(0o755)
    cache = FileCache(tmp_path / "outgrow-nb", lock_seconds=0.05)
    put(cache, entry=entry)
    path = cache.path("default")
    with TROUBLES[trouble][0](path), pytest.raises(CacheError) as caught:
        WORK[work](cache, entry)
    path.parent.chmod(0o700)
    assert str(tmp_path) in str(caught.value)
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        replace(KEYED, api_key=Secret("KEY-CANARY- 1")),
        replace(KEYED, api_key=Secret("KEY-CANARY-\udcff")),
        replace(FULL, mask_key=Secret("-CANARY-" * 200_000)),
    ],
    ids=["a space", "half a character", "too large"],
)
def test_s02_what_cannot_be_saved(tmp_path: Path, entry: Entry) -> None:
    """What could not be read again is not written."""
    cache = FileCache(tmp_path / "outgrow-nb")
    with pytest.raises(CacheError, match="can't be saved") as caught:
        keep_in(cache, "default", entry)
    assert_clean(caught.value)
    assert list(cache.folder.glob("profile-*.json")) == []
