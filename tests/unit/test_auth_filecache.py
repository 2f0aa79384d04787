"""`FileCache` and `MemoryCache`: one contract; and what files alone can suffer (F01-F10, F16, F17)."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.entry import MAX_BYTES, VERSION, Entry, pack
from outgrow_nb.auth.filecache import LOCK_SECONDS, FileCache
from outgrow_nb.auth.files import TEMPORARY
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError

posix = pytest.mark.skipif(os.name == "nt", reason="modes, links and pipes are POSIX's")
ENTRY = Entry(config=Config(client_id="nb"), token=Token(access=Secret("acc3ss"), obtained_at=1.7e9, lifetime=3600))
OTHER = replace(ENTRY, token=Token(access=Secret("0ther"), refresh=Secret("r3fresh"), obtained_at=1.8e9))
NAMES = [
    "default",
    "..",
    ".",
    "",
    "a/b",
    "../../etc/passwd",
    "C:\\x",
    "Ana Müller",
    "日本",
    "%2E",
    "a*b?[c]",
    "x\0y",
    "~",
]


def put(cache: TokenCache, profile: str = "default", entry: Entry = ENTRY) -> None:
    with cache.exclusive(profile) as held:
        held.write(entry)


def forget(cache: TokenCache, profile: str = "default") -> None:
    with cache.exclusive(profile) as held:
        held.delete()


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache", lock_seconds=0.2)


@pytest.fixture(params=["file", "memory"])
def cache(request: pytest.FixtureRequest, files: FileCache) -> TokenCache:
    """Each kind of cache in turn."""
    return files if request.param == "file" else MemoryCache()


def test_nothing_is_kept_yet(cache: TokenCache) -> None:
    """An empty cache holds no entry and no stamp, and forgets nothing without complaint."""
    assert (cache.read("default"), cache.stamp("default")) == (None, None)
    with cache.exclusive("default") as held:
        assert held.read() is None
    forget(cache)
    assert cache.read("default") is None


def test_what_is_written_is_read(cache: TokenCache) -> None:
    """A written entry is read with and without the lock; the next one takes its place; deleted, it is gone."""
    put(cache)
    assert cache.read("default") == ENTRY
    with cache.exclusive("default") as held:
        assert held.read() == ENTRY
        held.reserve()
        held.reserve()
        held.write(OTHER)
        assert held.read() == OTHER
        held.write(ENTRY)
        held.write(OTHER)
    assert cache.read("default") == OTHER
    forget(cache)
    assert cache.read("default") is None


def test_the_stamp_changes(cache: TokenCache) -> None:
    """Each write and delete changes the stamp; reading and locking do not."""
    stamps = [cache.stamp("default")]
    for entry in (ENTRY, OTHER, OTHER):
        put(cache, entry=entry)
        stamps.append(cache.stamp("default"))
    cache.read("default")
    with cache.exclusive("default") as held:
        held.reserve()
    assert cache.stamp("default") == stamps[-1]
    assert len(set(stamps)) == 4
    forget(cache)
    assert cache.stamp("default") is None


def test_an_error_under_the_lock(cache: TokenCache) -> None:
    """What fails under the lock leaves the entry as it was, and the lock free."""
    put(cache)

    def fail() -> None:
        with cache.exclusive("default") as held:
            held.reserve()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    put(cache, entry=OTHER)
    assert cache.read("default") == OTHER


def test_profiles_are_apart(cache: TokenCache) -> None:
    """F16, F17: profiles of any name keep their own entries; forgetting one leaves the others."""
    kept = {name: replace(ENTRY, contents=number) for number, name in enumerate(NAMES)}
    for name, entry in kept.items():
        put(cache, name, entry)
    assert {name: cache.read(name) for name in NAMES} == kept
    forget(cache, "..")
    assert cache.read("..") is None
    assert cache.read(".") == kept["."]


def test_threads_take_turns(cache: TokenCache, tmp_path: Path) -> None:
    """The lock holds between threads: eight of them counting up lose nothing."""
    shared = FileCache(tmp_path / "shared") if isinstance(cache, FileCache) else cache
    put(shared, entry=replace(ENTRY, contents=0))

    def count() -> None:
        for _ in range(5):
            with shared.exclusive("default") as held:
                found = held.read()
                assert found is not None
                held.write(replace(found, contents=(found.contents or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.read("default") == replace(ENTRY, contents=40)


def test_how_they_present_themselves(files: FileCache) -> None:
    """Each says where it keeps a profile, how that is protected, and whether it outlives the kernel."""
    memory = MemoryCache()
    assert (memory.place("x"), memory.protection(), memory.durable) == ("this kernel's memory", "in memory", False)
    assert (files.place("x"), files.protection(), files.durable) == (str(files.path("x")), "not encrypted", True)
    assert (repr(memory), repr(files)) == ("MemoryCache()", f"FileCache({str(files.folder)!r})")
    put(memory)
    assert "acc3ss" not in repr(memory)


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(NAMES))
def test_no_name_leaves_the_folder(name: str) -> None:
    """F16: whatever a profile is called, its file and lock are plain names inside the folder."""
    folder = Path("cache")
    path = FileCache(folder).path(name)
    assert path.parent == path.with_suffix(".lock").parent == folder
    assert path.name.startswith("profile-")
    assert path.suffixes == [".json"]
    assert not set(path.name) & set('/\\\0*?[]:"<>|\n')


@given(names=st.sets(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=2, max_size=2))
def test_no_two_names_share_a_file(names: set[str]) -> None:
    """F17: two profiles never share a file or a lock."""
    one, two = (FileCache(Path("cache")).path(name) for name in names)
    assert one != two
    assert one.with_suffix(".lock") != two.with_suffix(".lock")


def test_names(files: FileCache) -> None:
    """The kept profiles are listed by the names they were given, sorted; locks and leftovers are not profiles."""
    assert files.names() == []
    for name in NAMES:
        put(files, name)
    forget(files, "~")
    files.path("default").write_bytes(b"")
    files.read("default")
    assert files.names() == sorted(set(NAMES) - {"~", "default"})


@pytest.mark.parametrize("name", ["x" * 300, "日" * 40], ids=["ascii", "quoted"])
def test_a_name_too_long(files: FileCache, name: str) -> None:
    """F16: a name too long for the file system is one clear error, not a crash."""
    put(files)
    with pytest.raises(CacheError):
        files.read(name)
    assert files.stamp(name) is None
    with pytest.raises(CacheError, match="Can't lock"):
        put(files, name)


def test_a_name_with_half_a_character(files: FileCache) -> None:
    """F16: a name that is no proper text, as a terminal may pass it on, works or is one clear error."""
    try:
        put(files, "a\udce9")
    except CacheError as error:
        assert error.next_step  # noqa: PT017 - either outcome is right
    else:
        assert files.read("a\udce9") == ENTRY
        assert len(files.names()) == 1


@posix
def test_modes(files: FileCache) -> None:
    """F01: under umask 000 the folder is 0700, the file and its lock 0600."""
    before = os.umask(0)
    try:
        put(files)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (files.folder, *files.folder.iterdir())}
    assert modes == {"cache": 0o700, "profile-default.json": 0o600, "profile-default.lock": 0o600}


@posix
def test_a_file_others_could_read(files: FileCache) -> None:
    """F02: such an entry is used, marked for renewal, and named in a warning once."""
    put(files)
    files.path("default").chmod(0o644)
    with pytest.warns(UserWarning, match="Other users could read"):
        exposed = files.read("default")
    assert exposed is not None
    assert exposed.exposed
    assert exposed == ENTRY
    again = files.read("default")
    assert again is not None
    assert not again.exposed


@posix
def test_a_folder_open_to_others(files: FileCache) -> None:
    """F03: nothing is locked or written in a folder into which others may write."""
    files.folder.mkdir()
    files.folder.chmod(0o777)
    with pytest.raises(CacheError, match="written by other users"):
        put(files)
    assert not list(files.folder.iterdir())


@posix
def test_a_lock_that_is_a_link(files: FileCache, tmp_path: Path) -> None:
    """F05: a lock that is a link is refused by its path; its victim keeps its content."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"victim")
    files.folder.mkdir(mode=0o700)
    files.path("default").with_suffix(".lock").symlink_to(victim)
    with pytest.raises(CacheError, match="Can't lock"):
        put(files)
    assert victim.read_bytes() == b"victim"


