"""Keyrings for tests, as backends of the `keyring` package: one that keeps what it is given in a file, and bad ones.

In another process they are chosen as a user chooses one: ``PYTHON_KEYRING_BACKEND=tests.keyrings.FileKeyring``.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import KeyringLocked, PasswordDeleteError

PLACE = "TEST_KEYRING_FILE"


class FileKeyring(KeyringBackend):
    """Keeps passwords in a JSON file that processes share."""

    @properties.classproperty
    def priority(self) -> float:
        """Where no file is named, it is none that `keyring` or its chain may choose."""
        if PLACE not in os.environ:
            raise RuntimeError(f"{PLACE} is not set")
        return 5

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.path = path or Path(os.environ[PLACE])

    @contextmanager
    def _held(self) -> Iterator[dict[str, str]]:
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = json.loads(self.path.read_text()) if self.path.exists() else {}
            before = dict(kept)
            yield kept
            if kept != before:
                new = self.path.with_suffix(".new")
                new.write_text(json.dumps(kept))
                new.replace(self.path)  # whoever is killed here leaves it whole

    def get_password(self, service: str, username: str) -> str | None:
        with self._held() as kept:
            return kept.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        with self._held() as kept:
            kept[f"{service}/{username}"] = password

    def delete_password(self, service: str, username: str) -> None:
        with self._held() as kept:
            if kept.pop(f"{service}/{username}", None) is None:
                raise PasswordDeleteError(username)

    def names(self) -> list[str]:
        """What is kept."""
        with self._held() as kept:
            return sorted(kept)


class SilentKeyring(FileKeyring):
    """Answers nobody, like one that waits for a password in a window that no screen shows."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        threading.Event().wait()


class LockedKeyring(FileKeyring):
    """Is locked, and says so."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("AT-CANARY-locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("AT-CANARY-locked")
