"""A notebook under `%xmode Verbose`, all loggers at DEBUG, saved with its widgets: no secret in the file (S03)."""

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import requests
from nbclient import NotebookClient

from tests.helpers_secrets import Secrets
from tests.person import decide, follow
from tests.wire.clients import until
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
NOTEBOOK = """
%xmode Verbose
import logging, sys, traceback
logging.basicConfig(level=logging.DEBUG)
--- connect
import outgrow_nb
og = outgrow_nb.connect()
--- read
contents = og.contents()
contents
--- client
og
--- session
og._credentials
--- everything of both
held = og._credentials
vars(og), vars(held), vars(held.entry), vars(held.entry.token), held.config, vars(held.config), held.cache
--- leads
leads = og.leads("Which plan fits you?", limit=3)
leads.attrs, og.whoami()
--- a refresh fails
og.contents()
--- last traceback
%tb
--- last value
sys.last_value
--- every frame of it
error = sys.last_value
while error is not None:
    print(repr(error), vars(error), getattr(error, "__notes__", None))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        print(frame.f_code.co_filename, frame.f_code.co_name, frame.f_locals)
    error = error.__cause__ or error.__context__
--- an error of one's own
def share(client, credentials, entry, key=None):
    settings = client._credentials.config
    return client, credentials, entry, settings, 1 / 0
share(og, og._credentials, og._credentials.entry)
--- a client for a worker
import pickle
pickle.dumps(og)
--- the sign-in ends
len(og.contents())
--- names
%who_ls
--- names and values
%whos
--- history
%history
--- results
Out, _, __, ___, In
--- variables
locals()
--- look
%pinfo og
--- look twice
%pinfo2 og
--- sign out
og.sign_out()
og
"""


class Run(NotebookClient):
    """nbclient as a front end in which somebody sits: boxes may be asked, and the button is clicked.

    Attributes:
        said: Every message of the output channel.
        typed_into: What redirects were followed: code and state are secrets.
    """

    def __init__(self, document: nbformat.NotebookNode, folder: Path, before: dict[str, Callable[[], object]]) -> None:
        super().__init__(
            document, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}},
            on_notebook_start=self._sit_down, on_cell_start=self._next_cell,
        )  # fmt: skip
        self.said: list[dict[str, Any]] = []
        self.redirects: list[str] = []
        self._before = before
        self._clicked: set[str] = set()

    def _sit_down(self, **_: object) -> None:
        assert self.kc is not None
        self.kc.allow_stdin = True

    def _next_cell(self, cell: nbformat.NotebookNode, **_: object) -> None:
        self._before.get(cell.metadata.get("name", ""), lambda: None)()

    def process_message(self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int) -> Any:
        self.said.append(msg)
        for link in set(re.findall(r"http://[\d.:]+/go/[\w-]+", json.dumps(msg["content"], default=str))):
            if link not in self._clicked:
                self._clicked.add(link)
                threading.Thread(target=self._click, args=(link,)).start()
        return super().process_message(msg, cell, cell_index)

    def _click(self, link: str) -> None:
        self.redirects.append(decide(link))
        with suppress(requests.ConnectionError):  # on a busy computer the last page may come too late
            follow(self.redirects[-1])

    @property
    def secrets(self) -> list[str]:
        """Codes and states that came by."""
        queries = [parse_qs(urlsplit(redirect).query) for redirect in self.redirects]
        return [value for query in queries for name in ("code", "state") for value in query[name]]


def cells(text: str) -> nbformat.NotebookNode:
    """A notebook of cells that are parted by lines with their names."""
    first, *others = re.split(r"^--- (.*)\n", text.strip() + "\n", flags=re.MULTILINE)
    pairs = [("first", first), *zip(others[::2], others[1::2], strict=True)]
    made: nbformat.NotebookNode = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.rstrip(), metadata={"name": name}) for name, source in pairs]
    )
    return made


