"""Every fault has a test, every id in a test's name is a fault, and the table tells the worst."""

import ast
from pathlib import Path

import pytest

from tests.fault_list import CASES
from tests.fault_table import ids_of, table

TESTS = Path(__file__).parents[1]


def named() -> dict[str, list[str]]:
    """The faults that each test function of the tree names."""
    found: dict[str, list[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (ids := ids_of(node.name)):
                found[f"{path.name}::{node.name}"] = ids
    return found


def test_every_fault_has_a_test() -> None:
    """No case of the list is without a test that names it."""
    tried = {fault for ids in named().values() for fault in ids}
    assert sorted(set(CASES) - tried) == []


def test_every_id_is_a_fault() -> None:
    """No test claims a case that is not in the list."""
    assert {test: ids for test, ids in named().items() if not set(ids) <= set(CASES)} == {}


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("test_c04_eight", ["C04"]),
        ("test_c01_r18_one[3]", ["C01", "R18"]),
        ("test_f07", ["F07"]),
        ("test_nothing_of_c04", []),
        ("test_utf16_names", []),
    ],
)
def test_ids(name: str, ids: list[str]) -> None:
    """The ids stand right after `test`."""
    assert ids_of(name) == ids


def test_the_worst_is_told() -> None:
    """One failure among many shows, and so does a case without a test."""
    lines = table({"C04": {"a.py::test_c04": ["passed", "failed"]}, "C05": {"a.py::test_c05": ["passed"]}}).splitlines()
    told = {line.split(" | ")[0].strip("| "): line for line in lines if line.startswith("| ")}
    assert told["C04"].endswith("| a.py::test_c04 (2) | failed |")
    assert told["C05"].endswith("| a.py::test_c05 | passed |")
    assert told["C06"].endswith("|  | no test |")
