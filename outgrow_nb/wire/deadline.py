"""Connections that give an answer so many seconds in all, however slowly its lines and bytes drip in."""

import http.client
import io
import socket
import time
from typing import Any

from urllib3 import HTTPConnectionPool, PoolManager


class _Reader(io.RawIOBase):
    """Reads a socket until a moment; the socket's own timeout only bounds a single silence.

    Args:
        connected: The socket.
        ends: When reading stops, on the monotonic clock.
    """

    def __init__(self, connected: socket.socket, ends: float) -> None:
        self._socket, self._ends = connected, ends
        self._stream = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Reads what is there.

        Raises:
            TimeoutError: The time is over, or the server was silent for too long.
        """
        silence, left = self._socket.gettimeout(), self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        self._socket.settimeout(left if silence is None else min(left, silence))
        try:
            return self._stream.readinto(buffer)
        finally:
            if self._socket.fileno() >= 0:
                self._socket.settimeout(silence)

    def close(self) -> None:
        self._stream.close()
        super().close()


def keep_deadline(manager: PoolManager, seconds: float) -> None:
    """Gives every connection of a manager a deadline; one through a proxy keeps the proxy's own ways.

    Args:
        manager: Has no connection yet.
        seconds: From the moment the answer is waited for to its last byte.
    """

    class Answer(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
            super().__init__(sock, *args, **more)
            self.fp.close()
            self.fp = io.BufferedReader(_Reader(sock, time.monotonic() + seconds))

    def bounded(pool: type[HTTPConnectionPool]) -> Any:
        quiet = {"debuglevel": 0}  # http.client's own switch for all connections would print headers and bodies
        connection = type("Bounded", (pool.ConnectionCls,), {"response_class": Answer, **quiet})
        return type("BoundedPool", (pool,), {"ConnectionCls": connection})

    manager.pool_classes_by_scheme = {name: bounded(pool) for name, pool in manager.pool_classes_by_scheme.items()}
