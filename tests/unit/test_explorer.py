"""The explorer without its widgets: what is chosen to what is shown."""

import base64
import time
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import outgrow_nb
from outgrow_nb.errors import ConfigError
from outgrow_nb.notebook import explorer_view as view
from outgrow_nb.notebook.exploring import Exploring, Shown
from outgrow_nb.notebook.lines import Names
from outgrow_nb.notebook.material import Given, Kept
from outgrow_nb.notebook.views import VIEWS, Part
from tests.unit.explore_support import BUDGET, PLAN, THUMB, of, sandbox_read
from tests.unit.explorer_support import BY_LABEL, DRAFT, Shelf, choice


@pytest.fixture
def shelf() -> Shelf:
    """Three contents, one of them without leads."""
    return Shelf()


@pytest.fixture
def exploring(shelf: Shelf) -> Exploring:
    """An explorer of them."""
    return Exploring(shelf, Names)


def test_every_view_shows_its_table(exploring: Exploring) -> None:
    """Each view is the table of `explore`, its picture and its code; each content is read once."""
    exploring.read(PLAN)
    for label, one in BY_LABEL.items():
        shown = exploring.show(choice(label))
        assert shown.table.attrs["outgrow"]["table"] == one.function
        assert (shown.picture is None) == (label == "Overview")
        if shown.picture is not None:
            assert base64.b64decode(shown.picture).startswith(b"\x89PNG")
        assert f"outgrow_nb.explore.{one.function}(" in shown.code
        assert shown.code.count("\n") == 1


def test_each_content_is_read_once(exploring: Exploring, shelf: Shelf) -> None:
    """Contents are read when asked for, once; tables that were shown are kept."""
    for content in (PLAN, THUMB, PLAN, PLAN):
        exploring.read(content)
    assert shelf.asked == [PLAN, THUMB]
    assert exploring.show(choice("Funnel")) is exploring.show(choice("Funnel"))
    assert exploring.show(choice("Funnel", by="device")) is not exploring.show(choice("Funnel"))


def test_a_period_cuts_leads_and_answers(exploring: Exploring) -> None:
    """Both days count, in the frames' zone, for leads and for their answers."""
    exploring.read(PLAN)
    since, until = date(2026, 5, 3), date(2026, 6, 2)
    leads = of(sandbox_read(3, 2_000, (PLAN, THUMB, DRAFT)), PLAN)
    days = leads["created_at"].dt.date
    within = leads[(days >= since) & (days <= until)]
    assert 0 < len(within) < len(leads)
    assert exploring.show(choice("Timeline", since=since, until=until)).leads == len(within)
    assert exploring.show(choice("Timeline", since=since, until=until)).table["n"].sum() == len(within)
    whole = Kept.of(Shelf().read(PLAN))
    part = whole.part(since, until)
    assert part.answers is not None
    assert set(part.answers["lead_id"]) <= set(within["lead_id"])
    assert whole.whole.answers is not None
    assert len(part.answers) == whole.whole.answers["lead_id"].isin(within["lead_id"]).sum()


def test_dates_the_wrong_way_round(exploring: Exploring) -> None:
    """A last day before the first is said, with the way out."""
    exploring.read(PLAN)
    with pytest.raises(ConfigError, match="last day is before"):
        exploring.show(choice("Funnel", since=date(2026, 5, 2), until=date(2026, 5, 1)))


def test_splits_are_choices_of_nobody_in_particular(exploring: Exploring) -> None:
    """What may split: choices with two values or more, questions by their text, never who people are."""
    exploring.read(PLAN)
    splits = dict(exploring.splits(PLAN))
    assert splits["What is your monthly budget?"] == BUDGET
    assert {"utm_source", "device", "outcome", "country"} <= set(splits.values())
    assert not {"email", "phone", "first_name", "company", "lead_id", "content"} & set(splits.values())
    for column in splits.values():
        exploring.show(choice("Scores", by=column))


def test_a_personal_choice_does_not_split() -> None:
    """A question that the data dictionary calls personal is not offered, although it is a choice."""
    part = Shelf().read(PLAN)
    assert part.questions is not None
    personal = part.questions["personal"] | (part.questions["column"] == BUDGET)
    hidden = Kept.of(replace(part, questions=part.questions.assign(personal=personal)))
    assert BUDGET in dict(Kept.of(part).splits()).values()
    assert BUDGET not in dict(hidden.splits()).values()


def test_nobody_yet(exploring: Exploring) -> None:
    """A content without leads: every view, no split, one period."""
    exploring.read(DRAFT)
    assert exploring.splits(DRAFT) == []
    assert exploring.periods(DRAFT) == [("All time", (None, None))]
    for one in exploring.views(DRAFT):
        shown = exploring.show(choice(one.label, DRAFT))
        assert shown.leads == 0
        assert "No leads" in view.told(shown, DRAFT)


def test_periods_count_back_from_the_newest_lead(exploring: Exploring) -> None:
    """The last 30 days are thirty days, the newest lead's day the last of them."""
    exploring.read(PLAN)
    newest = of(sandbox_read(3, 2_000, (PLAN, THUMB, DRAFT)), PLAN)["created_at"].max().date()
    periods = dict(exploring.periods(PLAN))
    since, until = periods["Last 30 days"]
    assert until == newest
    assert since is not None
    assert (newest - since).days == 29


