"""Wrong names and columns that cannot be meant: a ConfigError that says what next; scipy is needed and named."""

import subprocess
import sys
from collections.abc import Callable

import pandas as pd
import pytest

from outgrow_nb import explore
from outgrow_nb.errors import ConfigError
from tests.unit.explore_support import PLAN, of, sandbox_read


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Leads of one quiz."""
    return of(sandbox_read(7, 2000, (PLAN,)), PLAN)


WRONG: list[tuple[Callable[[pd.DataFrame], object], str]] = [
    (lambda leads: explore.scores(leads, by="utm_sorce"), "Did you mean 'utm_source'"),
    (lambda leads: explore.timeline(leads, by="Device"), "Did you mean 'device'"),
    (lambda leads: explore.conversion(leads, "caled", by="device"), "Did you mean 'called'"),
    (lambda leads: explore.relate(leads, "xyzzy"), "Its columns are lead_id, content"),
    (lambda leads: explore.relate(leads, "called", among=["skore"]), "Did you mean 'score'"),
    (lambda leads: explore.options(leads, "which_of_these"), "no column 'which_of_these'"),
    (lambda leads: explore.outcomes(leads.drop(columns="outcome")), "no column 'outcome'"),
    (lambda leads: explore.funnel(leads[["lead_id", "score"]]), "Give leads or analytics"),
    (lambda leads: explore.scores(leads, by="email"), "tells who people are"),
    (lambda leads: explore.relate(leads, "phone"), "tells who people are"),
    (lambda leads: explore.options(leads, "last_name"), "tells who people are"),
    (lambda leads: explore.scores(leads.assign(mail=leads["email"]), by="mail"), "holds e-mail addresses"),
    (lambda leads: explore.scores(leads.assign(number=leads["phone"]), by="number"), "or phone numbers"),
    (lambda leads: explore.overview(leads.drop(columns="utm_source")), "no column 'utm_source'"),
    (lambda leads: explore.scores(leads, column="device"), "holds no numbers"),
    (lambda leads: explore.results(leads.assign(cost="$5 to $7", cost_low=5.0), "cost"), "Use 'cost_low'"),
    (lambda leads: explore.conversion(leads, "device", by="status"), "not true or false"),
    (lambda leads: explore.conversion(leads, "score", by="status"), "not true or false"),
    (lambda leads: explore.timeline(leads, freq="fortnight"), "freq='fortnight' is unknown"),
    (lambda leads: explore.hours(leads, tz="Mars/Olympus"), "no time zone"),
    (lambda leads: explore.hours(leads.assign(created_at="yesterday")), "holds no times"),
    (lambda leads: explore.crosstab(leads, "device", "device"), "two different columns"),
    (lambda leads: explore.dedupe(leads, keep="best"), 'keep="first" or'),  # type: ignore[arg-type]
    (lambda leads: explore.dedupe(leads.drop(columns=["email", "phone"])), "who people are"),
    (lambda leads: explore.scores(leads.rename(columns={"device": "n"}), by="n"), "Rename it"),
    (lambda leads: explore.scores(leads.assign(tags=pd.Series([["a"]] * len(leads))), by="tags"), "holds lists"),
    (lambda leads: explore.scores(pd.concat([leads, leads[["device"]]], axis=1), by="device"), "several columns"),
]


@pytest.mark.parametrize(("call", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_cannot_be_meant_is_said(leads: pd.DataFrame, call: Callable[[pd.DataFrame], object], told: str) -> None:
    """One line with the problem, one with the next step."""
    with pytest.raises(ConfigError) as caught:
        call(leads)
    assert told in str(caught.value)
    assert caught.value.next_step


def test_public_names() -> None:
    """`__all__` is sorted, everything in it is there and says what it does and gives."""
    assert explore.__all__ == sorted(set(explore.__all__))
    for name in explore.__all__:
        doc = getattr(explore, name).__doc__
        assert all(part in doc for part in ("Args:", "Returns:")), name


def test_without_scipy() -> None:
    """Where scipy is not installed the error names the line that installs it, and the rest of the package works."""
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "import outgrow_nb; outgrow_nb.connect\n"
        "try: outgrow_nb.explore\n"
        "except outgrow_nb.ConfigError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "outgrow_nb.explore needs scipy.\nRun: pip install 'outgrow-nb[explore]'\n"
