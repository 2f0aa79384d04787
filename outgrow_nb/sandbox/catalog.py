"""What a content of the sandbox is made of: types, questions, options, and how they are written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from outgrow_nb.sandbox.draw import number_of, object_id

# Outgrow's type codes are an open set (confirmed: Calculator, Quiz, Assessment, Poll, Survey, eCom, Chatbot, Giveaway).
TYPE_CODES = {
    "Numerical calculator": "Calculator",
    "Graded quiz": "Quiz",
    "Outcome quiz": "Quiz",
    "Personality quiz": "Quiz",
    "Assessment": "Assessment",
    "Recommendation": "Recommendation",
    "Poll": "Poll",
    "Survey": "Survey",
    "Form": "Form",
    "Chatbot": "Chatbot",
    "Giveaway": "Giveaway",
    "E-commerce recommendation": "eCom",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a question; `weight` is how often it is taken."""

    id: str
    text: str
    score: float | None
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        id: 24 hex digits, stable.
        text: As asked today; may hold HTML.
        kind: Outgrow's kind of question.
        required: Whether it cannot be skipped.
        options: In form order; empty for open kinds.
        old_text: What older leads were asked; None when it never changed.
        renamed_at: Share of the content's life (per mille) after which `text` replaced `old_text`.
        low: Smallest number, for number kinds.
        high: Largest number.
        style: How a text answer is invented ("zip", "city", "remark", ...).
        leak: How many leave here, against 100 elsewhere.
        scored: Whether answers carry a score.
    """

    id: str
    text: str
    kind: str
    required: bool = True
    options: tuple[Option, ...] = ()
    old_text: str | None = None
    renamed_at: int = 0
    low: int = 0
    high: int = 0
    style: str = ""
    leak: int = 100
    scored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One quiz, calculator, poll and so on.

    Attributes:
        key: Short name, also in its address; seeds its chance.
        number: Position in its company, keeps visitors of different contents apart.
        id: 24 hex digits.
        parentapp: The other id of the same piece, as webhooks send it.
        title: As people see it.
        type: Long type name (a key of `TYPE_CODES`).
        status: "Live" or "Draft".
        share: Leads per mille of the company's.
        from_month: First month it was live, 0 to 17.
        questions: In form order.
        outcomes: Outcome titles, from the lowest to the highest score.
        results: How calculator results are invented; "" = none.
        described: Whether `meta_data` is sent.
        call_matters: True: Yes to the last question grows with the score; False: it does not; None: not asked.
    """

    key: str
    number: int
    id: str
    parentapp: str
    title: str
    type: str
    status: str
    share: int
    from_month: int
    questions: tuple[Question, ...]
    outcomes: tuple[str, ...] = ()
    results: str = ""
    described: bool = True
    call_matters: bool | None = None


def choices(prefix: str, *entries: tuple[str, float | None, int] | str) -> tuple[Option, ...]:
    """Options with stable ids; a bare text has no score and weight 10."""
    full = [(entry, None, 10) if isinstance(entry, str) else entry for entry in entries]
    return tuple(
        Option(
            f"{number_of(f'{prefix}/{place}') & 0xFFFFFFFFFFFF:012x}",
            text,
            None if score is None else float(score),
            weight,
        )
        for place, (text, score, weight) in enumerate(full)
    )


def identity(name: str) -> str:
    """A stable 24-hex id for a name."""
    return object_id(1_700_000_000 + number_of(name) % 30_000_000, number_of(name))


def band(score: float, most: float, outcomes: Sequence[str]) -> str:
    """The outcome whose equal share of 0..most holds the score."""
    place = int(score * len(outcomes) / most) if most else 0
    return outcomes[min(place, len(outcomes) - 1)]


def shares_of(contents: Sequence[Content], leads: int) -> list[int]:
    """How many leads each content gets; adds up to `leads` exactly."""
    whole = sum(content.share for content in contents)
    edges, running = [0], 0
    for content in contents:
        running += content.share
        edges.append(leads * running // whole)
    return [after - before for before, after in pairwise(edges)]
