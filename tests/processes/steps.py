"""A token cache that says where a transaction stands, and lets the test act there: kill, freeze, or fill the disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from outgrow_nb.auth.cache import Held
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache

WAITING = "waiting"  # for the lock
LOCKED = "locked"
RESERVED = "reserved"  # the room is taken, the request goes out next
POSTED = "posted"  # the server has answered, nothing is written yet
REPLACED = "replaced"  # the new file stands in its place, the lock is still held


class Stepping:
    """A `FileCache` that calls `at` with each step of a transaction, in the thread that takes it.

    Args:
        cache: The cache that does the work.
        at: Called with the step.
    """

    durable = True

    def __init__(self, cache: FileCache, at: Callable[[str], None]) -> None:
        self._cache, self._at = cache, at

    def place(self, profile: str) -> str:
        return self._cache.place(profile)

    def protection(self, profile: str) -> str:
        return self._cache.protection(profile)

    def read(self, profile: str) -> Entry | None:
        return self._cache.read(profile)

    def stamp(self, profile: str) -> object:
        return self._cache.stamp(profile)

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        self._at(WAITING)
        with self._cache.exclusive(profile) as held:
            self._at(LOCKED)
            yield _Stepping(held, self._at)


class _Stepping:
    def __init__(self, held: Held, at: Callable[[str], None]) -> None:
        self._held, self._at = held, at

    def read(self) -> Entry | None:
        return self._held.read()

    def reserve(self) -> None:
        self._held.reserve()
        self._at(RESERVED)

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        self._at(POSTED)
        self._held.write(entry, anew=anew)
        self._at(REPLACED)

    def delete(self) -> None:
        self._held.delete()
