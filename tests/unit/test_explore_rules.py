"""What tables promise beyond their numbers: unknown is not lost, few are not ranked, nothing is worst in doubt."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb import explore
from outgrow_nb.errors import ConfigError

STATUS = pd.CategoricalDtype(["started", "partial", "completed"], ordered=True)
UTC = "datetime64[us, UTC]"


def frame(**columns: object) -> pd.DataFrame:
    """A frame of those columns; `status` as in `leads()`."""
    made = pd.DataFrame(columns)
    return made.astype({"status": STATUS}) if "status" in made else made


def answered(*leads: tuple[str, int, list[int]], content: str = "Quiz") -> pd.DataFrame:
    """The long frame of leads: status, how often, and the positions that they answered."""
    rows = [
        (f"{place}-{copy}", position, f"question_{position}", status)
        for place, (status, times, positions) in enumerate(leads)
        for copy in range(times)
        for position in positions
    ]
    made = pd.DataFrame(rows, columns=["lead_id", "position", "column", "status"])
    return made.astype({"status": STATUS, "position": "Int64"}).assign(content=content)


def test_unknown_is_never_lost() -> None:
    """NA counts as unknown alone; with nobody known there is no rate, not one of 0."""
    leads = frame(
        source=["a"] * 6 + ["b"] * 3, won=pd.array([True, False, None, True, None, True, None, None, None], "boolean")
    )
    made: Any = explore.conversion(leads, "won", by="source").set_index("source")
    assert made.loc["a", ["n", "won", "unknown"]].tolist() == [4, 3, 2]
    assert made.loc["a", "rate"] == 0.75
    assert made.loc["b", ["n", "won", "unknown"]].tolist() == [0, 0, 3]
    assert pd.isna(made.loc["b", "rate"])
    assert explore.lift(leads, "won", by="source")["n"].tolist() == [4, 0]


@pytest.mark.parametrize(
    "values", [[1, 0, None], [1.0, 0.0, float("nan")], [True, False, None], [np.True_, np.False_, pd.NA]]
)
def test_truth_after_a_merge(values: list[object]) -> None:
    """Ones and zeros, floats with NaN, objects: all read as true, false and unknown."""
    leads = frame(source=["a"] * 3, won=pd.Series(values, dtype=object))
    assert explore.conversion(leads, "won", by="source")[["n", "won", "unknown"]].to_numpy().tolist() == [[2, 1, 1]]


def test_few_are_not_ranked() -> None:
    """Four of four stand behind 5 of 50, and no group of four is a finding however sure."""
    leads = frame(
        source=["few"] * 4 + ["many"] * 50 + ["rest"] * 200, won=[True] * 4 + [True] * 5 + [False] * 45 + [False] * 200
    )
    made = explore.conversion(leads, "won", by="source")
    assert made["source"].tolist() == ["many", "rest", "few"]
    assert made["ranked"].tolist() == [True, True, False]
    lift: Any = explore.lift(leads, "won", by="source").set_index("source")
    assert lift.loc["few", "p_corrected"] < 0.001
    assert not lift.loc["few", "finding"]
    assert lift.loc["many", "finding"]


def test_worst_needs_an_interval_of_its_own() -> None:
    """A third against a fiftieth is the worst question; 6 against 4 is none, and of two questions there is none."""
    clear = answered(
        ("completed", 60, [1, 2, 3, 4]), ("partial", 2, [1]), ("partial", 30, [1, 2]), ("partial", 2, [1, 2, 3])
    )
    made = explore.dropoff(clear)
    assert made["worst"].tolist() == [False, False, True, False]
    assert made["n"].tolist() == [94, 94, 92, 62]
    assert made["left"].tolist() == [0, 2, 30, 2]
    assert made["rate"].isna().tolist() == [True, False, False, False]
    doubt = answered(("completed", 90, [1, 2, 3, 4]), ("partial", 4, [1]), ("partial", 6, [1, 2]))
    assert not explore.dropoff(doubt)["worst"].any()
    assert not explore.dropoff(answered(("completed", 90, [1, 2]), ("partial", 50, [1])))["worst"].any()


def test_a_question_that_may_be_skipped_does_not_take_the_blame() -> None:
    """Half skip question 3; of those who leave at 4 half seem to leave at 3, and are counted at 4 all the same."""
    made = explore.dropoff(
        answered(
            ("completed", 200, [1, 2, 3, 4]), ("completed", 200, [1, 2, 4]),
            ("partial", 10, [1]), ("partial", 40, [1, 2, 3]), ("partial", 40, [1, 2]),
        )
    )  # fmt: skip
    assert made["left"].tolist() == [0, 10, 0, 80]
    assert made["worst"].tolist() == [False, False, False, True]
    plain = explore.dropoff(
        answered(("completed", 400, [1, 2, 3, 4]), ("partial", 10, [1]), ("partial", 80, [1, 2, 3]))
    )
    assert made["high"].iloc[3] - made["low"].iloc[3] > plain["high"].iloc[3] - plain["low"].iloc[3]


def test_leavers_of_unknown_status_and_after_the_last_question() -> None:
    """Neither is anybody who left at a question; both are counted in `attrs`."""
    made = explore.dropoff(answered(("completed", 8, [1, 2]), ("partial", 3, [1, 2])).astype({"status": object}))
    assert made.attrs["outgrow"]["after_last"] == 3
    assert made["left"].tolist() == [0, 0]
    unknown = answered(("completed", 8, [1, 2]), ("partial", 3, [1]))
    unknown["status"] = unknown["status"].where(unknown["status"] == "completed")
    made = explore.dropoff(unknown)
    assert (made.attrs["outgrow"]["unknown"], made["n"].tolist(), made["left"].tolist()) == (3, [8, 8], [0, 0])


def test_dropoff_keeps_contents_apart_and_names_questions() -> None:
    """One lead id in two contents is two leads; texts come from the data dictionary, else from the column."""
    first = answered(("completed", 5, [1, 2]), ("partial", 2, [1]))
    both = pd.concat([first, answered(("completed", 3, [1, 2, 4]), content="Other")], ignore_index=True)
    questions = pd.DataFrame({"column": ["question_1"], "text": ["What for?"]})
    made = explore.dropoff(both, questions=questions)
    assert made["content"].tolist() == ["Other"] * 4 + ["Quiz"] * 2
    assert made["n"].tolist() == [3, 3, 3, 3, 7, 7]
    assert made["text"].tolist()[:2] == ["What for?", "Question 2"]
    assert made["column"].isna().tolist() == [False, False, True, False, False, False]


def test_a_content_beside_others_is_as_it_is_alone() -> None:
    """Who skipped the last question of one content is nobody of the next one."""
    gone = ("partial", 6, [1, 2, 3]), ("partial", 4, [1, 2])
    first = answered(("completed", 9, [1, 2, 3]), ("completed", 9, [1, 2]), *gone, content="A")
    second = answered(("completed", 9, [1, 2, 3]), ("partial", 6, [1]), content="B")
    both = explore.dropoff(pd.concat([first, second], ignore_index=True)).drop(columns="content")
    alone = pd.concat([explore.dropoff(one).drop(columns="content") for one in (first, second)], ignore_index=True)
    pd.testing.assert_frame_equal(both, alone)


def test_overview_and_sources_count_known_statuses() -> None:
    """The largest first; a share is of the leads whose status is known, and NA where none is."""
    leads = frame(
        content=["Small", "Zeta", "Zeta", "Zeta", "Mute"],
        utm_source=["a", "b", "b", None, "c"],
        status=["completed", "completed", "partial", None, None],
        created_at=pd.date_range("2026-01-01", periods=5, tz="UTC"),
        score=[1.0, 2.0, None, None, None],
        email=[None] * 5,
    )
    made = explore.overview(leads)
    assert made["content"].tolist() == ["Zeta", "Mute", "Small"]
    assert made[["n", "completed", "sources"]].to_numpy().tolist() == [[3, 1, 1], [1, pd.NA, 1], [1, 1, 1]]
    assert made["completed_share"].tolist() == [0.5, pd.NA, 1.0]
    assert made["first"].iloc[0] == pd.Timestamp("2026-01-02", tz="UTC")
    sources = explore.sources(leads)
    assert sources["utm_source"].tolist() == ["b", "a", "c", "(unknown)"]
    assert sources["share"].tolist() == [0.5, 1.0, pd.NA, pd.NA]


def test_funnel_of_leads_and_of_unknown_status() -> None:
    """Steps are cumulative; a lead of unknown status is at none of them."""
    leads = frame(status=["started", "partial", "completed", "completed", None])
    made = explore.funnel(leads)
    assert made["n"].tolist() == [4, 3, 2]
    assert made["share"].tolist() == [1, 0.75, 0.5]
    assert made["of_previous"].tolist() == [pd.NA, 0.75, pytest.approx(2 / 3)]
    assert made.attrs["outgrow"]["unknown"] == 1
    split = explore.funnel(frame(status=["completed"] * 3 + ["partial"], source=["a"] * 3 + ["b"]), by="source")
    assert split["of_previous"].tolist() == [pd.NA, 1, 1, pd.NA, 1, 0]  # the first step of b is no part of a's last


def test_without_views_no_step_has_that_word() -> None:
    """Where the service tells no views, or not of each day, neither a step nor a base is called so."""
    days = pd.DataFrame(
        {
            "content": ["A", "A", "B"],
            "views": pd.array([100, 50, 80], "Int64"),
            "starts": pd.array([40, 20, 30], "Int64"),
            "completions": pd.array([30, 10, 15], "Int64"),
            "leads": pd.array([20, 10, 12], "Int64"),
        }
    )
    made = explore.funnel(days, by="content")
    assert made["step"].tolist() == ["views", "starts", "completions", "leads"] * 2
    assert made["n"].tolist() == [150, 60, 40, 30, 80, 30, 15, 12]
    assert made["share"].iloc[3] == 0.2  # conversion rate: leads of views
    assert made["of_previous"].iloc[2] == pytest.approx(40 / 60)  # completion rate: completions of starts
    for views in (pd.array([100, None, 80], "Int64"), pd.array([None] * 3, "Int64")):
        told = explore.funnel(days.assign(views=views))
        assert told["step"].tolist() == ["starts", "completions", "leads"]
        assert "views" not in told.to_csv() + str(told.attrs)
    odd = explore.funnel(days.assign(starts=pd.array([400, 20, 30], "Int64")))
    assert pd.isna(odd["share"].iloc[1])
    assert odd["n"].iloc[1] == 450


def test_timeline_has_every_period_and_says_which_is_whole() -> None:
    """A month without leads stands there with 0; a month whose last day no lead has seen is not whole."""
    moments = pd.to_datetime(["2026-01-01 03:00", "2026-01-31 22:00", "2026-03-10 12:00"], utc=True)
    made = explore.timeline(frame(created_at=moments, status=["completed", "partial", "completed"]), freq="M")
    assert made["period"].tolist() == [pd.Timestamp(f"2026-0{month}-01", tz="UTC") for month in (1, 2, 3)]
    assert made["n"].tolist() == [2, 0, 1]
    assert made["completed"].tolist() == [1, 0, 1]
    assert made["whole"].tolist() == [True, True, False]
    cut = explore.timeline(frame(created_at=moments[1:], status=["completed"] * 2), freq="M")
    assert cut["whole"].tolist() == [False, True, False]
    days = explore.timeline(frame(created_at=moments, status=["completed"] * 3), freq="D")
    assert (len(days), days["whole"].iloc[-1], days["whole"].iloc[0]) == (69, False, True)


def test_weeks_begin_on_monday_in_the_frames_own_zone_across_clock_changes() -> None:
    """A lead of Sunday 23:30 UTC is Monday's in Berlin; weeks have their local midnight before and after the change."""
    moments = pd.to_datetime(["2026-03-22 23:30", "2026-03-29 22:30"], utc=True).tz_convert("Europe/Berlin")
    made = explore.timeline(frame(created_at=moments, status=["completed"] * 2))
    assert [str(one) for one in made["period"]] == ["2026-03-23 00:00:00+01:00", "2026-03-30 00:00:00+02:00"]
    assert made["n"].tolist() == [1, 1]
    beirut = pd.to_datetime(["2026-03-28 10:00", "2026-03-29 10:00"], utc=True).tz_convert("Asia/Beirut")
    days = explore.timeline(frame(created_at=beirut, status=["completed"] * 2), freq="D")  # no midnight on that day
    assert [str(one) for one in days["period"]] == ["2026-03-28 00:00:00+02:00", "2026-03-29 01:00:00+03:00"]


