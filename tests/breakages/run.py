"""Takes one guard after another out of a copy of the code, runs the tests of its fault, and writes breakages.md.

``make breakages`` runs it: every test of the fault list must have been seen to fail. FAULTS="L03 C05" tries some only.
"""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.breakages.case import Breakage
from tests.breakages.everything import EVERYTHING

HERE = Path(__file__).parents[2]
TABLE = Path(__file__).parent / "breakages.md"
SECONDS = 150
_COPIED = ("outgrow_nb", "tests", "notebooks", "pyproject.toml", "README.md")
_HEAD = """# Guards taken out, one by one

Written by `make breakages`. Each row: one guard of `outgrow_nb` was replaced in a copy, and the tests of that fault were
run against the copy; "caught" means that they failed, and names the first that did.

| fault | file | guard | taken out as | tests | seen |
|---|---|---|---|---|---|
"""


@contextmanager
def broken(copy: Path, case: Breakage) -> Iterator[None]:
    """The copy with one guard taken out, whole again afterwards."""
    path = copy / "outgrow_nb" / case.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(case.old, case.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def run_tests(copy: Path, case: Breakage) -> str:
    """How the tests of the fault went in the copy: ``passed``, ``caught by …``, or ``caught: …`` what else ended them."""
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-q",
        "-x",
        "--tb=no",
        "--show-capture=no",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-k", case.fault.lower(), str(copy / "tests" / case.tests)]
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    with subprocess.Popen(
        command, cwd=copy, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            told, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return "caught: they hung"
    if process.returncode == 0:
        return "passed"
    for line in told.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            name = line.split(" ")[1].partition("[")[0].rpartition("::")[2]
            return f"caught by {name}" if line.startswith("FAILED ") else f"caught: error in {name}"
    return f"no test of this fault (pytest ended with {process.returncode})"


def tried(copies: "queue.Queue[Path]", case: Breakage) -> str:
    """One guard's outcome, in whichever copy is free."""
    copy = copies.get()
    try:
        with broken(copy, case):
            seen = run_tests(copy, case)
    finally:
        copies.put(copy)
    print(f"{case.fault} {case.file}: {seen}", flush=True)
    return seen


def unbroken(copies: "queue.Queue[Path]", case: Breakage) -> str:
    """The same tests with nothing broken: were they to fail then too, a row that says "caught" would say nothing."""
    copy = copies.get()
    try:
        return run_tests(copy, case)
    finally:
        copies.put(copy)


def cell(text: str) -> str:
    """Code in a cell of a Markdown table."""
    shown = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return f"`{shown}`" if shown else "(nothing)"


def write(seen: dict[Breakage, str]) -> None:
    """Writes the table; a row that was not tried now stays as it was."""
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    rows = []
    for case in EVERYTHING:
        begins = f"| {case.fault} | {case.file} | {cell(case.old)} | {cell(case.new)} | {case.tests} |"
        known = [line for line in lines if line.startswith(begins)]
        rows += [f"{begins} {seen[case]} |"] if case in seen else known
    TABLE.write_text(_HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def main() -> int:
    """Tries all guards, two at a time; 1 where a test did not notice."""
    wanted = os.environ.get("FAULTS", "").upper().split()
    cases = [case for case in EVERYTHING if not wanted or case.fault in wanted]
    with tempfile.TemporaryDirectory() as folder:
        copies: queue.Queue[Path] = queue.Queue()
        for number in range(2):
            copy = Path(folder) / str(number)
            copy.mkdir()
            for name in _COPIED:
                source = HERE / name
                if source.is_dir():
                    shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
                else:
                    shutil.copy(source, copy / name)
            copies.put(copy)
        with ThreadPoolExecutor(2) as pool:
            seen = list(pool.map(lambda case: tried(copies, case), cases))
            distinct = list({(case.fault, case.tests): case for case in cases}.values())
            whole = list(pool.map(lambda case: unbroken(copies, case), distinct))
    wrong = [
        f"{case.fault} in {case.tests}: {how}" for case, how in zip(distinct, whole, strict=True) if how != "passed"
    ]
    missed = [f"{case.fault} {case.file}: {how}" for case, how in zip(cases, seen, strict=True) if "caught" not in how]
    write(dict(zip(cases, seen, strict=True)))
    print(f"{len(cases)} guards, {len(missed)} missed", *missed, "failing without any breakage:", *wrong, sep="\n  ")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
