"""The loopback listener as a browser, another program or an attacker meets it: raw bytes over real sockets."""

import contextlib
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from outgrow_nb.auth import pages
from tests.helpers_auth import send_raw, swept
from tests.wire.loopback_support import AWAY, NONCE, Listening, a_listener, status

no_canary = pytest.fixture(autouse=True)(swept)
listening = pytest.fixture(a_listener)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_l01_this_computer_alone(host: str) -> None:
    """Bound to loopback at a free port, another each time, and refused from the machine's other addresses."""
    made, other = Listening(f"http://{host}/callback"), Listening(f"http://{host}/callback")
    assert made.loopback.redirect_uri == f"http://{host}:{made.port}/callback"
    assert made.port != other.port
    bound = {str(server.socket.getsockname()[0]) for server in made.loopback._servers}
    assert bound == {"localhost": {"127.0.0.1", "::1"}}.get(host, {host.strip("[]")})
    for address in {"127.0.0.2", socket.gethostbyname(socket.gethostname())} - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|assign"):
            socket.create_connection((address, made.port), timeout=2)
    for one in (made, other):
        one.loopback.close()


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
    assert len([thread for thread in threading.enumerate() if "process_request" in thread.name]) <= 70
    started = time.monotonic()
    listening.loopback.close()
    assert time.monotonic() - started < 1
    for connection in idle:
        connection.close()


def test_l02_who_says_nothing_is_hung_up_on(listening: Listening) -> None:
    """An idle connection and half a request end after 5 seconds, without anybody else's doing."""
    started = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", listening.port), timeout=9) as idle,
        socket.create_connection(("127.0.0.1", listening.port), timeout=9) as half,
    ):
        half.sendall(b"GET /callback?code=c HTTP/1.1\r\nHost: ")
        for connection in (idle, half):
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(100) == b""
    assert 4 < time.monotonic() - started < 8
    assert listening.redirects == []
    assert listening.signs_in


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
    for wrong in (b"GET /callback?code=CODE-CANARY-1 of another kind\r\n\r\n", b"GET / CODE-CANARY-1\r\n\r\n"):
        assert b"CANARY" not in send_raw(listening.port, wrong)


def test_l22_guesses(listening: Listening) -> None:
    """A wrong nonce is 404 and begins nothing, a thousand times; past the cap the link says so."""
    for guess in ("", NONCE[:-1], NONCE + "x", NONCE.upper(), "%2e", "../go/" + NONCE, "ü"):
        wrong = f"/go/{guess}".encode().decode("latin-1")
        assert status(listening.get(wrong)) == 404
    with ThreadPoolExecutor(20) as pool:
        made_up = [f"/go/{number:0{len(NONCE)}}" for number in range(1000)]
        assert set(pool.map(lambda path: status(listening.get(path)), made_up)) == {404}
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
