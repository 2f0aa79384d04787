"""Pages come in any order, since several threads read them: the frames are the same."""

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.api import decode
from outgrow_nb.errors import SchemaDrift
from outgrow_nb.frames import KeptLeads, LeadBatches, kept
from outgrow_nb.records import ContentItem
from tests.unit.frames_support import FORM, QUIZ, answer, body, lead, ugly

POLL = ContentItem(id="c2", name="Poll", type="Poll")
LEADS = [
    *(
        lead(n, [answer("q-c", ["Yes", "No", "Perhaps"][n % 3]), answer(f"q-{n % 7}", n)], utm_source=f"s{n % 5}")
        for n in range(40)
    ),
    lead(3, [answer("q-c", "No")], updated_at="2026-06-01T00:00:00Z"),
    lead(90, [answer("q-x", "later", text="Asked later")]),
    lead(4000, [answer("q-x", "first", text="Asked first")], created_at="2026-01-01T00:00:00Z"),
    *ugly(),
]
PAGES = [(item, LEADS[start : start + 9]) for item in (QUIZ, POLL) for start in range(0, len(LEADS), 9)]


def read(pages: Sequence[tuple[ContentItem, Sequence[Any]]]) -> KeptLeads:
    """A read of those pages, in that order."""
    batches = LeadBatches()
    for item in (QUIZ, POLL):
        batches.cover(item)
    for item, records in pages:
        batches.add(item, decode.leads_page(body(records)))
    batches.cover(QUIZ, FORM)
    return kept(batches)


def frames(made: KeptLeads) -> list[pd.DataFrame]:
    """All that a person sees of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaDrift)
        return [made.leads(), made.leads(labels=False), made.answers(), made.questions_frame()]


USUAL = frames(read(PAGES))


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(len(PAGES))))
def test_any_order_of_pages(order: list[int]) -> None:
    """Rows, columns, categories and their order do not tell in which order pages came."""
    for made, usual in zip(frames(read([PAGES[place] for place in order])), USUAL, strict=True):
        pd.testing.assert_frame_equal(made, usual)


def test_a_page_that_comes_twice() -> None:
    """A page that is given again, after an interruption, changes nothing."""
    for made, usual in zip(frames(read([*PAGES, PAGES[0], PAGES[-1]])), USUAL, strict=True):
        pd.testing.assert_frame_equal(made, usual)
