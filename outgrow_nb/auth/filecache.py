"""`FileCache`: each profile in a private file of the user's config folder, under a lock that every kernel honours."""

import errno
import time
import urllib.parse
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import filelock

from outgrow_nb.auth import files
from outgrow_nb.auth.cache import Held
from outgrow_nb.auth.entry import MAX_BYTES, Corrupt, Entry, pack, unpack
from outgrow_nb.auth.vault import HEAD, Key, Vault, is_sealed, seal
from outgrow_nb.errors import CacheError

LOCK_SECONDS = 45.0
_ROOM = 16 * 1024
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


class FileCache:
    """Keeps each profile in a private file (0600 in a 0700 folder), written atomically under a lock.

    With the extra ``keyring`` and a keyring to trust, a new sign-in is sealed with a key that the keyring holds; it
    stays as it is, sealed or not, until somebody signs in anew.

    Args:
        folder: The folder, made when something is saved. Default of `connect`: the user's config directory.
        lock_seconds: How long another kernel's renewal is waited for; longer than a renewal may take.
    """

    durable = True

    def __init__(self, folder: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.folder = Path(folder)
        self._lock_seconds = lock_seconds
        self._vault = Vault()

    def __repr__(self) -> str:
        return f"FileCache({str(self.folder)!r})"

    def path(self, profile: str) -> Path:
        """The profile's file; a name cannot leave the folder."""
        quoted = urllib.parse.quote(profile, safe=" @+=,", errors="surrogatepass").replace(".", "%2E")
        return self.folder / f"profile-{quoted}.json"

    def place(self, profile: str) -> str:
        """The path of the profile's file."""
        return str(self.path(profile))

    def protection(self, profile: str) -> str:
        """How the profile's file is protected beyond its mode, by what the file says."""
        return "encrypted" if is_sealed(_head(self.path(profile))) else "not encrypted"

    def names(self) -> list[str]:
        """The profiles that are kept, sorted.

        Raises:
            CacheError: The folder cannot be listed.
        """
        try:
            found = [path.name[len("profile-") : -len(".json")] for path in self.folder.glob("profile-*.json")]
        except OSError as error:
            raise CacheError(
                f"Can't list {self.folder} ({error.strerror}).", "Set OUTGROW_CONFIG_DIR to a folder of your own."
            ) from None
        return sorted(urllib.parse.unquote(name) for name in found)

    def read(self, profile: str) -> Entry | None:
        """What is kept; a file that is no entry is moved aside and counts as none."""
        files.sweep(self.folder, now=time.time())
        try:
            return self._load(profile)
        except Corrupt:
            pass  # or a sibling has mended it by now: looked at again under the lock
        with self.exclusive(profile) as held:
            return held.read()

    def _load(self, profile: str) -> Entry | None:
        """What the file holds; whatever it raises holds no secret in its frames.

        Raises:
            Corrupt: No entry.
            CacheError: It cannot be read, is of a newer version, or its key cannot be had.
        """
        path, where = self.path(profile), self.place(profile)
        found = files.read_private(path, MAX_BYTES)
        if found is None:
            return None
        data, exposed = found
        problem: Exception | None = None
        entry = None
        try:
            if len(data) <= MAX_BYTES:
                entry = unpack(self._vault.open(data, profile, where) if is_sealed(data) else data, where)
        except (Corrupt, CacheError) as error:
            problem = type(error)(*error.args)
        del found, data  # secrets, in a frame that a traceback shows
        if problem is not None:
            raise problem
        if entry is None:
            raise Corrupt("too large")
        mark = _mark(path)
        if exposed:
            files.leave(mark)  # whoever renews it may be another process than the one that found out
        return replace(entry, exposed=exposed or mark.exists())

    def stamp(self, profile: str) -> tuple[int, int, int] | None:
        """The file's identity: inode, time and size."""
        try:
            info = self.path(profile).lstat()
        except OSError:
            return None
        return info.st_ino, info.st_mtime_ns, info.st_size

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        """The profile's lock, waited for 45 s.

        Where the file system has no locks, an API key can be kept all the same, since nothing of it is ever spent; a
        sign-in cannot.

        Raises:
            CacheError: The folder is not private, cannot be locked, or another kernel holds the lock too long.
        """
        files.private_folder(self.folder)
        path = self.path(profile)
        # Never a soft lock: where the file system cannot lock, sign-ins stay in memory, with a warning.
        lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600, fallback_to_soft=False)
        problem = lockless = None
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
            if isinstance(error, NotImplementedError) or error.errno in _NO_LOCKS:
                problem, lockless = None, problem
        if problem:
            raise problem
        try:
            files.sweep(self.folder, now=time.time())
            held = _HeldFile(self, profile, path, lockless)
            try:
                yield held
            finally:
                held.close()
        finally:
            lock.release()


