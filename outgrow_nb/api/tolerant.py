"""A record of any JSON shape to a typed record: what does not fit its field is kept as text, nothing is dropped."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from outgrow_nb.records import Answer, Lead, Result

_TEXT_FIELDS = tuple(
    name for name in Lead.__struct_fields__ if name not in ("created_at", "updated_at", "score", "results", "answers")
)
_FIELDS = frozenset(Lead.__struct_fields__)


def text(value: Any) -> str:
    """A JSON value as text: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def optional_text(value: Any) -> str | None:
    """Text, or None for null."""
    return None if value is None else text(value)


def number(value: Any) -> float | None:
    """A JSON number, or a text that is one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if found - found == 0 else None


def moment(value: Any) -> str | int | float | None:
    """A time as received: text or number; anything else as JSON text."""
    return value if value is None or (isinstance(value, int | float) and not isinstance(value, bool)) else text(value)


def unannounced(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a lead that nobody announced, in the order received."""
    return {key: value for key, value in record.items() if key not in _FIELDS}


def lead(record: dict[str, Any], drift: set[str]) -> tuple[Lead, dict[str, Any]]:
    """A lead and what did not fit into it.

    Args:
        record: Has an `id` that is not null.
        drift: Gets the names of what nobody announced.
    """
    extras = unannounced(record)
    drift.update(extras)
    fields: dict[str, Any] = {name: optional_text(record.get(name)) for name in _TEXT_FIELDS}
    fields["created_at"] = moment(record.get("created_at"))
    fields["updated_at"] = moment(record.get("updated_at"))
    score = record.get("score")
    fields["score"] = number(score)
    if score is not None and fields["score"] is None:
        extras["score"] = score
        drift.add("score")
    fields["answers"] = _answers(record.get("answers"), extras, drift)
    fields["results"] = _results(record.get("results"), extras, drift)
    return Lead(**fields), extras


def _pairs(value: Any, name: str, extras: dict[str, Any], drift: set[str]) -> list[Any] | None:
    if value is None or isinstance(value, list):
        return value
    drift.add(name)
    if isinstance(value, dict):
        return list(value.items())
    extras[name] = value
    return None


def _answers(value: Any, extras: dict[str, Any], drift: set[str]) -> list[Answer] | None:
    entries = _pairs(value, "answers", extras, drift)
    if entries is None:
        return None
    made = []
    for entry in entries:
        if isinstance(entry, tuple):
            made.append(Answer(question=entry[0], answer=entry[1]))
        elif isinstance(entry, dict):
            known = {key: optional_text(entry.get(key)) or "" for key in ("question_id", "question", "kind")}
            score = entry.get("score")
            made.append(Answer(**known, answer=entry.get("answer"), score=number(score)))
            unknown = [key for key in entry if key not in Answer.__struct_fields__]
            if score is not None and number(score) is None:
                unknown.append("score")
            for key in unknown:
                extras[f"{known['question'] or known['question_id']} / {key}"] = entry[key]
            drift.update(f"answers.{key}" for key in unknown)
        else:
            drift.add("answers")
            made.append(Answer(answer=entry))
    return made


def _results(value: Any, extras: dict[str, Any], drift: set[str]) -> list[Result] | None:
    entries = _pairs(value, "results", extras, drift)
    if entries is None:
        return None
    made = []
    for entry in entries:
        if isinstance(entry, tuple):
            made.append(Result(name=entry[0], value=entry[1]))
        elif isinstance(entry, dict):
            name = optional_text(entry.get("name")) or ""
            made.append(Result(name=name, value=entry.get("value")))
            unknown = [key for key in entry if key not in Result.__struct_fields__]
            extras |= {f"{name} / {key}": entry[key] for key in unknown}
            drift.update(f"results.{key}" for key in unknown)
        else:
            drift.add("results")
            made.append(Result(value=entry))
    return made


def converted(value: Any, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields of a flat struct found in a JSON object, each as text, number or whole number as declared."""
    if not isinstance(value, dict):
        return {}
    readers = _readers(kind)
    return {name: readers[name](value[name]) for name in readers if value.get(name) is not None}


@cache
def _readers(kind: type[msgspec.Struct]) -> dict[str, Callable[[Any], Any]]:
    """By field of a flat struct, what reads it as declared; finding that out costs more than reading."""
    by_type: dict[Any, Callable[[Any], Any]] = {
        int: _whole,
        int | None: _whole,
        float | None: number,
        bool | None: lambda found: found if isinstance(found, bool) else None,
        str | int | float | None: moment,
    }
    return {field.name: by_type.get(field.type, text) for field in msgspec.structs.fields(kind)}


def _whole(value: Any) -> int | None:
    amount = number(value)
    return int(amount) if amount is not None and amount == int(amount) else None
