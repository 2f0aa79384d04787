"""The sweep itself: whatever a test leaves a secret in, the sweep finds it, and it finds nothing else (S01)."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from outgrow_nb.config import Secret
from tests.helpers_secrets import CANARIES, CANARY, Secrets, assert_clean, assert_faceless

ROOT = Path(__file__).resolve().parents[2]
TOKEN = f"AT{CANARY}1/+"
LEAKS = """
import logging, os, subprocess, sys, threading, warnings
from pathlib import Path
import pytest
from outgrow_nb.config import Secret
from tests.sweep import swept

no_canary = pytest.fixture(autouse=True)(swept)
token = "AT-CAN" "ARY-1"
quiet = logging.getLogger("leaks.quiet")
quiet.setLevel(logging.CRITICAL)
alone = logging.getLogger("leaks.alone")
alone.propagate = False

def test_bad_printed():
    print(token)

def test_bad_printed_to_stderr():
    print(token, file=sys.stderr)

def test_bad_printed_by_a_child():
    subprocess.run([sys.executable, "-c", "print('AT-CAN' 'ARY-1')"])

def test_bad_printed_and_read(capsys):
    print(token)
    assert capsys.readouterr().out

def test_bad_printed_and_not_read(capfd):
    os.write(2, token.encode())

def logs(log, *words):
    # as a library does that the package has called: no line of a test stands nearer than one of the package
    log.debug(*words)

logs.__code__ = logs.__code__.replace(co_filename="/x/site-packages/library.py")

def test_bad_logged():
    names = {"log": logging.getLogger("new"), "token": token}
    exec(compile("log.debug('%s', token)", "/x/outgrow_nb/x.py", "exec"), names)

def test_bad_logged_as_an_argument_of_a_thread():
    thread = threading.Thread(target=logs, args=(logging.getLogger("urllib3"), "%s", token))
    thread.start()
    thread.join()

def test_bad_logged_by_a_logger_that_is_quiet():
    thread = threading.Thread(target=logs, args=(quiet, token))
    thread.start()
    thread.join()

def test_bad_logged_by_a_logger_that_stands_alone():
    thread = threading.Thread(target=logs, args=(alone, token))
    thread.start()
    thread.join()

def test_bad_warned():
    with pytest.warns(UserWarning):
        warnings.warn(token)

def test_bad_environment():
    os.environ["LEFT"] = token

def test_bad_file(tmp_path, monkeypatch):
    del os.environ["LEFT"]
    monkeypatch.chdir(tmp_path)
    Path("left.txt").write_text(token)

def test_good_private_file(tmp_path):
    (tmp_path / "kept").touch(0o600)
    (tmp_path / "kept").write_text(token)

def test_good_own_browser():
    logging.getLogger("urllib3").debug(token)

def test_good_words(capsys, caplog, recwarn):
    print("outgrow")
    logging.getLogger("urllib3").debug("outgrow")
    warnings.warn("outgrow")
    assert Secret(token)

def test_warnings_are_errors():
    with pytest.raises(UserWarning):
        warnings.warn("x")
"""


def test_s01_wherever_a_secret_is_left(tmp_path: Path) -> None:
    """Each way of leaving one makes an error at the test's end; clean tests pass, and warnings stay errors."""
    path = tmp_path / "test_leaks.py"
    path.write_text(LEAKS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        f"--rootdir={tmp_path}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "300"}
    done = subprocess.run(
        [*command, "-c", os.devnull, str(path)], capture_output=True, text=True, timeout=60, env=environment
    )
    caught = set(re.findall(r"^ERROR .*::(test_\w+) - AssertionError", done.stdout, re.MULTILINE))
    passed = set(re.findall(r"^PASSED .*::(test_\w+)", done.stdout, re.MULTILINE))
    written = set(re.findall(r"^def (test_\w+)", LEAKS, re.MULTILINE))
    assert passed == written, done.stdout
    assert caught == {name for name in written if name.startswith("test_bad_")}


WRITTEN: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent": lambda token: quote(token, safe=""),
    "percent twice": lambda token: quote(quote(token, safe=""), safe=""),
    "json": json.dumps,
    "repr of bytes": lambda token: repr(token.encode()),
    **{
        f"base64 at {offset}": lambda token, offset=offset: base64.b64encode(b"x" * offset + token.encode()).decode()  # type: ignore[misc]
        for offset in range(3)
    },
    "base64 for addresses": lambda token: base64.urlsafe_b64encode(f"app:{token}".encode()).decode(),
    "base64 in a header": lambda token: f"Authorization: Basic {base64.b64encode(f'id:{token}'.encode()).decode()}",
}


