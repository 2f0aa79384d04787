"""S01: after every test, no secret in what was printed, logged or warned, nor left in the environment or in a file."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers_secrets import Secrets

_CAPTURES = ("capfd", "capsys", "capfdbinary", "capsysbinary")
_HERE = str(Path(__file__).parent) + os.sep
_PACKAGE = os.sep + "outgrow_nb" + os.sep


class _Listener(logging.Handler):
    """Keeps every record that the package, or a library on its behalf, has logged: not those of the test's own doing.

    The browser of a test is this very process: what its library logs of a redirect is the test's.

    Args:
        test: The test's file.
    """

    def __init__(self, test: Path) -> None:
        super().__init__(logging.DEBUG)
        self._own = (_HERE, str(test))
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        frame = sys._getframe(1)
        while frame is not None:
            name = frame.f_code.co_filename
            if _PACKAGE in name:
                break
            if name.startswith(self._own):
                return
            frame = frame.f_back  # type: ignore[assignment]
        self.texts.append(f"{record.getMessage()} {record.args!r} {record.__dict__!r}")


class Sweep:
    """Listens while a test runs, and looks through what it has left.

    Args:
        request: The test.
    """

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._node = request.node
        names = [name for name in _CAPTURES if name in request.fixturenames]
        self._capture: Any = request.getfixturevalue(names[0]) if names else None
        self._folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
        self._sandbox: Any = request.getfixturevalue("sandbox") if "sandbox" in request.fixturenames else None
        self._printed: list[str] = []
        self._warned: list[str] = []
        self._listener = _Listener(request.path)
        self._levels: dict[logging.Logger, int] = {}

    def begin(self, patch: pytest.MonkeyPatch) -> None:
        """Every logger at DEBUG; what is read of the capture, and every warning that is shown or recorded, is kept."""
        known = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
        self._levels = {one: one.level for one in (logging.root, *known)}
        for one in self._levels:
            one.setLevel(logging.DEBUG)
            if not one.propagate or one is logging.root:
                one.addHandler(self._listener)
        warned = self._warned

        class Noted(warnings.WarningMessage):
            def __init__(self, *args: Any, **more: Any) -> None:
                super().__init__(*args, **more)
                warned.append(str(self))

        patch.setattr(warnings, "WarningMessage", Noted)
        if self._capture is not None:
            read = self._capture.readouterr

            def readouterr() -> Any:
                both = read()
                self._printed += [one if isinstance(one, str) else one.decode("latin-1") for one in both]
                return both

            patch.setattr(self._capture, "readouterr", readouterr)

    def end(self) -> None:
        """As it was; what the test has not read of its output is put back for the report."""
        if self._capture is not None:
            for stream, text in zip((sys.stdout, sys.stderr), self._capture.readouterr(), strict=True):
                stream.write(text if isinstance(text, str) else text.decode("latin-1"))
        for one, level in self._levels.items():
            one.setLevel(level)
            one.removeHandler(self._listener)

    def look(self) -> None:
        """Fails where a secret shows."""
        states = [self._sandbox.state_file] if self._sandbox is not None else []
        secrets = Secrets([*states, *self._files("*sandbox.json")])
        for where, text in self._texts():
            found = secrets.shown_in(text)
            assert not found, f"{', '.join(found)} in {where}"

    def _texts(self) -> Iterator[tuple[str, str]]:
        printed = [text for _, kind, text in self._node._report_sections if kind != "log"]
        yield "the output", "\n".join([*self._printed, *printed])
        yield "the log", "\n".join(self._listener.texts)
        yield "a warning", "\n".join(self._warned)
        yield (
            "the environment",
            "\n".join(f"{name}={value}" for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"),
        )
        yield "the arguments", " ".join(sys.argv)
        for path in self._files("*"):
            if path.name != ".env" and path.stat().st_mode & 0o077:
                yield f"the file {path.name}, which others may read", path.read_bytes()[: 1 << 20].decode("latin-1")

    def _files(self, name: str) -> list[Path]:
        found = self._folder.rglob(name) if self._folder is not None else ()
        return [path for path in found if path.is_file() and not path.is_symlink()]


def swept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Use it as `no_canary = pytest.fixture(autouse=True)(swept)`, in a `conftest.py` for a whole folder."""
    sweep = Sweep(request)
    with pytest.MonkeyPatch.context() as patch:
        sweep.begin(patch)
        yield
        sweep.end()
    sweep.look()
