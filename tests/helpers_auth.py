"""Shared by the sign-in's tests: a token endpoint that answers as told, raw requests, and the sweep for secrets."""

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

import pytest

CANARY = "-CANARY-"
ACCESS, REFRESH, CODE = "AT-CANARY-0123456789", "RT-CANARY-0123456789", "CODE-CANARY-0123456789"
CLIENT_SECRET = "SECRET-CANARY-/+%0123456789"

Answer = Callable[[BaseHTTPRequestHandler], None]


def swept(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> Iterator[None]:
    """S01: after the test no secret stands in stdout, stderr, a log record of any logger at DEBUG, or a warning.

    Use it as `no_canary = pytest.fixture(autouse=True)(swept)`.
    """
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    shown = "".join(capfd.readouterr())
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    warned = "\n".join(str(warning.message) for warning in recwarn)
    for where, text in (("output", shown), ("log", logged), ("warning", warned)):
        assert CANARY not in text, where


def assert_clean(error: BaseException) -> None:
    """S02: no secret in an exception, in what stands behind it, or in a local variable of any frame but the test's."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        seen.append(following)
        assert CANARY not in f"{following!r} {following} {vars(following)!r}", type(following)
        _assert_frames(following.__traceback__)
        following = following.__cause__ or following.__context__


def _assert_frames(traceback: TracebackType | None) -> None:
    while traceback is not None:
        frame, traceback = traceback.tb_frame, traceback.tb_next
        if "/tests/" in frame.f_code.co_filename:
            continue
        for name, value in frame.f_locals.items():
            assert CANARY not in repr(value), f"{name} in {frame.f_code.co_qualname}"


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
