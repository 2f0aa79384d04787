"""A working folder, a config folder and an environment of a test's own, for this process and those it starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache


class Place:
    """A working folder, a config folder and an environment of one's own; nothing of the machine's shines through."""

    def __init__(self, root: Path, environment: pytest.MonkeyPatch) -> None:
        self.root, self.environment = root, environment
        self.config = root / "config"
        for name in [name for name in os.environ if name.startswith("OUTGROW_")]:
            environment.delenv(name)
        self.set(HOME=root, OUTGROW_CONFIG_DIR=self.config)
        self.go("work")

    def set(self, **variables: object) -> None:
        for name, value in variables.items():
            self.environment.setenv(name, str(value))

    def go(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        self.environment.chdir(folder)
        return folder

    def dotenv(self, **values: object) -> Path:
        path = Path.cwd() / ".env"
        path.touch(0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        return path

    def save(self, entry: Entry, profile: str = "default") -> None:
        with FileCache(self.config).exclusive(profile) as held:
            held.write(entry)

    def saved(self, profile: str = "default") -> Entry | None:
        return FileCache(self.config).read(profile)

    def python(self, code: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Another process in the same place, without a terminal."""
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **more)
