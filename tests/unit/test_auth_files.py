"""Reading files kept like passwords: modes, owners, links, and what is no file at all (F02, F04, F06, F16)."""

import errno
import itertools
import os
import socket
from pathlib import Path

import pytest

from outgrow_nb.auth.files import Reserved, read_private
from outgrow_nb.errors import CacheError
from tests.helpers_auth import assert_clean
from tests.unit.kept_support import NOBODY, as_root, mode, posix, private_file, within

path = pytest.fixture(private_file)


def test_reading(path: Path) -> None:
    """A private file is read whole up to the limit and one byte more; a missing one is none."""
    assert read_private(path, 3) == (b"old", False)
    assert read_private(path.with_name("missing"), 3) is None
    path.write_bytes(b"x" * 100_000)
    assert read_private(path, 10) == (b"x" * 11, False)


@posix
@pytest.mark.parametrize("bits", [0o644, 0o640, 0o604, 0o602])
def test_f02_a_file_that_others_could_read(path: Path, bits: int) -> None:
    """It is used, made private, marked for renewal, and named in a warning."""
    path.chmod(bits)
    with pytest.warns(UserWarning, match="Other users could read") as caught:
        assert read_private(path, 10) == (b"old", True)
    assert str(path) in str(caught[0].message)
    assert mode(path) == 0o600
    assert read_private(path, 10) == (b"old", False)


@as_root
def test_f02_another_users_file(path: Path) -> None:
    """It is not used, nor touched."""
    path.chmod(0o644)
    os.chown(path, NOBODY, NOBODY)
    with pytest.raises(CacheError, match="belongs to another user") as caught:
        read_private(path, 10)
    assert str(path) in caught.value.problem
    assert (mode(path), path.read_bytes()) == (0o644, b"old")


@posix
def test_f04_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    """Neither a link to a victim nor a dangling one is read; the victim keeps its mode and content."""
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
def test_f04_a_link_is_replaced_and_its_victim_is_not(path: Path, tmp_path: Path) -> None:
    """Writing puts a file in the link's place."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"victim")
    path.unlink()
    path.symlink_to(victim)
    Reserved(path, 10).commit(b"new")
    assert (path.is_symlink(), path.read_bytes(), victim.read_bytes()) == (False, b"new", b"victim")


@posix
def test_f06_what_is_no_file(path: Path) -> None:
    """A folder, a pipe and a socket are refused at once, and stay; no descriptor is left open."""
    folder = path.parent
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
        for kind in kinds.values():
            with pytest.raises(CacheError, match=r"is not a file|cannot be read"):
                within(1, lambda kind=kind: read_private(kind, 10))  # type: ignore[misc]
            assert kind.exists()
        assert len(list(Path("/dev/fd").iterdir())) == opened


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that cannot be read from its start")
def test_f06_a_failing_disk() -> None:
    """A file whose reading fails is an error with its path."""
    with pytest.raises(CacheError, match=r"/proc/self/mem cannot be read \(Input/output error\)"):
        read_private(Path("/proc/self/mem"), 10)


def test_s02_a_disk_that_fails_half_way(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read until then stands in no frame of the error."""
    path.write_bytes(b"AT-CANARY-1" * 100)
    read, calls = os.read, itertools.count()

    def failing(descriptor: int, length: int) -> bytes:
        if next(calls):
            raise OSError(errno.EIO, "Input/output error")
        return read(descriptor, min(length, 50))

    monkeypatch.setattr(os, "read", failing)
    with pytest.raises(CacheError, match="cannot be read") as caught:
        read_private(path, 2000)
    assert next(calls) == 2
    assert_clean(caught.value)


@posix
def test_f06_a_folder_in_the_files_place(path: Path) -> None:
    """It is neither replaced nor emptied."""
    path.unlink()
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(CacheError, match="Can't write"):
        Reserved(path, 10).commit(b"new")
    assert list(path.parent.iterdir()) == [path]
    assert [file.name for file in path.iterdir()] == ["inside"]


def test_f16_a_name_that_no_file_system_takes(tmp_path: Path) -> None:
    """It is an error with the path, when read and when written."""
    with pytest.raises(CacheError, match="cannot be read"):
        read_private(tmp_path / ("x" * 300), 10)
    with pytest.raises(CacheError, match="Can't write"):
        Reserved(tmp_path / ("x" * 300), 10)
