"""The contract of the frames: columns, order and dtypes, the same with no rows, one row, many, and several contents."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import Window, contents_frame
from outgrow_nb.frames.schema import FLAT, STR
from outgrow_nb.records import ContentItem, Option, Question
from tests.unit.frames_support import FORM, QUIZ, answer, lead, read, read_all, ugly

FULL = lead(
    1,
    [
        answer("q-c", "Yes"),
        answer("q-m", ["Red", "Green &amp; gold"]),
        answer("q-n", 1.5),
        answer("q-s", 4),
        answer("q-r", 5),
        answer("q-k", ["Colour", "Scent"]),
        answer("q-t", "02139"),
    ],
    email="ana@example.com",
    phone="+4915112345678",
    first_name="Ana",
    company="Meadow",
    utm_source="Google",
    score=12,
    outcome="Gold",
    device="mobile",
    country="DE",
    updated_at="2026-05-01T01:00:00Z",
)
EMPTY = lead(2, [])


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """Names and dtypes, without the categories, which depend on the rows."""
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


def test_flat_columns_and_dtypes() -> None:
    """Every flat column exists, in order, in its dtype."""
    frame = read([FULL]).leads(answers="none", tz="Europe/Berlin")
    assert list(frame.columns) == [column.name for column in FLAT]
    assert frame["lead_id"].dtype == STR
    assert str(frame["created_at"].dtype) == "datetime64[us, Europe/Berlin]"
    assert list(frame["status"].cat.categories) == ["started", "partial", "completed"]
    assert frame["status"].cat.ordered
    assert frame["status"].cat.categories.dtype == STR
    assert str(frame["score"].dtype) == "float64"


def test_wide_values_and_dtypes() -> None:
    """Each kind of question in its dtype and with its value."""
    frame = read([FULL, EMPTY]).leads()
    row = frame.iloc[0]
    assert row["choice"] == "Yes"
    assert list(frame["choice"].cat.categories) == ["Yes", "No"]
    assert [row[f"colours[{o}]"] for o in ("Red", "Blue, dark", "Green & gold")] == [True, False, True]
    assert (row["number"], row["slider"], row["stars"], row["note"]) == (1.5, 4.0, 5, "02139")
    assert (row["rank[Scent]"], row["rank[Colour]"]) == (2, 1)
    kinds = dtypes(frame)
    assert (kinds["number"], kinds["slider"], kinds["stars"]) == ("Float64", "Float64", "Int64")
    assert (kinds["colours[Red]"], kinds["choice"], kinds["rank[Scent]"]) == ("boolean", "category", "Int64")
    assert frame["note"].dtype == STR
    assert frame.iloc[1][["choice", "colours[Red]", "number", "stars", "note", "rank[Scent]"]].isna().all()


@pytest.mark.parametrize("records", [[], [FULL], [EMPTY], [EMPTY, lead(3, [answer("q-n", None)])], [FULL, EMPTY] * 1])
@pytest.mark.parametrize("answers", ["wide", "none"])
def test_dtypes_do_not_depend_on_the_rows(records: list[dict[str, Any]], answers: Any) -> None:
    """No rows, one row, all missing: the same columns and dtypes as with many."""
    assert dtypes(read(records).leads(answers=answers)) == dtypes(read([FULL, EMPTY]).leads(answers=answers))


def test_long_and_dictionary_dtypes_do_not_depend_on_the_rows() -> None:
    """The long frame and the data dictionary keep their dtypes with zero rows."""
    full, empty, nothing = read([FULL]), read([]), read_all([])
    assert dtypes(empty.answers()) == dtypes(full.answers()) == dtypes(nothing.answers())
    assert dtypes(empty.questions_frame()) == dtypes(full.questions_frame()) == dtypes(nothing.questions_frame())
    assert dtypes(nothing.leads()) == dtypes(full.leads(answers="none"))
    assert dtypes(contents_frame([])) == dtypes(contents_frame([QUIZ]))


def test_no_head_shows_an_e_mail() -> None:
    """Neither the first columns nor a shortened picture of 20 or 31 columns shows who somebody is."""
    frame = read([FULL]).leads()
    contact = {column.name for column in FLAT if column.contact}
    assert contact.isdisjoint(frame.columns[:10])
    assert contact.isdisjoint(frame.columns[-10:])
    with pd.option_context("display.max_columns", 20):
        assert "ana@" not in repr(frame)
        assert "ana@" not in frame._repr_html_()  # type: ignore[operator]
        assert "ana@" not in repr(read([FULL]).leads(answers="none").head())
    assert "ana@" not in repr(frame.iloc[:, :10])


def test_several_contents_share_columns_of_one_question() -> None:
    """A question id that two contents share is one column; the content stands in its own column."""
    other = ContentItem(id="c2", name="Quiz")
    frame = read_all([(QUIZ, FORM, [FULL]), (other, FORM[:1], [lead(4, [answer("q-c", "No")])])]).leads()
    assert frame["choice"].tolist() == ["Yes", "No"]
    assert list(frame["content"]) == ["Quiz (c1)", "Quiz (c2)"]
    assert frame["content_type"].tolist()[0] == "Outcome quiz"
    assert pd.isna(frame["content_type"][1])


def test_contents_frame() -> None:
    """One row a content, the address without its template part, counts as Int64."""
    items = [
        ContentItem(id="1", name="A", type="Quiz", status="Live", calc_url="https://a.example.com/{x}", leads_count=3),
        ContentItem(id="2", meta_title="B", created_at=1777629600, short_url="https://s.example.com"),
    ]
    frame = contents_frame(items, tz="Europe/Berlin")
    assert list(frame.columns) == ["content_id", "title", "type", "status", "url", "created_at", "leads"]
    assert frame["title"].tolist() == ["A", "B"]
    assert frame["url"].tolist() == ["https://a.example.com/", "https://s.example.com"]
    assert frame["leads"].tolist() == [3, pd.NA]
    assert frame["created_at"][1] == pd.Timestamp("2026-05-01T12:00", tz="Europe/Berlin")


def test_narrowing_needs_no_other_read() -> None:
    """Window, status, contents and limit choose rows; the order is that of time, whatever the order of arrival."""
    records = [lead(n, status="partial" if n % 2 else "completed") for n in (5, 3, 9, 1)]
    kept = read(records, page=1)
    ids = [f"{n:024x}" for n in (1, 3, 5, 9)]
    assert kept.leads()["lead_id"].tolist() == ids
    span = Window(datetime(2026, 5, 1, 0, 3, tzinfo=UTC), datetime(2026, 5, 1, 0, 9, tzinfo=UTC))
    assert kept.leads(window=span)["lead_id"].tolist() == ids[1:3]
    assert kept.leads(limit=2)["lead_id"].tolist() == ids[:2]
    assert kept.leads(status="completed").empty
    assert len(kept.leads([])) == 0
    assert kept.span() == (datetime(2026, 5, 1, 0, 1, tzinfo=UTC), datetime(2026, 5, 1, 0, 9, tzinfo=UTC))
    for wrong in ({"status": "won"}, {"limit": -1}, {"answers": "long"}):
        with pytest.raises(ConfigError):
            kept.leads(**wrong)


def test_time_sorts_before_id() -> None:
    """A lead with a smaller id that came later stands later; of one instant the smaller id stands first."""
    late, early = {**lead(1), "created_at": "2026-06-01T00:00:00Z"}, lead(2)
    twin = {**lead(3), "id": "0", "created_at": early["created_at"]}
    assert read([late, early, twin]).leads()["lead_id"].tolist() == ["0", early["id"], late["id"]]


def test_a_lead_without_a_time_is_in_every_window() -> None:
    """Rows are never silently missing because their time is unknown."""
    kept = read([lead(1), {"id": "no-time"}])
    span = Window(datetime(2027, 1, 1, tzinfo=UTC), None)
    assert kept.leads(window=span)["lead_id"].tolist() == ["no-time"]
    assert pd.isna(kept.leads()["created_at"].iloc[-1])


def test_a_lead_that_came_twice_is_kept_as_last_updated() -> None:
    """Whatever the order and the pages, the later update wins, with its own answers."""
    old = {**lead(1, [answer("q-t", "old")]), "updated_at": "2026-05-02T00:00:00Z"}
    new = {**lead(1, [answer("q-t", "new")]), "updated_at": "2026-05-03T00:00:00Z"}
    for records in ([old, new], [new, old], [lead(2), new, lead(3), old]):
        frame = read(records, page=2).leads()
        assert frame["lead_id"].is_unique
        assert frame["note"].tolist()[0] == "new"
        assert read(records).answers()["text"].tolist() == ["new"]


def test_labels_off_gives_what_was_received() -> None:
    """Options as the form words them and HTML as it came, instead of clean labels."""
    records = [lead(1, [answer("q-c", "o-no"), answer("q-m", ["Green &amp; gold"])])]
    on, off = read(records).leads(), read(records).leads(labels=False)
    assert (on["choice"][0], off["choice"][0]) == ("No", "o-no")
    assert "colours[Green & gold]" in on
    assert "colours[Green &amp; gold]" in off


def test_labels_off_with_options_that_came_as_ids() -> None:
    """An option is called as it was received, ids are known, and nothing ticked is also shown as not ticked."""
    told: list[str] = []
    kept = read([lead(1, [answer("q-m", ["o-1", "o-2"]), answer("q-k", ["k-2", "k-1"]), answer("q-c", "o-yes")])])
    frame = kept.leads(labels=False, tell=lambda _, sentence: told.append(sentence))
    ticks = {name: frame[name][0] for name in frame.columns if name.startswith("colours[")}
    assert ticks == {"colours[o-1]": True, "colours[o-2]": True, "colours[o-3]": False}
    assert (frame["rank[k-1]"][0], frame["rank[k-2]"][0], "rank[Scent]" in frame) == (2, 1, False)
    assert list(frame["choice"].cat.categories) == ["o-yes", "o-no"]
    assert told == []
    assert kept.answers(labels=False)["option"].tolist() == ["o-1", "o-2", "k-2", "k-1", "o-yes"]
    masked = kept.leads(labels=False, mask_key=b"k")
    assert (masked["choice"][0], masked["colours[o-1]"][0]) == ("o-yes", True)


def test_labels_off_with_options_that_came_in_two_ways() -> None:
    """An option that came as id and as text has one column; an answer of two ids in one text ticks both."""
    kept = read(
        [
            lead(1, [answer("q-m", ["o-1"]), answer("q-c", "o-no")]),
            lead(2, [answer("q-m", ["Red", "Mauve"]), answer("q-c", "No")]),
            lead(3, [answer("q-m", "o-1, Blue, dark")]),
            lead(4, [answer("q-m", "o-1,o-2")]),
        ]
    )
    frame = kept.leads(labels=False)
    assert [name for name in frame.columns if name.startswith("colours[")] == [
        "colours[Red]",
        "colours[o-2]",
        "colours[Green &amp; gold]",
        "colours[Mauve]",
        "colours[o-1, Blue, dark]",
    ]
    assert frame["colours[Red]"].tolist() == [True, True, False, True]
    assert frame["colours[Mauve]"].tolist() == [False, True, False, False]
    assert list(frame["choice"].cat.categories) == ["Yes", "No", "o-no"]
    assert frame["choice"].tolist()[:2] == ["o-no", "No"]


def test_a_text_goes_before_another_options_id() -> None:
    """Options numbered otherwise than they are worded are told by their words."""
    form = [
        Question(
            id="q", text="Size", kind="single choice", options=(Option(id="1", text="2"), Option(id="2", text="1"))
        )
    ]
    records = [lead(1, [answer("q", "1", text="Size", kind="single choice")])]
    assert read(records, questions=form).leads()["size"].tolist() == ["1"]


def test_ranges_are_ordered_and_other_choices_are_not() -> None:
    """A form whose options rise, or an opinion scale with words, gives an ordered category."""
    budget = Question(
        id="b",
        text="Budget",
        kind="single choice",
        options=tuple(Option(text=t) for t in ("Under $50", "$50 to $99", "$100 or more")),
    )
    mood = Question(id="m", text="Mood", kind="opinion scale", options=(Option(text="Bad"), Option(text="Good")))
    single = Question(id="s", text="Single", kind="single choice", options=(Option(text="5 or more"),))
    frame = read([], questions=[budget, mood, single, FORM[0]]).leads()
    assert not frame["single"].cat.ordered
    assert frame["budget"].cat.ordered
    assert frame["mood"].cat.ordered
    assert not frame["choice"].cat.ordered


def test_locate_and_raw_bytes() -> None:
    """A lead's content and time can be found again, and the bytes of its page are there."""
    kept = read(ugly())
    assert kept.locate("65") == [("c1", datetime(2026, 5, 1, 10, tzinfo=UTC))]
    assert kept.locate("nobody") == []
    assert len(kept.bodies) == 1