@posix
def test_a_lock_that_is_a_folder(files: FileCache) -> None:
    """F06: a folder where the lock belongs is one clear error."""
    files.path("default").with_suffix(".lock").mkdir(parents=True)
    files.folder.chmod(0o700)
    with pytest.raises(CacheError, match="Can't lock"):
        put(files)


@posix
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_no_file_in_the_files_place(files: FileCache, make: Callable[[Path], None]) -> None:
    """F04, F06: a folder, pipe or link in the file's place is refused, and still there afterwards."""
    put(files, "another")
    make(files.path("default"))
    with pytest.raises(CacheError):
        files.read("default")
    assert os.path.lexists(files.path("default"))


def test_a_folder_cannot_be_deleted_by_mistake(files: FileCache) -> None:
    """F06: forgetting a profile never removes a folder; the way out is named."""
    files.path("default").mkdir(parents=True)
    files.folder.chmod(0o700)
    with pytest.raises(CacheError, match="Can't delete"):
        forget(files)


def test_cut_at_every_byte(files: FileCache) -> None:
    """F07: a file cut anywhere counts as none and is moved aside, privately, three copies at most."""
    put(files)
    path, data = files.path("default"), pack(ENTRY)
    for length in range(len(data)):
        path.write_bytes(data[:length])
        path.chmod(0o600)
        assert files.read("default") is None
        assert not path.exists()
    aside = list(files.folder.glob("*.corrupt-*"))
    assert len(aside) == 3
    assert os.name == "nt" or {stat.S_IMODE(file.stat().st_mode) for file in aside} == {0o600}


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 50_000_000])
def test_too_large(files: FileCache, size: int) -> None:
    """F08: a file beyond any entry's size is moved aside without being read whole, be it valid at its end."""
    put(files)
    files.path("default").write_bytes(b" " * (size - len(pack(ENTRY))) + pack(ENTRY))
    assert files.read("default") is None
    assert len(list(files.folder.glob("*.corrupt-*"))) == 1


