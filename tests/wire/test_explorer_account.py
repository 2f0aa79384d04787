"""The explorer over a real account: its code makes the very tables, it reads each content once, and asks nobody."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

import outgrow_nb
from outgrow_nb.client import Outgrow
from outgrow_nb.notebook.explorer import names
from outgrow_nb.notebook.explorer_panel import Explorer
from outgrow_nb.notebook.exploring import Exploring
from outgrow_nb.notebook.material import Account
from outgrow_nb.notebook.views import VIEWS, Choice
from tests.unit.explorer_support import table_of
from tests.wire.clients import Asked, client, credentials, signed_in, with_key
from tests.wire.sandbox_fixtures import Sandbox

PLAN = "Which plan fits you?"


@pytest.mark.parametrize("way", [signed_in, with_key])
def test_the_code_of_every_view_makes_the_same(sandbox: Sandbox, way: Any) -> None:
    """By sign-in and by API key: the two lines, run as they stand, make the table that is shown, and its picture."""
    og = client(way(sandbox), sandbox=True, tz="America/New_York")
    plt.switch_backend("agg")
    namespace: dict[str, Any] = {"og": og, "outgrow_nb": outgrow_nb}
    exploring = Exploring(Account(og), lambda: names(og, namespace))
    exploring.read(PLAN)
    for view in VIEWS:
        by = "how_much_do_you_spend_a_month" if view.splits else None
        shown = exploring.show(Choice(content=PLAN, view=view, since=date(2026, 5, 2), until=date(2026, 6, 15), by=by))
        assert shown.account == "SANDBOX - invented people"
        assert shown.leads > 0
        made = table_of(shown.code, namespace)
        # the name of a question's column is that of its oldest text in the read, and this read was shorter
        named = ["column"] if view.needs == "answers" else []
        pd.testing.assert_frame_equal(made.drop(columns=named), shown.table.drop(columns=named))
        if view.draws:
            assert isinstance(eval(shown.code.split("\n")[1].removesuffix(";"), namespace), Axes)
            plt.close("all")


def test_contents_and_reads(sandbox: Sandbox) -> None:
    """Contents stand by leads, the most first, then all of them; what has been read is not asked for again."""
    og = client(signed_in(sandbox))
    exploring = Exploring(Account(og), lambda: names(og, {"og": og}))
    found = exploring.contents()
    assert found[0] == (PLAN, PLAN)
    assert found[-1] == ("All contents", None)
    assert len(found) == len(og.contents()) + 1
    exploring.read(PLAN)
    before = int(sandbox.stats()["api_requests"])
    for view in exploring.views(PLAN):
        exploring.show(Choice(content=PLAN, view=view))
    exploring.read(PLAN)
    assert int(sandbox.stats()["api_requests"]) == before
    exploring.read(None)
    assert "Drop-off" not in {view.label for view in exploring.views(None)}
    shown = exploring.show(Choice(content=None, view=VIEWS[0]))
    assert len(shown.table) > 5
    pd.testing.assert_frame_equal(table_of(shown.code, {"og": og, "outgrow_nb": outgrow_nb}), shown.table)


def test_a_click_asks_nobody(sandbox: Sandbox) -> None:
    """Nobody is signed in: a click is told so at once; a click has no cell where somebody could answer."""
    asked = Asked()
    entry = signed_in(sandbox)
    kept = credentials(entry, asked=asked)
    panel = Explorer(Exploring(Account(Outgrow(kept)), lambda: names(None, {})))
    kept.sign_out()
    panel._again.click()
    assert "outgrow-nb-line bad" in panel._line.value
    assert "Traceback" not in panel._line.value
    assert panel._again.layout.display != "none"
