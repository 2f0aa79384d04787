"""What the files and locks of a `FileCache` can meet: modes, links, pipes, other kernels (F01, F02, F04-F06, F12)."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from outgrow_nb.auth import renewal
from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.filecache import LOCK_SECONDS, FileCache
from outgrow_nb.auth.files import TEMPORARY
from outgrow_nb.config import Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import swept
from tests.unit.kept_support import ENTRY, OTHER, Kernel, forget, mode, posix, put, umask, within

no_canary = pytest.fixture(autouse=True)(swept)


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache", lock_seconds=0.2)


@posix
def test_f01_modes(files: FileCache) -> None:
    """Under umask 000 the folder is 0700, the file and its lock 0600."""
    with umask(0):
        put(files)
    modes = {path.name: mode(path) for path in (files.folder, *files.folder.iterdir())}
    assert modes == {"cache": 0o700, "profile-default.json": 0o600, "profile-default.lock": 0o600}


@posix
def test_f02_a_file_others_could_read(files: FileCache) -> None:
    """It is used, made private, named in a warning once, and due for renewal until something new is written."""
    put(files)
    files.path("default").chmod(0o644)
    with pytest.warns(UserWarning, match="Other users could read") as caught:
        exposed = files.read("default")
    assert str(files.path("default")) in str(caught[0].message)
    assert exposed is not None
    assert exposed.exposed
    assert exposed == ENTRY
    assert mode(files.path("default")) == 0o600
    again = FileCache(files.folder).read("default")
    assert again is not None
    assert again.exposed, "whoever looked first may not be the one who renews"
    put(files)
    renewed = files.read("default")
    assert renewed is not None
    assert not renewed.exposed
    forget(files)
    assert {path.suffix for path in files.folder.iterdir()} == {".lock"}


@posix
def test_f02_a_link_in_the_marks_place(files: FileCache, tmp_path: Path) -> None:
    """What marks a file that others could read is made through no link, and no trouble with it stops the sign-in."""
    put(files)
    files.path("default").with_suffix(".exposed").symlink_to(tmp_path / "victim")
    files.path("default").chmod(0o644)
    with pytest.warns(UserWarning, match="Other users could read"):
        found = files.read("default")
    assert found == ENTRY
    assert not (tmp_path / "victim").exists()


@posix
def test_f02_asking_how_it_is_protected_does_not_tighten(files: FileCache) -> None:
    """Whoever only asks leaves the finding, and the warning, to whoever uses the sign-in."""
    put(files)
    files.path("default").chmod(0o644)
    assert files.protection("default") == "not encrypted"
    assert mode(files.path("default")) == 0o644
    files.path("default").chmod(0o600)


@posix
@pytest.mark.parametrize("dangling", [False, True])
def test_f04_a_file_that_is_a_link(files: FileCache, tmp_path: Path, dangling: bool) -> None:
    """It is refused by its path; a sign-in then lives in memory; link and victim stay as they are."""
    victim = tmp_path / "victim"
    if not dangling:
        victim.write_bytes(b"victim")
        victim.chmod(0o644)
    files.folder.mkdir(mode=0o700)
    files.path("default").symlink_to(victim)
    for use in (files.read, lambda profile: keep_in(files, profile, ENTRY)):
        with pytest.raises(CacheError, match="is a link") as caught:
            use("default")
        assert str(files.path("default")) in caught.value.problem
    kernel = Kernel(files)
    assert not kernel.accept(ENTRY)
    assert isinstance(kernel.authorization(), Bearer)
    assert files.path("default").readlink() == victim
    assert dangling or (mode(victim), victim.read_bytes()) == (0o644, b"victim")
    assert victim.exists() is not dangling


@posix
@pytest.mark.parametrize("dangling", [False, True])
def test_f05_a_lock_that_is_a_link(files: FileCache, tmp_path: Path, dangling: bool) -> None:
    """It is refused by its path; its victim is not truncated, opened to others or made."""
    victim = tmp_path / "victim"
    if not dangling:
        victim.write_bytes(b"victim")
        victim.chmod(0o640)
    files.folder.mkdir(mode=0o700)
    files.path("default").with_suffix(".lock").symlink_to(victim)
    with pytest.raises(CacheError, match="Can't lock") as caught:
        put(files)
    assert str(files.path("default")) in caught.value.problem
    assert dangling or (mode(victim), victim.read_bytes()) == (0o640, b"victim")
    assert victim.exists() is not dangling
    assert not files.path("default").exists()


def make_device(path: Path) -> None:
    """A character device that never ends."""
    try:
        os.mknod(path, 0o020600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this user may not make devices")


def make_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").touch()


NO_FILES = [make_full_folder, Path.mkdir, os.mkfifo, make_device]


@posix
@pytest.mark.parametrize("make", NO_FILES)
def test_f06_no_file_in_the_files_place(files: FileCache, make: Callable[[Path], None]) -> None:
    """A folder, pipe or device is refused within a second by reading, keeping and forgetting; it is still there."""
    put(files, "another")
    path = files.path("default")
    make(path)
    before = (path.lstat().st_ino, path.lstat().st_mode, sorted(path.iterdir()) if path.is_dir() else None)
    uses: list[Callable[[], object]] = [
        lambda: files.read("default"),
        lambda: keep_in(files, "default", ENTRY),
        lambda: renewal.forget("default", ENTRY.config, files, None, newer_than_kept=False),
    ]
    for use in uses:
        with pytest.raises(CacheError, match=r"is not a file|cannot be read") as caught:
            within(1, use)
        assert str(path) in caught.value.problem
    kernel = Kernel(files)
    assert not within(1, lambda: kernel.accept(ENTRY))
    assert isinstance(within(1, kernel.authorization), Bearer)
    assert within(1, lambda: files.stamp("default")) is not None
    assert (path.lstat().st_ino, path.lstat().st_mode, sorted(path.iterdir()) if path.is_dir() else None) == before


@posix
@pytest.mark.parametrize("make", NO_FILES)
def test_f06_no_file_in_the_locks_place(files: FileCache, make: Callable[[Path], None]) -> None:
    """It works or is one clear error, within a second, and what stood there still does."""
    put(files, "another")
    lock = files.path("default").with_suffix(".lock")
    make(lock)
    before = (lock.lstat().st_ino, lock.lstat().st_mode)
    try:
        within(1, lambda: put(files))
    except CacheError as error:
        assert str(files.path("default")) in error.problem  # noqa: PT017 - either outcome is right
    else:
        assert files.read("default") == ENTRY
    assert (lock.lstat().st_ino, lock.lstat().st_mode) == before


def test_f06_a_folder_cannot_be_deleted_by_mistake(files: FileCache) -> None:
    """Forgetting a profile never removes a folder; the way out is named."""
    put(files, "another")
    files.path("default").mkdir()
    with pytest.raises(CacheError, match="Can't delete") as caught:
        forget(files)
    assert "by hand" in caught.value.next_step
    assert files.path("default").is_dir()


def test_nothing_is_left(files: FileCache) -> None:
    """Forgetting a profile removes its unreadable copies and half-written files too, and no other profile's."""
    put(files)
    put(files, "default2")
    files.path("default").write_bytes(b"{")
    with pytest.warns(UserWarning, match="damaged"):
        files.read("default")
    put(files)
    (files.folder / f"{TEMPORARY}profile-default.json-x1").touch()
    forget(files)
    left = {path.name for path in files.folder.iterdir() if path.suffix != ".lock"}
    assert left == {"profile-default2.json"}


