"""The test's end of `kernel.py`: starts kernels that share one profile, orders them about, and sends them signals."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config
from tests.processes.sign_ins import signed_in
from tests.wire.sandbox_fixtures import Sandbox

ROOT = Path(__file__).parents[2]
SECONDS = 40.0


class Died(Exception):
    """The kernel's process ended instead of answering."""


@dataclass(frozen=True)
class Answer:
    """What a kernel said to one order.

    Attributes:
        error: Name of the exception, "" when there was none.
        says: Its text.
        status: HTTP status of the API call.
        who: E-mail of whose token it was.
        token: SHA-256 of the access token.
        prompts: How often the person was asked to sign in.
        warnings: What the person saw beside it.
        when: When it came, on the machine's monotonic clock.
        more: What else the order answers with.
    """

    error: str = ""
    says: str = ""
    status: int = 0
    who: str | None = None
    token: str = ""
    prompts: int = 0
    warnings: tuple[str, ...] = ()
    when: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        """Whether a call got its data and nobody was bothered."""
        return (self.status, self.error, self.prompts) == (200, "", 0)


def _answer(line: dict[str, Any]) -> Answer:
    said = dict(line["answer"])
    known = {name: said.pop(name) for name in tuple(said) if name in Answer.__dataclass_fields__}
    known["warnings"] = tuple(known["warnings"])
    return Answer(**known, when=line["when"], more=said)


class Kernel:
    """One kernel process.

    Attributes:
        process: Its process.
        step: Where its transaction stands, "" when there is none under way.
    """

    def __init__(self) -> None:
        self.step = ""
        command = [sys.executable, "-m", "tests.processes.kernel"]
        # bytes, unbuffered: an order is in the pipe when `order` returns
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._answers: queue.Queue[Answer | None] = queue.Queue()
        self._steps: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with os.fdopen(os.dup(self.process.stdout.fileno()), "rb") as lines:
            for line in lines:
                told = json.loads(line)
                if "answer" in told:
                    self.step = ""
                    self._answers.put(_answer(told))
                else:
                    self.step = told["step"]
                    self._steps.put(told)
        self.step = ""
        self._answers.put(None)
        self._steps.put(None)

    def order(self, do: str, **more: Any) -> None:
        """Sends an order; its answer is waited for elsewhere, and steps told before it count no more."""
        assert self.process.stdin is not None
        with contextlib.suppress(queue.Empty):
            while True:
                self._steps.get_nowait()
        self.process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")

    def answer(self, seconds: float = SECONDS) -> Answer:
        """The answer to the oldest order that has none yet.

        Raises:
            Died: The process ended.
        """
        answer = self._answers.get(timeout=seconds)
        if answer is None:
            raise Died(str(self.process.wait()))
        return answer

    def ask(self, do: str, **more: Any) -> Answer:
        """Sends an order and waits for its answer."""
        self.order(do, **more)
        return self.answer()

    def reaches(self, step: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Waits until the kernel says that it is at that step."""
        ends = time.monotonic() + seconds
        while True:
            told = self._steps.get(timeout=max(0.0, ends - time.monotonic()))
            if told is None:
                raise Died(str(self.process.wait()))
            if told["step"] == step:
                return told

    def freezes(self, step: str) -> None:
        """Waits until the kernel, told to freeze at that step, stands still there."""
        self.reaches(step)
        self._until_still()

    def freeze(self) -> None:
        """Freezes the kernel wherever it is."""
        self.send(signal.SIGSTOP)
        self._until_still()

    def _until_still(self) -> None:
        until(lambda: os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG) is not None)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def end(self) -> None:
        """Lets the process end by itself, or makes it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        ends = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < ends:
            self.process.send_signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.5)
        self.process.kill()
        self.process.wait()


@dataclass
class Profile:
    """One profile that kernels share.

    Attributes:
        folder: Where it is kept.
        sandbox: Who signed it in.
        kernels: Those that were started.
    """

    folder: Path
    sandbox: Sandbox
    kernels: list[Kernel] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        """The settings of every kernel."""
        ours = self.sandbox
        return {"client_id": ours.client_id, "client_secret": ours.client_secret, "base_url": ours.base_url}

    @property
    def file(self) -> Path:
        """The profile's file."""
        return FileCache(self.folder).path("default")

    def person(self, who: int = 0) -> dict[str, Any]:
        """A new sign-in of one of the invented people: the token answer and the account."""
        tokens = self.sandbox.sign_in(who=who)
        account = self.sandbox.get("/me", tokens["access_token"]).json()["data"]
        return {"tokens": tokens, "account": {name: account[name] for name in ("id", "email", "name", "company")}}

    def sign_in(self, who: int = 0) -> None:
        """Saves a new sign-in, as a kernel that has ended since."""
        entry = signed_in(Config(**self.config), **self.person(who))
        with FileCache(self.folder).exclusive("default") as held:
            held.write(entry)

    def kept(self) -> Entry | None:
        """What the file holds."""
        return FileCache(self.folder).read("default")

    def refresh_token(self) -> str:
        """The refresh token the file holds."""
        kept = self.kept()
        assert kept is not None
        assert kept.token is not None
        assert kept.token.refresh is not None
        return kept.token.refresh.reveal()

    def start(self, count: int, **options: Any) -> list[Kernel]:
        """Starts so many kernels, all ready, with the options of `Kernel.open`."""
        started = [Kernel() for _ in range(count)]
        self.kernels += started
        for kernel in started:
            kernel.order("open", folder=str(self.folder), config=self.config, **options)
        for kernel in started:
            kernel.answer()
        return started

    def expire(self) -> None:
        """Ends every access token; the refresh tokens stay."""
        self.sandbox.control(expire_access=True)

    def end(self) -> None:
        """Ends every kernel."""
        for kernel in self.kernels:
            kernel.end()


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Waits for a condition.

    Raises:
        TimeoutError: It did not come.
    """
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.01)
