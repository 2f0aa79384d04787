"""Files kept like passwords: private folder, private file, written whole or not at all, never through a link."""

import errno
import os
import stat
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path

from outgrow_nb.errors import CacheError

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_STALE_SECONDS = 3600
_KEPT_CORRUPT = 3
TEMPORARY = ".new-"
_OURS = ("outgrow-nb", "outgrow_nb")


def private_folder(folder: Path) -> None:
    """Makes the folder 0700, or checks that nobody else owns it or may write into it.

    A folder of our own name that others may look into is made 0700 as well. Any other that was there before keeps its
    mode, since it may be the person's home: others see the names of our files there, which are 0600 in any folder.

    Raises:
        CacheError: Naming the folder and the way out.
    """
    problem = None
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        info = folder.stat()
        if not stat.S_ISDIR(info.st_mode):
            problem = "is not a folder"
        elif os.name != "nt":
            if info.st_uid != os.geteuid():
                problem = "belongs to another user"
            elif info.st_mode & 0o022:
                problem = "can be written by other users"
            elif info.st_mode & 0o077 and folder.resolve().name in _OURS:
                folder.chmod(0o700)
    except OSError as error:
        problem = f"cannot be used ({error.strerror or type(error).__name__})"
    if problem:
        raise CacheError(
            f"The folder {folder} {problem}.", "Set OUTGROW_CONFIG_DIR to a folder of your own, or mend it."
        )


def read_private(path: Path, limit: int, *, mend: bool = True) -> tuple[bytes, bool] | None:
    """The file's bytes, and whether others could read it (`mend`: it is made private at once); None for no file.

    Raises:
        CacheError: A link, a folder, a pipe, or another user's file: none of them is touched.
    """
    problem, data, exposed = None, b"", False
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK | _BINARY | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = "is a link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})"
    else:
        try:
            problem, exposed = _checked(descriptor, mend=mend)
            data = b"" if problem else _whole(descriptor, limit)
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
        finally:
            os.close(descriptor)
    if problem:
        raise CacheError(f"{path} {problem}, so it was not used.", "Move it away, then run the cell again.")
    if exposed and mend:
        warnings.warn(
            f"Other users could read {path}; it is private again. Its sign-in is renewed at its next use; "
            "of an API key, make a new one in Outgrow.",
            stacklevel=3,
        )
    return data, exposed


def _checked(descriptor: int, *, mend: bool) -> tuple[str | None, bool]:
    """What keeps an open file from being used, and whether others could read it."""
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode):
        return "is not a file", False
    if os.name == "nt":
        return None, False
    if info.st_uid != os.geteuid():
        return "belongs to another user", False
    if not info.st_mode & 0o077:
        return None, False
    if mend:
        os.fchmod(descriptor, 0o600)
    return None, True


def _whole(descriptor: int, limit: int) -> bytes:
    """The file's bytes up to one more than the limit; what is read in parts stands in no frame of an error."""
    data = b""
    while more := os.read(descriptor, limit + 1 - len(data)):
        data += more
    return data


class Reserved:
    """A temporary file in the right folder with its room already taken: a full disk shows before anything is spent."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        problem = None
        try:
            self._descriptor, self._temporary = tempfile.mkstemp(prefix=f"{TEMPORARY}{path.name}-", dir=path.parent)
        except OSError as error:
            raise _cannot_write(path, error) from None
        try:
            os.write(self._descriptor, b"\0" * size)
            os.fsync(self._descriptor)
            if os.fstat(self._descriptor).st_size < size:
                problem = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            problem = error
        if problem:
            self.discard()
            raise _cannot_write(path, problem)

    def commit(self, data: bytes) -> None:
        """Writes, flushes, and puts the file in place of the old one in one step.

        Raises:
            CacheError: Naming the path; the old file is whole.
        """
        problem, view = None, memoryview(data)
        try:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.ftruncate(self._descriptor, len(data))
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
            Path(self._temporary).replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            problem = error
        if problem:
            del data, view  # tokens, in a frame that a traceback shows
            self.discard()
            raise _cannot_write(self._path, problem)

    def discard(self) -> None:
        """Gives the room back when nothing was written; where the folder has become read-only, a later sweep does."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        with suppress(OSError):
            Path(self._temporary).unlink(missing_ok=True)


def quarantine(path: Path) -> Path | None:
    """Moves an unreadable file aside, privately; the three newest of them are kept.

    Returns:
        Where it is now; None where another kernel was faster.

    Raises:
        CacheError: It cannot be moved.
    """
    moved = path.with_name(f"{path.name}.corrupt-{time.time_ns()}")
    try:
        path.replace(moved)
        moved.chmod(0o600)
        for old in sorted(path.parent.glob(f"{path.name}.corrupt-*"))[:-_KEPT_CORRUPT]:
            old.unlink(missing_ok=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _cannot_write(path, error) from None
    return moved


def leave(mark: Path) -> None:
    """Makes an empty private file, through no link; where it cannot be made, this process alone knows what it says."""
    with suppress(OSError):
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | _NOFOLLOW, 0o600))


def sweep(folder: Path, *, now: float) -> None:
    """Removes temporary files, named as `Reserved` names them, that a killed kernel left more than an hour ago."""
    try:
        left = list(folder.glob(f"{TEMPORARY}*-????????"))
    except OSError:
        return  # whoever reads or writes a file there says what is wrong with the folder
    for path in left:
        try:
            if now - path.lstat().st_mtime > _STALE_SECONDS:
                path.unlink()
        except OSError:
            continue  # another kernel swept it, or the place is read-only: the next start tries again


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    with suppress(OSError):  # the new file stands in its place; not every file system can say more of a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot_write(path: Path, error: OSError) -> CacheError:
    return CacheError(
        f"Can't write {path} ({error.strerror or type(error).__name__}).",
        "Free some space or set OUTGROW_CONFIG_DIR to a folder you can write, then run the cell again.",
    )