def test_hours_in_another_zone() -> None:
    """Sunday 23:30 UTC is Monday 1 o'clock in Berlin in summer; all 168 hours stand there."""
    made = explore.hours(
        frame(created_at=pd.to_datetime(pd.Series(["2026-06-28 23:30", None]), utc=True)), tz="Europe/Berlin"
    )
    assert len(made) == 168
    assert made[made["n"] > 0].to_numpy().tolist() == [["Mon", 1, 1]]
    assert made.attrs["outgrow"]["without_time"] == 1


def test_duration_leaves_the_impossible_out() -> None:
    """A lead that was updated before it was made, or never, is in no median."""
    moments = pd.to_datetime(["2026-01-01 00:00:00"] * 4, utc=True)
    ends = pd.to_datetime(pd.Series(["2026-01-01 00:01", "2026-01-01 00:03", "2025-12-31 00:00", None]), utc=True)
    made = explore.duration(frame(created_at=moments, updated_at=ends))
    assert made[["n", "median"]].to_numpy().tolist() == [[2, 120]]
    assert made.attrs["outgrow"]["unknown"] == 2


def test_bands_have_round_edges_and_leave_nobody_out() -> None:
    """Whole numbers in bands such as 20 to 39; an empty band in the middle stands there; others end below the next."""
    leads = frame(score=[4.0, 19, 20, 88, None], won=[True, False, True, True, True])
    made = explore.bands(leads, "won")
    assert made["band"].tolist() == ["0 to 19", "20 to 39", "40 to 59", "60 to 79", "80 to 99"]
    assert made["n"].tolist() == [2, 1, 0, 0, 1]
    assert made.attrs["outgrow"]["without"] == 1
    small = explore.bands(frame(score=[0.1, 0.49, 0.5, 0.9], won=[True] * 4), "won", bands=2)
    assert small["band"].tolist() == ["0.0 to 0.5", "0.5 to 1.0"]
    assert small["n"].tolist() == [2, 2]
    assert explore.bands(frame(score=[7.0] * 3, won=[True] * 3), "won")["n"].tolist() == [3]
    each = explore.bands(frame(score=[1.0, 2.0, 3.0], won=[True] * 3), "won")
    assert each["band"].tolist() == ["1", "2", "3"]
    with pytest.raises(ConfigError, match="bands"):
        explore.bands(leads, "won", bands=0)


