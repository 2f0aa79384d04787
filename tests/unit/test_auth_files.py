"""Files kept like passwords: modes, owners, links, full disks, leftovers (F01-F06, F12, F13)."""

import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outgrow_nb.auth.files import TEMPORARY, Reserved, private_folder, quarantine, read_private, sweep
from outgrow_nb.errors import CacheError

posix = pytest.mark.skipif(os.name == "nt", reason="modes and owners are POSIX's")
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes meanwhile: a full disk."""
    import resource  # POSIX alone  # noqa: PLC0415, RUF100

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "outgrow-nb"
    private_folder(made)
    return made


@pytest.fixture
def path(folder: Path) -> Path:
    """The place of a private file that holds ``old``."""
    file = folder / "profile.json"
    file.touch(mode=0o600)
    file.write_bytes(b"old")
    return file


@posix
def test_a_new_folder_under_an_open_umask(tmp_path: Path) -> None:
    """F01: the folder and those above it are 0700 whatever the umask; so is one that was only too readable."""
    with umask(0):
        private_folder(tmp_path / "above" / "new")
        (tmp_path / "readable").mkdir(mode=0o755)
        private_folder(tmp_path / "readable")
    assert {mode(tmp_path / name) for name in ("above", "above/new", "readable")} == {0o700}
    private_folder(tmp_path / "above" / "new")


@posix
def test_a_file_is_never_seen_with_another_mode(folder: Path) -> None:
    """F01: a watcher that polls while a file is written under umask 000 sees 0600 and nothing else."""
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for entry in os.scandir(folder):
                try:
                    seen.add(stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode))
                except FileNotFoundError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    with umask(0):
        for number in range(50):
            Reserved(folder / "profile.json", 1000).commit(b"%d" % number)
    done.set()
    watcher.join()
    assert seen | {mode(folder / "profile.json")} == {0o600}


@posix
@pytest.mark.parametrize("bits", [0o777, 0o720, 0o702, 0o1777])
def test_a_folder_that_others_may_write(tmp_path: Path, bits: int) -> None:
    """F03: a folder into which others may write is refused by its path, and left as it is."""
    open_to_others = tmp_path / "open"
    open_to_others.mkdir()
    open_to_others.chmod(bits)
    with pytest.raises(CacheError, match="written by other users") as caught:
        private_folder(open_to_others)
    assert str(open_to_others) in caught.value.problem
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step
    assert mode(open_to_others) == bits


@as_root
def test_another_users_folder(tmp_path: Path) -> None:
    """F03: another user's folder is refused by its path."""
    os.chown(tmp_path, NOBODY, NOBODY)
    with pytest.raises(CacheError, match="belongs to another user"):
        private_folder(tmp_path)


def test_no_folder_possible(tmp_path: Path) -> None:
    """F13: where a file stands in the way, the folder is refused by its path."""
    (tmp_path / "file").touch()
    for wanted in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(CacheError, match=r"cannot be used|is not a folder") as caught:
            private_folder(wanted)
        assert str(wanted) in caught.value.problem


def test_reading(path: Path) -> None:
    """A private file is read whole up to the limit and one byte more; a missing one is none."""
    assert read_private(path, 3) == (b"old", False)
    assert read_private(path.with_name("missing"), 3) is None
    path.write_bytes(b"x" * 100_000)
    assert read_private(path, 10) == (b"x" * 11, False)


@posix
@pytest.mark.parametrize("bits", [0o644, 0o640, 0o604, 0o602])
def test_a_file_that_others_could_read(path: Path, bits: int) -> None:
    """F02: such a file is used, made private, and named in a warning."""
    path.chmod(bits)
    with pytest.warns(UserWarning, match="Other users could read") as caught:
        assert read_private(path, 10) == (b"old", True)
    assert str(path) in str(caught[0].message)
    assert mode(path) == 0o600
    assert read_private(path, 10) == (b"old", False)


@as_root
def test_another_users_file(path: Path) -> None:
    """F02: another user's file is not used, nor touched."""
    path.chmod(0o644)
    os.chown(path, NOBODY, NOBODY)
    with pytest.raises(CacheError, match="belongs to another user"):
        read_private(path, 10)
    assert (mode(path), path.read_bytes()) == (0o644, b"old")


@posix
def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    """F04: neither a link to a victim nor a dangling one is read; the victim keeps its mode and content."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"victim")
    victim.chmod(0o644)
    path.unlink()
    for target in (victim, tmp_path / "missing"):
        path.symlink_to(target)
        with pytest.raises(CacheError, match="is a link") as caught:
            read_private(path, 10)
        assert str(path) in caught.value.problem
        path.unlink()
    assert (mode(victim), victim.read_bytes()) == (0o644, b"victim")


@posix
def test_a_link_is_replaced_and_its_victim_is_not(path: Path, tmp_path: Path) -> None:
    """F04: writing puts a file in the link's place."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"victim")
    path.unlink()
    path.symlink_to(victim)
    Reserved(path, 10).commit(b"new")
    assert (path.is_symlink(), path.read_bytes(), victim.read_bytes()) == (False, b"new", b"victim")


