"""Files of a store: private, written whole or not at all; what cannot be written says where and what to do."""

import os
import secrets
import stat
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from outgrow_nb.errors import CacheError, ConfigError

NEW = ".new-"
LOCK = ".lock"
WRITING = ".writing"
IGNORE = ".gitignore"
MANIFEST = "manifest.json"
_AT_ONCE = 16


def check(folder: Path) -> None:
    """Whether a folder is a store, empty, or not there yet.

    Raises:
        ConfigError: It holds something else, or is no folder.
        CacheError: It belongs to another user, or cannot be looked into.
    """
    problem = None
    try:
        if not folder.exists():
            return
        info = folder.stat()
        if not stat.S_ISDIR(info.st_mode):
            raise ConfigError(f"{folder} is not a folder.", "Give store= the name of a new or an empty folder.")
        if os.name != "nt" and info.st_uid != os.geteuid():
            raise CacheError(f"The folder {folder} belongs to another user.", "Give store= a folder of your own.")
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        problem = error.strerror or type(error).__name__
    if problem:
        raise CacheError(f"The folder {folder} cannot be used ({problem}).", "Give store= a folder of your own.")
    other = {name for name in names if name not in (IGNORE, LOCK, WRITING) and not name.startswith(NEW)}
    if MANIFEST not in names and other:
        raise ConfigError(
            f"{folder} holds other files ({', '.join(sorted(other)[:3])}) and is no store of leads.",
            "Give store= the name of a new or an empty folder.",
        )


def make(folder: Path) -> None:
    """Makes the folder 0700.

    Raises:
        CacheError: It cannot be made.
    """
    with told(folder):
        private(folder)
        if os.name != "nt" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)


def ignore(folder: Path) -> None:
    """Writes the ``.gitignore`` that keeps leads out of every commit; for who holds the lock.

    Raises:
        CacheError: It cannot be written.
    """
    if not (folder / IGNORE).exists():
        with told(folder):
            write(folder / IGNORE, b"*\n")


def private(folder: Path) -> None:
    """Makes a folder and those above it that are missing, 0700."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, data: bytes, *, flush: bool = True) -> None:
    """Puts these bytes in the file's place, 0600, in one step.

    Args:
        path: The file.
        data: Its bytes.
        flush: The step is to outlive a power cut; else `flush_all` sees to it.

    Raises:
        OSError: The old file is whole.
    """
    temporary = path.with_name(f"{NEW}{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if flush:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):  # the next sync sweeps it
            temporary.unlink()
        raise


def flush_all(paths: Collection[Path], folders: Collection[Path]) -> None:
    """Makes files, and then their names, outlive a power cut; several at once, which a disk does in one go.

    Raises:
        OSError: A file cannot be flushed.
    """
    if paths:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(_flush, paths))
            list(pool.map(sync_folder, folders))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut, as far as the file system can."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Turns what a file system says into an error with a way out.

    Raises:
        CacheError: Naming the place.
    """
    problem = None
    try:
        yield
    except OSError as error:
        problem = error.strerror or type(error).__name__
    if problem:
        raise CacheError(
            f"Can't write into {place} ({problem}); what the store held before is whole.",
            "Free some space or mend the folder, then sync again.",
        )
