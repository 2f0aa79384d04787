"""*A*: what a person would write to get an account's leads into pandas, without this package."""

from typing import Any

import pandas as pd
import requests

TOKEN = "t0ken-of-nobody"


def records(url: str, content_id: str) -> list[dict[str, Any]]:
    """Every lead, page by page."""
    found: list[dict[str, Any]] = []
    params = {"calculator": content_id, "limit": "1000"}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        while True:
            answer = session.get(f"{url}/leads", params=params, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            found += page["data"]
            if page["next_cursor"] is None:
                return found
            params["cursor"] = page["next_cursor"]


def flat(url: str, content_id: str) -> pd.DataFrame:
    """One row a lead, without answers."""
    leads = pd.json_normalize(records(url, content_id)).drop(columns=["answers", "results"])
    return _with_times(leads)


def full(url: str, content_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a lead with a column a question; and one row an answer."""
    found = records(url, content_id)
    leads = _with_times(pd.json_normalize(found).drop(columns=["answers", "results"]))
    answers = pd.json_normalize(found, "answers", meta=["id"])
    wide = answers.pivot(index="id", columns="question_id", values="answer")
    return leads.merge(wide, how="left", left_on="id", right_index=True), answers


def _with_times(leads: pd.DataFrame) -> pd.DataFrame:
    for name in ("created_at", "updated_at"):
        leads[name] = pd.to_datetime(leads[name])
    return leads