def test_a_frame_has_no_drop_off() -> None:
    """A frame of leads holds no answers: that view is not offered."""
    frame = sandbox_read(3, 2_000, (PLAN, THUMB)).leads(None)
    exploring = Exploring(Given(frame), Names)
    assert [label for label, _ in exploring.contents()] == ["All contents", PLAN, THUMB]
    exploring.read(None)
    assert "Drop-off" not in {one.label for one in exploring.views(None)}


def _shown(**changes: object) -> Shown:
    table = pd.DataFrame({"utm_source": pd.Categorical(["<img src=x onerror=alert(1)>", "b"]), "n": [1, 2]})
    made = {"title": "T", "picture": "AAAA", "table": table, "code": "a\nb", "leads": 3, "account": ""}
    return Shown(**{**made, **changes})  # type: ignore[arg-type]


def test_x01_every_foreign_word_is_escaped() -> None:
    """X01: titles, tables, code and messages hold no tag and close no attribute."""
    bad = '</textarea><script>alert(1)</script>" onload="alert(2)'
    shown = _shown(title=bad, code=bad, account=bad)
    one = view.numbers(_shown(table=shown.table.head(1)))
    assert "&lt;img src=x" in one
    more = (view.code(shown), view.line(bad), view.line(bad, bad=True))
    for made in (view.picture(shown), view.numbers(shown), one, *more):
        plain = made.replace(view.STYLE, "")
        assert "<script" not in plain
        assert "<img src=x" not in plain
        assert 'onload="' not in plain
        assert plain.count("</textarea>") == plain.count("<textarea")
    assert "<script" not in view.line(view.told(shown, bad))


def test_the_copied_script_holds_no_foreign_word() -> None:
    """The button's script is the same whatever the code is."""
    first, second = view.code(_shown(code="x")), view.code(_shown(code="alert(1)"))
    assert first.partition("<button")[2] == second.partition("<button")[2]


def test_numbers_say_how_many_rows_are_left_out() -> None:
    """A long table is cut, and says so; one row reads from top to bottom."""
    long = pd.DataFrame({"period": pd.date_range("2026-01-01", periods=300, tz="UTC"), "share": [0.12345] * 300})
    made = view.numbers(_shown(table=long))
    assert made.count("<tr") == 201
    assert "100 more rows" in made
    assert "2026-01-01<" in made
    assert "0.123<" in made
    one = view.numbers(_shown(table=long.head(1).assign(share=float("nan")), picture=None))
    assert one.count("<tr") == 2
    assert "–" in one
    assert "<details open>" in one


def test_a_change_is_answered_within_300_ms_on_50_000_leads(capsys: pytest.CaptureFixture[str]) -> None:
    """Measured and printed: every view, split and cut by period, on 50,000 leads and their answers."""
    read = sandbox_read(3, 2_000, (PLAN,))
    ids = [item.id for item in read.contents]
    base = Part(leads=read.leads(ids), answers=read.answers(ids), questions=read.questions_frame(ids))
    times = -(-50_000 // len(base.leads))
    answers = _many(base.answers, times)
    many = Part(leads=_many(base.leads, times), answers=answers, questions=base.questions)

    class Big(Shelf):
        def read(self, content: str | None) -> Part:
            return many

    exploring = Exploring(Big(), Names)
    exploring.read(PLAN)
    exploring.show(choice("Funnel"))  # the first picture loads fonts
    took: dict[str, float] = {}
    spent: list[float] = []
    for one in VIEWS:
        for by in (None, "utm_source") if one.splits else (None,):
            for since in (None, date(2025, 9, 1)):
                asked = choice(one.label, by=by, since=since)
                started, began = time.perf_counter(), time.process_time()
                exploring.show(asked)
                spent.append(time.process_time() - began)
                took[f"{one.label}, by {by}, since {since}"] = time.perf_counter() - started
    ordered = sorted(took.values())
    with capsys.disabled():
        print(
            f"\nexplorer on {len(many.leads):,} leads and {len(answers):,} answers: "
            f"median {1000 * ordered[len(ordered) // 2]:.0f} ms, slowest {1000 * ordered[-1]:.0f} ms"
            f" (of the processor {1000 * sorted(spent)[len(spent) // 2]:.0f} and {1000 * max(spent):.0f} ms)"
            f" ({max(took, key=lambda name: took[name])})"
        )
    assert sorted(spent)[len(spent) // 2] < 0.3  # of the processor: other tests run beside this one


def _many(frame: pd.DataFrame | None, times: int) -> pd.DataFrame:
    assert frame is not None
    made = pd.concat([frame] * times, ignore_index=True)
    copies = pd.Series([f"-{copy}" for copy in range(times) for _ in range(len(frame))], dtype=made["lead_id"].dtype)
    made["lead_id"] = made["lead_id"] + copies
    return made


def test_explorer_is_public() -> None:
    """`outgrow_nb.explorer` is the panel's function; something else than an account or leads is refused."""
    with pytest.raises(ConfigError, match="an account or at leads"):
        outgrow_nb.explorer("leads")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="has no column lead_id"):
        outgrow_nb.explorer(pd.DataFrame({"a": [1]}))
