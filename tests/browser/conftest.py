"""One JupyterLab and one Chromium for all browser tests; each test begins signed out, in a fresh browser profile."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import lab as labs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the browser tests, and keeps them in one worker."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, where there is one; `make test` says in its last lines where there is none."""
    if labs.chromium() is None and not os.environ.get("REQUIRE_BROWSER"):
        pytest.skip("there is no Chromium or Chrome here")
    with labs.browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[labs.Lab]:
    """JupyterLab in an empty home."""
    with labs.lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def lab(running_lab: labs.Lab) -> labs.Lab:
    """JupyterLab with nobody signed in."""
    sign_out(running_lab)
    return running_lab


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile."""
    made = chromium.new_context(viewport={"width": 1180, "height": 860})
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: `SCREENSHOTS`, else a temporary folder."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sign_out(running: labs.Lab) -> None:
    """Signs the sandbox's profile out."""
    command = [sys.executable, "-m", "outgrow_nb", "logout", "--sandbox"]
    subprocess.run(command, env=running.environment, check=True, capture_output=True, timeout=60)
