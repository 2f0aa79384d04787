"""What was asked: questions of a read with every text they ever had, their kind, options and column name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.frames import schema
from outgrow_nb.frames.arrays import labelled, strings
from outgrow_nb.frames.families import Member, families
from outgrow_nb.frames.tables import Source, Variant
from outgrow_nb.frames.text import column_names, plain_text
from outgrow_nb.records import Option

_NEVER = np.iinfo(np.int64).max
NO_FORM = 10_000
"""Added to the place of a question that the form does not have, so that it stands after the form's."""
Oldest = tuple[int, str]
"""When a text of a question was first asked, in microseconds since 1970, and the text."""
_NONE: Mapping[str, Oldest] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A text of a question, and when leads first and last were asked it (microseconds since 1970; None: never)."""

    variant: int
    text: str
    first: int | None
    last: int | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of one content.

    Attributes:
        content: Position of the content in the read.
        key: The question's id, or its text where the service gives none.
        wordings: Oldest first; never asked ones last.
        text: As asked last (or today), plain.
        kind: As `schema.kind_name` writes it.
        options: In form order.
        form: Whether the content's form has it.
        order: Sorts questions of one content.
        family: What it shares with the same question of other contents; see `families`.
        column: Its name in the wide frame.
    """

    content: int
    key: str
    wordings: tuple[Wording, ...]
    text: str
    kind: str
    options: tuple[Option, ...]
    form: bool
    order: tuple[int, int, str]
    family: str = ""
    column: str = ""

    @cached_property
    def shape(self) -> schema.Shape:
        """How it stands in the wide frame."""
        return schema.shape_of(self.kind, has_options=bool(self.options))

    @property
    def variants(self) -> list[int]:
        """Codes of its wordings in the long table."""
        return [wording.variant for wording in self.wordings if wording.variant >= 0]


def asked(
    sources: Sequence[Source],
    variants: Sequence[Variant],
    places: Sequence[int],
    spans: Sequence[tuple[int | None, int | None]],
    *,
    oldest: Mapping[str, Oldest] = _NONE,
) -> tuple[Asked, ...]:
    """Every question of a read, in form order content by content, then results, then fields nobody announced.

    Args:
        sources: What the read covers.
        variants: Codes of the long table.
        places: By code, the last place among a lead's answers at which it stood.
        spans: By code, when leads were first and last asked it, in microseconds since 1970.
        oldest: By family, an oldest text known from elsewhere.
    """
    by_text = _ids_by_text(sources, variants)
    gathered: dict[tuple[int, str], list[int]] = {}
    for code, variant in enumerate(variants):
        named = by_text.get((variant.content, plain_text(variant.text)), variant.text)
        gathered.setdefault((variant.content, variant.question_id or named), []).append(code)
    forms = {
        (content, question.id or question.text): (place, question)
        for content, source in enumerate(sources)
        for place, question in enumerate(source.questions)
    }
    made = []
    for content, key in {**dict.fromkeys(forms), **dict.fromkeys(gathered)}:
        codes = gathered.get((content, key), [])
        place, question = forms.get((content, key), (None, None))
        wordings = [Wording(variant=c, text=variants[c].text, first=spans[c][0], last=spans[c][1]) for c in codes]
        if question is not None and (not wordings or question.text not in {"", *(w.text for w in wordings)}):
            wordings.append(Wording(variant=-1, text=question.text, first=None, last=None))
        wordings.sort(key=lambda w: (_NEVER if w.first is None else w.first, w.variant < 0, w.text))
        latest = max(wordings, key=lambda w: (w.last is not None, w.last or 0, w.text), default=None)
        kinds = {schema.kind_name(variants[c].kind) for c in codes} - {""}
        kind = schema.kind_name(question.kind) if question is not None else ""
        group = 1 if schema.RESULT_KIND in kinds else 2 if schema.FIELD_KIND in kinds else 0
        made.append(
            Asked(
                content=content,
                key=key,
                wordings=tuple(wordings),
                text=plain_text((question.text if question else "") or (latest.text if latest else "")) or key,
                kind=kind or (kinds.pop() if len(kinds) == 1 else ""),
                options=question.options if question is not None else (),
                form=question is not None,
                order=(
                    group,
                    place if place is not None else NO_FORM + max((places[c] for c in codes), default=0),
                    key,
                ),
            )
        )
    made.sort(key=lambda one: (one.content, one.order))
    own = families([_member(one, sources[one.content].item.id) for one in made])
    return _named([replace(one, family=family) for one, family in zip(made, own, strict=True)], oldest)


