"""Notebooks in the ipykernels that people have: one kernel a version, and a profile of its own for each case.

`tests/install/kernels.py` puts the versions where they are found. Use the fixtures as
`bench, notebook = matrix.bench, matrix.notebook`.
"""

import ast
import html
import os
import queue
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import outgrow_nb
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from tests.install import kernels
from tests.kernels.live import SECONDS, LiveKernel, Message, live
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

_PACKAGE = Path(outgrow_nb.__file__).parent
COUNT = "len(og.contents())"
_LINE = re.compile(r'<div class="outgrow-nb-status[^>]*>(.*?)</div>', re.DOTALL)
_LINK = re.compile(r'class="outgrow-nb-go"[^>]*href="([^"]*)"')


@dataclass
class Notebook(LiveKernel):
    """A notebook in one of the kernels.

    Attributes:
        profile: Its profile.
        config: Where sign-ins are kept.
        subshell: Where clicks go, "" for the main shell, which a running cell keeps busy.
    """

    profile: str = "default"
    config: Path = Path()
    subshell: str = ""

    def open(self, sandbox: Sandbox, **more: Any) -> None:
        """Forgets what the notebook before has left, and sets an application of the sandbox's."""
        settings = {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "base_url": sandbox.base_url,
            "pkce_enforced": True,
            "workers": 2,
            **more,
        }
        made = self.do(f"%reset -f\nimport outgrow_nb, time\nconfig = outgrow_nb.Config(**{settings!r})")
        assert made["status"] == "ok", made
        self.said.clear()

    def asked(self) -> Message:
        """The box under the running cell, once it is there."""
        try:
            return super().asked()
        except queue.Empty:
            while self.client.iopub_channel.msg_ready():
                self.said.append(self.client.get_iopub_msg(timeout=1))
            raise TimeoutError(f"nobody asked; {self.texts()}") from None

    @property
    def connect(self) -> str:
        """The first cell."""
        return f"og = outgrow_nb.connect({self.profile!r}, config=config)"

    def wait(self, code: str = COUNT) -> str:
        """Runs the cell with the panel and a cell that waits for it; the latter's id."""
        assert self.do(self.connect)["status"] == "ok", self.texts()
        cell = self.run(code)
        assert self.asked()["password"] is True
        return cell

    def shows(self, cell: str, *results: str) -> None:
        """The cell ends well, with these results, and leaves no box behind."""
        reply = self.finish(cell)
        assert reply["status"] == "ok", reply
        assert self.outputs(cell) == list(results)

    def saved(self) -> Entry | None:
        """What is kept for the profile."""
        return FileCache(self.config).read(self.profile)

    def link(self) -> str:
        """The newest address of the button."""
        return self._newest(_LINK)

    def until_link(self, before: str = "", seconds: float = SECONDS) -> None:
        """Waits until the button has another address."""
        if self.link() in ("", before):
            self.until(lambda _: self.link() not in ("", before), seconds)

    def line(self) -> str:
        """The newest status line, as text."""
        return re.sub(r"<[^>]*>", "", self._newest(_LINE))

    def reads(self, words: str, seconds: float = SECONDS) -> None:
        """Waits until the status line says so."""
        if words not in self.line():
            self.until(lambda _: words in self.line(), seconds)

    def press(self, description: str) -> None:
        """Clicks a button of the newest panel, and waits until the kernel has heard it."""
        self._idle(self.click(description))

    def click(self, description: str) -> str:
        """Clicks a button of the newest panel; the message's id."""
        names = [name for name, state in self.widgets("ButtonModel").items() if state["description"] == description]
        return self._send(names[-1], method="custom", content={"event": "click"})

    def paste(self, text: str) -> None:
        """Types into the box of the newest panel."""
        self._idle(self._send(self._box(), method="update", state={"value": text}))

    def emptied(self) -> int:
        """How often the kernel has emptied that box."""
        told = [message["content"] for message in self.said if message["msg_type"] == "comm_msg"]
        box = self._box()
        return sum(one["comm_id"] == box and one["data"].get("state", {}).get("value") == "" for one in told)

    def use_subshell(self) -> bool:
        """From now on clicks go over a subshell, as JupyterLab since 4.4 sends them; whether the kernel offers any."""
        features = self.answer(self.client.kernel_info()).get("supported_features", [])
        if "kernel subshells" not in features:
            return False
        message = self.client.session.msg("create_subshell_request")
        self.client.control_channel.send(message)
        self.subshell = self.client.get_control_msg(timeout=SECONDS)["content"]["subshell_id"]
        return True

    def _box(self) -> str:
        boxes = self.widgets("PasswordModel").items()
        return [name for name, state in boxes if "API key" not in state["placeholder"]][-1]

    def _send(self, widget: str, **data: Any) -> str:
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        if self.subshell:
            message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _newest(self, pattern: re.Pattern[str]) -> str:
        for message in reversed(self.said):
            if message["msg_type"] in ("comm_open", "comm_msg"):
                found = pattern.search(str(message["content"]["data"].get("state", {}).get("value", "")))
                if found:
                    return html.unescape(found[1])
        return ""


