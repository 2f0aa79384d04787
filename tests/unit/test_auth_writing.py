"""Writing files whole or not at all: modes, full disks, folders that become read-only (F01, F12-F14)."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from outgrow_nb.auth.files import TEMPORARY, Reserved, sweep
from outgrow_nb.errors import CacheError
from tests.helpers_auth import assert_clean
from tests.unit.kept_support import mode, nobody, posix, private_file, room, shared_folder, umask

path, shared = pytest.fixture(private_file), pytest.fixture(shared_folder)


@posix
def test_f01_a_file_is_never_seen_with_another_mode(path: Path) -> None:
    """A watcher that polls while a file is written under umask 000 sees 0600 and nothing else."""
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for entry in os.scandir(path.parent):
                try:
                    seen.add(stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode))
                except FileNotFoundError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    with umask(0):
        for number in range(50):
            Reserved(path, 1000).commit(b"%d" % number)
    done.set()
    watcher.join()
    assert seen | {mode(path)} == {0o600}


def test_commit(path: Path) -> None:
    """A commit replaces the whole file, be it shorter or longer than what was reserved, and leaves nothing else."""
    for data in (b"new", b"x" * 5000, b""):
        reserved = Reserved(path, 100)
        assert path.read_bytes() != data
        reserved.commit(data)
        assert path.read_bytes() == data
        assert list(path.parent.iterdir()) == [path]


@posix
def test_f12_flushed_before_and_after(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is flushed before it takes its place, the folder afterwards; no descriptor stays open."""
    seen: list[tuple[bool, bytes]] = []
    flush, opened = os.fsync, len(list(Path("/dev/fd").iterdir()))

    def fsync(descriptor: int) -> None:
        flush(descriptor)
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)
    Reserved(path, 100).commit(b"new")
    assert seen == [(False, b"old"), (False, b"old"), (True, b"new")]
    assert len(list(Path("/dev/fd").iterdir())) == opened


@posix
def test_a_folder_that_cannot_be_flushed(shared: Path) -> None:
    """Where the folder cannot be opened, the file is saved all the same."""
    path = shared / "profile.json"
    path.touch(mode=0o600)
    with nobody(shared):
        shared.chmod(0o300)
        Reserved(path, 10).commit(b"new")
        shared.chmod(0o700)
        assert path.read_bytes() == b"new"


@posix
def test_discard(path: Path) -> None:
    """Discarding gives the room back, once or twice, and leaves the old file and no open descriptor."""
    opened = len(list(Path("/dev/fd").iterdir()))
    reserved = Reserved(path, 100)
    [temporary] = path.parent.glob(f"{TEMPORARY}*")
    assert temporary.stat().st_size == 100
    reserved.discard()
    assert len(list(Path("/dev/fd").iterdir())) == opened
    with path.open("rb") as other:  # takes the number of the descriptor
        reserved.discard()
        assert other.read() == b"old"
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("free", [0, 50])
def test_f13_no_room_to_reserve(path: Path, free: int) -> None:
    """A full disk, or one that fills half-way, shows when room is taken; the old file is whole."""
    with room(free), pytest.raises(CacheError) as caught:
        Reserved(path, 100)
    assert caught.value.problem.startswith(f"Can't write {path} (")
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
def test_f14_s02_no_room_to_commit(path: Path) -> None:
    """A disk that fills after the reservation leaves the old file whole and no temporary one."""
    opened, reserved = len(list(Path("/dev/fd").iterdir())), Reserved(path, 10)
    with room(50), pytest.raises(CacheError, match="File too large") as caught:
        reserved.commit(b"AT-CANARY-1" * 10)
    assert_clean(caught.value)
    assert len(list(Path("/dev/fd").iterdir())) == opened
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
def test_f14_the_folder_becomes_read_only(shared: Path) -> None:
    """After the reservation too that is an error with the path, the old file is whole, the rest is swept later."""
    path = shared / "profile.json"
    path.touch(mode=0o600)
    path.write_bytes(b"old")
    reserved = Reserved(path, 10)
    with nobody(shared):
        shared.chmod(0o500)
        with pytest.raises(CacheError, match="Permission denied") as caught:
            reserved.commit(b"new")
        reserved.discard()
        assert str(path) in caught.value.problem
        assert path.read_bytes() == b"old"
        shared.chmod(0o700)
        sweep(shared, now=time.time() + 3700)
        assert list(shared.iterdir()) == [path]


def test_f13_the_place_vanishes(path: Path) -> None:
    """A folder that is gone, before or after the reservation, is an error with the path."""
    reserved = Reserved(path, 10)
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    with pytest.raises(CacheError, match="Can't write"):
        reserved.commit(b"new")
    with pytest.raises(CacheError, match="Can't write") as caught:
        Reserved(path, 10)
    assert str(path) in caught.value.problem
