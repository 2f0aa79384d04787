"""uvicorn, made quiet: ends with exit code 0 on a signal, hands connections to the faults, stops when unused."""

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from outgrow_nb.sandbox.alive import lives
from outgrow_nb.sandbox.app import build_app
from outgrow_nb.sandbox.settings import Settings
from outgrow_nb.sandbox.state_file import State

_POLL_SECONDS = 2.0


class _Protocol(H11Protocol):
    """HTTP/1.1 that lets the application reach its connection, so that a fault can cut it."""

    def connection_made(self, transport: Any) -> None:
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_listening: Callable[[], None],
        unused: Callable[[], bool] | None,
        every: float,
    ) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._unused = unused
        self._every = every
        self._watching: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._unused is not None:
            self._watching = asyncio.create_task(self._watch(self._unused))
        self._on_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals end the server quietly; the parent class raises them again afterwards, which looks like a crash."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sign: signal.signal(sign, self.handle_exit) for sign in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    async def _watch(self, unused: Callable[[], bool]) -> None:
        while not self.should_exit:
            await asyncio.sleep(self._every)
            if await asyncio.to_thread(unused):
                self.should_exit = True


def run(
    settings: Settings,
    state: State,
    *,
    listener: socket.socket,
    save: Callable[[], None],
    on_listening: Callable[[], None],
    linger: float | None,
) -> None:
    """Serve on a listening socket until a signal comes, or until nobody has used the server for `linger` seconds."""

    def register(pid: int, started: str) -> None:
        if [pid, started] not in state.users:
            state.users = [*state.users, [pid, started]]
            save()

    app = build_app(settings, state, port=state.port, save=save, register=register)
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    unused = None if linger is None else _Unused(state, linger)
    every = _POLL_SECONDS if linger is None else min(_POLL_SECONDS, linger / 4 + 0.05)
    _Server(config, on_listening=on_listening, unused=unused, every=every).run(sockets=[listener])


class _Unused:
    """Says whether no registered process has lived for `linger` seconds."""

    def __init__(self, state: State, linger: float) -> None:
        self._state = state
        self._linger = linger
        self._last_used = time.monotonic()

    def __call__(self) -> bool:
        living = [user for user in self._state.users if lives(*user)]
        if len(living) < len(self._state.users):
            self._state.users = [user for user in self._state.users if user in living or lives(*user)]
        now = time.monotonic()
        if living:
            self._last_used = now
        return now - self._last_used >= self._linger
