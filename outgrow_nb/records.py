"""Outgrow's records as the API sends them, one struct per record; what `api` hands to `frames`.

Field names and their certainty stand in the structs' docstrings; values are kept as received (no cleaning here).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Account(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who is signed in (assumed: `GET /me`)."""

    id: str | None = None
    email: str | None = None
    name: str | None = None
    company: str | None = None


class ContentItem(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One quiz, calculator, poll… (confirmed: all but `created_at`, `status`, `leads_count`, which are assumed).

    Attributes:
        id: What leads are asked by; never match by name or `parentapp`.
        parentapp: The other id of the same piece, as webhooks send it.
        name: Title in the account.
        type: Outgrow's type code, an open set.
        status: Such as Live or Draft.
        calc_url: A template, cut at the first ``{`` before it is shown.
        short_url: Address to share.
        created_at: ISO 8601 text or epoch number.
        leads_count: Number of leads, the only source of counts.
        meta_title: `meta_data.title`, the page's title.
        meta_url: `meta_data.url`.
        meta_image_url: `meta_data.image_url`.
    """

    id: str
    parentapp: str | None = None
    name: str | None = None
    type: str | None = None
    status: str | None = None
    calc_url: str | None = None
    short_url: str | None = None
    created_at: str | int | float | None = None
    leads_count: int | None = None
    meta_title: str | None = None
    meta_url: str | None = None
    meta_image_url: str | None = None

    @property
    def title(self) -> str:
        """What a person calls it: its name, else its page's title, else its id."""
        return self.name or self.meta_title or self.id


class Option(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One choice of a question (assumed); `text` may hold HTML."""

    id: str | None = None
    text: str = ""
    score: float | None = None


class Question(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One question as asked today (assumed: `GET /calculator/{id}/questions`); `text` may hold HTML."""

    id: str
    text: str = ""
    kind: str = ""
    required: bool | None = None
    options: tuple[Option, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One answer of a lead (assumed).

    Attributes:
        question_id: Stable; "" where the service names questions by text alone.
        question: The text that this lead was asked.
        kind: Outgrow's kind of question, an open set.
        answer: Text, number, list of texts, or whatever JSON holds.
        score: Points, where the question is scored.
    """

    question_id: str = ""
    question: str = ""
    kind: str = ""
    answer: Any = None
    score: float | None = None


class Result(msgspec.Struct, frozen=True, gc=False):
    """One result that a calculator showed (assumed); `value` is display text such as ``$95 to $105``."""

    name: str = ""
    value: Any = None


class Lead(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One submission (confirmed: `id`, `created_at`; assumed: the rest). Unknown fields stand in `LeadPage.extras`."""

    id: str
    created_at: str | int | float | None = None
    updated_at: str | int | float | None = None
    calculator_id: str | None = None
    status: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    company: str | None = None
    country: str | None = None
    device: str | None = None
    referrer: str | None = None
    landing_page: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    score: float | None = None
    outcome: str | None = None
    results: Sequence[Result] | None = None
    answers: Sequence[Answer] | None = None


class Day(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One day of a content's analytics (assumed)."""

    date: str
    views: int | None = None
    starts: int | None = None
    completions: int | None = None
    leads: int | None = None


class LeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of leads.

    Attributes:
        records: As received, in the order received; an id may occur twice (frames keep the latest).
        next_cursor: How to ask for the next page; None at the end.
        total: How many leads Outgrow reports for the request, when it does.
        extras: By position in `records`, the fields that nobody announced, and values that did not fit their field.
        drift: Names of what was not announced; ``answers.`` or ``results.`` stands before those inside them.
        body: The bytes received, for `raw`.
    """

    records: Sequence[Lead]
    next_cursor: str | None = None
    total: int | None = None
    extras: Mapping[int, Mapping[str, Any]] = {}
    drift: frozenset[str] = frozenset()
    body: bytes = b""
