"""What the tests with real processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.kernels import Profile
from tests.sweep import swept
from tests.wire.sandbox_fixtures import Sandbox

no_canary = pytest.fixture(autouse=True)(swept)


@pytest.fixture
def profile(sandbox: Sandbox, tmp_path: Path) -> Iterator[Profile]:
    """A profile that somebody has signed in to, in a folder of its own; every kernel of it is ended afterwards."""
    shared = Profile(tmp_path / "config", sandbox)
    shared.sign_in()
    sandbox.control(reset_stats=True)
    yield shared
    shared.end()
