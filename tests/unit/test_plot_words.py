"""The words in pictures: harmless whatever they are, and a finding only where the table carries one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb import explore
from outgrow_nb.plot import style
from outgrow_nb.plot import words as plot_words
from tests.unit import plot_support as support
from tests.unit.plot_support import QUESTIONED, TABLES, artist, draw, title, words


def test_an_address_in_a_name_is_left_out() -> None:
    """An e-mail address inside a group's name does not reach the picture."""
    table = support.table("conversion")
    table["utm_source"] = table["utm_source"].cat.rename_categories({"google": "list of ana.silva@example.com"})
    found = " ".join(words(draw("conversion", table)))
    assert "list of (e-mail)" in found
    assert "@" not in found


@pytest.mark.parametrize("case", ["conversion", "timeline by", "funnel by", "crosstab", "scores by", "sources"])
def test_x02_dollars_are_no_mathematics(case: str) -> None:
    """X02: `$…$` in a server's text is written as it stands, and half a formula is no error."""
    frame = support.leads().copy()
    frame["utm_source"] = frame["utm_source"].cat.rename_categories(
        {"google": r"$\frac{bad$", "newsletter": "$5 to $9"}
    )
    axes = draw(case, TABLES[case](frame))
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    assert not [text for text in words(axes) if "$" in text.replace(r"\$", "")]
    assert [text for text in words(axes) if r"\$5 to \$9" in text]


@pytest.mark.parametrize("case", sorted(QUESTIONED))
def test_x02_dollars_in_questions(case: str) -> None:
    """X02: the same in question texts."""
    questions = support.questions().assign(text="What is $x^2$ in $?")
    axes = draw(case, support.table(case), questions=questions)
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    assert not [text for text in words(axes) if "$" in text.replace(r"\$", "")]


def test_emoji_are_left_out() -> None:
    """Emoji, which a picture's font lacks, are left out instead of a box and a warning."""
    table = support.table("conversion")
    table["utm_source"] = table["utm_source"].cat.rename_categories({"google": "Ask Fern 🌿👩‍🌾"})
    axes = draw("conversion", table)
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    assert [text for text in words(axes) if text.startswith("Ask Fern  n = ")]


def _three(rates: list[tuple[float, float, float]], names: tuple[str, ...] = ("a", "b", "c")) -> pd.DataFrame:
    rate, low, high = zip(*rates, strict=True)
    return pd.DataFrame(
        {
            "utm_source": pd.Categorical(names[: len(rates)], categories=names),
            "n": [100] * len(rates),
            "won": [int(100 * one) for one in rate],
            "unknown": 0,
            "rate": rate,
            "low": low,
            "high": high,
            "ranked": True,
        }
    )


def test_a_title_finds_only_what_the_table_carries() -> None:
    """Somebody is ahead where their interval overlaps with no other; else the title says what is shown."""
    apart = [(0.6, 0.5, 0.7), (0.4, 0.3, 0.49), (0.3, 0.2, 0.4)]
    shown = "Share won, by UTM source"
    assert title(draw("conversion", _three(apart))) == f"{shown}: “a” is ahead with 60 %"
    assert title(draw("conversion", _three([apart[0], (0.45, 0.4, 0.51), apart[2]]))) == shown
    assert title(draw("conversion", _three(apart).assign(ranked=[False, True, True]))) == shown
    assert title(draw("conversion", _three(apart, ("(unknown)", "b", "c")))) == shown
    assert title(draw("conversion", _three(apart[:1]))) == shown


def test_no_worst_question_without_one() -> None:
    """The title names where most leave only where the table does."""
    table = explore.dropoff(support.answers(), questions=support.questions())
    assert title(draw("dropoff", table)).startswith("Most leave at “What is your monthly budget?”")
    even = table.assign(worst=False)
    assert title(draw("dropoff", even)) == "Where people leave, question by question"


def test_chance_is_not_called_a_finding() -> None:
    """No finding in the table: titles say so, and nothing is coloured."""
    frame = support.leads()
    lift = explore.lift(frame, "called", by="device")
    assert not lift["finding"].any()
    axes = draw("lift", lift)
    assert title(axes) == "No device differs from the rest beyond chance"
    assert all(len({round(float(part), 3) for part in ink[:3]}) == 1 for ink in artist(axes, "value").get_facecolors())
    related = explore.relate(frame, "called", among=["device"])
    assert title(draw("relate", related)) == "What goes with “Called”: nothing beyond chance"


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0.1, 20))
def test_labels_apart(places: list[float], gap: float) -> None:
    """Labels keep their order and their distance, and nobody moves whose neighbours are far."""
    moved = style.apart(places, gap)
    order = sorted(range(len(places)), key=lambda place: places[place])
    steps = np.diff([moved[place] for place in order])
    assert (steps >= gap - 1e-6).all()
    if len(places) == 1 or np.diff(sorted(places)).min() >= gap:
        assert moved == pytest.approx(places)


@given(st.text(max_size=300), st.integers(8, 60), st.integers(1, 3))
def test_any_text_is_harmless(text: str, width: int, lines: int) -> None:
    """Any text at all: no open dollar, no more lines than asked for, none longer than asked for."""
    made = plot_words.safe(text, width=width, lines=lines)
    assert "$" not in made.replace(r"\$", "")
    assert made.count("\n") < lines
    assert all(len(line.replace(r"\$", "$")) <= width for line in made.split("\n"))
