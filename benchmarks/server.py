"""A server that is not what is measured: four calls of the API, answered by prepared bytes, over plain asyncio.

Run as ``python -m benchmarks.server FOLDER``: prints its port, and ends when its standard input does. Every leads
answer waits ``X`` ms in ``GET /latency/X``; ``GET /hits`` tells how many requests came.
"""

import asyncio
import json
import sys
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.material import Material

_MOST = 1000


class Calls:
    """What is answered.

    Args:
        material: The leads.
    """

    def __init__(self, material: Material) -> None:
        self._material = material
        self.latency = 0.0
        self.hits = 0

    def answer(self, target: str, *, zipped: bool) -> tuple[bytes, bool, float]:
        """Body, whether it is gzip, and how many seconds it is held back."""
        url = urlsplit(target)
        path = url.path.removeprefix("/api/v1")
        if path.startswith("/latency/"):
            self.latency = int(path.rpartition("/")[2]) / 1000
            return b"{}", False, 0.0
        if path == "/hits":
            return json.dumps({"hits": self.hits}).encode(), False, 0.0
        self.hits += 1
        facts = self._material.facts
        if path == "/leads":
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            return self._leads(query, zipped=zipped), zipped, self.latency
        data: Any
        if path == "/me":
            data = {"id": "1", "email": "ana.silva@example.com", "name": "Ana Silva", "company": "Northwind Gardens"}
        elif path == "/calculator":
            data = [facts["item"]]
        elif path == f"/calculator/{facts['item']['id']}/questions":
            data = facts["questions"]
        else:
            raise LookupError(target)
        return json.dumps({"success": True, "data": data}).encode(), False, self.latency

    def _leads(self, query: dict[str, str], *, zipped: bool) -> bytes:
        first, after = self._material.span(_milliseconds(query, "created_from"), _milliseconds(query, "created_to"))
        start = int(query.get("cursor", first))
        end = min(start + min(int(query.get("limit", "100")), _MOST), after)
        envelope = {"next_cursor": str(end) if end < after else None, "total": after - first}
        return self._material.page(start, end, envelope, zipped=zipped)


def _milliseconds(query: dict[str, str], name: str) -> int | None:
    """An instant in milliseconds, rounded up."""
    return -int(-datetime.fromisoformat(query[name]).timestamp() * 1000 // 1) if name in query else None


class Connection(asyncio.Protocol):
    """One connection, kept open; requests come one at a time and have no body.

    Args:
        calls: What is answered.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls, self._seen = calls, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that is complete."""
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, self._seen = self._seen.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            try:
                body, zipped, wait = self._calls.answer(target, zipped=b"gzip" in head.lower())
                status = b"200 OK"
            except (LookupError, ValueError, zlib.error) as error:
                body, zipped, wait, status = repr(error).encode(), False, 0.0, b"404 Not Found"
            lines = [b"HTTP/1.1 " + status, b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
            lines += [b"Content-Encoding: gzip"] * zipped
            answer = b"\r\n".join(lines) + b"\r\n\r\n" + body
            if wait:
                asyncio.get_running_loop().call_later(wait, self._out.write, answer)
            else:
                self._out.write(answer)


async def serve(folder: Path) -> None:
    """Serves until standard input ends."""
    calls = Calls(Material(folder))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(calls), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
