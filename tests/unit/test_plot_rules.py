"""What holds for every picture: readable, harmless, alone on its axes, and never a crash."""

import re
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from outgrow_nb import explore, plot
from outgrow_nb.errors import ConfigError
from outgrow_nb.plot import style
from outgrow_nb.plot import words as plot_words
from outgrow_nb.plot.offscreen import png
from tests.unit import plot_support as support
from tests.unit.plot_support import QUESTIONED, TABLES, artist, caption, draw, texts, title, words

EVERY = pytest.mark.parametrize("case", sorted(TABLES))
_SPLIT = {"conversion", "lift", "lift several", "sources", "crosstab", "relate"}
SANDBOX = "SANDBOX - invented people"


def test_cases_are_all_pictures() -> None:
    """Every public picture is among the cases here."""
    assert {case.partition(" ")[0] for case in TABLES} | {"dashboard"} == set(plot.__all__)


@EVERY
def test_leaves_everything_else_alone(case: str) -> None:
    """With `ax` a picture touches no pyplot and no setting, changes no table, and gives the axes back."""
    table = support.table(case)
    before, settings = table.copy(), dict(mpl.rcParams)
    draw(case, table)
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == settings
    pd.testing.assert_frame_equal(table, before)


def test_a_figure_of_its_own() -> None:
    """Without `ax` there is one new figure of notebook width, which pyplot shows at the end of the cell."""
    mpl.use("agg")
    axes = plot.funnel(support.table("funnel"))
    figure = axes.get_figure(root=True)
    assert figure is not None
    assert len(plt.get_fignums()) == 1
    assert figure.get_figwidth() * 100 == 720
    plt.close(figure)


@EVERY
def test_nobody(case: str) -> None:
    """No leads: axes that say so, where there is nothing to draw."""
    axes = draw(case, TABLES[case](support.leads().head(0)))
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    said = {"No leads in this period", "No lead has one in this period", "Nothing to compare"}
    assert said & set(words(axes))


@EVERY
@pytest.mark.parametrize("size", [1, 2, 6])
def test_hardly_anybody(case: str, size: int) -> None:
    """One, two or six leads: a picture, or axes that say why there is none."""
    axes = draw(case, TABLES[case](support.leads().iloc[40 : 40 + size].reset_index(drop=True)))
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    assert title(axes)


@pytest.mark.parametrize("case", [case for case in sorted(TABLES) if " by" in case or case in _SPLIT])
def test_a_hundred_groups_with_long_names(case: str) -> None:
    """A hundred groups of endless names: what does not fit is left out and counted, and no word leaves the picture."""
    rng = np.random.default_rng(5)
    frame = support.leads().copy()
    named = [f"source number {one} with a name that nobody would ever want to read {'x' * one}" for one in range(100)]
    frame["utm_source"] = pd.Categorical.from_codes(rng.integers(-1, 100, len(frame)), categories=pd.Index(named))
    axes = draw(case, TABLES[case](frame))
    if case in {"conversion", "lift", "sources", "scores by"}:
        assert re.search(r"[0-9]+ smaller groups not drawn", caption(axes))
        largest = sorted(TABLES[case](frame)["n"])[-20:]
        drawn = [int(name.rpartition("  n = ")[2].replace(",", "")) for name in support.row_names(axes)]
        assert sorted(drawn) == largest
    assert_inside(case, TABLES[case](frame))


@EVERY
def test_every_word_is_inside_and_readable(case: str) -> None:
    """At notebook width no word leaves the picture or is smaller than 9 points."""
    assert_inside(case, support.table(case))


def assert_inside(case: str, table: pd.DataFrame) -> None:
    from outgrow_nb.plot.sheet import Sheet

    sheet = Sheet(figsize=(style.WIDTH, 3), layout="constrained")
    axes = getattr(plot, case.partition(" ")[0])(table, ax=sheet.subplots())
    sheet.draw_without_rendering()
    for text in texts(axes):
        if text.get_text():
            box = text.get_window_extent()
            assert box.x0 >= -3, text
            assert box.x1 <= style.WIDTH * 100 + 3, text
            assert box.y0 >= -3, text
            assert text.get_fontsize() >= 9  # type: ignore[operator]


@EVERY
def test_sandbox_is_named(case: str) -> None:
    """Invented people are called so below the picture; real ones are not."""
    table = support.table(case)
    assert "SANDBOX" not in caption(draw(case, table))
    table.attrs["outgrow"] = {**table.attrs["outgrow"], "account": SANDBOX}
    assert SANDBOX in caption(draw(case, table))


@EVERY
def test_another_table_is_refused(case: str) -> None:
    """A table of another function is refused with the way out, not drawn."""
    with pytest.raises(ConfigError, match="has no column"):
        draw(case, pd.DataFrame({"a": [1]}))


@EVERY
def test_contact_data_is_refused(case: str) -> None:
    """A table with a contact column is not drawn, whatever made it."""
    table = support.table(case)
    table.insert(0, "email", "ana@example.com")
    with pytest.raises(ConfigError, match="email tells who people are"):
        draw(case, table)


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


def test_two_leads_do_not_set_the_scale() -> None:
    """The interval of a few leads may be as wide as the sea: it runs out of the picture, and the others stay seen."""
    table = support.table("scores by")
    low, high = float(table["low"].min()), float(table["high"].max())
    table.loc[0, ["n", "low", "high"]] = [2, -900.0, 900.0]
    first, last = draw("scores by", table).get_xlim()
    assert -100 < first <= low
    assert high <= last < 200


def test_off_screen() -> None:
    """A picture off-screen is as tall as it wants to be, and tells its title."""
    made, said = png(plot.funnel, support.table("funnel"), dpi=50)
    assert made.startswith(b"\x89PNG")
    tall, _ = png(plot.dropoff, support.table("dropoff"), dpi=50)
    (width, height), (same, more) = ([int.from_bytes(one[at : at + 4]) for at in (16, 20)] for one in (made, tall))
    assert width == same == 360
    assert more > 2 * height
    assert said == "How far people get"
    assert plt.get_fignums() == []


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


def test_without_matplotlib() -> None:
    """Where matplotlib is not installed, `outgrow_nb.plot` says how to install it."""
    code = (
        "import sys, importlib.machinery as m\n"
        "class Without(m.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name.partition('.')[0] == 'matplotlib' else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [Without if one is m.PathFinder else one for one in sys.meta_path]\n"
        "import outgrow_nb\n"
        "try: outgrow_nb.plot\n"
        "except outgrow_nb.ConfigError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'outgrow-nb[explore]'" in done.stdout


def test_signature() -> None:
    """Each picture takes the table first, and `questions` and `ax` by name alone."""
    import inspect

    for name in set(plot.__all__) - {"dashboard"}:
        parameters: dict[str, Any] = dict(inspect.signature(getattr(plot, name)).parameters)
        assert next(iter(parameters)) == "table"
        assert set(parameters) - {"table", "questions"} == {"ax"}
        assert parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
