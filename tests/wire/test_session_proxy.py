"""The hardened session behind a proxy: https goes through CONNECT, and the proxy sees neither bearer nor key (H15)."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from outgrow_nb.wire import unreachable, was_sent
from tests.wire.fault_server import FaultServer, fault_server, hardened, self_signed, send, tls_context

fault = pytest.fixture(fault_server)


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


def through(proxy: str, *, seconds: float = 5.0) -> Exception:
    session = hardened(seconds=seconds, max_bytes=1000)
    session.proxies = {"https": proxy, "http": proxy}
    with pytest.raises(requests.exceptions.RequestException) as caught:
        session.get("https://outgrow.example/get_cal/KEY-CANARY", headers={"Authorization": "Bearer AT-CANARY"})
    return caught.value


def test_h15_r07_a_proxy_that_refuses(refusing: Proxy) -> None:
    """Only the host is told to it; the error says that it was the proxy, and that nothing was sent."""
    error = through(refusing.url)
    assert refusing.heard.startswith(b"CONNECT outgrow.example:443 ")
    assert b"CANARY" not in refusing.heard
    assert "proxy" in unreachable("outgrow.example", error).problem
    assert not was_sent(error)


def test_h09_h15_a_proxy_that_drips(slow: Proxy) -> None:
    """The deadline holds for the proxy's own answer."""
    started = time.monotonic()
    through(slow.url, seconds=0.4)
    assert time.monotonic() - started < 5
    assert b"CANARY" not in slow.heard


def test_h15_a_proxy_does_not_see_this_computer(fault: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An http proxy of the environment is not asked for an address on this computer."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    fault.answers["/"] = send()
    assert hardened().get(fault.url + "/").status_code == 200


@pytest.mark.parametrize("url", ["http://", "socks5h://[", "http://\x7f"])
def test_a_proxy_that_cannot_be_used(url: str) -> None:
    """Whatever the environment names as a proxy, it ends in an exception of requests, told as the proxy's."""
    assert "proxy" in unreachable("outgrow.example", through(url)).problem


class Socks:
    """A SOCKS5 proxy that answers itself in place of the server, over TLS, byte by byte."""

    def __init__(self, certificate: Path) -> None:
        self.asked = b""
        self._context = tls_context(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"socks5h://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listening.accept()
            connection.recv(100)
            connection.sendall(b"\x05\x00")
            self.asked = connection.recv(300)
            connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            with self._context.wrap_socket(connection, server_side=True) as encrypted:
                for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
                    encrypted.sendall(bytes([byte]))
                    time.sleep(0.02)
        except OSError:
            return  # the client gave up

    def close(self) -> None:
        self._listening.close()


def test_a_server_that_drips_behind_a_socks_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline holds behind a proxy that has connections of its own kind; it is asked to look the name up."""
    pytest.importorskip("socks", reason="pysocks is not installed")
    certificate = self_signed(tmp_path, "outgrow.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    proxy = Socks(certificate)
    started = time.monotonic()
    error = through(proxy.url, seconds=0.4)
    assert isinstance(error, requests.exceptions.ReadTimeout)
    assert time.monotonic() - started < 1.9
    assert b"outgrow.example" in proxy.asked
    proxy.close()
