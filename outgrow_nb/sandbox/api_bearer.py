"""The bearer dialect of the data calls (assumed, nobody could confirm it): who, contents, questions, leads, counts."""

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from outgrow_nb.sandbox.accounts import Person, person_by_id
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.company import Company, analytics, question_item, type_matches
from outgrow_nb.sandbox.draw import mix, number_of
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.grants import Grants
from outgrow_nb.sandbox.leads import Leads
from outgrow_nb.sandbox.pages import Pages
from outgrow_nb.sandbox.query import BadParameter, instant_ms, page_size
from outgrow_nb.sandbox.replies import failure, json_reply, wants_gzip
from outgrow_nb.sandbox.ugliness import lie, repeated, spoiled_key, spoiler

_SORTS: dict[str, tuple[Callable[[dict[str, Any]], Any], bool]] = {
    "alpha_asc": (lambda item: item["name"].casefold(), False),
    "alpha_desc": (lambda item: item["name"].casefold(), True),
    "created_asc": (lambda item: item["created_at"], False),
    "created_desc": (lambda item: item["created_at"], True),
}


class BearerApi:
    """The data calls of somebody who signed in.

    Args:
        companies: Accounts by key.
        grants: Tells whose a token is.
        clock: The server's time.
        faults: What is wrong now.
        pages: Encoded leads.
    """

    def __init__(
        self, *, companies: dict[str, Company], grants: Grants, clock: Clock, faults: Faults, pages: Pages
    ) -> None:
        self._companies = companies
        self._grants = grants
        self._clock = clock
        self._faults = faults
        self._pages = pages

    async def me(self, request: Request) -> Response:
        """Who is signed in."""
        person = self._allowed(request, "profile")
        if isinstance(person, Response):
            return person
        data = {"id": person.id, "email": person.email, "name": person.name, "company": person.company}
        return json_reply(request, {"success": True, "data": data})

    async def contents(self, request: Request) -> Response:
        """Every content of the account; filters `status`, `type`, `limit`, `created_from`, `created_to`, `sort`."""
        person = self._allowed(request, "contents")
        if isinstance(person, Response):
            return person
        query = request.query_params
        try:
            limit = page_size(query, 1000)
            low, high = instant_ms(query, "created_from"), instant_ms(query, "created_to")
            sort = query.get("sort", "created_asc")
            status = query.get("status", "Both").casefold()
            if sort not in _SORTS or status not in ("live", "draft", "both"):
                raise BadParameter("sort or status is unknown.")
        except BadParameter as problem:
            return failure(422, "invalid_parameter", str(problem))
        company = self._companies[person.company_key]
        items = []
        for leads in company.pieces.values():
            item = company.item(leads) | {"leads_count": leads.arrived(self._faults.present_ms)}
            born = int(datetime.fromisoformat(item["created_at"]).timestamp() * 1000)
            in_time = (low is None or low <= born) and (high is None or born < high)
            fits = status in ("both", leads.content.status.casefold())
            if in_time and fits and type_matches(leads.content, query.get("type", "All")):
                items.append(item)
        key, descending = _SORTS[sort]
        return json_reply(request, {"success": True, "data": sorted(items, key=key, reverse=descending)[:limit]})

    async def questions(self, request: Request) -> Response:
        """The questions of a content, as asked today."""
        leads = self._piece(request, "contents", request.path_params["content_id"])
        if isinstance(leads, Response):
            return leads
        items = [question_item(question) for question in leads.content.questions]
        if self._faults["drift"] in ("kinds", "all"):
            items = [item | {"kind": "hologram"} if item["kind"] == "text" else item for item in items]
        return json_reply(request, {"success": True, "data": items})

    async def analytics(self, request: Request) -> Response:
        """Views, starts, completions and leads by day; `from` and `to` (both included) are dates, `by` is "day"."""
        leads = self._piece(request, "contents", request.path_params["content_id"])
        if isinstance(leads, Response):
            return leads
        query = request.query_params
        try:
            first = date.fromisoformat(query.get("from", leads.arrivals.start.isoformat()))
            last = date.fromisoformat(query.get("to", leads.arrivals.until.isoformat()))
        except ValueError:
            return failure(422, "invalid_parameter", "from or to is not a date.")
        if query.get("by", "day") != "day":
            return failure(422, "invalid_parameter", "by is not day.")
        key = ("analytics", leads.content.id, first, last)

        def make() -> bytes:
            return msgspec.json.encode({"success": True, "data": analytics(leads, first, last)})

        return await self._kept(request, key, make)

    async def leads(self, request: Request) -> Response:
        """Leads of a content with created_from <= created_at < created_to, oldest first, page by page."""
        query = request.query_params
        leads = self._piece(request, "leads", query.get("calculator"))
        if isinstance(leads, Response):
            return leads
        try:
            limit = page_size(query, 100)
            low, high = instant_ms(query, "created_from"), instant_ms(query, "created_to")
            first = 0 if low is None else leads.arrivals.first_at_or_after(low)
            arrived = leads.arrived(self._faults.present_ms)
            after = arrived if high is None else min(leads.arrivals.first_at_or_after(high), arrived)
            after = max(after, first)
            start = _position(query.get("cursor"), leads, first, after)
        except BadParameter as problem:
            return failure(422, "invalid_parameter", str(problem))
        end = min(start + limit, after)
        total = lie(after - first, self._faults["total"])
        following = _cursor(leads, first, after, end) if end < after else None
        spoiled = spoiled_key(self._faults)
        repeats = self._faults["repeat_ids"] == "on"

        def make() -> bytes:
            records = list(self._pages.records(leads, start, end, spoil=spoiler(spoiled), spoiled=spoiled))
            records = repeated(records, start) if repeats else records
            tail = msgspec.json.encode({"next_cursor": following, "total": total})
            return b'{"success":true,"data":[' + b",".join(records) + b"]," + tail[1:]

        return await self._kept(request, ("leads", leads.content.id, first, after, start, end, total, spoiled), make)

    async def _kept(self, request: Request, key: tuple[Any, ...], make: Callable[[], bytes]) -> Response:
        zipped = wants_gzip(request)
        body = self._pages.kept(key, zipped=zipped)
        if body is None:
            body = await run_in_threadpool(self._pages.page, key, make, zipped=zipped)
        headers = {"Content-Encoding": "gzip"} if zipped else {}
        return Response(body, headers={**headers, "Vary": "Accept-Encoding"}, media_type="application/json")

    def _allowed(self, request: Request, scope: str) -> Person | Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = self._grants.of_access(token.strip(), self._clock.now()) if scheme.casefold() == "bearer" else None
        person = person_by_id(found[0].person_id) if found else None
        if found is None or person is None:
            reason = "The access token is missing, has ended or was revoked."
            return failure(401, "invalid_token", reason, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if scope not in found[1]:
            reason = f"This sign-in may not do that: it lacks the scope {scope}."
            return failure(403, "insufficient_scope", reason)
        return person

    def _piece(self, request: Request, scope: str, content_id: str | None) -> Leads | Response:
        person = self._allowed(request, scope)
        if isinstance(person, Response):
            return person
        if not content_id:
            return failure(422, "invalid_parameter", "calculator is missing.")
        leads = self._companies[person.company_key].pieces.get(content_id)
        return leads or failure(404, "not_found", "This account has no content of that id.")


def _cursor(leads: Leads, first: int, after: int, position: int) -> str:
    check = mix(leads.seed, number_of(leads.content.id), first, after, position) & 0xFFFFFFFF
    return base64.urlsafe_b64encode(f"{position}.{check:08x}".encode()).decode().rstrip("=")


def _position(cursor: str | None, leads: Leads, first: int, after: int) -> int:
    if cursor is None:
        return first
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        position = int(text.partition(".")[0])
    except (binascii.Error, ValueError):
        raise BadParameter("cursor is not one this server gave.") from None
    if _cursor(leads, first, after, position) != cursor:
        raise BadParameter("cursor belongs to another request.")
    return position
