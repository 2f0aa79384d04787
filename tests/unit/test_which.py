"""Contents by exact title or id: near matches are named, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.client.which import which
from outgrow_nb.errors import UnknownContent
from outgrow_nb.records import ContentItem

PLAN = ContentItem(id="a1", name="Which plan fits you?")
LAWN = ContentItem(id="b2", name="What will your lawn cost?")
TWIN = ContentItem(id="c3", name="What will your lawn cost?")
UNNAMED = ContentItem(id="d4")
ITEMS = [PLAN, LAWN, TWIN, UNNAMED]


def problem(wanted: str | list[str], items: list[ContentItem] = ITEMS) -> str:
    with pytest.raises(UnknownContent) as caught:
        which(wanted, items)
    return str(caught.value)


def test_none_means_all() -> None:
    """No name asks for everything, in the account's order."""
    assert which(None, ITEMS) == ITEMS


def test_by_title_and_by_id() -> None:
    """An exact title or an id finds the content; the order asked for stays, twice the same counts once."""
    assert which("Which plan fits you?", ITEMS) == [PLAN]
    assert which(["c3", "Which plan fits you?", "a1"], ITEMS) == [TWIN, PLAN]
    assert which("d4", ITEMS) == [UNNAMED]
    assert which([], ITEMS) == []


def test_id_goes_before_title() -> None:
    """A content whose title is another's id does not hide that other."""
    cheat = ContentItem(id="e5", name="a1")
    assert which("a1", [cheat, PLAN]) == [PLAN]


def test_two_of_one_title() -> None:
    """Two contents of one title are an error that lists their ids."""
    assert problem("What will your lawn cost?") == (
        "2 contents are called 'What will your lawn cost?'.\nName one by its id: b2, c3."
    )


@pytest.mark.parametrize("typed", ["which plan fits you", "Which plan fits yuo?", "PLAN", "which plan"])
def test_near_matches_are_named(typed: str) -> None:
    """A typing error, another case or a part of the title names the title that is meant."""
    assert problem(typed) == f"No content is called {typed!r}.\nDid you mean 'Which plan fits you?'?"


def test_nothing_near() -> None:
    """A name like no other leads to the list of contents."""
    assert problem("zzz") == "No content is called 'zzz'.\nog.contents() lists what there is."
    assert problem("zzz", []).endswith("og.contents() lists what there is.")


def test_at_most_three_near_matches() -> None:
    """A common word does not list a whole account."""
    many = [ContentItem(id=str(n), name=f"Quiz number {n}") for n in range(50)]
    assert problem("Quiz number", many).count("Quiz number") == 4


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=6))
def test_never_another_content_than_the_named_one(typed: str, titles: list[str]) -> None:
    """Whatever is typed: exactly the content of that title or id, or an error; never a guess."""
    items = [ContentItem(id=f"id-{n}", name=title) for n, title in enumerate(titles)]
    try:
        found = which(typed, items)
    except UnknownContent:
        assert sum(typed in (item.title, item.id) for item in items) != 1
        return
    assert [typed in (item.title, item.id) for item in found] == [True]
