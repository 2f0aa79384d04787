"""The door every request passes: whose host name, how late, and what goes wrong on purpose. Plain ASGI."""

import asyncio
import json
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.control import PREFIX
from outgrow_nb.sandbox.faults import Faults, Rule
from outgrow_nb.sandbox.stats import Stats

MOST_BODY = 64 * 1024
_PORTAL = (
    b"<!doctype html><html><head><title>Welcome to Guest Wi-Fi</title></head><body>Accept the terms.</body></html>"
)


class Gate:
    """ASGI application around the real one.

    Args:
        app: The application behind the door.
        faults: What is wrong now.
        stats: What to count in.
        clock: Writes the Date header.
    """

    def __init__(self, app: ASGIApp, *, faults: Faults, stats: Stats, clock: Clock) -> None:
        self._app = app
        self._faults = faults
        self._stats = stats
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._dated(send)
        if not _host_is_ours(scope):
            await _answer(send, 421, b'{"success":false,"error":{"code":"misdirected","message":"Unknown host name."}}')
            return
        path = scope["path"]
        if path.startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        self._stats.enter(scope["method"], path)
        try:
            if path == "/oauth/token" and scope["method"] == "POST":
                receive = await self._counted(scope, receive)
            rule = self._faults.take(path)
            if self._faults.latency:
                await asyncio.sleep(self._faults.latency)
            if rule is None:
                await self._app(scope, receive, send)
            else:
                await self._fault(rule, scope, receive, send)
        finally:
            self._stats.leave()

    async def _fault(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.name == "delay":
            await asyncio.sleep(float(rule.argument) / 1000)
            await self._app(scope, receive, send)
        elif rule.name == "status":
            await self._refuse(int(rule.argument), send)
        elif rule.name == "html":
            await _answer(send, 200, _PORTAL, content_type=b"text/html; charset=utf-8")
        elif rule.name == "redirect":
            await _answer(send, 307, b"", extra=[(b"location", rule.argument.encode())])
        elif rule.name == "drop":
            await _hang_up(scope, receive)
        elif rule.name == "lose":
            await self._app(scope, receive, _swallow)
            await _hang_up(scope, receive)
        elif rule.name == "truncate":
            await self._app(scope, receive, _Truncating(scope, send))
        elif rule.name == "drip":
            await self._app(scope, receive, _Dripping(float(rule.argument), send))

    async def _refuse(self, status: int, send: Send) -> None:
        names = {
            401: "invalid_token",
            403: "forbidden",
            404: "not_found",
            422: "invalid_parameter",
            429: "rate_limited",
        }
        code = names.get(status, "server_error" if status >= 500 else "bad_request")
        body = {"success": False, "error": {"code": code, "message": f"The sandbox was told to answer {status}."}}
        after = self._faults["retry_after"] or ("1" if status == 429 else "")
        extra = [(b"retry-after", after.encode("latin-1", "replace"))] if after else []
        await _answer(send, status, json.dumps(body).encode(), extra=extra)

    async def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """Count a token request by grant type even if a fault keeps it from the server behind."""
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False) and len(body) <= MOST_BODY
        self._stats.token[_grant_type(body)] += 1
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body[: MOST_BODY + 1], "more_body": False}

        return replay

    def _dated(self, send: Send) -> Send:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            await send(message)

        return dated


class _Truncating:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            body = message["body"]
            await self._send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0.05)  # so that the half is on its way before the end
            self._scope["state"]["transport"].close()
        elif message["type"] == "http.response.start":
            await self._send(message)


class _Dripping:
    def __init__(self, seconds: float, send: Send) -> None:
        self._seconds = seconds
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        for byte in message.get("body", b""):
            await self._send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(self._seconds)
        await self._send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})


async def _swallow(message: Message) -> None:
    """A `send` that lets nothing out."""


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """End the connection without an answer, and wait until the server has noticed."""
    transport: Any = scope["state"]["transport"]
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: bytes = b"application/json",
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *(extra or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _host_is_ours(scope: Scope) -> bool:
    """Refuses other host names, so that no foreign web page can reach the sandbox by DNS rebinding."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    port = scope["server"][1]
    return len(hosts) == 1 and hosts[0] in (f"127.0.0.1:{port}", f"localhost:{port}")


def _grant_type(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text).get("grant_type")
        except (ValueError, RecursionError):
            return "unreadable"
        return found if isinstance(found, str) else "none"
    return (parse_qs(text).get("grant_type") or ["none"])[0]
