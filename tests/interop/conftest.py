"""What several interop tests share: the packages of the Node programs, installed when their list changes."""

import subprocess
from pathlib import Path

import filelock
import pytest


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the Node programs, with what its package.json names."""
    folder = Path(__file__).parent / "node"
    wanted = (folder / "package.json").read_text(encoding="utf-8")
    stamp = folder / "node_modules" / ".installed.json"
    stamp.parent.mkdir(exist_ok=True)
    with filelock.FileLock(stamp.parent / ".installing.lock"):  # several workers of one run come here at once
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
            subprocess.run(command, cwd=folder, check=True, timeout=300)
            stamp.write_text(wanted, encoding="utf-8")
    return folder
