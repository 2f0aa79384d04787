"""`FileCache`: each profile in a private file of the user's config folder, under a lock that every kernel honours."""

import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import filelock

from outgrow_nb.auth import files
from outgrow_nb.auth.cache import Held
from outgrow_nb.auth.entry import MAX_BYTES, Corrupt, Entry, pack, unpack
from outgrow_nb.errors import CacheError

LOCK_SECONDS = 45.0
_ROOM = 16 * 1024


class FileCache:
    """Keeps each profile in a private file (0600 in a 0700 folder), written atomically under a lock.

    Args:
        folder: The folder, made when something is saved. Default of `connect`: the user's config directory.
        lock_seconds: How long another kernel's renewal is waited for; longer than a renewal may take.
    """

    durable = True

    def __init__(self, folder: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.folder = Path(folder)
        self._lock_seconds = lock_seconds

    def __repr__(self) -> str:
        return f"FileCache({str(self.folder)!r})"

    def path(self, profile: str) -> Path:
        """The profile's file; a name cannot leave the folder."""
        quoted = urllib.parse.quote(profile, safe=" @+=,", errors="surrogatepass").replace(".", "%2E")
        return self.folder / f"profile-{quoted}.json"

    def place(self, profile: str) -> str:
        """The path of the profile's file."""
        return str(self.path(profile))

    def protection(self) -> str:
        """How the file is protected beyond its mode."""
        return "not encrypted"

    def names(self) -> list[str]:
        """The profiles that are kept, sorted."""
        found = (path.name[len("profile-") : -len(".json")] for path in self.folder.glob("profile-*.json"))
        return sorted(urllib.parse.unquote(name) for name in found)

    def read(self, profile: str) -> Entry | None:
        """What is kept; a file that is no entry is moved aside and counts as none."""
        path = self.path(profile)
        files.sweep(self.folder, now=time.time())
        found = files.read_private(path, MAX_BYTES)
        if found is None:
            return None
        data, exposed = found
        entry = newer = None
        try:
            entry = unpack(data, str(path)) if len(data) <= MAX_BYTES else None
        except Corrupt:
            pass  # moved aside below
        except CacheError as error:
            newer = CacheError(*error.args)
        del found, data  # secrets, in a frame that a traceback shows
        if newer:
            raise newer
        if entry is None:
            files.quarantine(path)
            return None
        return replace(entry, exposed=exposed)

    def stamp(self, profile: str) -> object:
        """The file's identity: inode, time and size."""
        try:
            info = self.path(profile).lstat()
        except OSError:
            return None
        return info.st_ino, info.st_mtime_ns, info.st_size

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        """The profile's lock, waited for 45 s.

        Raises:
            CacheError: The folder is not private, cannot be locked, or another kernel holds the lock too long.
        """
        files.private_folder(self.folder)
        path = self.path(profile)
        # Never a soft lock: where the file system cannot lock, sign-ins stay in memory, with a warning.
        lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600, fallback_to_soft=False)
        problem = None
        try:
            lock.acquire(timeout=self._lock_seconds)
        except filelock.Timeout:
            problem = CacheError(
                f"Another kernel has been renewing the sign-in in {path} for {self._lock_seconds:.0f} s.",
                "Restart that kernel if it hangs, then run this cell again.",
            )
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            problem = CacheError(
                f"Can't lock {path} ({reason}).", "Set OUTGROW_CONFIG_DIR to a folder on a local disk of your own."
            )
        if problem:
            raise problem
        try:
            files.sweep(self.folder, now=time.time())
            held = _HeldFile(self, profile, path)
            try:
                yield held
            finally:
                held.close()
        finally:
            lock.release()


class _HeldFile:
    def __init__(self, cache: FileCache, profile: str, path: Path) -> None:
        self._cache, self._profile, self._path = cache, profile, path
        self._reserved: files.Reserved | None = None

    def read(self) -> Entry | None:
        return self._cache.read(self._profile)

    def reserve(self) -> None:
        if self._reserved is None:
            self._reserved = files.Reserved(self._path, _ROOM)

    def write(self, entry: Entry) -> None:
        self.reserve()
        reserved, self._reserved = self._reserved, None
        if reserved is not None:
            reserved.commit(pack(entry))

    def delete(self) -> None:
        problem = None
        try:
            folder, name = self._path.parent, self._path.name
            left = (*folder.glob(f"{name}.corrupt-*"), *folder.glob(f"{files.TEMPORARY}{name}-*"))
            for path in (self._path, *left):
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = CacheError(f"Can't delete {self._path} ({error.strerror}).", "Delete it by hand.")
        if problem:
            raise problem

    def close(self) -> None:
        if self._reserved is not None:
            self._reserved.discard()