@posix
def test_what_is_no_file(folder: Path) -> None:
    """F06: a folder, a pipe and a socket are refused at once, and stay; no descriptor is left open."""
    kinds = {name: folder / name for name in ("folder", "pipe", "socket")}
    kinds["folder"].mkdir()
    os.mkfifo(kinds["pipe"])
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path is short
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        opened = len(list(Path("/dev/fd").iterdir()))
        started = time.monotonic()
        for kind in kinds.values():
            with pytest.raises(CacheError, match=r"is not a file|cannot be read"):
                read_private(kind, 10)
            assert kind.exists()
        assert time.monotonic() - started < 1
        assert len(list(Path("/dev/fd").iterdir())) == opened


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that cannot be read from its start")
def test_a_failing_disk() -> None:
    """F06: a file whose reading fails is an error with its path."""
    with pytest.raises(CacheError, match=r"/proc/self/mem cannot be read \(Input/output error\)"):
        read_private(Path("/proc/self/mem"), 10)


def test_an_unreadable_name(folder: Path) -> None:
    """F16: a name that no file system takes is an error with the path."""
    with pytest.raises(CacheError, match="cannot be read"):
        read_private(folder / ("x" * 300), 10)
    with pytest.raises(CacheError, match="Can't write"):
        Reserved(folder / ("x" * 300), 10)


def test_commit(path: Path) -> None:
    """A commit replaces the whole file, be it shorter or longer than what was reserved, and leaves nothing else."""
    for data in (b"new", b"x" * 5000, b""):
        reserved = Reserved(path, 100)
        assert path.read_bytes() != data
        reserved.commit(data)
        assert path.read_bytes() == data
        assert list(path.parent.iterdir()) == [path]


def test_discard(path: Path) -> None:
    """Discarding gives the room back, once or twice, and leaves the old file."""
    reserved = Reserved(path, 100)
    [temporary] = path.parent.glob(f"{TEMPORARY}*")
    assert temporary.stat().st_size == 100
    reserved.discard()
    reserved.discard()
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("free", [0, 50])
def test_no_room_to_reserve(path: Path, free: int) -> None:
    """F13: a full disk, or one that fills half-way, shows when room is taken; the old file is whole."""
    with room(free), pytest.raises(CacheError) as caught:
        Reserved(path, 100)
    assert caught.value.problem.startswith(f"Can't write {path} (")
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
def test_no_room_to_commit(path: Path) -> None:
    """F14: a disk that fills after the reservation leaves the old file whole and no temporary one."""
    reserved = Reserved(path, 10)
    with room(50), pytest.raises(CacheError, match="File too large"):
        reserved.commit(b"n" * 100)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_the_place_vanishes(path: Path) -> None:
    """F13: a folder that is gone, before or after the reservation, is an error with the path."""
    reserved = Reserved(path, 10)
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    with pytest.raises(CacheError, match="Can't write"):
        reserved.commit(b"new")
    with pytest.raises(CacheError, match="Can't write") as caught:
        Reserved(path, 10)
    assert str(path) in caught.value.problem


def test_a_folder_in_the_files_place(path: Path) -> None:
    """F06: a folder where the file belongs is neither replaced nor emptied."""
    path.unlink()
    path.mkdir()
    with pytest.raises(CacheError, match="Can't write"):
        Reserved(path, 10).commit(b"new")
    assert list(path.parent.iterdir()) == [path]


@posix
def test_quarantine_keeps_three(path: Path) -> None:
    """F07: an unreadable file is moved aside, 0600, the three newest are kept."""
    for number in range(5):
        path.write_bytes(b"%d" % number)
        path.chmod(0o644)
        moved = quarantine(path, now=1_700_000_000.0 + number)
        assert not path.exists()
        assert moved.name.startswith("profile.json.corrupt-17")
        assert mode(moved) == 0o600
    kept = sorted(path.parent.iterdir())
    assert [file.read_bytes() for file in kept] == [b"2", b"3", b"4"]


def test_quarantine_by_the_clock(path: Path) -> None:
    """F07: without a time given, the file is named by the present moment, so none overwrites another."""
    first = quarantine(path)
    path.write_bytes(b"again")
    second = quarantine(path)
    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"again")
    assert first.name < second.name


def test_quarantine_by_two_kernels(path: Path) -> None:
    """F07: where another kernel has moved the file already, there is nothing left to do."""
    quarantine(path)
    before = list(path.parent.iterdir())
    quarantine(path)
    assert list(path.parent.iterdir()) == before


def test_quarantine_is_not_possible(path: Path) -> None:
    """F07: a file that cannot be moved is an error with its path."""
    stuck = path.with_name("x" * 250)
    stuck.touch()
    with pytest.raises(CacheError, match="Can't write"):
        quarantine(stuck)
    assert stuck.exists()


def test_sweep(path: Path) -> None:
    """F12: temporary files older than an hour go; younger ones and all others stay."""
    now = time.time()
    for name, age in {f"{TEMPORARY}old": 3601, f"{TEMPORARY}young": 3590, "other": 9999}.items():
        file = path.with_name(name)
        file.touch()
        os.utime(file, (now - age, now - age))
    sweep(path.parent, now=now)
    assert {file.name for file in path.parent.iterdir()} == {path.name, f"{TEMPORARY}young", "other"}


def test_two_kernels_sweep_at_once(folder: Path) -> None:
    """F12: files that another kernel removes at the same moment are no error."""
    for number in range(500):
        (folder / f"{TEMPORARY}{number}").touch()
    start, failed = threading.Barrier(4), []

    def run() -> None:
        start.wait()
        try:
            sweep(folder, now=time.time() + 4000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert not list(folder.iterdir())