class Bench:
    """The kernels of one version, which share a home.

    Args:
        version: As `tests.install.kernels` calls it.
        folder: The home.
    """

    def __init__(self, version: str, folder: Path) -> None:
        self.version, self._folder = version, folder
        self._shared: LiveKernel | None = None
        self._stack = ExitStack()

    def notebook(self, profile: str) -> Notebook:
        """In the one kernel that the cases share; a new one where the case before has left it hanging."""
        if self._shared is None or not _answers(self._shared):
            self.close()
            self._shared = self._start()
        return Notebook(self._shared.manager, self._shared.client, profile=profile, config=self._folder / "config")

    def another(self, profile: str) -> Notebook:
        """In a kernel of its own, in the same home."""
        started = self._start()
        return Notebook(started.manager, started.client, profile=profile, config=self._folder / "config")

    def close(self) -> None:
        """Ends the kernels."""
        self._stack.close()

    def _start(self) -> LiveKernel:
        version = kernels.installed(self.version)
        assert version, f"There is no ipykernel {self.version} for the tests: run python -m tests.install.kernels"
        with pytest.MonkeyPatch.context() as patch:
            place = Place(self._folder, patch)
            place.set(IPYTHONDIR=self._folder / "ipython", JUPYTER_RUNTIME_DIR=self._folder / "runtime", DISPLAY=":99")
            place.set(PYTHONPATH=os.pathsep.join(map(str, (kernels.FOLDER / self.version, _PACKAGE.parent))))
            started = self._stack.enter_context(live(place.root))
        cell = started.run(
            "import ipykernel, outgrow_nb\n(ipykernel.__version__, *ipykernel.__path__, *outgrow_nb.__path__)"
        )
        started.finish(cell)
        found = (version, str(kernels.FOLDER / self.version / "ipykernel"), str(_PACKAGE))
        assert [ast.literal_eval(said) for said in started.outputs(cell)] == [found], (
            "the kernel has loaded something else than what is tested"
        )
        return started


def _answers(kernel: LiveKernel) -> bool:
    """Whether the kernel is free."""
    asked = kernel.client.kernel_info()
    try:
        while kernel.client.get_shell_msg(timeout=5)["parent_header"].get("msg_id") != asked:
            pass
    except queue.Empty:
        return False
    return True


@pytest.fixture(scope="module", params=kernels.wanted())
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The kernels of one version."""
    made = Bench(request.param, tmp_path_factory.mktemp("home"))
    yield made
    made.close()


@pytest.fixture
def notebook(bench: Bench, sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook with an application and nobody signed in; nothing of ours or the kernel's breaks in front of them."""
    made = bench.notebook(re.sub(r"\W", "-", request.node.name))
    made.open(sandbox)
    yield made
    said = made.texts()
    for trouble in ("LookupError", "shell_parent", "Something went wrong", "Exception in thread"):
        assert trouble not in said
