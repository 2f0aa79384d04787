"""A server that answers as told, in the clear or over TLS, and hardened sessions to ask it with."""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from outgrow_nb.wire import harden

Answer = Callable[[BaseHTTPRequestHandler], None]


class FaultServer:
    """Answers each path as it was told to.

    Attributes:
        answers: By path; a list is answered in order, and its last one stays.
        seen: Path with query, and headers by lower-case name, of each request.
        times: When each came, on the monotonic clock.
        ports: The caller's port of each: equal where a connection was used again.
    """

    def __init__(self, *, begin: bool = True) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.ports: list[int] = []
        self._lock = threading.Lock()
        fault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fault.next_answer(self)(self)

            def log_message(self, format: str, *args: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads, block_on_close, request_queue_size = True, False, 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Connections that break off and refused handshakes are what is tested."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if begin:
            self.begin()

    def begin(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def next_answer(self, handler: BaseHTTPRequestHandler) -> Answer:
        with self._lock:
            self.seen.append((handler.path, {name.lower(): value for name, value in handler.headers.items()}))
            self.times.append(time.monotonic())
            self.ports.append(handler.client_address[1])
            answers = self.answers[handler.path.partition("?")[0]]
            if callable(answers):
                return answers
            return answers.pop(0) if len(answers) > 1 else answers[0]


def fault_server() -> Iterator[FaultServer]:
    """Use it as a fixture: `fault = pytest.fixture(fault_server)`."""
    made = FaultServer()
    yield made
    made.end()


def send(body: bytes = b"{}", status: int = 200, **headers: str) -> Answer:
    """An answer with a body; `content_length` and the like stand for headers."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(answer: bytes) -> Answer:
    """These bytes, then the end of the connection."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(answer)

    return say


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends where the answer should begin."""
    handler.close_connection = True


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
    handler.close_connection = True
    with contextlib.suppress(OSError):  # the client gave up, as it should
        for byte in text:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)


def hardened(*, seconds: float = 10, max_bytes: int = 1 << 20, max_ratio: int | None = None) -> requests.Session:
    """A session as the package makes them."""
    session = requests.Session()
    harden(session, seconds=seconds, read_seconds=5, max_bytes=max_bytes, max_ratio=max_ratio)
    return session


def self_signed(folder: Path, host: str, days: int = 9) -> Path:
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


def tls_context(certificate: Path) -> ssl.SSLContext:
    """What a server of that certificate wraps its sockets with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextlib.contextmanager
def over_tls(certificate: Path) -> Iterator[FaultServer]:
    """A fault server that speaks TLS, under the name ``localhost``."""
    made = FaultServer(begin=False)
    made.server.socket = tls_context(certificate).wrap_socket(made.server.socket, server_side=True)
    made.url = f"https://localhost:{made.server.server_port}"
    made.begin()
    yield made
    made.end()