def test_labels_of_any_values() -> None:
    """Truth is yes and no, whole floats have no point, mixed objects sort as text, and one label is one group."""
    leads = frame(
        truth=pd.Series([True, False, None], dtype=object),
        whole=[2.0, 10.0, None],
        mixed=pd.Series(["b", 1, "1"], dtype=object),
        score=[1.0, 2.0, 3.0],
    )
    assert explore.scores(leads, by="truth")["truth"].tolist() == ["no", "yes", "(unknown)"]
    assert explore.scores(leads, by="whole")["whole"].tolist() == ["2", "10", "(unknown)"]
    assert explore.scores(leads, by="mixed")[["mixed", "n"]].to_numpy().tolist() == [["1", 2], ["b", 1]]


def test_what_may_be_chance_stands_behind_the_findings() -> None:
    """60 labels by lot are the stronger column and no finding: they stand below a weaker one that is one."""
    lot = np.random.default_rng(1)
    won = lot.random(400) < 0.5
    leads = frame(won=won, many=pd.Categorical(lot.integers(60, size=400)), weak=won ^ (lot.random(400) < 0.35))
    made = explore.relate(leads, "won")
    assert made["column"].tolist() == ["weak", "many"]
    assert made["finding"].tolist() == [True, False]
    assert made["effect"].is_monotonic_increasing


