"""What damage and killed kernels leave behind: moved aside, kept thrice, swept after an hour (F07, F12)."""

import os
import threading
import time
from pathlib import Path

import pytest

from outgrow_nb.auth.files import TEMPORARY, Reserved, quarantine, sweep
from outgrow_nb.errors import CacheError
from tests.unit.kept_support import mode, nobody, posix, private_file, shared_folder

path, shared = pytest.fixture(private_file), pytest.fixture(shared_folder)


def leftover(path: Path, *, at: float) -> Path:
    """What a kernel that was killed in the middle of a save left behind at that moment."""
    before = set(path.parent.iterdir())
    reserved = Reserved(path, 10)
    (file,) = set(path.parent.iterdir()) - before
    reserved.discard()
    file.touch(mode=0o600)
    os.utime(file, (at, at))
    return file


@posix
def test_f07_three_copies_are_kept(path: Path) -> None:
    """An unreadable file is moved aside, 0600, whole; the three newest are kept."""
    for number in range(5):
        path.write_bytes(b"%d" % number)
        path.chmod(0o644)
        moved = quarantine(path)
        assert moved is not None
        assert not path.exists()
        assert mode(moved) == 0o600
    kept = sorted(path.parent.iterdir())
    assert [file.read_bytes() for file in kept] == [b"2", b"3", b"4"]


def test_f07_named_by_the_clock(path: Path) -> None:
    """A copy is named by the present moment, so none overwrites another."""
    before = time.time_ns()
    first = quarantine(path)
    assert first is not None
    assert before <= int(first.name.removeprefix("profile.json.corrupt-")) <= time.time_ns()
    path.write_bytes(b"again")
    second = quarantine(path)
    assert first is not None
    assert second is not None
    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"again")
    assert first.name < second.name


def test_f07_two_kernels_at_once(path: Path) -> None:
    """Where another kernel has moved the file already, there is nothing left to do."""
    quarantine(path)
    before = list(path.parent.iterdir())
    assert quarantine(path) is None
    assert list(path.parent.iterdir()) == before


def test_f07_a_file_that_cannot_be_moved(path: Path) -> None:
    """It is an error with its path, and stays."""
    stuck = path.with_name("x" * 250)
    stuck.touch()
    with pytest.raises(CacheError, match="Can't write") as caught:
        quarantine(stuck)
    assert str(stuck) in caught.value.problem
    assert stuck.exists()


def test_f12_leftovers_are_swept(path: Path) -> None:
    """Temporary files older than an hour go; younger ones, a folder and files that merely begin likewise stay."""
    now = 1_700_000_000.0
    leftover(path, at=now - 3600.5)
    young = leftover(path, at=now - 3600)
    mine = [path.with_name(name) for name in ("other", f"{TEMPORARY}features.txt", f"{TEMPORARY}my-notes")]
    for file in mine:
        file.touch()
        os.utime(file, (0, 0))
    foreign = path.with_name(f"{TEMPORARY}profile.json-abcdefgh")
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    sweep(path.parent, now=now)
    assert set(path.parent.iterdir()) == {path, young, foreign, *mine}


def test_f12_two_kernels_sweep_at_once(path: Path) -> None:
    """Files that another kernel removes at the same moment are no error."""
    for _ in range(300):
        leftover(path, at=1.0)
    start, failed = threading.Barrier(4), []

    def run() -> None:
        start.wait()
        try:
            sweep(path.parent, now=time.time())
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert list(path.parent.iterdir()) == [path]


@posix
@pytest.mark.parametrize("bits", [0o000, 0o300, 0o500, 0o600])
def test_f12_a_folder_that_cannot_be_swept(shared: Path, bits: int) -> None:
    """A folder that may not be listed, searched or written is left as it is, without an error."""
    left = leftover(shared / "profile.json", at=1.0)
    with nobody(shared):
        shared.chmod(bits)
        sweep(shared, now=time.time())
        shared.chmod(0o700)
    assert left.exists()


def test_f12_no_folder_to_sweep(tmp_path: Path) -> None:
    """A folder that is missing, is a file, or has an impossible name is no error; whoever reads there says so."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        sweep(folder, now=time.time())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
