"""The loopback listener as a browser, another program or an attacker meets it: raw bytes over real sockets."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from outgrow_nb.auth import messages, pages
from outgrow_nb.auth.loopback import Loopback, PortTaken
from outgrow_nb.auth.loopback_server import Departure
from outgrow_nb.config import Secret
from tests.helpers_auth import send_raw, swept

no_canary = pytest.fixture(autouse=True)(swept)
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


@pytest.fixture
def listening() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.loopback.close()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_l01_this_computer_alone(listening: Listening) -> None:
    """Bound to 127.0.0.1, not to the machine's other addresses."""
    for address in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
        if address != "127.0.0.1":
            with pytest.raises(OSError, match=r"refused|assign"):
                socket.create_connection((address, listening.port), timeout=2)
    assert listening.loopback.redirect_uri == f"http://127.0.0.1:{listening.port}/callback"
    assert listening.signs_in


def test_l01_the_registered_port() -> None:
    """A redirect that names a port is listened to there, under its own name."""
    port = free_port()
    made = Listening(f"http://localhost:{port}/a/b")
    assert made.loopback.redirect_uri == f"http://localhost:{port}/a/b"
    assert made.loopback.link == f"http://localhost:{port}/go/{NONCE}"
    made.host = f"localhost:{port}"
    assert status(made.get("/a/b?code=1")) == 303
    made.loopback.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET /callback/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"HEAD /callback?code=CODE-CANARY-1 HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"OPTIONS /callback HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"POST /callback?code=CODE-CANARY-1 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\na=b",
        b"DELETE /callback HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET /callback?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET /callback?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET /callback HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /callback HTTP/1.1\r\nHost: {host}\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET /callback HTTP/9.9\r\nHost: {host}\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_l02_noise(listening: Listening, request_bytes: bytes) -> None:
    """4xx or a closed connection, nothing is consumed, and the redirect comes through."""
    answer = send_raw(listening.port, request_bytes.replace(b"{host}", listening.host.encode()), seconds=10)
    assert status(answer) in (0, *range(400, 500), 505)
    assert b"CANARY" not in answer
    assert listening.redirects == []
    assert listening.signs_in


def test_l02_an_address_that_is_none(listening: Listening) -> None:
    """What cannot be taken apart is answered, not dropped."""
    assert status(listening.get("http://[")) == 400


def test_l02_silent_connections(listening: Listening) -> None:
    """200 idle preconnects and half requests neither block nor pile up."""
    idle = [socket.create_connection(("127.0.0.1", listening.port)) for _ in range(200)]
    for half in idle[::2]:
        with contextlib.suppress(OSError):  # it had to make room
            half.sendall(b"GET /callb")
    assert listening.signs_in
    time.sleep(0.1)
    threads = [thread for thread in threading.enumerate() if "process_request" in thread.name]
    assert len(threads) <= 70
    started = time.monotonic()
    listening.loopback.close()
    assert time.monotonic() - started < 1
    for connection in idle:
        connection.close()


def test_l02_parallel_callers(listening: Listening) -> None:
    """Callers at once are each answered, whatever the others do."""
    answers: list[int] = []

    def call() -> None:
        answers.extend(status(listening.get("/nothing")) for _ in range(10))

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [404] * 200
    assert listening.signs_in


