"""The API-key dialect (confirmed from public clients): /calculator with a header, /get_cal and /get_leads by path."""

import hmac
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from outgrow_nb.sandbox.catalog import TYPE_CODES
from outgrow_nb.sandbox.company import Company, type_matches
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.leads import RUN, Leads
from outgrow_nb.sandbox.pages import Pages
from outgrow_nb.sandbox.replies import failure, json_reply, wants_gzip
from outgrow_nb.sandbox.ugliness import repeated, spoiled_key, spoiler

_DAY_MS = 86_400_000
_GZIP_LEVEL = 5
_LISTED = ("id", "parentapp", "name", "calc_url", "short_url", "meta_data")


class KeyApi:
    """The data calls of somebody with an API key. One key, one company.

    Args:
        company: Whose key it is.
        api_key: The key.
        faults: What is wrong now.
        pages: Encoded leads.
    """

    def __init__(self, *, company: Company, api_key: str, faults: Faults, pages: Pages) -> None:
        self._company = company
        self._api_key = api_key
        self._faults = faults
        self._pages = pages

    async def contents(self, request: Request) -> Response:
        """`GET /calculator?status=Live|Both&type=All&sort=alpha_asc` with the header API-KEY."""
        if not self._is_key(request.headers.get("api-key", "")):
            return self._refused(enveloped=True)
        query = request.query_params
        status = query.get("status", "Both").casefold()
        items = []
        for leads in self._company.pieces.values():
            if status in ("both", leads.content.status.casefold()) and type_matches(
                leads.content, query.get("type", "All")
            ):
                full = self._company.item(leads)
                items.append(
                    {name: full[name] for name in _LISTED if name in full} | {"type": TYPE_CODES[leads.content.type]}
                )
        if query.get("sort") == "alpha_asc":
            items.sort(key=lambda item: item["name"].casefold())
        return json_reply(request, {"success": True, "data": items})

    async def names(self, request: Request) -> Response:
        """`GET /get_cal/{api_key}`: a bare array of ids and names."""
        if not self._is_key(request.path_params["api_key"]):
            return self._refused()
        items = [{"id": leads.content.id, "calculator": leads.content.title} for leads in self._company.pieces.values()]
        return json_reply(request, items)

    async def leads(self, request: Request) -> Response:
        """`GET /get_leads/{api_key}/{content_id}`: a bare array of every lead, newest first."""
        if not self._is_key(request.path_params["api_key"]):
            return self._refused()
        leads = self._company.pieces.get(request.path_params["content_id"])
        if leads is None:
            return failure(404, "not_found", "This account has no content of that id.")
        first, present = 0, self._faults.present_ms
        after = leads.arrived(present)
        if self._faults["window_24h"] == "on" and after:
            last = leads.arrivals.at(after - 1) if present is None else present
            first = leads.arrivals.first_at_or_after(last - _DAY_MS)
        body = self._newest_first(
            leads, range(first, after), spoiled_key(self._faults), repeats=self._faults["repeat_ids"] == "on"
        )
        headers = {"Vary": "Accept-Encoding"}
        if wants_gzip(request):
            headers["Content-Encoding"] = "gzip"
            body = _zipped(body)
        return StreamingResponse(body, headers=headers, media_type="application/json")

    def _newest_first(self, leads: Leads, shown: range, spoiled: tuple[str, ...], *, repeats: bool) -> Iterator[bytes]:
        spoil = spoiler(spoiled)
        begin = b"["
        for run in range((shown.stop - 1) // RUN, shown.start // RUN - 1, -1) if shown else ():
            low, high = max(run * RUN, shown.start), min(run * RUN + RUN, shown.stop)
            records = list(self._pages.records(leads, low, high, spoil=spoil, spoiled=spoiled))
            records = repeated(records, low) if repeats else records
            yield begin + b",".join(reversed(records))
            begin = b","
        yield b"]" if begin == b"," else b"[]"

    def _is_key(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), self._api_key.encode())

    def _refused(self, *, enveloped: bool = False) -> Response:
        how = self._faults["bad_key"]
        if how == "empty":
            body: Any = {"success": True, "data": []} if enveloped else []
            return Response(msgspec.json.encode(body), media_type="application/json")
        refusal = {"code": 401, "message": "Invalid API key"}
        return Response(msgspec.json.encode(refusal), 401 if how == "401" else 200, media_type="application/json")


def _zipped(parts: Iterator[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
    for part in parts:
        yield squeeze.compress(part)
    yield squeeze.flush()
