"""The naive program and the package give equal content: every lead, every flat value, every answer."""

from typing import Any

import pandas as pd

from benchmarks import naive, package

FLAT = ("status", "email", "phone", "first_name", "score", "outcome", "country", "device", "utm_source", "landing_page")


def check(url: str, content_id: str) -> str:
    """What was compared, in words.

    Raises:
        AssertionError: Something differs.
    """
    theirs, their_answers = naive.full(url, content_id)
    ours, our_answers = package.full(url, content_id)
    theirs, ours = theirs.set_index("id").sort_index(), ours.set_index("lead_id").sort_index()
    assert list(theirs.index) == list(ours.index)
    for name in FLAT:
        assert texts(theirs[name]).equals(texts(ours[name])), name
    for name in ("created_at", "updated_at"):
        assert (theirs[name].astype("int64") == ours[name].astype("int64")).all(), name
    questions = package.client(url).questions(content_id)
    kinds = dict(zip(questions["question_id"], questions["kind"], strict=True))
    single = {question for question, kind in kinds.items() if kind != "multiple choice"}
    named = dict(zip(questions["question_id"], questions["column"], strict=True))
    for question in single:
        assert texts(theirs[question]).equals(texts(ours[named[question]])), question
    items = sum(len(value) if isinstance(value, list) else 1 for value in their_answers["answer"])
    assert items == len(our_answers[our_answers["question_id"].isin(list(kinds))])
    return f"equal: {len(ours):,} leads, {len(FLAT) + 2} columns, {items:,} answers in {len(kinds)} questions"


def texts(column: Any) -> Any:
    """Values as text, numbers as floats, NA for none; without what parts the two: dtype, categories, HTML entities."""
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").astype("Float64")
    if numbers.notna().sum() == column.notna().sum():
        return numbers.reset_index(drop=True).rename(None)
    return column.astype("object").astype("string").reset_index(drop=True).rename(None)
