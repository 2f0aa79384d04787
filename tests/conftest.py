"""Fixtures that several rooms' tests share."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fault_table import FaultTable
from tests.wire.sandbox_fixtures import Sandbox, started

# Nobody's own keyring is touched by a test; those that need one bring it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


def pytest_configure(config: pytest.Config) -> None:
    """Marks the tests of faults, and makes their table; Stop works even where the run is in a shell's background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(FaultTable())


@pytest.fixture(scope="session")
def _sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox process for the whole run (per xdist worker)."""
    with started(tmp_path_factory.mktemp("sandbox") / "sandbox.json", "--leads=2000") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox_process: Sandbox) -> Iterator[Sandbox]:
    """The shared sandbox with 2,000 leads, without faults, its counts at zero."""
    _sandbox_process.control(clear=True, reset_stats=True)
    yield _sandbox_process
    _sandbox_process.control(clear=True)


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts a sandbox of one's own: `start_sandbox("--pkce=optional", state_file=path)`; ended afterwards."""
    with ExitStack() as stack:

        def start(*options: str, state_file: Path | None = None) -> Sandbox:
            return stack.enter_context(started(state_file or tmp_path / "own-sandbox.json", *options))

        yield start
