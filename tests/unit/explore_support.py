"""The sandbox's leads of any seed, made in this process and read by the very code that reads pages."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import pandas as pd

from outgrow_nb.api import decode
from outgrow_nb.frames import KeptLeads, LeadBatches, kept
from outgrow_nb.records import ContentItem, Option, Question
from outgrow_nb.sandbox.company import companies
from outgrow_nb.sandbox.leads import RUN, Leads
from outgrow_nb.sandbox.settings import Settings

PLAN, THUMB = "Which plan fits you?", "How green is your thumb?"
BUDGET = "how_much_do_you_spend_a_month"


@cache
def sandbox_read(seed: int, leads: int, titles: tuple[str, ...] = (), since: datetime | None = None) -> KeptLeads:
    """What a client would have read of those contents (none named: all) from a sandbox of that seed and size.

    Leads before `since` are left out in runs of 500, so that some of them stay.
    """
    batches = LeadBatches()
    for piece in companies(Settings(seed=seed, leads=leads))["northwind"].pieces.values():
        if not titles or piece.content.title in titles:
            item = ContentItem(id=piece.content.id, name=piece.content.title, type=piece.content.type)
            batches.cover(item, _questions(piece))
            first = piece.arrivals.first_at_or_after(int(since.timestamp() * 1000)) if since else 0
            for run in range(first // RUN, -(-piece.count // RUN)):
                batches.add(item, decode.leads_page(json.dumps({"success": True, "data": piece.run(run)}).encode()))
    return kept(batches)


def _questions(piece: Leads) -> Sequence[Question]:
    return [
        Question(
            id=one.id,
            text=one.text,
            kind=one.kind,
            required=one.required,
            options=tuple(Option(id=option.id, text=option.text, score=option.score) for option in one.options),
        )
        for one in piece.content.questions
    ]


def of(read: KeptLeads, title: str) -> pd.DataFrame:
    """The wide frame of one content; `called` says whether they want to be called, unknown where nobody asked."""
    frame = read.leads([item.id for item in read.contents if item.title == title])
    asked = [name for name in frame.columns if str(name).startswith("shall_we_call_you")]
    if asked:
        frame["called"] = (frame[asked[0]] == "Yes").astype("boolean").where(frame[asked[0]].notna())
    return frame


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """Names and dtypes, without the categories, which depend on the rows."""
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
