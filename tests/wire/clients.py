"""Signed-in credentials and clients for tests, made as a finished sign-in makes them, without a browser."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.client import Outgrow
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.records import Account
from tests.wire.sandbox_fixtures import Sandbox


def bearer_config(sandbox: Sandbox) -> Config:
    """How to reach a sandbox by sign-in."""
    return Config(
        client_id=sandbox.client_id, client_secret=sandbox.client_secret, base_url=sandbox.base_url, workers=2
    )


def key_config(sandbox: Sandbox) -> Config:
    """How to reach a sandbox by API key."""
    return Config(api_url=sandbox.api_url)


def signed_in(sandbox: Sandbox, who: int = 0, **changes: str | None) -> Entry:
    """What a finished sign-in of one of the invented people keeps."""
    answer = sandbox.sign_in(who, **changes)
    found = sandbox.get("/me", answer["access_token"]).json().get("data", {})
    account = Account(**{name: found.get(name) for name in ("id", "email", "name", "company")})
    token = Token(
        access=Secret(answer["access_token"]),
        refresh=Secret(answer["refresh_token"]),
        obtained_at=time.time(),
        lifetime=float(answer["expires_in"]),
        scope=answer.get("scope"),
    )
    return Entry(config=bearer_config(sandbox), token=token, account=account)


def with_key(sandbox: Sandbox, key: str | None = None) -> Entry:
    """What a checked API key keeps."""
    return Entry(config=key_config(sandbox), api_key=Secret(key or sandbox.api_key), contents=14, content_ids=("f",))


@dataclass
class Asked:
    """Stands for the person: remembers each time somebody would have been asked, and then does as told.

    Attributes:
        answers: What happens at each question; after the last one, `reason` is raised.
        reasons: What was asked, each time.
    """

    answers: Sequence[Callable[[], object]] = ()
    reasons: list[OutgrowError] = field(default_factory=list)

    def __call__(self, reason: OutgrowError) -> None:
        self.reasons.append(reason)
        if len(self.reasons) > len(self.answers):
            raise reason
        self.answers[len(self.reasons) - 1]()


def credentials(entry: Entry, *, asked: Asked | None = None, cache: TokenCache | None = None) -> Credentials:
    """Credentials that hold a finished sign-in, kept in a cache of their own."""
    made = Credentials(profile="default", config=entry.config, cache=cache or MemoryCache(), ask=asked or Asked())
    made.accept(entry)
    return made


def client(entry: Entry, *, asked: Asked | None = None, **options: Any) -> Outgrow:
    """A client of a finished sign-in."""
    return Outgrow(credentials(entry, asked=asked), **options)


@contextlib.contextmanager
def fixed_server(body: bytes) -> Iterator[str]:
    """A server that answers every GET with this JSON; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    """Waits for a condition.

    Raises:
        TimeoutError: It did not come.
    """
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.01)