def _member(one: Asked, content: str) -> Member:
    return Member(content, one.key, one.kind, frozenset(plain_text(w.text) for w in one.wordings))


def _ids_by_text(sources: Sequence[Source], variants: Sequence[Variant]) -> dict[tuple[int, str], str]:
    """Ids by content and text, where one question alone ever had that text: for answers that give no id."""
    found: dict[tuple[int, str], set[str]] = {}
    for content, source in enumerate(sources):
        for question in source.questions:
            found.setdefault((content, plain_text(question.text)), set()).add(question.id)
    for variant in variants:
        if variant.question_id and variant.kind not in (schema.RESULT_KIND, schema.FIELD_KIND):
            found.setdefault((variant.content, plain_text(variant.text)), set()).add(variant.question_id)
    return {place: min(ids) for place, ids in found.items() if len(ids) == 1 and "" not in ids}


def oldest_texts(questions: Sequence[Asked]) -> dict[str, Oldest]:
    """By family, the oldest text of those questions and when it was first asked."""
    found: dict[str, Oldest] = {}
    for one in questions:
        for wording in one.wordings:
            text = (_NEVER if wording.first is None else wording.first, wording.text)
            found[one.family] = min(found.get(one.family, text), text)
    return found


def _named(made: Sequence[Asked], known: Mapping[str, Oldest]) -> tuple[Asked, ...]:
    """Each with its column: one name for a family in all contents, from its oldest text in the read or known before."""
    oldest = {family: min(text, known.get(family, text)) for family, text in oldest_texts(made).items()}
    names = column_names({family: text for family, (_, text) in oldest.items()}, schema.FLAT_NAMES)
    return tuple(replace(one, column=names[one.family]) for one in made)


def form_places(questions: Sequence[Asked]) -> Mapping[tuple[int, str], int]:
    """Where each question stands in its content, from 1; results and unannounced fields stand nowhere."""
    found: dict[tuple[int, str], int] = {}
    counts: dict[int, int] = {}
    for one in questions:
        if one.order[0] == 0:
            counts[one.content] = counts.get(one.content, 0) + 1
            found[one.content, one.key] = counts[one.content]
    return found


def questions_frame(questions: Sequence[Asked], titles: Sequence[str], tz: str) -> pd.DataFrame:
    """The data dictionary, one row a question.

    Columns: content (category), question_id, column, text (str), kind (category), options (str, joined by " | "),
    personal (boolean), first_seen, last_seen (datetime64[us, tz]), changed_text (str: earlier texts, NA if none).
    """
    firsts = [min((w.first for w in q.wordings if w.first is not None), default=None) for q in questions]
    lasts = [max((w.last for w in q.wordings if w.last is not None), default=None) for q in questions]
    return pd.DataFrame(
        {
            "content": labelled([titles[q.content] for q in questions]),
            "question_id": strings([q.key for q in questions]),
            "column": strings([q.column for q in questions]),
            "text": strings([q.text for q in questions]),
            "kind": labelled([q.kind or None for q in questions]),
            "options": strings([" | ".join(plain_text(o.text) for o in q.options) or None for q in questions]),
            "personal": pd.array([schema.is_personal(q.kind, q.text) for q in questions], dtype="boolean"),
            "first_seen": _times(firsts, tz),
            "last_seen": _times(lasts, tz),
            "changed_text": strings([_earlier(q) for q in questions]),
        }
    )


def _earlier(one: Asked) -> str | None:
    texts = dict.fromkeys(plain_text(wording.text) for wording in one.wordings)
    return " | ".join(text for text in texts if text != one.text) or None


def _times(values: Sequence[int | None], tz: str) -> Any:
    numbers = np.array([np.iinfo(np.int64).min if v is None else v for v in values], np.int64)
    return pd.DatetimeIndex(numbers.view("M8[us]"), tz="UTC").as_unit("us").tz_convert(tz)
