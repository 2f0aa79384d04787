"""What is drawn equals the table: every picture's data, read back from its artists."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.dates import num2date

from outgrow_nb import explore, plot
from tests.unit import plot_support as support
from tests.unit.explore_support import BUDGET
from tests.unit.plot_support import (
    TABLES,
    artist,
    caption,
    draw,
    floats,
    lengths,
    places,
    row_names,
    spans,
    title,
    words,
)


@pytest.mark.parametrize(("case", "value"), [("conversion", "rate"), ("sources", "share"), ("lift", "lift")])
def test_dots(case: str, value: str) -> None:
    """Each group's dot, interval and n are the table's, in its order."""
    table = support.table(case)
    axes = draw(case, table)
    np.testing.assert_allclose(places(axes)[:, 0], floats(table, value)[:, 0])
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    assert row_names(axes) == [f"{name}  n = {n:,}" for name, n in zip(table["utm_source"], table["n"], strict=True)]
    total = int(table["n"].sum())
    assert f"n = {total:,}" in caption(axes)


def test_overall_line() -> None:
    """The dotted line of a conversion stands at the rate of all."""
    table = support.table("conversion")
    axes = draw("conversion", table)
    assert artist(axes, "all").get_xdata()[0] == pytest.approx(table["won"].sum() / table["n"].sum())
    assert "dotted" not in caption(draw("sources", support.table("sources")))  # shares there are of known status


def test_few_are_faint_and_unknown_is_grey() -> None:
    """A group that is not ranked is faint, the unknown one grey."""
    table = support.table("conversion")
    table.loc[0, "ranked"] = False
    inks = artist(draw("conversion", table), "value").get_facecolors()
    unknown = list(table["utm_source"]).index("(unknown)")
    assert inks[0][3] < 0.5
    assert (inks[1:, 3] == 1).all()
    red, green, blue, _ = inks[unknown]
    assert red == green == blue
    assert sum(r == g == b for r, g, b, _ in inks) == 1


def test_bands() -> None:
    """Each band's dot and interval stand over its name and n, from the lowest."""
    table = support.table("bands")
    axes = draw("bands", table)
    np.testing.assert_allclose(places(axes)[:, 1], floats(table, "rate")[:, 0])
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == [f"{band}\nn = {n:,}" for band, n in zip(table["band"], table["n"], strict=True)]


def test_relate() -> None:
    """Each column's strength is its stem and dot; findings are blue, the rest grey."""
    table = support.table("relate")
    axes = draw("relate", table)
    np.testing.assert_allclose(places(axes)[:, 0], floats(table, "effect")[:20, 0])
    np.testing.assert_allclose(spans(axes, "stem")[:, 1], floats(table, "effect")[:20, 0])
    coloured = [len({round(float(part), 3) for part in ink[:3]}) > 1 for ink in artist(axes, "value").get_facecolors()]
    assert coloured == list(table["finding"][:20])


def test_scores() -> None:
    """Mean, interval and middle half are the table's."""
    table = support.table("scores by")
    axes = draw("scores by", table)
    np.testing.assert_allclose(places(axes)[:, 0], floats(table, "mean")[:, 0])
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    np.testing.assert_allclose(spans(axes, "middle half"), floats(table, "q25", "q75"))


def test_duration() -> None:
    """Median and middle half are the table's, in the unit that the axis names."""
    table = support.table("duration")
    axes = draw("duration", table)
    assert "in minutes" in caption(axes)
    np.testing.assert_allclose(places(axes)[:, 0] * 60, floats(table, "median")[:, 0])
    np.testing.assert_allclose(spans(axes) * 60, floats(table, "q25", "q75"))


def test_results() -> None:
    """The step line is the table's curve; the title's median is where it first reaches one half."""
    table = support.table("results")
    axes = draw("results", table)
    np.testing.assert_allclose(np.column_stack(artist(axes, "value").get_data()), floats(table, "value", "share"))
    median = float(np.nanquantile(support.leads()["score"], 0.5, method="inverted_cdf"))
    assert title(axes) == f"Score: half have at most {median:g}"


@pytest.mark.parametrize("case", ["options", "options several", "outcomes"])
def test_bars(case: str) -> None:
    """Each option's bar, interval and n are the table's, in form order."""
    table = support.table(case)
    axes = draw(case, table)
    np.testing.assert_allclose(lengths(axes), floats(table, "share")[:, 0])
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    names = [str(name).replace("$", r"\$") for name in table.iloc[:, 0]]
    assert row_names(axes) == [f"{name}  n = {n:,}" for name, n in zip(names, table["n"], strict=True)]


@pytest.mark.parametrize(("case", "rows", "columns"), [("crosstab", 7, 5), ("outcomes by", 7, 4)])
def test_heat_maps(case: str, rows: int, columns: int) -> None:
    """Each cell has the share of its row and column, as colour and in words."""
    table = support.table(case)
    axes = draw(case, table)
    wide = table.pivot(index=table.columns[0], columns=table.columns[1], values="share")
    drawn = artist(axes, "value").get_array()
    assert drawn.shape == (rows, columns)
    assert [name.partition("  n = ")[0] for name in row_names(axes)] == list(wide.index)
    np.testing.assert_allclose(drawn, wide.to_numpy(dtype=float))
    first = float(table["share"].iloc[0])
    said = f"{first:.1%}" if first < 0.0995 else f"{first:.0%}"
    assert said.replace("%", "\xa0%") in words(axes)


def test_hours() -> None:
    """Each hour of the week has its count, Monday on top."""
    table = support.table("hours")
    axes = draw("hours", table)
    assert row_names(axes) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    np.testing.assert_array_equal(artist(axes, "value").get_array().ravel(), table["n"])
    assert "UTC" in title(axes)


