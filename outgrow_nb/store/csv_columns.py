"""Which column of a dashboard's CSV export is which field of a lead.

Assumed: nobody here has seen such a file. Names are compared without regard to case, blanks and marks; what is no field
of a lead is taken for a question.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Field by field, from the name that surely means it to names that may; the first that a file has is taken.
_NAMES: dict[str, tuple[str, ...]] = {
    "lead_id": ("lead id", "id", "submission id", "response id", "entry id"),
    "status": ("status", "lead status", "completion status"),
    "created_at": (
        *("created at", "submitted at", "submission date", "submission time", "date submitted", "submitted on"),
        *("created on", "created date", "date created", "lead date", "date time", "date and time", "timestamp"),
        *("date", "created", "submitted", "time"),
    ),
    "updated_at": ("updated at", "last updated", "updated on", "last modified", "modified at", "updated"),
    "email": ("email", "e mail", "email address", "e mail address", "email id", "mail"),
    "phone": ("phone", "phone number", "mobile", "mobile number", "telephone", "contact number"),
    "first_name": ("first name", "firstname", "given name"),
    "last_name": ("last name", "lastname", "surname", "family name"),
    "company": ("company", "company name", "organization", "organisation"),
    "score": ("score", "total score", "final score"),
    "outcome": ("outcome", "outcome name", "outcome title"),
    "device": ("device", "device type"),
    "country": ("country", "country name"),
    "referrer": ("referrer", "referer", "referrer url", "referring url"),
    "landing_page": ("landing page", "landing page url", "landing url"),
    **{f"utm_{part}": (f"utm {part}", f"utm{part}") for part in ("source", "medium", "campaign", "term", "content")},
}
_UTC = re.compile(r" (?:utc|gmt)$")


@dataclass(frozen=True)
class Columns:
    """What stands where.

    Attributes:
        fields: Field of a lead to position.
        clock: Position of the time of day, where date and time stand apart.
        utc: Fields whose column's name says that its times are UTC.
        questions: Position to text, every text once; columns without a name are not among them.
        problems: What is odd about the header, in words.
    """

    fields: Mapping[str, int]
    clock: int | None
    utc: frozenset[str]
    questions: Mapping[int, str]
    problems: tuple[str, ...]


def columns(header: Sequence[str]) -> Columns:
    """Finds the fields and questions of a header; every column that has a name is one of them."""
    plain = [_plain(name) for name in header]
    bare = [_UTC.sub("", name) for name in plain]
    fields: dict[str, int] = {}
    others: dict[str, list[int]] = {}
    for field, names in _NAMES.items():
        claims = sorted((names.index(name), position) for position, name in enumerate(bare) if name in names)
        if claims:
            fields[field] = claims[0][1]
            others[field] = [position for _, position in claims[1:]]
    clock = next((p for p in others.get("created_at", ()) if bare[p] == "time"), None)
    problems = [
        f"{field} is read from {header[fields[field]]!r}, and {header[position]!r} stands among the answers"
        for field, positions in others.items()
        for position in positions
        if position != clock
    ]
    taken = {*fields.values(), clock}
    named = {p: name.strip() for p, name in enumerate(header) if p not in taken and name.strip()}
    doubled = sorted(text for text, count in Counter(named.values()).items() if count > 1)
    if doubled:
        problems.append(f"several columns are called {', '.join(map(repr, doubled))}, and are numbered")
    utc = frozenset(field for field, position in fields.items() if _UTC.search(plain[position]))
    return Columns(fields, clock, utc, _each_once(named), tuple(problems))


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", unicodedata.normalize("NFKC", name).casefold())).strip()


def _each_once(questions: Mapping[int, str]) -> dict[int, str]:
    """Of columns of one name, the second gets a ``(2)``."""
    made: dict[int, str] = {}
    free = set(questions.values())
    for position, text in questions.items():
        name, number = text, 1
        while name in made.values() or (number > 1 and name in free):
            number += 1
            name = f"{text} ({number})"
        made[position] = name
    return made


def column_name(position: int) -> str:
    """What a column without a name is called."""
    return f"column {position + 1}"
