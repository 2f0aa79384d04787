"""What a cache of sign-ins promises (`TokenCache`), and the one that lives in this kernel alone (`MemoryCache`)."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

from outgrow_nb.auth.entry import Entry, binding
from outgrow_nb.config import Config
from outgrow_nb.errors import CacheError


class Held(Protocol):
    """A profile while its lock is held: nobody else reads, refreshes or writes it meanwhile."""

    def read(self) -> Entry | None:
        """What is kept now."""
        ...

    def reserve(self) -> None:
        """Takes the room for the next `write`, so that a full disk shows before a token is spent."""
        ...

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        """Puts the entry in place of the old one, whole or not at all.

        Args:
            entry: What to keep.
            anew: A person has just signed in, so how it is protected is decided again; else that stays as it is.
        """
        ...

    def delete(self) -> None:
        """Forgets the profile."""
        ...


class TokenCache(Protocol):
    """Where sign-ins are kept, by profile. Every method may raise `CacheError`, which names the place."""

    @property
    def durable(self) -> bool:
        """Whether what is written outlives this kernel."""
        ...

    def place(self, profile: str) -> str:
        """Where the profile is kept, in words fit to be shown."""
        ...

    def protection(self, profile: str) -> str:
        """``"encrypted"``, ``"not encrypted"``, or ``"in memory"``."""
        ...

    def read(self, profile: str) -> Entry | None:
        """What is kept, without waiting for the lock: always one whole state, the old or the new one."""
        ...

    def stamp(self, profile: str) -> object:
        """Changes whenever the profile is written or deleted; cheap enough to poll."""
        ...

    def exclusive(self, profile: str) -> AbstractContextManager[Held]:
        """The profile's lock, across kernels."""
        ...


def kept_for(cache: TokenCache, profile: str, config: Config) -> tuple[str, object, Entry | None]:
    """The name that a sign-in with these settings is kept under: the profile's, unless another's stands there.

    Folders with different ``.env`` may use one profile for several servers or applications; none ends the other's
    sign-in, since whoever comes second gets a name such as ``default@1f0c93ab``.

    Returns:
        The name, its stamp, and what is kept there.

    Raises:
        CacheError: What is kept cannot be read.
    """
    own = f"{profile}@{hashlib.sha256(chr(10).join(binding(config)).encode()).hexdigest()[:8]}"
    stamp = cache.stamp(own)
    if stamp is not None:
        return own, stamp, cache.read(own)
    stamp, found = cache.stamp(profile), cache.read(profile)
    return (profile, stamp, found) if found is None or found.serves(config) else (own, None, None)


def keep_in(cache: TokenCache, profile: str, entry: Entry) -> tuple[str, Entry]:
    """Keeps a new sign-in in place of an older one for the same settings; see `kept_for`.

    Returns:
        The name it is kept under, and the sign-in as it is kept.

    Raises:
        CacheError: It cannot be kept.
    """
    while True:  # twice where another kernel, of another application, was faster to the profile's own name
        name, _, _ = kept_for(cache, profile, entry.config)
        with cache.exclusive(name) as held:
            before = held.read()
            if name != profile or before is None or before.serves(entry.config):
                entry = entry.after(before)
                held.write(entry, anew=True)
                return name, entry


def forget_foreign(cache: TokenCache, profile: str, config: Config) -> None:
    """Lets what is kept go, unless it serves these settings; whoever signs in is told of a cache that fails."""
    with suppress(CacheError):
        kept = cache.read(profile)
        if kept is not None and not kept.serves(config):
            with cache.exclusive(profile) as held:
                held.delete()


class MemoryCache:
    """Keeps sign-ins in this kernel alone: for shared machines. Gone at a restart."""

    durable = False

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, Entry]] = {}
        self._lock = threading.RLock()
        self._writes = 0

    def __repr__(self) -> str:
        return "MemoryCache()"

    def place(self, profile: str) -> str:
        """Says that nothing leaves the memory."""
        return "this kernel's memory"

    def protection(self, profile: str) -> str:
        """Says that nothing leaves the memory."""
        return "in memory"

    def read(self, profile: str) -> Entry | None:
        """What is kept."""
        with self._lock:
            held = self._entries.get(profile)
            return held[1] if held else None

    def stamp(self, profile: str) -> object:
        """Counts the writes of the profile."""
        with self._lock:
            held = self._entries.get(profile)
            return held[0] if held else None

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        """The lock of this cache."""
        with self._lock:
            yield _HeldInMemory(self, profile)

    def _put(self, profile: str, entry: Entry | None) -> None:
        self._writes += 1
        if entry is None:
            self._entries.pop(profile, None)
        else:
            self._entries[profile] = (self._writes, entry)


class _HeldInMemory:
    def __init__(self, cache: MemoryCache, profile: str) -> None:
        self._cache, self._profile = cache, profile

    def read(self) -> Entry | None:
        return self._cache.read(self._profile)

    def reserve(self) -> None:
        return None

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        self._cache._put(self._profile, entry)

    def delete(self) -> None:
        self._cache._put(self._profile, None)
