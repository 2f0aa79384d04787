"""The one place that says which columns the frames have, in which order and of which dtype.

Contact columns stand in the middle: ten columns before them and the rest after, so that neither ``head()`` nor the
shortened picture of a wide frame (first ten and last ten columns) shows an e-mail address.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

STR = pd.StringDtype("pyarrow", na_value=np.nan)
STATUSES = ("started", "partial", "completed")

Form = Literal["text", "choice", "time", "number"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One flat column of `leads()`.

    Attributes:
        name: As in the frame and in the record.
        form: ``text`` is `STR`, ``choice`` category, ``time`` datetime64[us, tz], ``number`` float64.
        contact: Tells who the person is; hashed or left empty when masked.
        lower: Compared without regard to case.
    """

    name: str
    form: Form = "text"
    contact: bool = False
    lower: bool = False


FLAT: tuple[Column, ...] = (
    Column(name="lead_id"),
    Column(name="content", form="choice"),
    Column(name="content_type", form="choice"),
    Column(name="status", form="choice"),
    Column(name="created_at", form="time"),
    Column(name="utm_source", form="choice", lower=True),
    Column(name="utm_medium", form="choice", lower=True),
    Column(name="utm_campaign", form="choice", lower=True),
    Column(name="utm_term", form="choice", lower=True),
    Column(name="utm_content", form="choice", lower=True),
    Column(name="email", contact=True),
    Column(name="phone", contact=True),
    Column(name="first_name", contact=True),
    Column(name="last_name", contact=True),
    Column(name="company", contact=True),
    Column(name="score", form="number"),
    Column(name="outcome", form="choice"),
    Column(name="device", form="choice"),
    Column(name="country", form="choice"),
    Column(name="referrer"),
    Column(name="landing_page"),
    Column(name="updated_at", form="time"),
)
FLAT_NAMES = frozenset(column.name for column in FLAT)

Shape = Literal["choice", "several", "ranking", "float", "integer", "result", "text"]

# Kinds as the service writes them, lower case, with blanks; the set is open: any other kind is text.
_SHAPES: dict[str, Shape] = {
    "single choice": "choice",
    "multiple choice": "several",
    "ranking": "ranking",
    "number": "float",
    "slider": "float",
    "rating": "integer",
    "opinion scale": "integer",
    "calculator result": "result",
}
RESULT_KIND = "calculator result"
FIELD_KIND = "custom field"
_ANNOUNCED = frozenset({*_SHAPES, FIELD_KIND, "text", "e-mail", "phone", "date", "file", "location"})
_PHONE = re.compile(
    r"\b(?:tel\b|t[eé]l[eé](?:ph|f)on|(?:cell|smart)?phone|mobil|m[oó]vil|handy|whatsapp)", re.IGNORECASE
)
_CONTACT_KINDS = frozenset({"e-mail", "phone", "location", "file"})


def kind_name(kind: str) -> str:
    """A kind as this package writes it: ``Single_Choice`` is ``single choice``, ``email`` is ``e-mail``."""
    name = " ".join(kind.replace("_", " ").replace("-", " ").lower().split())
    return "e-mail" if name in ("email", "e mail") else name


def shape_of(kind: str, *, has_options: bool) -> Shape:
    """How a question of that kind stands in the wide frame; an opinion scale with worded options is a choice."""
    if kind == "opinion scale" and has_options:
        return "choice"
    return _SHAPES.get(kind, "text")


def is_announced(kind: str) -> bool:
    """Whether the API table names that kind ("" is no kind at all, not an unknown one)."""
    return not kind or kind in _ANNOUNCED


def asks_phone(text: str) -> bool:
    """Whether a question's text speaks of a phone, mobile or tel."""
    return _PHONE.search(text) is not None


def is_personal(kind: str, text: str) -> bool:
    """Whether answers may tell who the person is: contact kinds, phone numbers, and what a person writes freely."""
    shape = shape_of(kind, has_options=False)
    called = shape in ("float", "integer", "result") and asks_phone(text)
    return kind in _CONTACT_KINDS or shape == "text" or called or "@" in text
