"""Column names: stable whatever the order, clean whatever the text, apart where two clash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames.text import column_names, plain_text, slug
from outgrow_nb.records import Question
from tests.unit.frames_support import answer, lead, read


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