@pytest.mark.parametrize("hosts", [(), ("evil.example",), ("127.0.0.1.evil.example",), ("127.0.0.1",), ("{host}", "x")])
def test_l05_other_hosts(listening: Listening, hosts: tuple[str, ...]) -> None:
    """Another name, none, or two: 421, and nothing is consumed."""
    lines = "".join(f"Host: {host.format(host=listening.host)}\r\n" for host in hosts)
    for path in ("/callback?code=c&state=s", f"/go/{NONCE}", "/signed-in"):
        assert status(send_raw(listening.port, f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())) == 421
    assert (listening.redirects, listening.departures) == ([], 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
    ],
)
def test_l06_l26_no_navigation(listening: Listening, headers: dict[str, str]) -> None:
    """Prefetch, pictures, frames and scripts of another page: 204, no code consumed, no attempt made."""
    assert status(listening.get("/callback?code=c&state=s", **headers)) == 204
    assert status(listening.get(f"/go/{NONCE}", **headers)) == 204
    assert (listening.redirects, listening.departures) == ([], 0)
    assert status(listening.get(f"/go/{NONCE}", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")) == 302


def test_l09_answers_hold_nothing_of_the_request(listening: Listening) -> None:
    """Static pages under a strict policy; no header comes out of a parameter."""
    evil = "/callback?code=%0d%0aSet-Cookie:x=y&state=<script>alert(1)</script>&\u202e".encode().decode("latin-1")
    listening.page = pages.OLD_TAB
    for answer in (listening.get(evil), listening.get("/signed-in?<script>"), listening.get("/<script>")):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Set-Cookie" not in answer
        assert b"<script" not in body
        assert b"default-src 'none'" in head
        for line in (b"Cache-Control: no-store", b"Referrer-Policy: no-referrer", b"X-Content-Type-Options: nosniff"):
            assert line in head
        assert b"Python" not in head


def test_l22_guesses(listening: Listening) -> None:
    """A wrong nonce is 404 and begins nothing; past the cap the link says so."""
    for guess in ("", NONCE[:-1], NONCE + "x", NONCE.upper(), "%2e", "../go/" + NONCE, "ü"):
        wrong = f"/go/{guess}".encode().decode("latin-1")
        assert status(listening.get(wrong)) == 404
    assert listening.departures == 0
    answers = [status(listening.get(f"/go/{NONCE}")) for _ in range(10)]
    assert answers == [302] * 8 + [400] * 2


def test_l25_the_cookie(listening: Listening) -> None:
    """`/go` gives a cookie that scripts cannot read and other sites cannot send; the redirect brings it back."""
    head = listening.get(f"/go/{NONCE}").decode()
    assert "Location: " + AWAY in head
    cookie = re.search(r"Set-Cookie: (.*)\r\n", head)
    assert cookie is not None
    value, *flags = cookie[1].split("; ")
    assert set(flags) == {"Path=/callback", "Max-Age=600", "HttpOnly", "SameSite=Lax"}
    odd = 'theme={"dark": true}; other app=1;;; =; _xsrf="2|x"; '
    listening.get("/callback?code=c&state=s", Cookie=odd + value)
    name, _, secret = value.partition("=")
    assert listening.redirects[-1][1][name] == secret


def test_l07_the_page_comes_before_the_port_closes(listening: Listening) -> None:
    """Closing after success waits for the last page, then the port is free."""
    closing_down = threading.Thread(target=listening.loopback.close, kwargs={"after_page": True})
    closing_down.start()
    time.sleep(0.1)
    assert status(listening.get("/signed-in")) == 200
    started = time.monotonic()
    closing_down.join(5)
    assert time.monotonic() - started < 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", listening.port), timeout=2)


def test_a_second_close_ends_the_wait_for_the_page(listening: Listening) -> None:
    """Who needs the port does not wait for a page that nobody fetches."""
    threading.Thread(target=listening.loopback.close, kwargs={"after_page": True}).start()
    time.sleep(0.1)
    started = time.monotonic()
    listening.loopback.close()
    assert time.monotonic() - started < 1


def test_the_answer_is_held_until_the_exchange_ended(listening: Listening) -> None:
    """The browser waits for the truth, and others are served meanwhile."""
    listening.held = threading.Event()
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(listening.get("/callback?code=c&state=s")))
    waiting.start()
    time.sleep(0.1)
    assert status(listening.get("/nothing")) == 404
    assert answers == []
    listening.held.set()
    waiting.join(5)
    assert b"Location: /signed-in" in answers[0]


def client_first(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.close()


def client_never(connection: socket.socket) -> None:
    connection.recv(65536)


def client_half(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("leave", [client_first, client_never, client_half])
def test_l24_the_port_is_free_at_once(leave: Callable[[socket.socket], Any]) -> None:
    """A fixed port is bound again right after each close, without SO_REUSEADDR, whoever hung up first."""
    port = free_port()
    connections = []
    for _ in range(3):
        made = Listening(f"http://127.0.0.1:{port}/callback")
        for server in made.loopback._servers:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                assert server.socket.getsockopt(socket.SOL_SOCKET, option) == 0
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(f"GET /callback?code=c HTTP/1.1\r\nHost: {made.host}\r\n\r\n".encode())
        leave(connection)
        connections.append(connection)
        made.loopback.close()
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_l21_l23_another_program_holds_the_port(address: str) -> None:
    """Either address of `localhost` in other hands is refused, and the free one is given back."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family)) as taken:
        try:
            taken.bind((address, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            Listening(f"http://localhost:{port}/callback")
        assert caught.value.message == messages.port_taken(port)
        if address == "::1":
            with closing(socket.socket()) as free:
                free.bind(("127.0.0.1", port))


def test_l23_both_addresses_of_localhost() -> None:
    """A browser may look `localhost` up as either address."""
    made = Listening("http://localhost/callback")
    for server in made.loopback._servers:
        host = server.server_address[0]
        assert isinstance(host, str)
        request = f"GET /callback?code=c HTTP/1.1\r\nHost: localhost:{made.port}\r\n\r\n".encode()
        assert status(send_raw(made.port, request, host=host)) == 303
    made.loopback.close()


def test_l17_an_address_that_is_not_this_computers() -> None:
    """Nobody can listen there: an error that says so and names the way out, not that the port is in use."""
    with pytest.raises(PortTaken) as caught:
        Listening("http://192.0.2.1:3000/callback")
    assert "192.0.2.1:3000" in caught.value.message
    assert "in use" not in caught.value.message
    assert "register" in caught.value.message.lower()
