"""What holds for every picture: readable, harmless, alone on its axes, and never a crash."""

import re
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from outgrow_nb import plot
from outgrow_nb.errors import ConfigError
from outgrow_nb.plot import style
from outgrow_nb.plot.offscreen import png
from tests.unit import plot_support as support
from tests.unit.plot_support import TABLES, caption, draw, texts, title, words

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
    """At notebook width no word leaves the picture, is smaller than 9 points, or paler than WCAG has it."""
    assert_inside(case, support.table(case))


def contrast(text: Text, axes: Axes) -> float:
    """Of a text with what is behind it: the cell of a heat map that it stands in, else white (WCAG 2.2, 1.4.3)."""
    behind: Any = "white"
    maps = [child for child in axes.get_children() if isinstance(child, QuadMesh)]
    if maps and text in axes.texts:
        values = maps[0].get_array()
        assert values is not None
        colours = np.asarray(maps[0].cmap(maps[0].norm(values)))
        column, row = text.get_position()
        behind = colours[int(row), int(column)]
    lights = sorted(_luminance(to_rgb(colour)) for colour in (text.get_color(), behind))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


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
            assert contrast(text, axes) >= 4.5, text
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
