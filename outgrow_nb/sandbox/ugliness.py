"""What the data faults do to records and totals (see `faults.py`): drift, odd times, repeated ids, numbers as text."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from outgrow_nb.sandbox.faults import Faults

NAMES = ("drift", "created_at", "repeat_ids", "numbers_as_text", "answers")
REPEAT_EVERY = 97


def spoiled_key(faults: Faults) -> tuple[str, ...]:
    """Names the data faults that are on; equal keys spoil alike."""
    return tuple(faults[name] for name in NAMES)


def spoiler(key: tuple[str, ...]) -> Callable[[dict[str, Any], int], dict[str, Any]] | None:
    """What to do to each record; None when all is well."""
    drift, created_at, _, numbers_as_text, answers = key

    def spoil(record: dict[str, Any], place: int) -> dict[str, Any]:
        record["created_at"] = _time(record["created_at"], created_at, place)
        if drift in ("fields", "all"):
            record["loyalty_tier"] = ("bronze", "silver", None)[place % 3]
            record["geo"] = {"city": "Utrecht", "confidence": 0.5}
        for given in record["answers"]:
            if drift in ("options", "all") and given["kind"] == "single choice" and place % 11 == 0:
                given["answer"] = "An option nobody announced"
            if drift in ("kinds", "all") and given["kind"] == "text":
                given["kind"] = "hologram"
            if numbers_as_text == "on" and isinstance(given["answer"], int | float):
                given["answer"] = str(given["answer"])
        if answers == "map":
            record["answers"] = {given["question"]: given["answer"] for given in record["answers"]}
        return record

    return None if (drift, created_at, numbers_as_text, answers) == ("off", "iso", "off", "list") else spoil


def _time(text: str, style: str, place: int) -> Any:
    if style == "mixed":
        style = ("iso", "epoch", "epoch_ms", "naive")[place % 4]
    if style == "bad" and place % 13 == 0:
        return ("yesterday", "", "0000-00-00", None)[place % 4]
    moment = datetime.fromisoformat(text)
    if style == "epoch":
        return int(moment.timestamp())
    if style == "epoch_ms":
        return int(moment.timestamp() * 1000)
    return text[:-5].replace("T", " ") if style == "naive" else text


def lie(total: int, wanted: str) -> int:
    """The total to report: `+N` and `-N` shift the truth, `N` replaces it, empty tells it."""
    if not wanted:
        return total
    return total + int(wanted) if wanted[0] in "+-" else int(wanted)


def repeated(records: list[bytes], first: int) -> list[bytes]:
    """The records with every 97th of the content sent twice."""
    return [record for place, record in enumerate(records, first) for _ in range(1 + (place % REPEAT_EVERY == 0))]
