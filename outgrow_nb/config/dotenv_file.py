"""Finds the `.env` that belongs to the working directory and says whether it may be trusted."""

import contextlib
import os
import stat
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from outgrow_nb.config.secret import Secret
from outgrow_nb.errors import ConfigError


def find(start: Path, home: Path | None) -> Path | None:
    """The nearest ``.env`` at or above `start`.

    The search ends at the root of a git repository, at the home folder and at the border of a file system,
    so that a file planted higher up is never read.
    """
    with contextlib.suppress(PermissionError):  # a folder that this user may not search holds nothing of theirs
        device = start.stat().st_dev
        for folder in (start, *start.parents):
            if folder.stat().st_dev != device:
                return None
            path = folder / ".env"
            if path.is_file():
                return path
            if folder == home or (folder / ".git").exists():
                return None
    return None


def distrust(path: Path) -> str | None:
    """Why a ``.env`` is not to be used: somebody else owns it or may write it; None when it may."""
    if os.name == "nt":
        return None
    for info in (path.lstat(), path.stat()):
        if info.st_uid not in (os.geteuid(), 0):
            return "belongs to another user"
        if not stat.S_ISLNK(info.st_mode) and _others_may(stat.S_IWOTH, path, info):
            return "can be written by other users"
    return None


def _others_may(do: int, path: Path, info: os.stat_result) -> bool:
    """Whether anybody but its owner may; where each user has a group of their own, the group's bit lets nobody."""
    if info.st_mode & do:
        return True
    return bool(info.st_mode & do << 3) and (not _is_own_group(info.st_uid, info.st_gid) or _has_more_rules(path))


def _is_own_group(user: int, group: int) -> bool:
    """Whether it is the user's primary group, holds nobody else, and has their name.

    A directory service need not list who is in a group, but it gives a shared one a name of its own.
    """
    import grp
    import pwd

    try:
        owner, found = pwd.getpwuid(user), grp.getgrgid(group)
    except KeyError:
        return False
    others = {*found.gr_mem, *(one.pw_name for one in pwd.getpwall() if one.pw_gid == group)} - {owner.pw_name}
    return owner.pw_gid == group and found.gr_name == owner.pw_name and not others


def _has_more_rules(path: Path) -> bool:
    """Whether the group's bits stand for an access control list, which may let anybody in."""
    try:
        return hasattr(os, "listxattr") and "system.posix_acl_access" in os.listxattr(path)
    except OSError:
        return False  # a file system without such lists


def exposed(path: Path) -> str | None:
    """How the secrets in a ``.env`` may be seen by others: its mode, or git; None when they may not."""
    if os.name != "nt" and _others_may(stat.S_IROTH, path, path.stat()):
        return f"other users of this computer can read it; run: chmod 600 {path}"
    try:
        tracked = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "ls-files", "--error-unmatch", path.name],  # noqa: S607 - the person's git
            cwd=path.parent,
            capture_output=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None  # no git here, so git does not publish the file
    if tracked.returncode == 0:
        return f"git tracks it; run: git rm --cached {path.name}, then make a new client secret"
    return None


def read(start: Path, home: Path | None) -> tuple[Path | None, dict[str, Secret]]:
    """The ``OUTGROW_…`` lines of the `.env` for `start`; nothing is put into `os.environ`.

    Returns:
        The file and its values, or (None, {}) where there is no file to use. A file that others could have
        written is not used, with a warning that names it; OUTGROW_CONFIG_DIR in it is ignored.

    Raises:
        ConfigError: The file cannot be read as UTF-8 text.
    """
    path = find(start, home)
    if path is None:
        return None, {}
    reason = distrust(path)
    if reason:
        warnings.warn(f"{path} was not used: it {reason}. Fix with: chmod go-w {path}, or own it.", stacklevel=4)
        return None, {}
    found, problem = _variables(path)
    if problem:
        raise ConfigError(f"{path} cannot be read ({problem}).", "Save it as UTF-8 text of your own.")
    if found.pop("OUTGROW_CONFIG_DIR", None):
        warnings.warn(f"OUTGROW_CONFIG_DIR in {path} is ignored; set it in the environment.", stacklevel=4)
    if found.keys() & {"OUTGROW_CLIENT_SECRET", "OUTGROW_API_KEY", "OUTGROW_REFRESH_TOKEN"}:
        why = exposed(path)
        if why:
            warnings.warn(f"{path} holds a secret, and {why}", stacklevel=4)
    return path, found


def _variables(path: Path) -> tuple[dict[str, Secret], str]:
    """The file's ``OUTGROW_…`` lines, and what kept them from being read; a decoding error would show the lines."""
    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return {}, type(error).__name__
    return wrapped(values), ""


def wrapped(values: Mapping[str, str | None]) -> dict[str, Secret]:
    """The ``OUTGROW_…`` variables that are set to more than blanks, each in a `Secret` until its place is known."""
    mine = {name: (value or "").strip() for name, value in values.items() if name.startswith("OUTGROW_")}
    return {name: Secret(value) for name, value in mine.items() if value}
