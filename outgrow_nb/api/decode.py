"""Bytes of an answer to records: typed at the parser's speed first, tolerant for a page that the parser refuses.

A page that the strict decoder takes is exactly as announced; any other page, and that page alone, goes record by
record, where unknown fields and odd types are kept and named.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec

from outgrow_nb.api import tolerant
from outgrow_nb.api.body import EnvelopeProblem, check, items, parsed, stripped, unexpected
from outgrow_nb.errors import UnexpectedAnswer
from outgrow_nb.records import Account, Answer, ContentItem, Day, Lead, LeadPage, Option, Question, Result

__all__ = [
    "EnvelopeProblem",
    "account",
    "analytics",
    "content_ids",
    "contents",
    "flat_page",
    "leads_page",
    "questions",
    "raw_lead",
]

L = TypeVar("L", bound=Lead)
_LEADS = "a list of leads"
_NO_ID = "Report it with the content's id: without ids leads cannot be told apart."


class _KnownAnswer(Answer, frozen=True, gc=False, forbid_unknown_fields=True):
    """An answer of exactly the announced fields."""


class _KnownResult(Result, frozen=True, gc=False, forbid_unknown_fields=True):
    """A result of exactly the announced fields."""


class _TypedLead(Lead, frozen=True, gc=False, kw_only=True):
    """A lead whose announced fields have the announced types; it may have others."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    results: list[_KnownResult] | None = None
    answers: list[_KnownAnswer] | None = None


class _KnownLead(_TypedLead, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A lead of exactly the announced fields."""


class _FlatLead(_TypedLead, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """The same with its answers and results passed over: most of a page is never looked at."""

    results: msgspec.Raw = msgspec.Raw(b"null")  # type: ignore[assignment]
    answers: msgspec.Raw = msgspec.Raw(b"null")  # type: ignore[assignment]


class _Envelope(msgspec.Struct, Generic[L], gc=False):
    data: list[L]
    success: Any = True
    code: Any = None
    error: Any = None
    message: Any = None
    next_cursor: str | None = None
    total: int | None = None


class _Decoders(NamedTuple):
    """For a page in an envelope, and for a bare array."""

    envelope: msgspec.json.Decoder[Any]
    bare: msgspec.json.Decoder[Any]


_WHOLE = _Decoders(msgspec.json.Decoder(_Envelope[_KnownLead]), msgspec.json.Decoder(list[_KnownLead]))
_FLAT = _Decoders(msgspec.json.Decoder(_Envelope[_FlatLead]), msgspec.json.Decoder(list[_FlatLead]))


def _typed(body: bytes, decoders: _Decoders) -> LeadPage | None:
    """The page if every record is as announced, else None."""
    try:
        if body[:1] == b"[":
            return LeadPage(records=decoders.bare.decode(body), body=body)
        page = decoders.envelope.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    check({"success": page.success, "code": page.code, "error": page.error, "message": page.message, "data": page.data})
    return LeadPage(records=page.data, next_cursor=page.next_cursor, total=page.total, body=body)


def leads_page(body: bytes) -> LeadPage:
    """One page of leads, from an envelope with `data` or from a bare array.

    Raises:
        EnvelopeProblem: The body tells a problem.
        UnexpectedAnswer: Not a list of leads, or a lead without id.
    """
    body = stripped(body)
    return _typed(body, _WHOLE) or _tolerant(body)


def flat_page(body: bytes) -> LeadPage:
    """`leads_page` for who wants no answers or results: those of the records are not to be used."""
    body = stripped(body)
    return _typed(body, _FLAT) or _tolerant(body)


def _tolerant(body: bytes) -> LeadPage:
    value = parsed(body, _LEADS)
    check(value)
    envelope = value if isinstance(value, dict) else {"data": value}
    data = envelope.get("data")
    if not isinstance(data, list):
        raise unexpected(body, _LEADS)
    drift: set[str] = set()
    records: list[Lead] = []
    extras: dict[int, dict[str, Any]] = {}
    for record in data:
        if not isinstance(record, dict) or record.get("id") in (None, ""):
            raise UnexpectedAnswer("Outgrow sent a lead without an id.", _NO_ID)
        made, more = _record(record, drift)
        if more:
            extras[len(records)] = more
        records.append(made)
    cursor = envelope.get("next_cursor")
    total = tolerant.number(envelope.get("total"))
    return LeadPage(
        records=records,
        next_cursor=tolerant.optional_text(cursor) or None,
        total=None if total is None else int(total),
        extras=extras,
        drift=frozenset(drift),
        body=body,
    )


def _record(record: dict[str, Any], drift: set[str]) -> tuple[Lead, dict[str, Any]]:
    try:
        made = msgspec.convert(record, _TypedLead)
    except msgspec.ValidationError:
        return tolerant.lead(record, drift)
    extras = tolerant.unannounced(record)
    drift.update(extras)
    return made, extras


def raw_lead(body: bytes, lead_id: str) -> dict[str, Any] | None:
    """The record with that id as received, from a page's bytes; the last one if it stands there twice."""
    found = [r for r in items(body, _LEADS) if isinstance(r, dict) and tolerant.optional_text(r.get("id")) == lead_id]
    return found[-1] if found else None


def contents(body: bytes) -> list[ContentItem]:
    """Every content; only `id` is required of an item.

    Raises:
        EnvelopeProblem: The body tells a problem.
        UnexpectedAnswer: Not a list of contents, or one without id.
    """
    made = []
    for item in items(body, "a list of contents"):
        fields = tolerant.converted(item, ContentItem)
        if not fields.get("id"):
            raise UnexpectedAnswer("Outgrow sent a content without an id.", "Report it: contents are asked for by id.")
        meta = item.get("meta_data")
        for key, value in meta.items() if isinstance(meta, dict) else ():
            if key in ("title", "url", "image_url"):
                fields[f"meta_{key}"] = tolerant.optional_text(value)
        made.append(ContentItem(**fields))
    return made


def content_ids(body: bytes) -> list[str]:
    """Ids of `get_cal`, the only ones that `get_leads` takes (confirmed: ``[{"id", "calculator"}]``)."""
    return [str(item["id"]) for item in items(body, "a list of contents") if isinstance(item, dict) and item.get("id")]


def questions(body: bytes) -> list[Question]:
    """A content's questions in form order; one without id is known by its text."""
    made = []
    for item in items(body, "a list of questions"):
        fields = tolerant.converted(item, Question)
        raw_options = item.get("options") if isinstance(item, dict) else None
        fields["options"] = _options(raw_options if isinstance(raw_options, list) else [])
        fields["id"] = fields.get("id") or ""
        made.append(Question(**fields))
    return made


def _options(entries: Sequence[Any]) -> tuple[Option, ...]:
    return tuple(
        Option(**tolerant.converted(entry, Option)) if isinstance(entry, dict) else Option(text=tolerant.text(entry))
        for entry in entries
    )


def account(body: bytes) -> Account:
    """Who is signed in, from ``{"data": {…}}`` or a bare object.

    Raises:
        EnvelopeProblem: The body tells a problem.
        UnexpectedAnswer: No object there.
    """
    body = stripped(body)
    value = parsed(body, "an account")
    check(value)
    data = value.get("data", value) if isinstance(value, dict) else None
    if not isinstance(data, dict):
        raise unexpected(body, "an account")
    return Account(**tolerant.converted(data, Account))


def analytics(body: bytes) -> list[Day]:
    """Views, starts, completions and leads by day; None where the service does not tell."""
    made = (tolerant.converted(item, Day) for item in items(body, "a list of days"))
    return [Day(**fields) for fields in made if fields.get("date")]