def test_nothing_to_compare() -> None:
    """A constant, two numbers of two rows, everything unknown: NA at the end where it was asked for, else left out."""
    leads = frame(won=[True, False], one=[1.0, 1.0], two=[1.0, 2.0], none=pd.Series([None, None], dtype=object))
    assert explore.relate(leads, "won").empty
    made = explore.relate(leads, "two", among=["one", "won", "none"])
    assert made["column"].tolist() == ["one", "won", "none"]
    assert made[["test", "effect", "p", "p_corrected"]].isna().all(axis=None)
    assert not made["finding"].any()


@given(
    values=st.lists(st.floats(-1e9, 1e9) | st.integers(-1000, 1000).map(float) | st.just(float("nan")), max_size=30),
    bands=st.integers(1, 12),
)
def test_any_numbers_fall_into_bands(values: list[float], bands: int) -> None:
    """Each known number is in exactly one band, and there are no more bands than asked for."""
    made = explore.bands(frame(score=np.array(values, float), won=[True] * len(values)), "won", bands=bands)
    assert made["n"].sum() == sum(value == value for value in values)
    assert len(made) <= bands
    assert made["band"].is_unique


def test_options_in_form_order_of_those_who_were_shown() -> None:
    """Several choices: shown is the base, shares add up to more than one; an option nobody chose stands there."""
    leads = frame(
        colour=pd.Categorical(["Red", "Red", None], categories=["Blue", "Red"]),
        **{"like[A]": pd.array([True, True, None], "boolean"), "like[B]": pd.array([True, False, None], "boolean")},
        **{"rank[X]": pd.array([1, 2, None], "Int64"), "rank[Y]": pd.array([2, 1, None], "Int64")},
    )
    assert explore.options(leads, "colour")[["option", "n", "base"]].to_numpy().tolist() == [
        ["Blue", 0, 2],
        ["Red", 2, 2],
    ]
    assert explore.options(leads, "like")[["option", "n", "base"]].to_numpy().tolist() == [["A", 2, 2], ["B", 1, 2]]
    assert explore.options(leads, "rank")[["option", "n", "base"]].to_numpy().tolist() == [["X", 1, 2], ["Y", 1, 2]]


