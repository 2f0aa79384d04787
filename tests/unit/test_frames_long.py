"""The long frame: one row an answer, in the order of the form, with raw text, label, rank and points."""

import pandas as pd

from outgrow_nb.records import ContentItem, Question
from tests.unit.frames_support import FORM, QUIZ, answer, lead, read, read_all

ANSWERS = [
    answer("q-c", "o-no", score=2),
    answer("q-m", ["Red", "Mauve"], score=5),
    answer("q-n", 4),
    answer("q-s", 4.5),
    answer("q-r", None),
    answer("q-t", True),
]
RECORD = lead(1, ANSWERS, results=[{"name": "Cost", "value": "$5"}], tier="gold")


def test_rows_of_one_lead() -> None:
    """Texts as received, numbers as numbers, labels where the question has options, points once an answer."""
    frame = read([RECORD]).answers()
    assert frame["text"].fillna("-").tolist() == ["o-no", "Red", "Mauve", "4", "4.5", "-", "true", "$5", "gold"]
    assert frame["option"].astype(object).fillna("-").tolist() == ["No", "Red", "Mauve"] + ["-"] * 6
    assert frame["number"].fillna(-1).tolist() == [-1, -1, -1, 4, 4.5, -1, -1, -1, -1]
    assert frame["score"].fillna(-1).tolist() == [2, 5, -1, -1, -1, -1, -1, -1, -1]
    assert frame["rank"].fillna(0).tolist() == [0, 1, 2, 0, 0, 0, 0, 0, 0]
    assert frame["position"].fillna(0).tolist() == [1, 2, 2, 3, 4, 5, 7, 0, 0]
    assert frame["kind"].tolist()[-2:] == ["calculator result", "custom field"]
    assert frame["column"].tolist()[:2] == ["choice", "colours"]
    assert frame["status"].tolist() == ["completed"] * 9


def test_nothing_ticked_is_not_nothing_asked() -> None:
    """An empty list is a row without a rank: every option False; null is a row: every option missing."""
    kept = read([lead(1, [answer("q-m", [])]), lead(2, [answer("q-m", None)]), lead(3)])
    long, wide = kept.answers(), kept.leads()
    assert long["text"].fillna("-").tolist() == ["[]", "-"]
    assert long["rank"].isna().all()
    ticks = [name for name in map(str, wide.columns) if name.startswith("colours[")]
    assert len(ticks) == 3
    assert not wide[ticks].iloc[0].any()
    assert wide[ticks].iloc[1:].isna().all(axis=None)


def test_narrower_answers() -> None:
    """Contents and status choose the rows of the long frame as they do those of the wide one."""
    kept = read([RECORD, lead(2, [answer("q-t", "x")], status="partial")])
    assert kept.answers(status="partial")["text"].tolist() == ["x"]
    assert kept.answers([]).empty
    assert set(kept.answers(["c1"])["lead_id"]) == {RECORD["id"], f"{2:024x}"}


def test_the_dictionary() -> None:
    """One row a question, HTML stripped, options in form order, personal where somebody writes freely."""
    frame = read([RECORD]).questions_frame(tz="Europe/Berlin").set_index("question_id")
    assert frame.loc["q-m", "text"] == "Colours"
    assert frame.loc["q-m", "options"] == "Red | Blue, dark | Green & gold"
    assert frame["personal"].to_dict() | {"q-t": True, "q-c": False, "field:tier": True} == frame["personal"].to_dict()
    assert frame.loc["q-c", "first_seen"] == pd.Timestamp("2026-05-01T02:01", tz="Europe/Berlin")
    assert frame["first_seen"].isna()["q-k"]
    assert frame["changed_text"].isna().all()


def test_a_part_of_a_read_has_its_own_names() -> None:
    """Answers of one content of two have no category of the other, and its title alone needs no id."""
    other = ContentItem(id="c2", name="Quiz")
    more = [Question(id="z", text="Elsewhere", kind="text")]
    both = read_all([(QUIZ, FORM, [RECORD]), (other, more, [lead(9, [answer("z", "x", text="Elsewhere")])])])
    pd.testing.assert_frame_equal(both.answers(["c1"]), read([RECORD]).answers())
    pd.testing.assert_frame_equal(both.questions_frame(["c1"]), read([RECORD]).questions_frame())
    assert both.leads(["c1"])["content"].tolist() == ["Quiz"]
    assert list(both.answers()["content"].cat.categories) == ["Quiz (c1)", "Quiz (c2)"]
