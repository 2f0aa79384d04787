"""Answers of the API: JSON with or without gzip, errors in the API's own shape."""

import gzip
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response


def wants_gzip(request: Request) -> bool:
    """Whether the client takes gzip."""
    offers = request.headers.get("accept-encoding", "").casefold().split(",")
    return any(offer.partition(";")[0].strip() == "gzip" and "q=0" not in offer.replace(" ", "") for offer in offers)


def json_reply(request: Request, value: Any) -> Response:
    """A value as JSON, zipped where the client takes it and it pays."""
    body = msgspec.json.encode(value)
    headers = {"Vary": "Accept-Encoding"}
    if len(body) > 1000 and wants_gzip(request):
        body = gzip.compress(body, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type="application/json")


def failure(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """The API's error body: `{"success": false, "error": {"code", "message"}}`."""
    body = msgspec.json.encode({"success": False, "error": {"code": code, "message": message}})
    return Response(body, status, headers, media_type="application/json")
