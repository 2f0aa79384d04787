"""A kernel in a process of its own: obeys one JSON order a line on stdin, answers each with one line on stdout.

Run as ``python -m tests.processes.kernel``; `kernels.py` is its other end. Lines with ``step`` say where a transaction
stands; they come before the answer of the order that caused them.
"""

import json
import os
import pwd
import resource
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.config import Config
from outgrow_nb.errors import CacheError, OutgrowError, SignInExpired, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import Bearer
from tests.processes.sign_ins import digest, me, signed_in
from tests.processes.steps import Stepping

Answer = dict[str, Any]


def tell(**line: Any) -> None:
    """One line to the test, whole, from whatever thread."""
    os.write(1, json.dumps(line).encode() + b"\n")


def orders() -> Answer:
    """The next order; the end of the process when the test has gone."""
    line = sys.stdin.readline()
    if not line:
        raise SystemExit(0)
    order: Answer = json.loads(line)
    return order


class Kernel:
    """One process's sign-in, and what a test may have it do; each public method is an order."""

    def __init__(self) -> None:
        self._armed: dict[str, str] = {}
        self._ahead = 0.0
        self._prompts = 0
        self._signin: SignIn | None = None
        self._on_reserved: Callable[[], object] = lambda: None

    def open(self, *, folder: str, config: Answer, lock_seconds: float | None = None) -> Answer:
        """Opens the profile in a folder, as `connect` does."""
        self._config = Config(**config)
        own = FileCache(Path(folder))
        if lock_seconds is not None:
            own = FileCache(Path(folder), lock_seconds=lock_seconds)
        self._cache = Stepping(own, self._at)
        self._credentials = Credentials(
            profile="default",
            config=self._config,
            cache=self._cache,
            ask=self._prompt,
            clock=lambda: time.time() + self._ahead,
        )
        return {}

    def at(self, *, step: str, action: str) -> Answer:
        """The next time a transaction is at that step: kill, freeze or fill."""
        self._armed[step] = action
        return {}

    def authorization(self, *, times: int = 1) -> Answer:
        """Asks for an authorization, so often; the last outcome counts."""
        for _ in range(times - 1):
            try:
                self._credentials.authorization()
            except OutgrowError:
                continue
        held = self._credentials.authorization()
        assert isinstance(held, Bearer)
        return {"token": digest(held.token)}

    def call(self, *, ahead: float = 0.0) -> Answer:
        """What a data call does: asks /me, once more after a 401, and lets the person sign in where that is needed.

        Args:
            ahead: Seconds the clock of this kernel is ahead of the real one.
        """
        self._ahead = ahead
        try:
            held = self._credentials.authorization()
            status, account = me(self._config, held)
            if status == 401:
                held = self._credentials.authorization(rejected=held)
                status, account = me(self._config, held)
        except (SignInRequired, SignInExpired):
            self._credentials.wait()
            raise
        assert isinstance(held, Bearer)
        return {"status": status, "token": digest(held.token), "who": account.get("email")}

    def accept(self, *, tokens: Answer, account: Answer, times: int = 1) -> Answer:
        """Ends a sign-in, so often."""
        entry = signed_in(self._config, tokens, account)
        saved = [self._credentials.accept(entry) for _ in range(times)]
        return {"saved": all(saved)}

    def sign_out(self) -> Answer:
        """Signs out."""
        return {"confirmed": self._credentials.sign_out()}

    def begin(self) -> Answer:
        """Begins a sign-in; answers with the link."""
        completion = Completion(
            self._credentials,
            identify=lambda config, token: Account(**me(config, Bearer(token.access))[1]),
            check_key=lambda config, key: (),
            permit=lambda source: None,
        )
        self._signin = SignIn(config=self._config, on_token=completion.token, on_key=completion.key)
        link = self._signin.link
        return {"link": link.reveal() if link else None}

    def finish(self) -> Answer:
        """Waits for the sign-in's end."""
        assert self._signin is not None
        while not self._signin.status.final:
            time.sleep(0.01)
        return {"state": self._signin.status.state.name, "text": self._signin.status.text}

    def hold(self) -> Answer:
        """Takes the profile's lock, says so, and keeps it until the next order, which may bring a sign-in to save."""
        with self._cache.exclusive("default") as held:
            tell(step="holding")
            order = orders()
            if "tokens" in order:
                held.write(signed_in(self._config, order["tokens"], order["account"]))
        return {}

    def fork_while_holding(self) -> Answer:
        """Forks inside the lock, which the parent keeps until the next order; the child tries it, then waits for it."""
        path = self._cache.place("default")
        with self._cache.exclusive("default"):
            child = os.fork()
            if child:
                tell(step="forked", child=child)
                orders()
        if child:
            return {"child": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}
        signal.alarm(20)  # a deadlock ends here, and shows in the exit code
        try:
            with FileCache(Path(path).parent, lock_seconds=0.3).exclusive("default"):
                os._exit(3)
        except CacheError:
            tell(step="child-was-refused")
        with FileCache(Path(path).parent, lock_seconds=15.0).exclusive("default"):
            os._exit(0)

    def fork_while_renewing(self) -> Answer:
        """Forks while another thread renews (from the step `reserved` on); the child makes a call of its own."""
        started = threading.Event()
        self._on_reserved = started.set
        thread = threading.Thread(target=self.call)
        thread.start()
        started.wait(20)
        child = os.fork()
        if not child:
            signal.alarm(15)  # a deadlock ends here, and shows in the exit code
            os._exit(0 if self.call()["status"] == 200 else 3)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        thread.join()
        return {"child": ended}

    def limit(self, *, size: int | None) -> Answer:
        """Lets no file grow beyond that many bytes; None lifts that."""
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
        return {}

    def umask(self, *, mask: int) -> Answer:
        """Sets the umask."""
        os.umask(mask)
        return {}

    def become(self, *, name: str) -> Answer:
        """Becomes another user, for good."""
        user = pwd.getpwnam(name)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        return {}

    def _prompt(self, reason: OutgrowError) -> None:
        self._prompts += 1
        raise type(reason)(*reason.args)

    def _at(self, step: str) -> None:
        tell(step=step, when=time.monotonic())
        if step == "reserved":
            self._on_reserved()
        action = self._armed.pop(step, None)
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "freeze":
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # stops this thread before it takes another step
        elif action == "fill":
            self.limit(size=0)

    def obey(self, order: Answer, *, fatal: bool) -> Answer:
        """Does one order; what goes wrong is a part of the answer, unless Ctrl-C is to end the process."""
        work: Callable[..., Answer] = getattr(self, order.pop("do"))
        before = self._prompts
        answer: Answer = {"error": "", "says": ""}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                answer |= work(**order)
            except OutgrowError as error:
                answer |= {"error": type(error).__name__, "says": str(error)}
            except KeyboardInterrupt:
                if fatal:
                    raise SystemExit(130) from None
                answer |= {"error": "KeyboardInterrupt"}
        return answer | {"warnings": [str(one.message) for one in caught], "prompts": self._prompts - before}


def main() -> None:
    """Obeys until stdin ends."""
    kernel = Kernel()
    tell(step="ready")
    while True:
        order = orders()
        fatal = order.pop("fatal", False)
        tell(answer=kernel.obey(order, fatal=fatal), when=time.monotonic())


if __name__ == "__main__":
    main()
