"""The list of guards to take out is whole and fits the code as it stands; `make breakages` takes them out."""

from pathlib import Path

import pytest

import outgrow_nb
from tests.breakages.case import Breakage
from tests.breakages.everything import EVERYTHING
from tests.fault_list import CASES
from tests.fault_table import ids_of

ROOM = Path(outgrow_nb.__file__).parent
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("case", EVERYTHING, ids=lambda case: f"{case.fault}-{case.file}")
def test_each_guard_stands_where_the_list_says(case: Breakage) -> None:
    """Once in the code, and tests of that fault in that file."""
    assert (ROOM / case.file).read_text(encoding="utf-8").count(case.old) == 1
    assert case.new != case.old
    lines = (TESTS / case.tests).read_text(encoding="utf-8").splitlines()
    names = [line.strip().removeprefix("def ").partition("(")[0] for line in lines if line.startswith("def test_")]
    assert any(case.fault in ids_of(name) for name in names)


def test_no_fault_is_left_out() -> None:
    """Every fault of the list has a guard that is taken out."""
    assert {case.fault for case in EVERYTHING} == set(CASES)
