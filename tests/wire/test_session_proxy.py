"""The hardened session behind a proxy: https goes through CONNECT, and the proxy sees neither bearer nor key (H15)."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from outgrow_nb.wire import harden, unreachable, was_sent


class Proxy:
    """A proxy that remembers what it was told, and answers with these bytes, one by one where it is slow."""

    def __init__(self, answer: bytes, pause: float = 0.0) -> None:
        self.heard = b""
        self._answer, self._pause = answer, pause
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self.heard += connection.recv(65536)
                    for byte in self._answer:
                        connection.sendall(bytes([byte]))
                        time.sleep(self._pause)
        except OSError:
            return  # closed, or the client gave up

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def refusing() -> Iterator[Proxy]:
    made = Proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    yield made
    made.close()


@pytest.fixture
def slow() -> Iterator[Proxy]:
    made = Proxy(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100, pause=0.02)
    yield made
    made.close()


def through(proxy: Proxy, *, seconds: float = 5.0) -> BaseException:
    session = requests.Session()
    harden(session, seconds=seconds, read_seconds=5, max_bytes=1000)
    session.proxies = {"https": proxy.url, "http": proxy.url}
    with pytest.raises(requests.exceptions.RequestException) as caught:
        session.get("https://outgrow.example/get_cal/KEY-CANARY", headers={"Authorization": "Bearer AT-CANARY"})
    return caught.value


def test_r07_h15_a_proxy_that_refuses(refusing: Proxy) -> None:
    """Only the host is told to it; the error says that it was the proxy, and that nothing was sent."""
    error = through(refusing)
    assert refusing.heard.startswith(b"CONNECT outgrow.example:443 ")
    assert b"CANARY" not in refusing.heard
    assert isinstance(error, Exception)
    assert "proxy" in unreachable("outgrow.example", error).problem
    assert not was_sent(error)


def test_h09_h15_a_proxy_that_drips(slow: Proxy) -> None:
    """The deadline holds for the proxy's own answer."""
    started = time.monotonic()
    through(slow, seconds=0.4)
    assert time.monotonic() - started < 5
    assert b"CANARY" not in slow.heard
