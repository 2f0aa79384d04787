"""The sandbox's state file: what a restarted server needs to be the same one. Always 0600, replaced in one step."""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outgrow_nb.errors import CacheError

VERSION = 1


@dataclass
class State:
    """What the state file holds.

    Attributes:
        control_secret: Proves the server to its users and them to its control endpoint.
        client_secret: Of the confidential client.
        api_key: Of the first company.
        port: Where the server listened last; 0 = never.
        pid: Its process; 0 = none.
        settings: What it was started with, as `Settings.as_json` writes it.
        users: [pid, start time] of the processes that use it.
        grants: What `Grants.as_json` writes: hashes only.
    """

    control_secret: str = field(repr=False)
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    port: int = 0
    pid: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    users: list[list[Any]] = field(default_factory=list)
    grants: dict[str, Any] = field(default_factory=dict, repr=False)


def new_state() -> State:
    """Fresh secrets, nothing else."""
    return State(
        control_secret=secrets.token_hex(32), client_secret=secrets.token_hex(24), api_key=secrets.token_hex(20)
    )


def read_state(path: Path) -> State | None:
    """What the file holds; None if there is none, or if it is no state file of this version.

    Raises:
        CacheError: It is there but cannot be opened, or is not a private file of ours.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(
            f"The sandbox's state file cannot be read: {path} ({error.strerror}).", "Delete it and try again."
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        if hasattr(os, "getuid"):
            status = os.fstat(file.fileno())
            if status.st_uid != os.getuid() or status.st_mode & 0o077:
                raise CacheError(f"The sandbox's state file is not private to you: {path}.", "Delete it and try again.")
        text = file.read(16 * 1024 * 1024)
    try:
        kept = json.loads(text)
        if kept.pop("version") != VERSION:
            return None
        return State(**kept)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def write_state(path: Path, state: State) -> None:
    """Replace the file in one step, mode 0600 from its first byte.

    Raises:
        CacheError: It cannot be written.
    """
    text = json.dumps({"version": VERSION, **vars(state)})
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink()
            raise
    except OSError as error:
        raise CacheError(
            f"The sandbox's state file cannot be written: {path} ({error.strerror}).", "Free the place and try again."
        ) from error
