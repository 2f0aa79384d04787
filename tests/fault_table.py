"""Marks the tests that prove a fault survived (`-m fault`, `-k c04`), and writes tests/faults.md after a whole run."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.fault_list import CASES

TABLE = Path(__file__).with_name("faults.md")
_NAMED = re.compile(r"test((?:_[a-z]\d\d)+)(?:_|$)")
_WORST = ("failed", "skipped", "passed")


def ids_of(name: str) -> list[str]:
    """The faults that a test of this name proves: ``test_c01_r18_…`` proves C01 and R18."""
    found = _NAMED.match(name)
    return found[1].upper().strip("_").split("_") if found else []


def table(results: Mapping[str, Mapping[str, Iterable[str]]]) -> str:
    """The table as Markdown: id, case, the tests that prove it, and how they went."""
    lines = [
        "# Faults survived",
        "",
        "Written by the test run. `pytest -m fault` runs these alone, `pytest -k c04` one.",
        "",
    ]
    lines += ["| id | case | tests | result |", "|---|---|---|---|"]
    for fault, case in CASES.items():
        tests = {name: list(outcomes) for name, outcomes in sorted(results.get(fault, {}).items())}
        went = {outcome for outcomes in tests.values() for outcome in outcomes}
        worst = next((outcome for outcome in _WORST if outcome in went), "no test")
        shown = "<br>".join(f"{name}{f' ({len(runs)})' if len(runs) > 1 else ''}" for name, runs in tests.items())
        lines.append(f"| {fault} | {case.replace('|', '/')} | {shown} | {worst} |")
    return "\n".join(lines) + "\n"


class FaultTable:
    """Collects outcomes; in the process that sees all of them, which under xdist is not a worker."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[str, str]] = defaultdict(dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Marks what proves a fault."""
        for item in items:
            if ids_of(item.name):
                item.add_marker(pytest.mark.fault)
                item.extra_keyword_matches.add("fault")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers the worst of setup, call and teardown."""
        name = report.nodeid.partition("[")[0].rpartition("::")[2]
        for fault in ids_of(name):
            known = self._outcomes[fault].get(report.nodeid, "passed")
            self._outcomes[fault][report.nodeid] = min(known, report.outcome, key=_WORST.index)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes the table where every fault was tried; a part of the tests leaves it as it is."""
        if hasattr(session.config, "workerinput") or not set(CASES) <= set(self._outcomes):
            return
        results: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for fault, outcomes in self._outcomes.items():
            for nodeid, outcome in outcomes.items():
                name = nodeid.partition("[")[0].removeprefix("tests/")
                results[fault][name].append(outcome)
        TABLE.write_text(table(results), encoding="utf-8")
