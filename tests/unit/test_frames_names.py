"""Column names: stable whatever the order, clean whatever the text, apart where two clash."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames import KeptLeads
from outgrow_nb.frames.families import Member, families
from outgrow_nb.frames.text import column_names, plain_text, slug
from outgrow_nb.records import ContentItem, Option, Question
from tests.unit.frames_support import answer, lead, read, read_all


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<p>What do you want from your <b>garden</b>?</p>", "what_do_you_want_from_your_garden"),
        ("Hedges &amp; trees", "hedges_trees"),
        ("日当たりは?", "日当たりは"),
        ("How 🌿?", "how"),
        ("🌿", "question"),
        ("", "question"),
        ("2 + 2", "2_2"),
        ("ÀÉÎ", "àéî"),
        ("word " * 30, "word_word_word_word_word_word_word_word_word"),
        ("x" * 90, "x" * 48),
    ],
)
def test_slugs(text: str, name: str) -> None:
    """Letters and digits of any script, lower case, joined by one line."""
    assert slug(text) == name


def test_html_is_stripped() -> None:
    """Tags and entities go, scripts go with what they hold, a lone < stays."""
    assert plain_text("<p>A <b>b</b> &lt; c</p>") == "A b < c"
    assert plain_text("<script>alert(1)</script>Hi") == "Hi"
    assert plain_text("1 < 2") == "1 < 2"


@settings(deadline=None)
@given(
    st.dictionaries(st.text(min_size=1, max_size=6), st.text(max_size=8), max_size=8), st.randoms(use_true_random=False)
)
def test_names_are_distinct_and_do_not_depend_on_order(texts: dict[str, str], chance: object) -> None:
    """One name a question, none that is taken, the same in any order."""
    items = list(texts.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    names = column_names(texts, {"email", "score"})
    assert column_names(dict(items), {"email", "score"}) == names
    assert len(set(names.values())) == len(texts)
    assert not {"email", "score"} & set(names.values())


def test_two_questions_of_one_text_both_get_their_id() -> None:
    """Neither keeps the bare name, so that the order of arrival does not matter."""
    one, other = answer("a1", "x", text="How much?"), answer("b2", "y", text="How much?")
    for given_ in ([one, other], [other, one]):
        frame = read([lead(1, given_)], questions=[]).leads()
        assert (frame["how_much_a1"][0], frame["how_much_b2"][0]) == ("x", "y")
        assert "how_much" not in frame


def test_a_renamed_question_keeps_its_column() -> None:
    """The oldest text of the read names it; the dictionary tells what changed, and when each was seen."""
    form = [Question(id="q", text="<b>New</b> text?", kind="text")]
    records = [lead(2, [answer("q", "b", text="New text?")]), lead(1, [answer("q", "a", text="Old text?")])]
    kept = read(records, questions=form)
    assert kept.leads()["old_text"].tolist() == ["a", "b"]
    row = kept.questions_frame().iloc[0]
    assert (row["column"], row["text"], row["changed_text"]) == ("old_text", "New text?", "Old text?")
    assert (row["first_seen"].minute, row["last_seen"].minute) == (1, 2)


def test_answers_without_ids_find_their_question_by_text() -> None:
    """Answers as an object of texts fill the columns of the form."""
    form = [Question(id="q", text="<p>How many?</p>", kind="number")]
    frame = read([{"id": "a", "answers": {"How many?": "3"}}], questions=form).leads()
    assert frame["how_many"].tolist() == [3.0]
    assert len(frame.columns) == 23


def test_a_question_named_like_a_column() -> None:
    """A question called e-mail or lead_id stands apart from the contact column and the id."""
    frame = read(
        [lead(1, [answer("q9", "007", text="lead_id"), answer("q8", "x", text="Email")])], questions=[]
    ).leads()
    assert (frame["lead_id_q9"][0], frame["email_q8"][0]) == ("007", "x")
    assert frame.columns.is_unique


RED = Question(
    id="1",
    text="Favourite colour",
    kind="single choice",
    options=(Option(id="a", text="Red"), Option(id="b", text="Blue")),
)


def poll(number: int) -> ContentItem:
    return ContentItem(id=f"c{number}", name=f"Poll {number}")


def two(other: Question, value: Any) -> KeptLeads:
    """A content that asks for a colour as question 1, and one with another question 1."""
    given = answer("1", "Red", text=RED.text, kind=RED.kind)
    also = answer("1", value, text=other.text, kind=other.kind)
    return read_all([(poll(1), [RED], [lead(1, [given])]), (poll(2), [other], [lead(2, [also])])])


def test_one_id_for_two_questions_is_two_columns() -> None:
    """Contents that number their questions alike do not mix a colour with a budget."""
    kept = two(Question(id="1", text="Your budget", kind="number"), 500)
    frame = kept.leads()
    assert frame["favourite_colour"].tolist()[0] == "Red"
    assert list(frame["favourite_colour"].cat.categories) == ["Red", "Blue"]
    assert (str(frame["your_budget"].dtype), frame["your_budget"][1]) == ("Float64", 500)
    assert kept.questions_frame()["column"].tolist() == ["favourite_colour", "your_budget"]
    assert kept.answers()["column"].tolist() == ["favourite_colour", "your_budget"]
    assert kept.answers()["question_id"].tolist() == ["1", "1"]


def test_one_id_and_one_text_of_two_kinds() -> None:
    """The same words asked as another kind are another column, told apart by the content."""
    frame = two(Question(id="1", text=RED.text, kind="text"), "reddish").leads()
    assert frame["favourite_colour_1_c1"].tolist()[0] == "Red"
    assert frame["favourite_colour_1_c2"].tolist()[1] == "reddish"
    assert "favourite_colour" not in frame


def test_one_question_in_two_contents_is_one_column() -> None:
    """The same id, kind and words are one column, also where the words have changed since in one of the two."""
    assert two(RED, "Blue").leads()["favourite_colour"].tolist() == ["Red", "Blue"]
    renamed = Question(id="1", text="<b>The colour</b> you like", kind=RED.kind, options=RED.options)
    also = answer("1", "Blue", text="Favourite COLOUR", kind=RED.kind)
    kept = read_all(
        [
            (poll(1), [RED], [lead(1, [answer("1", "Red", text=RED.text, kind=RED.kind)])]),
            (poll(2), [renamed], [lead(2, [also])]),
        ]
    )
    assert kept.leads()["favourite_colour"].tolist() == ["Red", "Blue"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("12"), st.sampled_from(["", "text", "number"]), st.frozensets(st.sampled_from("abc"))
        ),
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_families_do_not_depend_on_order(questions: list[tuple[str, str, frozenset[str]]], chance: Any) -> None:
    """The same questions in any order have the same families, and only those of one id are together."""
    members = [Member(f"c{place}", *one) for place, one in enumerate(questions)]
    names = dict(zip(members, families(members), strict=True))
    chance.shuffle(members)
    assert names == dict(zip(members, families(members), strict=True))
    assert all(one.key == other.key for one in members for other in members if names[one] == names[other])
