"""What Outgrow has, as records, page by page, in whichever dialect the sign-in speaks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from outgrow_nb.api import decode, endpoints
from outgrow_nb.api.transport import Transport
from outgrow_nb.errors import Forbidden, UnexpectedAnswer
from outgrow_nb.records import Account, ContentItem, Day, LeadPage, Question

PAGE_LEADS = 1000


def account(transport: Transport) -> Account:
    """Who is signed in (assumed; there is no such call for an API key)."""
    return transport.read(endpoints.ME, decode.account)


def key_content_ids(transport: Transport) -> list[str]:
    """The ids an API key sees: the key's test, and what its account is known by (confirmed)."""
    return transport.read(endpoints.KEY_CONTENTS, decode.content_ids)


def contents(transport: Transport) -> list[ContentItem]:
    """Every quiz, calculator, poll… of the account (confirmed for keys; assumed to be the same for sign-ins)."""
    asked: dict[str, str | int] = {"status": "Both", "type": "All", "sort": "alpha_asc"}
    return transport.read(endpoints.CONTENTS, decode.contents, params=asked)


def questions(transport: Transport, content_id: str) -> list[Question]:
    """A content's questions and options (assumed); none in the key dialect, where the answers alone name them."""
    if transport.dialect() == "key":
        return []
    return transport.read(endpoints.QUESTIONS, decode.questions, parts={"content_id": content_id})


def analytics(
    transport: Transport, content_id: str, *, first: date | None = None, last: date | None = None
) -> list[Day]:
    """A content's views, starts, completions and leads by day, both ends included (assumed).

    Raises:
        Forbidden: An API key reads; there is no such call for it.
    """
    if transport.dialect() == "key":
        raise Forbidden(
            "An API key can't read views and starts.", "Sign in instead: connect() with OUTGROW_CLIENT_ID set."
        )
    asked: dict[str, str | int] = {"by": "day"}
    for name, day in (("from", first), ("to", last)):
        if day is not None:
            asked[name] = day.isoformat()
    return transport.read(endpoints.ANALYTICS, decode.analytics, parts={"content_id": content_id}, params=asked)


def leads(
    transport: Transport, content_id: str, *, start: datetime | None = None, end: datetime | None = None
) -> Iterator[LeadPage]:
    """A content's leads with ``start <= created_at < end``, oldest first (bearer), or as they come (key).

    In the key dialect there is one page, of unknown span, not filtered: the frames narrow it.

    Raises:
        UnexpectedAnswer: The pages do not add up to the total that Outgrow reports, or a cursor repeats.
    """
    if transport.dialect() == "key":
        yield transport.read(endpoints.KEY_LEADS, decode.leads_page, parts={"content_id": content_id})
        return
    params: dict[str, str | int] = {"calculator": content_id, "limit": PAGE_LEADS}
    for name, moment in (("created_from", start), ("created_to", end)):
        if moment is not None:
            params[name] = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    seen: set[str] = set()
    cursors: set[str] = set()
    while True:
        page = transport.read(endpoints.LEADS, decode.leads_page, params=params)
        seen.update(lead.id for lead in page.records)
        yield page
        if page.next_cursor is None:
            break
        if page.next_cursor in cursors:
            raise UnexpectedAnswer(
                "Outgrow's pages of leads run in a circle.", "Run the cell again; report it if it stays."
            )
        cursors.add(page.next_cursor)
        params["cursor"] = page.next_cursor
    if page.total is not None and page.total != len(seen):
        raise UnexpectedAnswer(
            f"Outgrow reports {page.total} leads, but its pages hold {len(seen)}.",
            "Run the cell again (new leads may have arrived meanwhile), or set an earlier until=.",
        )