def shown(document: nbformat.NotebookNode, name: str) -> str:
    """Everything that stands under a cell."""
    (cell,) = [cell for cell in document.cells if cell.metadata.name == name]
    return json.dumps(cell.outputs)


def swept_through(done: Run, place: Place, sandbox: Sandbox, *more: str) -> str:
    """The saved file, once neither it nor any message, nor any file that the kernel left, shows a secret."""
    path = place.root / "saved.ipynb"
    path.touch(0o600)
    nbformat.write(done.nb, path)
    secrets = Secrets([sandbox.state_file], [*more, *done.secrets])
    for cell in done.nb.cells:
        assert not secrets.shown_in(json.dumps(cell.outputs)), cell.metadata.name
    assert not secrets.shown_in(path.read_text())
    assert not secrets.shown_in(json.dumps([message["content"] for message in done.said], default=str))
    for left in (path for path in place.root.rglob("*") if path.is_file() and place.config not in path.parents):
        assert not secrets.shown_in(left.read_bytes().decode("latin-1")), left
    return path.read_text()


def test_s03_s04_s05_s08_a_notebook_from_sign_in_to_sign_out(with_application: Place, sandbox: Sandbox) -> None:
    """Signs in, shows everything, meets a refresh that fails and one that is refused, and looks at what they left."""

    def failing() -> None:
        sandbox.control(expire_access=True, status="503@/oauth/token")

    before: dict[str, Callable[[], object]] = {
        "a refresh fails": failing,
        "last traceback": lambda: sandbox.control(clear=True),
        "the sign-in ends": lambda: sandbox.control(revoke="all", expire_access=True),
    }
    done = Run(cells(NOTEBOOK), with_application.root, before)
    done.execute()
    saved = swept_through(done, with_application, sandbox)
    assert len(done.redirects) == 2
    assert '"14"' in shown(done.nb, "the sign-in ends")
    assert "ana.silva@example.com" in shown(done.nb, "client")
    assert "Which plan fits you?" in shown(done.nb, "read")
    assert "DEBUG:urllib3" in shown(done.nb, "read")
    assert "signed in" in shown(done.nb, "session")
    assert "Secret(" in shown(done.nb, "everything of both")
    for name in ("a refresh fails", "last traceback", "last value"):
        assert "fails at the moment (status 503)" in shown(done.nb, name), name
    assert "outgrow_nb/auth/credentials.py authorization" in shown(done.nb, "every frame of it")
    assert "ZeroDivisionError" in shown(done.nb, "an error of one's own")
    assert "share(client=<Outgrow" in re.sub(r"\\u001b\[[\d;]*m", "", shown(done.nb, "an error of one's own"))
    assert "call outgrow_nb.connect() where it is needed" in shown(done.nb, "a client for a worker")
    for name in ("names", "names and values", "history", "results", "variables"):
        assert "og" in shown(done.nb, name), name
    assert "not signed in yet" in shown(done.nb, "sign out")
    assert "PasswordModel" in saved, "the widgets were saved"


def test_s02_s03_stop_in_a_notebook(with_application: Place, sandbox: Sandbox) -> None:
    """Stop while leads are asked for, and the traceback that Verbose makes of it."""
    text = """
%xmode Verbose
import outgrow_nb
og = outgrow_nb.connect()
len(og.contents())
--- stopped
og.contents()
--- after
og
"""

    def stop() -> None:
        sandbox.control(delay="3000*1@/api/v1/calculator", reset_stats=True)

        def press() -> None:
            until(lambda: any("calculator" in asked for asked in sandbox.stats()["requests"]))
            provisioner: Any = done.km.provisioner if done.km is not None else None
            os.kill(provisioner.pid, signal.SIGINT)

        threading.Thread(target=press).start()

    done = Run(cells(text), with_application.root, {"stopped": stop})
    done.execute()
    assert "KeyboardInterrupt" in shown(done.nb, "stopped")
    assert "ana.silva@example.com" in shown(done.nb, "after")
    swept_through(done, with_application, sandbox)
