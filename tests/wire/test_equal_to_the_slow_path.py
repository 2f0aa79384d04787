"""Every value of the frames against a slow path that shares no code with them: json, loops, pandas; 20,000 leads."""

import html
import math
import re
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from outgrow_nb.errors import SchemaDrift
from tests.wire.clients import client, signed_in
from tests.wire.sandbox_fixtures import Sandbox

CONTACT = ("email", "phone", "first_name", "last_name", "company")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SAME = (*CONTACT, *UTM, "status", "outcome", "device", "country", "referrer", "landing_page")


def everything(sandbox: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """By content, its records as the API sends them, page after page."""
    token = sandbox.sign_in()["access_token"]
    found: dict[str, list[dict[str, Any]]] = {}
    for item in sandbox.get("/calculator", token, status="Both", type="All").json()["data"]:
        records, cursor = [], None
        while True:
            query = {"calculator": item["id"], "limit": 1000, **({"cursor": cursor} if cursor else {})}
            page = sandbox.get("/leads", token, **query).json()
            records += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        found[item["id"]] = records
    return found


def plain(text: str) -> str:
    """A text without its tags and entities."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values say the same; None and NA are nothing."""
    if theirs is None or ours is None or ours is pd.NA or (isinstance(ours, float) and math.isnan(ours)):
        return theirs is None and bool(pd.isna(ours))
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return bool(ours) is theirs
    if isinstance(theirs, int | float):
        return float(ours) == float(theirs)
    return bool(str(ours) == theirs)


def moment(text: str | None) -> Any:
    return None if text is None else pd.Timestamp(datetime.fromisoformat(text))


def test_every_value(start_sandbox: Callable[..., Sandbox]) -> None:
    """Flat fields, answers as columns, answers as rows: of each content, each lead."""
    sandbox = start_sandbox("--leads=20000")
    known = everything(sandbox)
    assert sum(map(len, known.values())) == 20_000
    og = client(signed_in(sandbox))
    compared = 0
    for content_id, records in known.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SchemaDrift)  # results such as "on request" are no numbers, and are told
            leads, answers, questions = og.leads(content_id), og.answers(content_id), og.questions(content_id)
        assert list(leads["lead_id"]) == [record["id"] for record in records]
        compared += flat(leads, records) + wide(leads, records, questions) + long(answers, records)
    assert compared > 500_000
    print(f"{compared:,} values are equal")


def flat(leads: pd.DataFrame, records: list[dict[str, Any]]) -> int:
    for name in SAME:
        wrong = [(o, r[name]) for o, r in zip(leads[name], records, strict=True) if not same(o, r[name])]
        assert wrong == [], name
    for name in ("created_at", "updated_at"):
        assert [None if pd.isna(t) else t for t in leads[name]] == [moment(r[name]) for r in records], name
    assert all(same(o, r["score"]) for o, r in zip(leads["score"], records, strict=True))
    return len(records) * (len(SAME) + 3)


def wide(leads: pd.DataFrame, records: list[dict[str, Any]], questions: pd.DataFrame) -> int:
    compared = 0
    question: Any
    for question in questions[~questions["question_id"].str.startswith("result:")].itertuples():
        given = [
            next((a["answer"] for a in record["answers"] if a["question_id"] == question.question_id), None)
            for record in records
        ]
        if question.kind == "multiple choice":
            for option in question.options.split(" | "):
                ours = leads[f"{question.column}[{option}]"]
                ticked = [None if g is None else option in [plain(one) for one in g] for g in given]
                assert all(map(same, ours, ticked)), (question.column, option)
                compared += len(ticked)
        elif question.column in leads:
            theirs = [plain(g) if isinstance(g, str) and question.kind != "text" else g for g in given]
            wrong = [pair for pair in zip(leads[question.column], theirs, strict=True) if not same(*pair)]
            assert wrong[:3] == [], question.column
            compared += len(theirs)
    return compared


def long(answers: pd.DataFrame, records: list[dict[str, Any]]) -> int:
    """Each answer, each item of a list, in order; results are rows of their own, counted by name."""
    wanted = [
        (record["id"], answer["question_id"], str(item) if isinstance(item, str) else item)
        for record in records
        for answer in record["answers"]
        for item in (answer["answer"] if isinstance(answer["answer"], list) else [answer["answer"]])
    ]
    rows = answers[~answers["question_id"].str.startswith("result:")]
    assert len(rows) == len(wanted)
    ours: Any
    for ours, (lead_id, question_id, value) in zip(rows.itertuples(), wanted, strict=True):
        assert (ours.lead_id, ours.question_id) == (lead_id, question_id)
        assert value is None or same(ours.number if not isinstance(value, str) else ours.text, value), (ours, value)
    results = answers[answers["question_id"].str.startswith("result:")]
    assert len(results) == sum(len(record.get("results") or []) for record in records)
    return 3 * len(wanted) + len(results)
