"""The listener that receives the redirect on this computer, and opens the provider's page (RFC 8252 section 7.3)."""

import errno
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from outgrow_nb.auth import messages, pages
from outgrow_nb.auth.loopback_server import Departure, Routes, Server
from outgrow_nb.config import Secret

_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # not of this computer: nobody else listens there either
_FAREWELL_SECONDS = 5.0
_LAST_BYTES_SECONDS = 0.3


class PortTaken(Exception):
    """Nobody here can receive the registered redirect: another program may hold its port."""

    def __init__(self, where: str, port: int, reason: OSError) -> None:
        super().__init__(where)
        in_use = reason.errno == errno.EADDRINUSE
        self.message = messages.port_taken(port) if in_use else messages.cannot_listen(where, reason.strerror or "")


class Loopback:
    """Listens on this computer only, from before the link is drawn until the sign-in has ended.

    Args:
        redirect_uri: The registered redirect; without a port any free one is taken.
        nonce: What makes `/go` unguessable.
        on_go: Begins an attempt; None where no more are wanted.
        on_redirect: Takes the redirect's query and the browser's cookies, returns the page to show.

    Raises:
        PortTaken: The registered port is held by another program, or cannot be had here.
    """

    def __init__(
        self,
        redirect_uri: str,
        *,
        nonce: Secret,
        on_go: Callable[[], Departure | None],
        on_redirect: Callable[[str, dict[str, str]], pages.Page],
    ) -> None:
        parts = urlsplit(redirect_uri)
        host = parts.hostname or "127.0.0.1"
        self._routes = Routes(
            path=parts.path or "/", go=Secret(f"/go/{nonce.reveal()}"), on_go=on_go, on_redirect=on_redirect
        )
        self._closing, self._hurry, self._closed = threading.Lock(), threading.Event(), threading.Event()
        self._servers = self._bind(host, parts.port or 0)
        self.port = self._servers[0].server_port
        self._routes.authority = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.redirect_uri = f"http://{self._routes.authority}{parts.path}"
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), name="outgrow-nb sign-in", daemon=True).start()

    @property
    def link(self) -> str:
        """The button's address: opens the provider's page, and counts as one attempt."""
        return f"http://{self._routes.authority}{self._routes.go.reveal()}"

    def close(self, *, after_page: bool = False) -> None:
        """Stops listening; returns once the port is free.

        Args:
            after_page: Show the last page first (5 s at most); another call meanwhile ends that wait.
        """
        if not self._closing.acquire(blocking=False):
            self._hurry.set()
            self._routes.farewell.set()
            self._closed.wait(_FAREWELL_SECONDS)
            return
        if after_page and self._routes.farewell.wait(_FAREWELL_SECONDS):
            self._hurry.wait(_LAST_BYTES_SECONDS)
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._routes.open.end()
        self._closed.set()

    def _bind(self, host: str, port: int) -> list[Server]:
        """One server, or two for ``localhost``, which a browser may look up as either address."""
        addresses = {"localhost": ["127.0.0.1", "::1"]}.get(host, [host])
        for _ in range(20 if port == 0 else 1):
            servers: list[Server] = []
            taken: OSError | None = None
            missing: OSError | None = None
            for address in addresses:
                try:
                    servers.append(Server((address, servers[0].server_port if servers else port), self._routes))
                except OSError as error:
                    if error.errno not in _NO_SUCH_ADDRESS:
                        taken = error
                        break
                    missing = error
            if servers and taken is None:
                return servers
            for server in servers:
                server.server_close()
            reason = taken or missing or OSError()
            trouble = PortTaken(f"{host}:{port}" if port else host, port, reason)
        raise trouble
