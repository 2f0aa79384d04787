"""A file or folder takes its place whole or not at all, and private: others may not read it."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from outgrow_nb.errors import ConfigError

MARK = "_outgrow-nb.json"  # stands in a folder that this package wrote; readers of Parquet pass over names with _
_NEW = ".new-"
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file to write in a private folder beside the place; afterwards it is put there in one step, mode 0600.

    A file that stood there is replaced, as pandas does; after an error it is untouched.

    Raises:
        ConfigError: The place cannot be written, or is a folder.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder.", "Name the file to write, or leave its ending out to fill a folder.")
    with _beside(path) as room, _told(path):
        made = room / path.name
        yield made
        made.chmod(0o600)
        _sync(made)
        made.replace(path)
        _sync(path.parent)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill beside the place; afterwards it stands there whole, mode 0700, its files 0600.

    A folder that an earlier export wrote is replaced; any other that is not empty is refused.

    Raises:
        ConfigError: The place cannot be written, or holds something of somebody else's.
    """
    with _told(path):
        if path.exists() and not (path.is_dir() and (_is_ours(path) or not any(path.iterdir()))):
            raise ConfigError(
                f"{path} holds something that is no export of outgrow-nb.", "Name a new folder, or empty this one."
            )
    with _beside(path) as room, _told(path):
        made = room / "whole"
        made.mkdir(mode=0o700)
        yield made
        (made / MARK).write_text(json.dumps({"written_by": "outgrow-nb"}), encoding="utf-8")
        for below in sorted(made.rglob("*"), reverse=True):
            below.chmod(0o700 if below.is_dir() else 0o600)
            _sync(below)
        _sync(made)
        _exchange(made, path)
        _sync(path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder of its own on the same disk, gone afterwards."""
    with _told(path):
        room = Path(tempfile.mkdtemp(prefix=f"{_NEW}{path.name[:100]}-", dir=path.parent))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _exchange(made: Path, path: Path) -> None:
    """Puts one folder in the other's place; no system does that in one step: for a moment nothing stands there."""
    old = made.with_name("old")
    if path.exists():
        path.rename(old)
    try:
        made.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise


def _is_ours(path: Path) -> bool:
    return (path / MARK).is_file()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says what is wrong with a place, with the way out."""
    problem = None
    try:
        yield
    except OSError as error:
        problem = error
    if problem is not None:
        full = problem.errno in _FULL
        reason = problem.strerror or str(problem) or type(problem).__name__
        raise ConfigError(
            f"Can't write {path} ({reason}); what stood there before is untouched.",
            "Free some room, or name another place." if full else "Make the folder, or name another place.",
        )


def _sync(path: Path) -> None:
    """Waits until the disk has it."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
