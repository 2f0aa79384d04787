"""What the tests of settings share: a project folder, its `.env`, and an environment."""

import subprocess
from pathlib import Path


def project(tmp_path: Path) -> Path:
    """A project folder, the root of a git repository; use it as a fixture: `folder = pytest.fixture(project)`."""
    made = tmp_path / "project"
    made.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=made, check=True)
    return made


def write_env(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(mode)
    return path


def environment(folder: Path, **values: str) -> dict[str, str]:
    return {"OUTGROW_CONFIG_DIR": str(folder / "kept"), "HOME": str(folder.parent), **values}
