"""The code that the explorer offers: two lines that make the same view and run as they stand."""

from datetime import date

import pandas as pd
import pytest

from outgrow_nb.notebook.exploring import Exploring
from outgrow_nb.notebook.lines import Names
from outgrow_nb.notebook.material import Given
from outgrow_nb.notebook.views import VIEWS
from tests.unit.explore_support import BUDGET, PLAN, THUMB, sandbox_read
from tests.unit.explorer_support import BY_LABEL, Shelf, choice, table_of


def test_code_of_an_account() -> None:
    """The lines name the account, the content, the period and the split as the person's notebook has them."""
    part = Shelf().read(PLAN)
    exploring = Exploring(Shelf(), lambda: Names(package="on", source="acme"))
    exploring.read(PLAN)
    made = exploring.show(choice("Funnel", since=date(2026, 1, 5), until=date(2026, 6, 1), by="utm_source")).code
    assert made == (
        f'leads = acme.leads("{PLAN}", since="2026-01-05", until="2026-06-01")\n'
        'on.plot.funnel(on.explore.funnel(leads, by="utm_source"));'
    )
    assert part.answers is not None
    assert exploring.show(choice("Drop-off")).code == (
        f'answers = acme.answers("{PLAN}")\n'
        f'on.plot.dropoff(on.explore.dropoff(answers, questions=acme.questions("{PLAN}")));'
    )
    assert exploring.show(choice("Scores", by=BUDGET)).code == (
        f'leads = acme.leads("{PLAN}")\n'
        f'on.plot.scores(on.explore.scores(leads, by="{BUDGET}"), questions=acme.questions("{PLAN}"));'
    )
    assert exploring.show(choice("Overview")).code == f'leads = acme.leads("{PLAN}")\non.explore.overview(leads)'


@pytest.mark.parametrize("label", [one.label for one in VIEWS if one.needs == "leads"])
@pytest.mark.parametrize("content", [None, PLAN])
@pytest.mark.parametrize("span", [(None, None), (date(2026, 4, 1), None), (date(2026, 4, 1), date(2026, 5, 31))])
def test_code_of_a_frame_makes_the_same(label: str, content: str | None, span: tuple[date | None, date | None]) -> None:
    """Of a frame of leads, the lines run as they stand and make the very table."""
    frame = sandbox_read(3, 2_000, (PLAN, THUMB)).leads(None, tz="Europe/Berlin")
    exploring = Exploring(Given(frame), lambda: Names(source="mine", imports=True))
    exploring.read(content)
    by = "utm_source" if BY_LABEL[label].splits else None
    shown = exploring.show(choice(label, content, since=span[0], until=span[1], by=by))
    made = table_of(shown.code, {"mine": frame})
    pd.testing.assert_frame_equal(made, shown.table)
