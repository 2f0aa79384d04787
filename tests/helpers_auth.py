"""Shared by the sign-in's tests: a token endpoint that answers as told, raw requests, canaries."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.helpers_secrets import CANARY, assert_clean
from tests.sweep import swept

__all__ = [
    "ACCESS",
    "CANARY",
    "CLIENT_SECRET",
    "CODE",
    "REFRESH",
    "Answer",
    "TokenEndpoint",
    "assert_clean",
    "hangs_up",
    "pair",
    "says",
    "send_raw",
    "swept",
    "token_endpoint",
]

ACCESS, REFRESH, CODE = "AT-CANARY-0123456789", "RT-CANARY-0123456789", "CODE-CANARY-0123456789"
CLIENT_SECRET = "SECRET-CANARY-/+%0123456789"

Answer = Callable[[BaseHTTPRequestHandler], None]


class TokenEndpoint:
    """A server whose POSTs are answered in order as told; the last answer stays.

    Attributes:
        answers: What it answers next.
        bodies: The form fields of each request, with `:path` and the `:authorization` header.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.bodies: list[dict[str, str]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                told = {":path": self.path, ":authorization": self.headers.get("Authorization", "")}
                endpoint.bodies.append({**dict(parse_qsl(body, keep_blank_values=True)), **told})
                answer = endpoint.answers[0] if len(endpoint.answers) == 1 else endpoint.answers.pop(0)
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads, block_on_close = True, False

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Connections that break off are what is tested."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def token_endpoint() -> Iterator[TokenEndpoint]:
    """Use it as a fixture: `endpoint = pytest.fixture(token_endpoint)`."""
    made = TokenEndpoint()
    yield made
    made.close()


def says(body: bytes | Mapping[str, Any], status: int = 200, **headers: str) -> Answer:
    """An answer of JSON, or of bytes as they are."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(sent)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(sent)

    return answer


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """The reply is lost: the connection ends where the answer should begin."""
    handler.close_connection = True


def pair(number: int = 1, **more: Any) -> dict[str, Any]:
    """A token answer whose tokens are canaries of that number."""
    named = {"access_token": f"AT-CANARY-{number:08}", "refresh_token": f"RT-CANARY-{number:08}"}
    return {**named, "token_type": "Bearer", "expires_in": 3600, **more}


def send_raw(port: int, request: bytes, *, host: str = "127.0.0.1", seconds: float = 5.0) -> bytes:
    """What a server answers to these bytes, until it hangs up or has said all of its `Content-Length`."""
    answer = b""
    with socket.create_connection((host, port), timeout=seconds) as connection, contextlib.suppress(OSError):
        connection.sendall(request)
        while more := connection.recv(65536):
            answer += more
            head, end, body = answer.partition(b"\r\n\r\n")
            length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
            if end and len(body) >= int(length.partition(b":")[2]):
                break
    return answer
