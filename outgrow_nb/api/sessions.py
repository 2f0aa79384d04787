"""The open connections of one client, hardened, and shared by everything it reads."""

import threading

import requests

from outgrow_nb.api.endpoints import Endpoint
from outgrow_nb.wire import harden

DEADLINE_SECONDS = 300.0
READ_SECONDS = 60.0


class Sessions:
    """The open connections of one client, by the caps of what is read through them.

    Args:
        pool: Connections kept open.
    """

    def __init__(self, pool: int) -> None:
        self._pool = pool
        self._open: dict[tuple[int, int | None], requests.Session] = {}
        self._lock = threading.Lock()

    def for_endpoint(self, endpoint: Endpoint) -> requests.Session:
        """The hardened session for one kind of answer."""
        caps = (endpoint.max_bytes, endpoint.max_ratio)
        with self._lock:
            if caps not in self._open:
                session = requests.Session()
                harden(
                    session,
                    seconds=DEADLINE_SECONDS,
                    read_seconds=READ_SECONDS,
                    max_bytes=endpoint.max_bytes,
                    max_ratio=endpoint.max_ratio,
                    pool=self._pool,
                )
                session.headers["Accept"] = "application/json"
                self._open[caps] = session
            return self._open[caps]
