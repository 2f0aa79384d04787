"""Makes `notebooks/crm_example.csv`: what an invented CRM knows of the sandbox's leads, with its own planted truths.

The CRM has 85 % of the people who completed one of three contents since 1 March 2026; of the rest nothing is known.
Deals of June are mostly still open. Of the closed ones were won:

- "Which plan fits you?": 6 % at a low score, 48 % at a high one;
- "How green is your thumb?": 20 %, whatever the score;
- "What will your lawn cost?": 38 %;

by each person's last lead. Who looks after them has no effect on anything.
"""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from outgrow_nb.sandbox.draw import mix, number_of
from tests.unit.explore_support import PLAN, THUMB, sandbox_read

PATH = Path(__file__).resolve().parents[1] / "notebooks" / "crm_example.csv"
LAWN = "What will your lawn cost?"
OWNERS = ("Femke", "Idris", "Tove")
LOW, HIGH = 17.0, 47.0  # scores of the quiz at which its chance begins and ends to grow


def crm() -> pd.DataFrame:
    """One row a person: email, stage (won, lost or open), owner."""
    leads = sandbox_read(7, 20_000, (PLAN, THUMB, LAWN)).leads(answers="none")
    leads = leads[(leads["created_at"] >= "2026-03-01") & (leads["status"] == "completed") & leads["email"].notna()]
    people = leads.assign(email=leads["email"].str.lower()).drop_duplicates("email", keep="last")
    known: list[Any] = [one for one in people.itertuples() if _draw(str(one.email), 1) < 0.85]
    return pd.DataFrame(
        {
            "email": [one.email for one in known],
            "stage": [_stage(one) for one in known],
            "owner": [OWNERS[int(_draw(one.email, 2) * 3)] for one in known],
        }
    )


def _stage(lead: Any) -> str:
    if _draw(lead.email, 3) < (0.7 if lead.created_at >= pd.Timestamp("2026-06-08", tz="UTC") else 0.06):
        return "open"
    return "won" if _draw(lead.email, 4) < _chance(lead.content, lead.score) else "lost"


def _chance(content: str, score: float) -> float:
    if content == PLAN:
        return 0.06 + 0.42 * min(max((score - LOW) / (HIGH - LOW), 0.0), 1.0)
    return 0.2 if content == THUMB else 0.38


def _draw(email: str, what: int) -> float:
    return (mix(0xC12, what, number_of(email)) >> 11) / 2**53


def main() -> int:
    """Returns the exit status."""
    crm().to_csv(PATH, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
