"""Snapshots: a store as it was, in a folder of its own whose files are the same files, hard-linked."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from outgrow_nb.errors import ConfigError
from outgrow_nb.store import files
from outgrow_nb.store.files import MANIFEST
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Manifest, pack

FOLDER = "snapshots"
_LONGEST = 100


def snapshot(store: Store, name: str, *, at: datetime) -> Store:
    """Freezes the store under a name.

    Raises:
        ConfigError: The name is taken, or cannot be a folder's.
        CacheError: It cannot be written; nothing of that name stands there.
    """
    place = _place(store, name)
    with store.exclusive() as held:
        if place.exists():
            raise ConfigError(f"There is a snapshot {name!r} already.", "Give this one another name.")
        made = store.folder / f"{files.NEW}{secrets.token_hex(8)}"
        try:
            with files.told(place):
                files.private(place.parent)
                made.mkdir(mode=0o700)
                _fill(store, held, made)
                files.write(made / MANIFEST, pack(msgspec.structs.replace(held, name=name, taken_at=at)))
                files.sync_folder(made)
                made.rename(place)
                files.sync_folder(place.parent)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return Store(place)


def _fill(store: Store, held: Manifest, made: Path) -> None:
    for part in store.parts(held):
        for path in (part.leads, part.answers):
            target = made / path.relative_to(store.folder)
            files.private(target.parent)
            try:
                os.link(path, target)
            except OSError:  # a file system without hard links
                shutil.copyfile(path, target)
                target.chmod(0o600)


def snapshots(store: Store) -> Iterator[tuple[Store, Manifest]]:
    """Every snapshot, the oldest first."""
    found: list[tuple[Store, Manifest]] = []
    with suppress(FileNotFoundError):
        for place in (store.folder / FOLDER).iterdir():
            one = Store(place)
            found.append((one, one.manifest()))
    known = [(one, held) for one, held in found if held.taken_at is not None]
    yield from sorted(known, key=lambda pair: (pair[1].taken_at or datetime.min, pair[1].name))


def find(store: Store, name: str | None, until: datetime | None) -> Store:
    """The snapshot of that name, or the last one taken before a time.

    Raises:
        ConfigError: There is none; those that are there are named.
    """
    every = list(snapshots(store))
    for one, held in every:
        if held.name == name:
            return one
    before = [one for one, held in every if until is not None and held.taken_at is not None and held.taken_at < until]
    if before:
        return before[-1]
    names = ", ".join(f"{held.name!r} ({held.taken_at:%Y-%m-%d %H:%M} UTC)" for _, held in every[-5:])
    wanted = f"named {name!r}" if until is None else f"from before {until:%Y-%m-%d %H:%M} UTC"
    raise ConfigError(
        f"{store.folder} has no snapshot {wanted}.",
        f"There are: {names}." if names else "Make one: og.snapshot(name).",
    )


def _place(store: Store, name: str) -> Path:
    if not name or name != name.strip() or name.startswith(".") or len(name) > _LONGEST or not _plain(name):
        raise ConfigError(
            f"{name!r} cannot be a snapshot's name.", "Use letters, digits, blanks, dots, dashes and underscores."
        )
    return store.folder / FOLDER / name


def _plain(name: str) -> bool:
    return all(one.isalnum() or one in " .-_" for one in name)