def test_a_reservation_is_given_back(files: FileCache) -> None:
    """What was reserved and not written is gone once the lock is free."""
    with files.exclusive("default") as held:
        held.reserve()
        assert len(list(files.folder.glob(f"{TEMPORARY}*"))) == 1
    assert not list(files.folder.glob(f"{TEMPORARY}*"))


def test_an_entry_that_cannot_be_packed(files: FileCache) -> None:
    """It leaves no reservation behind, and the file as it was; the next write works under the same lock."""
    put(files)
    with files.exclusive("default") as held:
        with pytest.raises(CacheError, match="can't be saved"):
            held.write(replace(OTHER, api_key=Secret("half \ud800")))
        held.write(OTHER)
    assert not list(files.folder.glob(f"{TEMPORARY}*"))
    assert files.read("default") == OTHER


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    """Its profiles are an error with its path and a way out."""
    with pytest.raises(CacheError, match="Can't list") as caught:
        FileCache(tmp_path / ("x" * 300)).names()
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step


@pytest.mark.parametrize("use", [put, FileCache.read])
def test_f12_leftovers_are_swept(files: FileCache, use: Callable[[FileCache, str], object]) -> None:
    """What a killed kernel left more than an hour ago is removed when a sign-in is next read or written."""
    put(files)
    names = {"old": f"{TEMPORARY}profile-default.json-abcd_123", "young": f"{TEMPORARY}profile-default.json-abcd_456"}
    for name in names.values():
        (files.folder / name).touch()
    os.utime(files.folder / names["old"], (1.7e9, 1.7e9))
    use(files, "default")
    assert {path.name for path in files.folder.glob(f"{TEMPORARY}*")} == {names["young"]}


def test_busy_in_this_kernel(files: FileCache) -> None:
    """A lock that another thread holds too long is an error; reading goes on meanwhile."""
    put(files)
    with files.exclusive("default"):
        with pytest.raises(CacheError, match="renewing the sign-in"):
            put(files, entry=OTHER)
        assert files.read("default") == ENTRY
    put(files, entry=OTHER)
    assert files.read("default") == OTHER


HOLD = """
import sys
from pathlib import Path
from outgrow_nb.auth.filecache import FileCache
with FileCache(Path(sys.argv[1])).exclusive("default"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_busy_in_another_kernel(files: FileCache) -> None:
    """A lock that another process holds is an error with the path and the seconds; free, it works at once."""
    command = [sys.executable, "-c", HOLD, str(files.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(CacheError) as caught:
            put(files)
        other.stdin.close()
        assert other.wait(10) == 0
    assert str(files.path("default")) in caught.value.problem
    assert "for 0 s" in caught.value.problem
    assert "Restart" in caught.value.next_step
    put(files)
    assert files.read("default") == ENTRY
    assert LOCK_SECONDS == 45
