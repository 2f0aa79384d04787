"""Leads for tests of the frames: records to a read, and a slow plain-Python reading of the same JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from outgrow_nb.api import decode
from outgrow_nb.frames import KeptLeads, LeadBatches, kept
from outgrow_nb.records import ContentItem, Option, Question

QUIZ = ContentItem(id="c1", name="Quiz", type="Outcome quiz")
UGLY = Path(__file__).parent.parent / "data" / "ugly_leads.json"
FORM = (
    Question(
        id="q-c",
        text="Choice",
        kind="single choice",
        options=(Option(id="o-yes", text="Yes"), Option(id="o-no", text="No")),
    ),
    Question(
        id="q-m",
        text="<p>Colours</p>",
        kind="multiple choice",
        options=(
            Option(id="o-1", text="Red"),
            Option(id="o-2", text="Blue, dark"),
            Option(id="o-3", text="Green &amp; gold"),
        ),
    ),
    Question(id="q-n", text="Number", kind="number"),
    Question(id="q-s", text="Slider", kind="slider"),
    Question(id="q-r", text="Stars", kind="rating"),
    Question(
        id="q-k", text="Rank", kind="ranking", options=(Option(id="k-1", text="Scent"), Option(id="k-2", text="Colour"))
    ),
    Question(id="q-t", text="Note", kind="text"),
)


def ugly() -> list[dict[str, Any]]:
    """The hand-written ugly leads."""
    return [case["lead"] for case in json.loads(UGLY.read_text(encoding="utf-8"))]


def body(records: Sequence[Any]) -> bytes:
    """An envelope of leads."""
    return json.dumps({"success": True, "data": records, "next_cursor": None}).encode()


def read(
    records: Sequence[Any], *, page: int = 1000, item: ContentItem = QUIZ, questions: Sequence[Question] = FORM
) -> KeptLeads:
    """A read of those records, in pages."""
    return read_all([(item, questions, records)], page=page)


def read_all(
    contents: Sequence[tuple[ContentItem, Sequence[Question], Sequence[Any]]], *, page: int = 1000
) -> KeptLeads:
    """A read of several contents."""
    batches = LeadBatches()
    for item, questions, records in contents:
        batches.cover(item, questions)
        for start in range(0, len(records), page):
            batches.add(item, decode.leads_page(body(records[start : start + page])))
    return kept(batches)


def lead(number: int, answers: Sequence[Mapping[str, Any]] = (), **fields: Any) -> dict[str, Any]:
    """A lead as announced, one a minute."""
    made = {
        "id": f"{number:024x}",
        "created_at": f"2026-05-01T{number // 60:02d}:{number % 60:02d}:00Z",
        "status": "completed",
    }
    return {**made, "answers": list(answers), **fields}


def answer(question: str, value: Any, *, text: str = "", kind: str = "", score: float | None = None) -> dict[str, Any]:
    """An answer; text and kind default to those of the form."""
    known = {one.id: one for one in FORM}
    return {
        "question_id": question,
        "question": text or (known[question].text if question in known else question),
        "kind": kind or (known[question].kind if question in known else "text"),
        "answer": value,
        "score": score,
    }
