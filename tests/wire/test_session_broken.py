"""The hardened session where answers are late, cut or do not come: bounded, and told by their cause."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from outgrow_nb.wire import harden, unreachable, was_sent
from tests.wire.fault_server import Answer, FaultServer, drip, drip_headers, fault_server, hang_up, hardened, raw, send

fault = pytest.fixture(fault_server)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("answer", [drip, drip_headers])
def test_h10_drips_end_at_the_deadline(fault: FaultServer, answer: Answer) -> None:
    """A body or headers byte by byte are given up in time, however short each silence is."""
    fault.answers["/"] = answer
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout) as caught:
        hardened(seconds=0.4, max_bytes=1 << 30).get(fault.url + "/")
    assert time.monotonic() - started < 5
    assert "too long" in unreachable("h", caught.value).problem
    assert was_sent(caught.value)


@pytest.mark.parametrize("asked", [{}, {"timeout": None}, {"timeout": 1e9}])
def test_h09_silence_ends(fault: FaultServer, asked: dict[str, Any]) -> None:
    """A server that says nothing at all is given up after the longest silence, whatever timeout was asked for."""
    fault.answers["/"] = lambda handler: time.sleep(3)
    session = requests.Session()
    harden(session, seconds=30, read_seconds=0.2, max_bytes=1000)
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.get(fault.url + "/", **asked)
    assert time.monotonic() - started < 2.5


def test_connections_are_reused(fault: FaultServer) -> None:
    """One connection serves many requests, also past the deadline of an earlier one."""
    fault.answers["/"] = send()
    session = hardened(seconds=0.3)
    for _ in range(3):
        session.get(fault.url + "/")
        time.sleep(0.2)
    assert len(set(fault.ports)) == 1


def test_h16_an_idle_connection_that_was_closed(fault: FaultServer) -> None:
    """The server has hung up meanwhile: noticed before anything is sent over it, a POST included."""

    def and_close(handler: Any) -> None:
        send()(handler)
        handler.close_connection = True

    fault.answers["/"] = and_close
    session = hardened()
    for _ in range(3):
        assert session.get(fault.url + "/").content == b"{}"
        time.sleep(0.1)
    assert len(set(fault.ports)) == len(fault.seen) == 3


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (send(b"cut", content_length="1000", connection="close"), requests.ConnectionError),
        (raw(CHUNKED + b"5\r\nab"), requests.ConnectionError),
        (raw(CHUNKED + b"3\r\nabc\r\n"), requests.ConnectionError),
        (raw(CHUNKED + b"zz\r\nabc\r\n"), requests.ConnectionError),
        (raw(b"no http at all"), requests.ConnectionError),
        (send(b"no gzip", content_encoding="gzip"), requests.exceptions.ContentDecodingError),
        (hang_up, requests.ConnectionError),
    ],
    ids=["length", "in a chunk", "between chunks", "no chunk", "no http", "no gzip", "nothing"],
)
def test_h10_broken_answers(fault: FaultServer, answer: Answer, kind: type[Exception]) -> None:
    """A body that is cut or is not what it says: an exception of requests, told as broken off."""

    def and_close(handler: Any) -> None:
        answer(handler)
        handler.close_connection = True

    fault.answers["/"] = and_close
    with pytest.raises(kind) as caught:
        hardened().get(fault.url + "/")
    assert unreachable("h", caught.value).problem.endswith("the connection broke off.")
    assert len(fault.seen) == 1


def refused() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("address", "words"), [(refused, "refused"), (lambda: "https://nowhere.invalid/", "name cannot be looked up")]
)
def test_r07_nobody_there(address: Callable[[], str], words: str) -> None:
    """Refused, or a name that nobody knows: each is named, and that nothing was sent is known."""
    with pytest.raises(requests.ConnectionError) as caught:
        hardened().get(address())
    assert words in unreachable("h", caught.value).problem
    assert not was_sent(caught.value)


def test_r07_no_tls_at_all() -> None:
    """A server that answers something else than TLS."""
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        plain.listen()
        threading.Thread(target=lambda: plain.accept()[0].sendall(b"not tls at all"), daemon=True).start()
        with pytest.raises(requests.exceptions.SSLError) as caught:
            hardened().get(f"https://127.0.0.1:{plain.getsockname()[1]}/")
    assert "encrypted" in unreachable("127.0.0.1", caught.value).problem


@pytest.mark.parametrize(
    ("error", "words", "sent"),
    [
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError("bad")), "certificate is not trusted", False),
        (requests.exceptions.ProxyError("no"), "proxy did not let", False),
        (requests.exceptions.ConnectTimeout("slow"), "too long", False),
        (requests.exceptions.ReadTimeout("slow"), "too long", True),
        (requests.ConnectionError("reset"), "broke off", True),
        (requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."), "pip install pysocks", False),
        (requests.exceptions.InvalidProxyURL("no host"), "proxy's address", False),
        (ValueError("no"), "broke off", False),
    ],
)
def test_causes_in_words(error: Exception, words: str, sent: bool) -> None:
    """Each cause has its own words, and whether the request may have gone out is known."""
    assert words in unreachable("h", error).problem
    assert was_sent(error) is sent
