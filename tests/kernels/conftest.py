"""What the tests with real kernels share."""

from pathlib import Path

import pytest

from tests.sweep import swept
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_connection import application

no_canary = pytest.fixture(autouse=True)(swept)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty home with a display: the browser is on this computer."""
    made = Place(tmp_path, monkeypatch)
    made.set(IPYTHONDIR=tmp_path / "ipython", JUPYTER_RUNTIME_DIR=tmp_path / "runtime", DISPLAY=":99")
    return made


@pytest.fixture
def with_application(place: Place, sandbox: Sandbox) -> Place:
    """Somebody's application is set, and nobody is signed in."""
    place.set(**application(sandbox))
    return place