@pytest.mark.parametrize("way", WRITTEN)
def test_every_way_of_writing_is_found(way: str) -> None:
    """Canaries and a test's own secrets: raw, encoded, escaped."""
    assert CANARIES.shown_in(f"before {WRITTEN[way](TOKEN)} after") == ["a canary"]
    own = "s3cret/of+the test"
    assert Secrets(more=[own]).shown_in(f"before {WRITTEN[way](own)} after") == ["a secret of the test"]
    assert CANARIES.shown_in(f"before {WRITTEN[way]('AT/CANARIES')} after") == []


def leaky(place: str) -> BaseException:
    """An exception that holds a secret in one place."""

    def inner() -> None:
        hidden: Any = {"x": [TOKEN]} if place == "a local" else Secret(TOKEN)
        raise ValueError(TOKEN if place == "args" else bool(hidden))

    try:
        try:
            exec(compile("work()", "/x/library.py", "exec"), {"work": inner})
        except ValueError as error:
            if place == "a note":
                error.add_note(TOKEN)
            if place == "an attribute":
                error.request = TOKEN  # type: ignore[attr-defined]
            if place in ("the cause", "the context", "a group"):
                error.args = (TOKEN,)
            if place == "the cause":
                raise RuntimeError("outer") from error
            if place == "a group":
                raise ExceptionGroup("many", [error]) from None
            if place == "the context":
                raise RuntimeError("outer") from None  # not shown, but there for who looks
            raise
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError


@pytest.mark.parametrize("place", ["args", "a note", "an attribute", "the cause", "the context", "a group"])
def test_s02_wherever_an_error_hides_it(place: str) -> None:
    """In the exception itself or in one behind it."""
    with pytest.raises(AssertionError):
        assert_clean(leaky(place))
    assert_clean(leaky("nowhere"))


def test_s02_in_a_frame() -> None:
    """In a local variable of any frame but the test's."""
    names: dict[str, Any] = {}
    code = "def work(token):\n    held = {'x': [token]}\n    raise ValueError(len(held))\n"
    exec(compile(code, "/x/library.py", "exec"), names)
    with pytest.raises(ValueError, match="1") as caught:
        names["work"](TOKEN)
    with pytest.raises(AssertionError, match="token in work"):
        assert_clean(caught.value)
    with pytest.raises(ValueError, match="1") as caught:
        names["work"](Secret(TOKEN))
    assert_clean(caught.value)


@dataclass
class Shown:
    token: str


@dataclass
class Attribute:
    token: str = field(repr=False)


@dataclass(repr=False)
class Property:
    secret: Secret

    @property
    def token(self) -> str:
        return self.secret.reveal()


class Html:
    def _repr_html_(self) -> str:
        return TOKEN


class Pickled:
    def __reduce__(self) -> tuple[Any, ...]:
        return (str, (TOKEN,))


@pytest.mark.parametrize("thing", [Shown(TOKEN), Attribute(TOKEN), Property(Secret(TOKEN)), Html(), Pickled()])
def test_s01_wherever_an_object_shows_it(thing: object) -> None:
    """In its repr, an attribute, a property, its HTML, or what it is pickled to."""
    with pytest.raises(AssertionError):
        assert_faceless(thing)
    assert_faceless(Secret(TOKEN))
