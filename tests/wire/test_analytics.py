"""`analytics()`: the service's own counts over time, against the sandbox over HTTP and against hand-made days."""

import pandas as pd
import pytest

from outgrow_nb import frames
from outgrow_nb.client import Outgrow
from outgrow_nb.errors import ConfigError, Forbidden, UnknownContent
from outgrow_nb.records import Day
from tests.wire.clients import client, signed_in, with_key
from tests.wire.sandbox_fixtures import Sandbox

PLAN = "Which plan fits you?"
DTYPES = {
    "content": "category",
    "date": "datetime64[us]",
    "views": "Int64",
    "starts": "Int64",
    "completions": "Int64",
    "leads": "Int64",
}


@pytest.fixture
def og(sandbox: Sandbox) -> Outgrow:
    """A client that is signed in."""
    return client(signed_in(sandbox))


def test_every_day(og: Outgrow) -> None:
    """A row a day, each step at most the one before, and as many leads as were completed that day."""
    frame = og.analytics(PLAN)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    assert (frame["date"].diff().dropna() == pd.Timedelta(days=1)).all()
    assert (frame["views"] >= frame["starts"]).all()
    assert (frame["starts"] >= frame["completions"]).all()
    assert (frame["completions"] >= frame["leads"]).all()
    leads = og.leads(PLAN, status="completed")
    assert frame["leads"].sum() == len(leads)
    by_day = leads["created_at"].dt.tz_localize(None).dt.floor("D").value_counts()
    assert frame.set_index("date")["leads"].reindex(by_day.index).tolist() == by_day.tolist()


def test_a_span_with_both_ends(og: Outgrow) -> None:
    """Both days are included."""
    frame = og.analytics(PLAN, "2026-05-01", "2026-05-03")
    assert frame["date"].dt.strftime("%d").tolist() == ["01", "02", "03"]


def test_weeks_and_months_add_up(og: Outgrow) -> None:
    """Sums of the same days; weeks begin on Monday, months on the first."""
    days = og.analytics(PLAN)
    for by in ("week", "month"):
        frame = og.analytics(PLAN, by=by)
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
        pd.testing.assert_series_equal(frame.sum(numeric_only=True), days.sum(numeric_only=True))
        assert frame["date"].is_monotonic_increasing
        starts = frame["date"].dt.day_name() if by == "week" else frame["date"].dt.day
        assert set(starts) == ({"Monday"} if by == "week" else {1})


def test_several_contents(og: Outgrow) -> None:
    """Each by its title."""
    frame = og.analytics([PLAN, "Tulips or daffodils?"], "2026-05-01", "2026-05-02")
    assert frame["content"].value_counts().to_dict() == {PLAN: 2, "Tulips or daffodils?": 2}


def test_what_the_service_does_not_tell() -> None:
    """An unknown count makes its period's unknown, not smaller; no days make an empty frame of the same types."""
    days = [Day(date="2026-05-04", views=3, leads=1), Day(date="2026-05-05", leads=2), Day(date="nonsense", views=9)]
    frame = frames.analytics_frame({"Quiz": days}, by="week")
    assert frame["leads"].tolist() == [3]
    assert frame["views"].isna().tolist() == [True]
    assert len(frame) == 1
    empty = frames.analytics_frame({"Quiz": []})
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == DTYPES
    assert len(empty) == 0


def test_what_cannot_be_meant(sandbox: Sandbox, og: Outgrow) -> None:
    """Another period, another content, and a key, each say what to do."""
    with pytest.raises(ConfigError, match="by='hour' is unknown"):
        og.analytics(PLAN, by="hour")  # type: ignore[arg-type]
    with pytest.raises(UnknownContent):
        og.analytics("Which plan fits us?")
    with pytest.raises(Forbidden, match="An API key can't read views") as caught:
        client(with_key(sandbox)).analytics(PLAN)
    assert "Sign in instead" in caught.value.next_step
