"""The small HTTP server behind the loopback listener: what it answers to whom, and how it hangs up."""

import contextlib
import hmac
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from outgrow_nb.auth import pages
from outgrow_nb.config import Secret

_LONGEST_LINE = 8192
_CONNECTIONS = 64
_IDLE_SECONDS = 5.0
_LAST_SECONDS = 1.0


@dataclass(kw_only=True)
class Routes:
    """What one listener answers.

    Attributes:
        path: The redirect's path.
        go: The button's path, unguessable.
        on_go: Begins an attempt; None where no more are wanted.
        on_redirect: Takes the redirect's query and the browser's cookies, returns the page to show.
        authority: The only Host that is served, known once the port is.
        farewell: Set once the last page was shown.
        open: The connections.
    """

    path: str
    go: Secret = field(repr=False)
    on_go: Callable[[], "Departure | None"]
    on_redirect: Callable[[str, dict[str, str]], pages.Page]
    authority: str = ""
    farewell: threading.Event = field(default_factory=threading.Event)
    open: "Connections" = field(default_factory=lambda: Connections())

    def is_go(self, path: str) -> bool:
        """Whether a path is the button's, compared in constant time."""
        return hmac.compare_digest(path.encode("utf-8", "surrogateescape"), self.go.reveal().encode())


class Connections:
    """The open connections, the oldest first; the server's thread adds, each connection's own thread removes."""

    def __init__(self) -> None:
        self._held: dict[socket.socket, None] = {}
        self._lock = threading.Condition()

    def add(self, connection: socket.socket) -> None:
        """Takes every caller; the one that came first makes room for it."""
        with self._lock:
            while len(self._held) >= _CONNECTIONS:
                oldest = next(iter(self._held))
                del self._held[oldest]
                hang_up(oldest)
            self._held[connection] = None

    def remove(self, connection: socket.socket) -> None:
        """It has ended."""
        with self._lock:
            self._held.pop(connection, None)
            self._lock.notify_all()

    def end(self) -> None:
        """Ends all of them, and returns once they have; one whose answer is still awaited is not waited for long."""
        with self._lock:
            for connection in self._held:
                hang_up(connection)
            self._lock.wait_for(lambda: not self._held, _LAST_SECONDS)


@dataclass(frozen=True)
class Departure:
    """Where `/go` leads: the provider's page, and the cookie that the redirect must bring back."""

    url: Secret = field(repr=False)
    cookie_name: str
    cookie: Secret = field(repr=False)


class Server(ThreadingHTTPServer):
    """Serves one address of this computer, each connection in a thread of its own."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], routes: Routes) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.routes = routes
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Binds without looking the host's name up, which can take seconds, and without sharing the port.

        Neither SO_REUSEADDR nor SO_REUSEPORT: another user's program that listened too would take the redirect.
        """
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: the same promise
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", int(self.server_address[1])

    def verify_request(self, request: object, client_address: object) -> bool:
        """Takes every caller."""
        if isinstance(request, socket.socket):
            self.routes.open.add(request)
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news; the default would print a traceback into the cell."""

    def shutdown_request(self, request: object) -> None:
        """Lets the browser hang up first, so that the port is free at once for the next listener."""
        connection = request if isinstance(request, socket.socket) else None
        if connection is None:
            return
        with contextlib.suppress(OSError):  # the browser is gone: that is all this waits for
            connection.settimeout(1.0)
            while connection.recv(4096):
                pass
        hang_up(connection)
        connection.close()
        self.routes.open.remove(connection)


def hang_up(connection: socket.socket) -> None:
    """Ends a connection so that its port is free at once."""
    with contextlib.suppress(OSError):  # it has ended already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: Server
    raw_requestline: bytes

    def version_string(self) -> str:
        return "outgrow-nb"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the request line holds the code and the state."""

    def parse_request(self) -> bool:
        if len(self.raw_requestline) > _LONGEST_LINE:
            self.requestline, self.request_version, self.command, self.path = "", "HTTP/1.1", "", ""
            self._empty(414)
            return False
        if not super().parse_request():
            return False
        if self.command != "GET":
            self._empty(405)
            return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """An empty answer; the default page repeats what was asked."""
        self._empty(code)

    def do_GET(self) -> None:
        """Answers the redirect, the `/go` link and the pages after it; anything else is turned away."""
        routes, self.close_connection = self.server.routes, True
        if self.headers.get_all("Host") != [routes.authority]:
            return self._empty(421)
        try:
            parts = urlsplit(self.path)
        except ValueError:
            return self._empty(400)
        if parts.path in pages.STATIC:
            self._page(pages.STATIC[parts.path])
            if parts.path == pages.SIGNED_IN.path:
                routes.farewell.set()
            return None
        if routes.is_go(parts.path):
            return self._go(routes)
        if parts.path != routes.path:
            return self._page(pages.NOT_FOUND)
        if not self._is_navigation():
            return self._empty(204)
        page = routes.on_redirect(parts.query, self._cookies())
        return self._page(page) if page.status != 200 else self._away(page.path)

    def _go(self, routes: Routes) -> None:
        if not self._is_navigation():
            return self._empty(204)
        leave = routes.on_go()
        if leave is None:
            return self._page(pages.OLD_TAB)
        cookie = f"{leave.cookie_name}={leave.cookie.reveal()}; Path={routes.path}; Max-Age=600; HttpOnly; SameSite=Lax"
        return self._away(leave.url.reveal(), cookie=cookie)

    def _is_navigation(self) -> bool:
        """Whether a person opened this: not a prefetch, not a picture or script of another page."""
        purpose = f"{self.headers.get('Sec-Purpose', '')} {self.headers.get('Purpose', '')}".lower()
        return (
            "prefetch" not in purpose
            and "prerender" not in purpose
            and self.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
            and self.headers.get("Sec-Fetch-Dest", "document") == "document"
        )

    def _cookies(self) -> dict[str, str]:
        """Ours are plain words; `SimpleCookie` drops all of them for one odd cookie of another program here."""
        pairs = (pair.partition("=") for pair in ";".join(self.headers.get_all("Cookie", [])).split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    def _start(self, status: int, length: int) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in (
            ("Content-Length", str(length)),
            ("Connection", "close"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", pages.CONTENT_SECURITY_POLICY),
        ):
            self.send_header(name, value)

    def _empty(self, status: int) -> None:
        self._start(status, 0)
        self.end_headers()

    def _page(self, page: pages.Page) -> None:
        body = page.render()
        self._start(page.status, len(body))
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def _away(self, location: str, cookie: str | None = None) -> None:
        self._start(303 if cookie is None else 302, 0)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Location", location)
        self.end_headers()