class _HeldFile:
    def __init__(self, cache: FileCache, profile: str, path: Path, lockless: CacheError | None) -> None:
        self._cache, self._profile, self._path, self._lockless = cache, profile, path, lockless
        self._reserved: files.Reserved | None = None
        self._key: Key | None = None

    def read(self) -> Entry | None:
        try:
            return self._cache._load(self._profile)
        except Corrupt as damage:
            _aside(self._path, str(damage))
            return None

    def reserve(self) -> None:
        if self._lockless is not None:
            raise self._lockless
        self._reserve(anew=False)

    def _reserve(self, *, anew: bool) -> None:
        if self._reserved is None:
            _, _, size = self._cache.stamp(self._profile) or (0, 0, 0)
            self._reserved = files.Reserved(self._path, max(_ROOM, 2 * size))  # the next token is much like this one
            self._key = self._key_for(anew=anew)

    def _key_for(self, *, anew: bool) -> Key | None:
        """What to seal with: sealed stays sealed, plain stays plain until somebody signs in anew."""
        vault, where, head = self._cache._vault, str(self._path), _head(self._path)
        try:
            if is_sealed(head):
                return vault.key_of(head, where)
        except Corrupt as damage:
            _aside(self._path, str(damage))
            head = b""
        return vault.new_key(where) if anew or not head else None

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        if self._lockless is not None and entry.token is not None:
            raise self._lockless
        self._reserve(anew=anew)
        if self._reserved is not None:
            try:
                self._reserved.commit(seal(pack(entry), self._key, self._profile) if self._key else pack(entry))
                _mark(self._path).unlink(missing_ok=True)
            finally:
                self.close()

    def delete(self) -> None:
        problem, head = None, _head(self._path)
        try:
            folder, name = self._path.parent, self._path.name
            left = (*folder.glob(f"{name}.corrupt-*"), *folder.glob(f"{files.TEMPORARY}{name}-*"))
            for path in (self._path, _mark(self._path), *left):
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = CacheError(f"Can't delete {self._path} ({error.strerror}).", "Delete it by hand.")
        if problem:
            raise problem
        self._cache._vault.forget(head)

    def close(self) -> None:
        if self._reserved is not None:
            self._reserved.discard()
            self._reserved = None


def _aside(path: Path, what: str) -> None:
    """Moves a damaged file aside, and tells the person why they are asked to sign in."""
    moved = files.quarantine(path)
    if moved is not None:
        warnings.warn(
            f"The saved sign-in in {path} was damaged ({what}); it is kept aside as {moved.name}. Sign in again.",
            stacklevel=2,
        )


def _mark(path: Path) -> Path:
    """Stands beside a file that others could read, until its sign-in has been renewed."""
    return path.with_suffix(".exposed")


def _head(path: Path) -> bytes:
    """How the file begins: enough to know its key by, nothing secret; empty where there is no file of ours."""
    try:
        found = files.read_private(path, MAX_BYTES, mend=False)
    except CacheError:
        return b""  # a link, a folder, another user's: told by whoever reads it
    data = found[0] if found is not None else b""
    return data[:HEAD] if is_sealed(data) else data[:1]