def test_the_largest_size(files: FileCache) -> None:
    """F08: a file of exactly the largest size is read."""
    put(files)
    files.path("default").write_bytes(b" " * (MAX_BYTES - len(pack(ENTRY))) + pack(ENTRY))
    assert files.read("default") == ENTRY


def test_a_newer_version(files: FileCache) -> None:
    """F10: a newer version's file is an error with its path, and stays where and as it is."""
    put(files)
    path = files.path("default")
    data = pack(ENTRY).replace(b'"version":%d' % VERSION, b'"version":%d' % (VERSION + 1))
    path.write_bytes(data)
    with pytest.raises(CacheError, match="newer version") as caught:
        files.read("default")
    assert str(path) in caught.value.problem
    assert path.read_bytes() == data
    assert not list(files.folder.glob("*.corrupt-*"))


def test_nothing_is_left(files: FileCache) -> None:
    """Forgetting a profile removes its unreadable copies and half-written files too, and no other profile's."""
    put(files)
    put(files, "default2")
    files.path("default").write_bytes(b"{")
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


def test_leftovers_are_swept(files: FileCache) -> None:
    """F12: what a killed kernel left more than an hour ago is removed when the lock is next taken."""
    put(files)
    for name, moment in {"old": 1.7e9, "young": None}.items():
        leftover = files.folder / f"{TEMPORARY}{name}"
        leftover.touch()
        if moment:
            os.utime(leftover, (moment, moment))
    put(files)
    assert {path.name for path in files.folder.glob(f"{TEMPORARY}*")} == {f"{TEMPORARY}young"}


def test_busy_in_this_kernel(files: FileCache) -> None:
    """A lock that another thread holds too long is an error; other profiles and reading go on meanwhile."""
    put(files)
    with files.exclusive("default"):
        with pytest.raises(CacheError, match="renewing the sign-in"):
            put(files, entry=OTHER)
        put(files, "another")
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
    """C: a lock that another process holds is an error with the path and the seconds; free, it works at once."""
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