def test_outcomes_and_crosstab_count_every_pair() -> None:
    """Each outcome in each group, also with none; unknown ones are in no base of `outcomes`."""
    leads = frame(source=["a", "a", "b", "b"], outcome=pd.Categorical(["X", None, "Y", "Y"]))
    made = explore.outcomes(leads, by="source")
    assert made[["source", "outcome", "n", "base"]].to_numpy().tolist() == [
        ["a", "X", 1, 1], ["a", "Y", 0, 1], ["b", "X", 0, 2], ["b", "Y", 2, 2],
    ]  # fmt: skip
    table = explore.crosstab(leads, "source", "outcome")
    assert table["outcome"].tolist()[:3] == ["X", "Y", "(unknown)"]
    assert table["n"].tolist() == [1, 0, 1, 0, 2, 0]
    assert table["base"].tolist() == [2] * 6


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None])), max_size=40))
def test_nobody_is_counted_twice_or_lost(rows: list[tuple[str, bool | None]]) -> None:
    """Known and unknown add up to all, won never exceeds known, and each interval holds its rate."""
    leads = frame(source=[one for one, _ in rows], won=pd.array([won for _, won in rows], dtype="boolean"))
    made = explore.conversion(leads, "won", by="source")
    assert made["n"].sum() + made["unknown"].sum() == len(rows)
    assert (made["won"] <= made["n"]).all()
    known = made[made["rate"].notna()].astype({"low": float, "rate": float, "high": float})
    assert ((known["low"] <= known["rate"] + 1e-9) & (known["rate"] <= known["high"] + 1e-9)).all()
    ranked = made.loc[made["ranked"], "rate"].astype(float)
    assert ranked.is_monotonic_decreasing


@given(
    st.lists(
        st.tuples(st.sampled_from(["partial", "completed"]), st.sets(st.integers(1, 5), min_size=1)),
        min_size=1,
        max_size=40,
    )
)
def test_who_left_is_not_shown_the_next_question(leads: list[tuple[str, set[int]]]) -> None:
    """Whatever is skipped, a question is shown to those of the one before who did not leave; no count is negative."""
    made = explore.dropoff(answered(*[(status, 1, sorted(positions)) for status, positions in leads]))
    assert (made["left"] >= 0).all()
    assert made["n"].tolist()[1:] == (made["n"] - made["left"]).tolist()[:-1]
    assert (made["left"] <= made["n"]).all()
    gone = sum(status == "partial" for status, _ in leads)
    assert made["left"].sum() <= gone
