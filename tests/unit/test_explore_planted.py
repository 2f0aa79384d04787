"""What the sandbox plants is found, and what it leaves to chance is not, over 20 seeds; prints the rates (`-s`)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from outgrow_nb import explore
from tests.unit.explore_support import BUDGET, PLAN, THUMB, of, sandbox_read

SEEDS = range(1, 21)
LARGE = (
    PLAN,
    THUMB,
    "What will your lawn cost?",
    "Save water, save money",
    "Garden readiness check",
    "What kind of gardener are you?",
)
SPRING = pd.Timestamp("2026-03-01", tz="UTC")  # the campaign runs to 31 May, and its novelty 35 days


class Tally:
    """How often something was seen, of how many looks."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.looks: Counter[str] = Counter()

    def add(self, name: str, found: Any) -> None:
        self.seen[name] += bool(found)
        self.looks[name] += 1

    def rate(self, name: str) -> float:
        return self.seen[name] / self.looks[name]


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Every look at every seed, once."""
    made = Tally()
    for seed in SEEDS:
        look_at_quizzes(made, seed)
        look_at_campaign(made, seed)
    for name in made.looks:
        print(f"{name:60} {made.seen[name]:4} of {made.looks[name]:4} = {made.rate(name):.1%}")
    return made


def look_at_quizzes(tally: Tally, seed: int) -> None:
    read = sandbox_read.__wrapped__(seed, 8_000, (PLAN, THUMB))
    plan, thumb = (with_days(of(read, title)) for title in (PLAN, THUMB))
    lift = explore.lift(plan, "completed", by="utm_source").set_index("utm_source")
    tally.add(
        "better source: newsletter first by completion",
        explore.conversion(plan, "completed", by="utm_source").iloc[0, 0] == "newsletter",
    )
    tally.add(
        "better source: newsletter lifts completion", lift["finding"]["newsletter"] and lift["low"]["newsletter"] > 1
    )
    tally.add("better source: facebook lowers it", lift["finding"]["facebook"] and lift["high"]["facebook"] < 1)
    scores = explore.scores(plan, by="utm_source").set_index("utm_source")
    tally.add(
        "better source: newsletter scores above the four large ones",
        scores["low"]["newsletter"] > scores["high"].drop(["newsletter", "partner-blog", "linkedin"]).max(),
    )
    dropoff = explore.dropoff(read.answers())
    worst = dropoff.loc[dropoff["worst"], "column"].tolist()
    tally.add("leaky question: named worst", BUDGET in worst)
    tally.add("noise: a question that does not leak is named worst", worst not in ([BUDGET], []))
    hours = explore.hours(pd.concat([plan[["created_at"]], thumb[["created_at"]]]))
    days, clock = (hours.groupby(by, observed=True)["n"].sum() for by in ("weekday", "hour"))
    tally.add("weekly rhythm: strongest from Tuesday to Thursday", days.idxmax() in ("Tue", "Wed", "Thu"))
    tally.add("weekly rhythm: weakest at the weekend", days.idxmin() in ("Sat", "Sun"))
    tally.add(
        "weekly rhythm: humps about 10 and 20 h",
        clock[:16].idxmax() in (9, 10, 11) and clock[16:].idxmax() in (19, 20, 21),
    )
    for frame, key in ((plan, "matters"), (thumb, "does not matter")):
        related = explore.relate(frame, "called").set_index("column")
        bands = explore.bands(frame, "called")
        bands = bands[bands["n"] >= 30]
        tally.add(f"score that {key}: relate calls it a finding", related["finding"]["score"])
        tally.add(
            f"score that {key}: the highest band lies above the lowest", bands["low"].iloc[-1] > bands["high"].iloc[0]
        )
        for name, found in noise(frame):
            tally.add(f"noise: {name}", found)


def look_at_campaign(tally: Tally, seed: int) -> None:
    leads = with_days(sandbox_read.__wrapped__(seed, 20_000, LARGE, SPRING.to_pydatetime()).leads(answers="none"))
    paid = leads[leads["utm_medium"].isin(["cpc", "paid-social"]) & (leads["created_at"] >= SPRING)]
    age = (paid["created_at"] - SPRING).dt.days
    early, late = paid[age < 14], paid[(age >= 35) & (age < 92)]
    first, lasting = (
        explore.lift(part, "completed", by="utm_campaign").set_index("utm_campaign") for part in (early, late)
    )
    campaign = paid[paid["utm_campaign"] == "spring-launch"].assign(days=age)
    falling = explore.relate(campaign, "completed", among=["days"])
    months = explore.timeline(campaign, freq="M")
    share = months["completed"] / months["n"]
    tally.add("novelty campaign: above the others in its first two weeks", first["low"]["spring-launch"] > 1)
    tally.add("novelty campaign: completions fall with its age", falling["finding"][0])
    tally.add("novelty campaign: its first month is its best", share.idxmax() == 0)
    tally.add("noise: the campaign is still a finding after its novelty", lasting["finding"]["spring-launch"])


def with_days(leads: pd.DataFrame) -> pd.DataFrame:
    return leads.assign(completed=leads["status"] == "completed", weekday=leads["created_at"].dt.day_name())


def noise(leads: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """Every way of calling device or weekday a finding."""
    newsletter = leads[leads["utm_source"] == "newsletter"]
    for key in ("completed", "called", "score"):
        related = explore.relate(leads, key).set_index("column")["finding"]
        yield "device, in relate", related["device"]
        yield "weekday, in relate", related["weekday"]
        yield (
            "the newsletter's day, in relate",
            explore.relate(newsletter, key).set_index("column")["finding"]["weekday"],
        )
    for key in ("completed", "called"):
        for by in ("device", "weekday"):
            yield f"{by}, in lift", explore.lift(leads, key, by=by)["finding"].any()


@pytest.mark.parametrize(
    ("truth", "least"),
    [
        ("better source: newsletter first by completion", 0.95),
        ("better source: newsletter lifts completion", 1.0),
        ("better source: facebook lowers it", 1.0),
        ("better source: newsletter scores above the four large ones", 0.95),
        ("leaky question: named worst", 1.0),
        ("score that matters: relate calls it a finding", 1.0),
        ("score that matters: the highest band lies above the lowest", 1.0),
        ("weekly rhythm: strongest from Tuesday to Thursday", 1.0),
        ("weekly rhythm: weakest at the weekend", 1.0),
        ("weekly rhythm: humps about 10 and 20 h", 0.95),
        ("novelty campaign: completions fall with its age", 0.9),
        ("novelty campaign: its first month is its best", 0.95),
    ],
)
def test_what_is_planted_is_found(tally: Tally, truth: str, least: float) -> None:
    """Each planted truth, at least so often."""
    assert tally.rate(truth) >= least


def test_what_is_left_to_chance_is_no_finding(tally: Tally) -> None:
    """After correction noise is called a finding in at most 5 % of looks, of each kind and in all."""
    names = [name for name in tally.looks if name.startswith(("noise", "score that does not"))]
    assert len(names) >= 9
    assert {name: tally.rate(name) for name in names if tally.rate(name) > 0.05} == {}
