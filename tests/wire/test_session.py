"""The hardened session over real sockets: where it goes, what it carries, how much and how long it reads."""

import contextlib
import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from outgrow_nb.errors import ConfigError
from outgrow_nb.wire import TooLarge, harden, unreachable, was_sent

Answer = Callable[[BaseHTTPRequestHandler], None]


class FaultServer:
    """Answers each path as it was told to, and remembers what it was asked."""

    def __init__(self, *, begin: bool = True) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        fault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fault.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                fault.answers[self.path.partition("?")[0]](self)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if begin:
            self.begin()

    def begin(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def fault() -> Iterator[FaultServer]:
    made = FaultServer()
    yield made
    made.server.shutdown()
    made.server.server_close()


def send(body: bytes = b"{}", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hardened(*, seconds: float = 10, max_bytes: int = 1 << 20, max_ratio: int | None = None) -> requests.Session:
    session = requests.Session()
    harden(session, seconds=seconds, read_seconds=5, max_bytes=max_bytes, max_ratio=max_ratio)
    return session


def test_an_answer(fault: FaultServer) -> None:
    """Whole, decompressed, over one connection that is used again."""
    fault.answers["/"] = send(gzip.compress(b"[1]"), content_encoding="gzip")
    session = hardened()
    assert [session.get(fault.url + "/").json() for _ in range(2)] == [[1], [1]]
    fault.answers["/"] = send(b"")
    assert session.get(fault.url + "/").content == b""


def test_h03_r13_redirects_are_refused(fault: FaultServer) -> None:
    """No second request, to whatever host."""
    fault.answers["/"] = send(status=307, location=fault.url + "/elsewhere")
    with pytest.raises(requests.TooManyRedirects) as caught:
        hardened().get(fault.url + "/", headers={"Authorization": "Bearer x"})
    assert [path for path, _ in fault.seen] == ["/"]
    assert "redirect" in unreachable("h", caught.value).problem


def test_h04_netrc_is_not_sent(fault: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ~/.netrc for the host neither replaces the bearer nor is sent without one."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc-secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    fault.answers["/"] = send()
    hardened().get(fault.url + "/")
    hardened().get(fault.url + "/", headers={"Authorization": "Bearer x"})
    assert [headers.get("authorization") for _, headers in fault.seen] == [None, "Bearer x"]


def test_h13_cookies_are_not_kept(fault: FaultServer) -> None:
    """What a server sets is not sent back."""
    fault.answers["/"] = send(set_cookie="a=b; Path=/")
    session = hardened()
    for _ in range(2):
        session.get(fault.url + "/")
    assert "cookie" not in fault.seen[1][1]
    assert not list(session.cookies)


def test_h01_plain_http_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before any byte, whatever oauthlib's variable says."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with pytest.raises(ConfigError, match="plain http"):
        hardened().get("http://outgrow.example/api")


def test_h15_a_proxy_does_not_see_this_computer(fault: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An http proxy of the environment is not asked for an address on this computer."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    fault.answers["/"] = send()
    assert hardened().get(fault.url + "/").status_code == 200


def test_h11_too_large(fault: FaultServer) -> None:
    """Stopped at the cap, and where a small body grows out of all proportion."""
    fault.answers["/big"] = send(b"x" * 2000)
    with pytest.raises(TooLarge) as caught:
        hardened(max_bytes=1000).get(fault.url + "/big")
    assert "larger" in unreachable("h", caught.value).problem
    fault.answers["/bomb"] = send(gzip.compress(b"0" * (8 << 20)), content_encoding="gzip")
    with pytest.raises(TooLarge):
        hardened(max_bytes=64 << 20, max_ratio=50).get(fault.url + "/bomb")
    assert len(hardened(max_bytes=64 << 20).get(fault.url + "/bomb").content) == 8 << 20


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A long body, byte by byte."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    slowly(handler, b"x" * 1000)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    """Header lines, byte by byte."""
    slowly(handler, b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 90)


def slowly(handler: BaseHTTPRequestHandler, text: bytes) -> None:
    with contextlib.suppress(OSError):  # the client gave up, as it should
        for byte in text:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)


@pytest.mark.parametrize("answer", [drip, drip_headers])
def test_h10_r15_drips_end_at_the_deadline(fault: FaultServer, answer: Answer) -> None:
    """A body or headers byte by byte are given up in time, however short each silence is."""
    fault.answers["/"] = answer
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout) as caught:
        hardened(seconds=0.4, max_bytes=1 << 30).get(fault.url + "/")
    assert time.monotonic() - started < 5
    assert "too long" in unreachable("h", caught.value).problem
    assert was_sent(caught.value)


def test_h09_silence_ends(fault: FaultServer) -> None:
    """A server that says nothing at all is given up after the longest silence, before the deadline."""
    fault.answers["/"] = lambda handler: time.sleep(3)
    session = requests.Session()
    harden(session, seconds=30, read_seconds=0.2, max_bytes=1000)
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.get(fault.url + "/")
    assert time.monotonic() - started < 2.5


def test_connections_are_reused(fault: FaultServer) -> None:
    """One connection serves many requests, also past the deadline of an earlier one."""
    ports: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        send(b"{}")(handler)

    fault.answers["/"] = answer
    session = hardened(seconds=0.3)
    for _ in range(3):
        session.get(fault.url + "/")
        time.sleep(0.2)
    assert len(set(ports)) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (send(b"cut", content_length="1000", connection="close"), requests.ConnectionError),
        (send(b"no gzip", content_encoding="gzip"), requests.exceptions.ContentDecodingError),
    ],
)
def test_h10_broken_answers(fault: FaultServer, answer: Answer, kind: type[Exception]) -> None:
    """A body that is cut or is not what it says: an exception of requests, told as broken off."""

    def and_close(handler: BaseHTTPRequestHandler) -> None:
        answer(handler)
        handler.close_connection = True

    fault.answers["/"] = and_close
    with pytest.raises(kind) as caught:
        hardened().get(fault.url + "/")
    assert unreachable("h", caught.value).problem.endswith("the connection broke off.")


def test_s04_the_key_is_not_logged(fault: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    """urllib3 logs each path at DEBUG: an API key in it is not there."""
    fault.answers["/v1/get_leads/canary-key-123/77"] = fault.answers["/v1/get_cal/canary-key-123"] = send()
    with caplog.at_level(logging.DEBUG):
        hardened().get(f"{fault.url}/v1/get_leads/canary-key-123/77")
        hardened().get(f"{fault.url}/v1/get_cal/canary-key-123")
    assert "/v1/get_leads/{api_key}/77" in caplog.text
    assert "canary" not in caplog.text


def test_r07_causes_in_words() -> None:
    """Refused, unknown name, certificate, proxy: each is named, and whether the request went out is known."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(requests.ConnectionError) as refused:
        hardened().get(f"http://127.0.0.1:{port}/")
    assert "refused" in unreachable("h", refused.value).problem
    assert not was_sent(refused.value)
    with pytest.raises(requests.ConnectionError) as unknown:
        hardened().get("https://nowhere.invalid/")
    assert "name cannot be looked up" in unreachable("h", unknown.value).problem
    assert not was_sent(unknown.value)
    for error, words in (
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError("bad")), "certificate"),
        (requests.exceptions.ProxyError("no"), "proxy"),
        (requests.exceptions.ConnectTimeout("slow"), "too long"),
    ):
        assert words in unreachable("h", error).problem
        assert not was_sent(error)
    assert was_sent(requests.ConnectionError("reset"))
    assert not was_sent(ValueError("no"))


def self_signed(folder: Path, host: str, days: int) -> Path:
    """A certificate of one's own and its key in one file, valid until `days` from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}{days}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def over_tls(certificate: Path) -> Iterator[FaultServer]:
    """A fault server that speaks TLS."""
    made = FaultServer(begin=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made.server.socket = context.wrap_socket(made.server.socket, server_side=True)
    made.url = f"https://localhost:{made.server.server_port}"
    made.server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # refused handshakes
    made.begin()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize(
    ("host", "days", "trusted"), [("localhost", 9, False), ("localhost", -1, True), ("x", 9, True)]
)
def test_h02_untrusted_certificates(tmp_path: Path, host: str, days: int, trusted: bool) -> None:
    """Self-signed, expired, another host's: an error that says so, and nothing was sent."""
    certificate = self_signed(tmp_path, host, days)
    with over_tls(certificate) as fault:
        session = hardened()
        session.verify = str(certificate) if trusted else True
        with pytest.raises(requests.exceptions.SSLError) as caught:
            session.get(fault.url + "/", headers={"Authorization": "Bearer AT-CANARY"})
        assert fault.seen == []
    assert "certificate" in unreachable("localhost", caught.value).problem
    assert not was_sent(caught.value)


def test_h02_a_bundle_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE is honoured, and the deadline holds over TLS as well."""
    certificate = self_signed(tmp_path, "localhost", 9)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with over_tls(certificate) as fault:
        fault.answers["/"] = send(b"well")
        fault.answers["/drip"] = drip
        assert hardened().get(fault.url + "/").content == b"well"
        with pytest.raises(requests.exceptions.ReadTimeout):
            hardened(seconds=0.3).get(fault.url + "/drip")


def test_r07_no_tls_at_all() -> None:
    """A server that answers something else than TLS."""
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        plain.listen()
        threading.Thread(target=lambda: plain.accept()[0].sendall(b"not tls at all"), daemon=True).start()
        with pytest.raises(requests.exceptions.SSLError) as caught:
            hardened().get(f"https://127.0.0.1:{plain.getsockname()[1]}/")
    assert "encrypted" in unreachable("127.0.0.1", caught.value).problem
