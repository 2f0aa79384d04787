"""`FileCache` and `MemoryCache`: one contract."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.filecache import FileCache
from tests.helpers_auth import swept
from tests.unit.kept_support import ENTRY, OTHER, forget, put

no_canary = pytest.fixture(autouse=True)(swept)


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
    assert (memory.place("x"), memory.protection("x"), memory.durable) == ("this kernel's memory", "in memory", False)
    assert (files.place("x"), files.protection("x"), files.durable) == (str(files.path("x")), "not encrypted", True)
    assert (repr(memory), repr(files)) == ("MemoryCache()", f"FileCache({str(files.folder)!r})")
    put(memory)
    assert "CANARY" not in repr(memory)
