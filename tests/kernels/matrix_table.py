"""Shows after a run how long each case took in each ipykernel: `pytest -p tests.kernels.matrix_table`."""

import re
from collections import defaultdict
from collections.abc import Mapping

import pytest

from tests.install import kernels

_NAMED = re.compile(r"test_matrix_\w+\.py::test_(?:[a-z]\d\d_)*(?P<case>\w+)\[(?P<version>[\d.]+)(?:-(?P<way>.+))?\]$")
_WENT: dict[str, dict[str, str]] = defaultdict(dict)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes the seconds of a case, or that it did not go well; what a test measured itself goes first."""
    found = _NAMED.search(report.nodeid)
    if found is None or (report.when != "call" and report.passed):
        return
    case = found["case"].replace("_", " ") + (f", {found['way']}" if found["way"] else "")
    seconds = dict(report.user_properties).get("seconds", report.duration)
    _WENT[case][found["version"]] = f"{seconds:.2f}" if report.passed else report.outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, in the process that has seen every test."""
    if _WENT:
        terminalreporter.section("seconds by case and ipykernel")
        terminalreporter.write_line(table(_WENT))


def table(went: Mapping[str, Mapping[str, str]]) -> str:
    """A row for each case, a column for each version that was run."""
    versions = [name for name in kernels.MATRIX if any(name in row for row in went.values())]
    width = max(map(len, went))
    lines = [" " * width + "".join(f"{kernels.installed(name):>9}" for name in versions)]
    for case, row in went.items():
        lines.append(f"{case:{width}}" + "".join(f"{row.get(name, '-'):>9}" for name in versions))
    return "\n".join(lines)
