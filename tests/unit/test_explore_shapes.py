"""Every function on every kind of frame: the same columns and dtypes, the base in the result, no crash, no warning."""

from collections.abc import Callable

import pandas as pd
import pytest

from outgrow_nb import explore
from tests.unit.explore_support import PLAN, dtypes, of, sandbox_read

HELP = "which_of_these_would_you_like_help_with"
CONTACT = ("email", "phone", "first_name", "last_name", "company")
TABLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "overview": explore.overview,
    "timeline": explore.timeline,
    "timeline by": lambda leads: explore.timeline(leads, freq="M", by="utm_source"),
    "funnel": explore.funnel,
    "funnel by": lambda leads: explore.funnel(leads, by="utm_source"),
    "conversion": lambda leads: explore.conversion(leads, "called", by="utm_source"),
    "lift": lambda leads: explore.lift(leads, "called", by="utm_source"),
    "lift several": lambda leads: explore.lift(leads, "called", by=["utm_source", f"{HELP}[Lawn]", "status"]),
    "relate": lambda leads: explore.relate(leads, "called"),
    "relate number": lambda leads: explore.relate(leads, "score", among=["utm_source", "device", "called"]),
    "scores": explore.scores,
    "scores by": lambda leads: explore.scores(leads, by="utm_source"),
    "bands": lambda leads: explore.bands(leads, "called"),
    "options": lambda leads: explore.options(leads, "what_do_you_want_from_your_garden"),
    "options several": lambda leads: explore.options(leads, HELP),
    "outcomes": explore.outcomes,
    "outcomes by": lambda leads: explore.outcomes(leads, by="utm_source"),
    "crosstab": lambda leads: explore.crosstab(leads, "utm_source", "outcome"),
    "hours": lambda leads: explore.hours(leads, tz="Europe/Berlin"),
    "results": lambda leads: explore.results(leads, "score"),
    "duration": explore.duration,
    "duration by": lambda leads: explore.duration(leads, by="utm_source"),
    "sources": explore.sources,
    "sources first": lambda leads: explore.sources(leads, touch="first"),
    "missing": explore.missing,
}


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Some 600 leads of one quiz."""
    return of(sandbox_read(7, 2000, (PLAN,)), PLAN)


@pytest.fixture(scope="module")
def usual(leads: pd.DataFrame) -> dict[str, dict[str, str]]:
    """By table its columns and dtypes for ordinary leads."""
    return {name: dtypes(make(leads)) for name, make in TABLES.items()}


def all_missing(leads: pd.DataFrame) -> pd.DataFrame:
    """The same leads with nothing known but their ids."""
    kept = leads.copy()
    for name in kept.columns.drop("lead_id"):
        kept[name] = pd.Series([None] * len(kept), index=kept.index).astype(kept[name].dtype)
    return kept


def as_objects(leads: pd.DataFrame) -> pd.DataFrame:
    """What is left of the dtypes after a careless merge."""
    return leads.astype({name: object for name in leads.columns if leads[name].dtype != "float64"})


KINDS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no rows": lambda leads: leads.iloc[:0],
    "one row": lambda leads: leads.iloc[[41]],
    "two rows": lambda leads: leads.iloc[[3, 41]],
    "one group": lambda leads: leads[leads["utm_source"] == "google"],
    "a slice": lambda leads: leads[leads["created_at"] > pd.Timestamp("2026-03-01", tz="UTC")].sample(
        frac=1, random_state=1
    ),
    "all missing": all_missing,
    "100 groups": lambda leads: leads.assign(
        utm_source=pd.Series([f"s{n % 100}" for n in range(len(leads))], dtype="category")
    ),
    "objects": as_objects,
    "naive times": lambda leads: leads.assign(created_at=leads["created_at"].dt.tz_localize(None)),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_columns_and_dtypes_do_not_depend_on_the_rows(
    leads: pd.DataFrame, usual: dict[str, dict[str, str]], kind: str, table: str
) -> None:
    """Whatever the frame holds, the result has the columns and dtypes that it has for ordinary leads."""
    made = TABLES[table](KINDS[kind](leads))
    assert dtypes(made) == usual[table]
    assert list(made.index) == list(range(len(made)))


@pytest.mark.parametrize("table", TABLES)
def test_every_result_has_its_base_and_nobody_in_it(leads: pd.DataFrame, table: str) -> None:
    """`n` stands in each, `attrs` says what is counted in at most five scalars, and no cell holds a contact detail."""
    marked = leads.copy()
    marked.attrs["outgrow"] = {"account": "SANDBOX - invented people"}
    made = TABLES[table](marked)
    assert "n" in made
    told = made.attrs["outgrow"]
    assert told["table"] == table.split()[0]
    assert told["account"] == "SANDBOX - invented people"
    assert len(told) <= 5
    assert all(value is None or isinstance(value, str | int | float | bool) for value in told.values())
    cells = made.drop(columns="column", errors="ignore").to_csv()
    assert "@" not in cells
    assert not any(name in cells for name in leads["last_name"].dropna().unique() if len(name) > 4)


@pytest.mark.parametrize("table", TABLES)
def test_pure(leads: pd.DataFrame, table: str) -> None:
    """The frame is as it was before, and asking twice gives the same."""
    before = leads.copy(deep=True)
    pd.testing.assert_frame_equal(TABLES[table](leads), TABLES[table](leads))
    pd.testing.assert_frame_equal(leads, before)


@pytest.mark.parametrize(
    "table", ["timeline by", "funnel by", "scores by", "outcomes by", "duration by", "conversion", "lift"]
)
def test_unknown_values_are_a_group_of_their_own(leads: pd.DataFrame, table: str) -> None:
    """The column carries its own name, in the frame's order where nothing ranks, and what is unknown is not dropped."""
    made = TABLES[table](leads)
    assert made.columns[0] == "utm_source"
    assert made["n"].notna().all()
    labels = list(made["utm_source"].cat.categories)
    assert labels == [*leads["utm_source"].cat.categories, "(unknown)"]
    assert "(unknown)" in set(made["utm_source"])


def test_flat_frames_of_all_contents() -> None:
    """Also without answers, over contents that share nothing."""
    flat = sandbox_read(7, 2000).leads(answers="none")
    assert explore.overview(flat)["n"].sum() == 2000
    assert explore.duration(flat, by="content")["n"].sum() == 2000
    assert explore.relate(flat, "status")["column"].tolist()
    assert set(explore.funnel(flat, by="content")["step"]) == {"started", "partial", "completed"}


def test_dropoff_on_any_answers() -> None:
    """No rows, one answer, nothing known, objects: the same columns and dtypes."""
    answers = sandbox_read(7, 2000).answers()
    usual = dtypes(explore.dropoff(answers))
    missing = answers.assign(status=pd.Series([None] * len(answers)).astype(answers["status"].dtype))
    for frame in (
        answers.iloc[:0],
        answers.iloc[[5]],
        missing,
        answers.astype({"status": object, "column": object}),
        answers[::7],
    ):
        assert dtypes(explore.dropoff(frame)) == usual
    nowhere = answers.assign(position=pd.Series([None] * len(answers), dtype="Int64"))
    assert dtypes(explore.dropoff(nowhere)) == usual
    assert explore.dropoff(missing)["n"].sum() == 0
