"""Shared by the tests of the loopback listener: a listener that remembers what came of it, and raw requests to it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

from outgrow_nb.auth import pages
from outgrow_nb.auth.loopback import Loopback
from outgrow_nb.auth.loopback_server import Departure
from outgrow_nb.config import Secret
from tests.helpers_auth import send_raw

NONCE = "nonce-CANARY-0123456789"
AWAY = "https://outgrow.example/oauth/authorize?state=STATE-CANARY-1"


class Listening:
    """A listener, and what came of it."""

    def __init__(self, redirect: str = "http://127.0.0.1/callback", page: pages.Page = pages.SIGNED_IN) -> None:
        self.redirects: list[tuple[str, dict[str, str]]] = []
        self.departures = 0
        self.page = page
        self.held: threading.Event | None = None
        self.loopback = Loopback(redirect, nonce=Secret(NONCE), on_go=self._go, on_redirect=self._redirect)
        self.port = self.loopback.port
        self.host = f"127.0.0.1:{self.port}"

    def _go(self) -> Departure | None:
        self.departures += 1
        return Departure(Secret(AWAY), "outgrow_nb_1", Secret("COOKIE-CANARY-1")) if self.departures <= 8 else None

    def _redirect(self, query: str, cookies: dict[str, str]) -> pages.Page:
        self.redirects.append((query, cookies))
        if self.held is not None:
            self.held.wait(5)
        return self.page

    def get(self, path: str, **headers: str) -> bytes:
        lines = {"Host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return send_raw(self.port, f"GET {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))

    @property
    def signs_in(self) -> bool:
        """Whether the real redirect still comes through."""
        before = len(self.redirects)
        answer = self.get("/callback?code=c&state=s")
        return status(answer) == 303 and len(self.redirects) == before + 1


def status(answer: bytes) -> int:
    """The status of an answer; 0 where the server only hung up."""
    found = re.match(rb"HTTP/1\.1 (\d{3})", answer)
    return int(found[1]) if found else 0


def a_listener() -> Iterator[Listening]:
    """Use it as a fixture: `listening = pytest.fixture(a_listener)`."""
    made = Listening()
    yield made
    made.loopback.close()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