def test_missing() -> None:
    """Columns with gaps, the widest first; those without are counted in the title."""
    table = support.table("missing")
    axes = draw("missing", table)
    gaps = table[table["n"] > 0].sort_values("share", ascending=False, kind="stable")
    np.testing.assert_allclose(lengths(axes), floats(gaps, "share")[:20, 0])
    assert title(axes) == f"{len(gaps)} of {len(table)} columns have gaps"


def test_timeline() -> None:
    """All and completed leads of each period, its edges on the clock of its zone; the part of a period is hatched."""
    frame = support.leads().assign(created_at=support.leads()["created_at"].dt.tz_convert("Asia/Tokyo"))
    table = explore.timeline(frame)
    axes = draw("timeline", table)
    drawn = artist(axes, "n").get_data()
    np.testing.assert_array_equal(drawn.values, table["n"])
    np.testing.assert_array_equal(artist(axes, "completed").get_data().values, table["completed"])
    starts = [moment.replace(tzinfo=None) for moment in num2date(drawn.edges[:-1])]
    assert starts == [one.to_pydatetime() for one in table["period"].dt.tz_localize(None)]
    parts: list[Any] = [child for child in axes.get_children() if child.get_gid() == "part"]
    assert len(parts) == (~table["whole"]).sum() > 0
    assert all(part.get_hatch() for part in parts)
    np.testing.assert_array_equal([part.get_data().values[0] for part in parts], table.loc[~table["whole"], "n"])


def test_timeline_by() -> None:
    """A line for each of the six largest groups; the others are counted in words; the last part is dotted."""
    table = support.table("timeline by")
    axes = draw("timeline by", table)
    sizes = table.groupby("utm_source", observed=True)["n"].sum().sort_values(ascending=False)
    assert len(sizes) == 7
    for name in sizes.index[:6]:
        rows = table[table["utm_source"] == name]
        whole = rows[rows["whole"] | (rows["period"] < rows["period"].max())]
        np.testing.assert_array_equal(artist(axes, name).get_ydata(), whole["n"])
    assert not [child for child in axes.get_children() if child.get_gid() == sizes.index[6]]
    assert "1 smaller group not drawn" in caption(axes)
    dotted = [child for child in axes.get_children() if child.get_gid() == "part"]
    assert len(dotted) == (0 if table["whole"].iloc[-1] else 6)


def test_funnel() -> None:
    """Each step's bar is its share of the first step, with its n."""
    table = support.table("funnel")
    axes = draw("funnel", table)
    np.testing.assert_allclose(lengths(axes), floats(table, "share")[:, 0])
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    assert row_names(axes) == [f"{step}  n = {n:,}" for step, n in zip(table["step"], table["n"], strict=True)]


def test_funnel_by() -> None:
    """A line for each of the six largest groups, through the shares of its steps, named with its n."""
    table = support.table("funnel by")
    axes = draw("funnel by", table)
    first = table[table["step"] == "started"].sort_values("n", ascending=False, kind="stable").head(6)
    for name, n in zip(first["utm_source"], first["n"], strict=True):
        rows = table[table["utm_source"] == name]
        np.testing.assert_allclose(artist(axes, str(name)).get_ydata(), floats(rows, "share")[:, 0])
        assert [text for text in words(axes) if text.startswith(f"{name}  ") and text.endswith(f"n = {n:,}")]


def test_dropoff() -> None:
    """Each question's rate and interval, its text and n above its bar."""
    table = explore.dropoff(support.answers(), questions=support.questions())
    axes = draw("dropoff", table)
    np.testing.assert_allclose(lengths(axes), np.nan_to_num(floats(table, "rate")[:, 0]))
    np.testing.assert_allclose(spans(axes), floats(table, "low", "high"))
    labels = [child.get_text() for child in axes.texts if child.get_gid() == "label"]
    assert [label.rpartition("  n = ")[2] for label in labels] == [f"{n:,}" for n in table["n"]]
    assert labels[4].startswith("5. What is your monthly budget?")


def test_dashboard() -> None:
    """Six pictures of the same leads on one page, under the content's name, outside pyplot."""
    page: Any = plot.dashboard(support.leads(), support.answers(), questions=support.questions())
    assert len(page.axes) == 6
    assert page.get_suptitle() == "Which plan fits you?"
    np.testing.assert_array_equal(artist(page.axes[0], "n").get_data().values, explore.timeline(support.leads())["n"])
    np.testing.assert_allclose(lengths(page.axes[1]), floats(explore.funnel(support.leads()), "share")[:, 0])
    np.testing.assert_allclose(places(page.axes[3])[:, 0], floats(explore.sources(support.leads()), "share")[:, 0])
    np.testing.assert_allclose(lengths(page.axes[5]), floats(explore.outcomes(support.leads()), "share")[:, 0])
    assert page._repr_png_().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_dashboard_of_nobody() -> None:
    """No leads and no answers: a page that says so six times."""
    page = plot.dashboard(support.leads().head(0), support.answers().head(0))
    page.draw_without_rendering()
    assert sum("No lead" in text for axes in page.axes for text in words(axes)) == 6


def test_question_texts() -> None:
    """With the data dictionary the pictures say questions, not column names."""
    frame = support.leads()
    known = support.questions()
    assert title(draw("options", explore.options(frame, BUDGET), questions=known)) == "What is your monthly budget?"
    assert "“What is your monthly budget?”" in title(draw("funnel", explore.funnel(frame, by=BUDGET), questions=known))
    rows = row_names(draw("relate", TABLES["relate"](frame), questions=known))
    assert any(name.startswith("What is your monthly budget?") for name in rows)
    assert pd.Series(rows).str.contains("_").sum() == 0
