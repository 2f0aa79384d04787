"""``python -m benchmarks [--quick]``: measures every bar in paired rounds, and writes ``benchmarks/results.md``.

Each figure comes from a process of its own; the variants of a round run in turn, so that a machine that slows down
slows all of them; a ratio is taken within a round, and its median, smallest and largest are shown.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import requests

from benchmarks import bars
from benchmarks.bars import Bar
from benchmarks.equal import check
from benchmarks.keeping import prepare_store
from benchmarks.material import Material, prepare

HERE = Path(__file__).parent
ROUND = ("floor.full", "naive.full", "package.full", "naive.flat", "package.flat")
Figures = dict[str, float]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str]]:
    """The server in a process of its own; the API's address and the content's id."""
    command = [sys.executable, "-m", "benchmarks.server", str(folder)]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/api/v1", Material(folder).facts["item"]["id"]
        finally:
            process.stdin.close()


def run(module: str, *arguments: str) -> Figures:
    """One measured process."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}\n{done.stderr[-2000:]}")
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


def one_round(module: str, names: Sequence[str], *arguments: str) -> Figures:
    """Each variant once, its figures under ``"variant figure"``."""
    found: Figures = {}
    for name in names:
        found |= {f"{name} {figure}": value for figure, value in run(module, name, *arguments).items()}
    return found


def rows(wanted: Sequence[Bar], rounds: Sequence[Figures]) -> list[list[str]]:
    """A row of the table for each bar."""
    made = []
    for bar in wanted:
        ratios = [
            figures[bar.over] / (figures[bar.under] if isinstance(bar.under, str) else bar.under) for figures in rounds
        ]
        middle = statistics.median(ratios)
        sign = "≤" if bar.at_most else "≥"
        verdict = "met" if bar.met(middle) else f"missed by {abs(middle / bar.bar - 1):.0%}"
        shown = [f"{value:.3f}" if bar.bar < 0.5 else f"{value:.2f}" for value in (middle, min(ratios), max(ratios))]
        made.append([bar.what, f"{sign} {bar.bar:g}", shown[0], f"{shown[1]} to {shown[2]}", str(len(ratios)), verdict])
        print(" | ".join(made[-1]), flush=True)
    return made


def ideal(leads: int, workers: int, seconds: float) -> float:
    """Wall seconds if nothing but waiting took time: two calls in turn, then pages side by side."""
    return seconds * (2 + leads / 1000 / workers)


def measure(leads: int, million: int, rounds: int, place: Path) -> list[list[str]]:
    """Every bar."""
    table: list[list[str]] = []
    folder = prepare(place, leads)
    with serving(folder) as (url, content_id):
        print(check(url, content_id), flush=True)
        table += rows(bars.READING, [one_round("one", ROUND, url, content_id) for _ in range(rounds)])
        table += rows(
            bars.DOOR,
            [one_round("calls", ("bare", "client", "connect", "imports"), url, content_id) for _ in range(rounds)],
        )
        table += rows(bars.AGAIN, [one_round("again", ("flat", "full"), url, content_id) for _ in range(rounds)])
        requests.get(f"{url}/latency/200", timeout=10)
        waited = [run("one", "package.full", url, content_id, "16") for _ in range(rounds)]
        at_best = ideal(leads, 16, 0.2)
        table += rows(bars.LATENCY, [{"package.full wall": one["wall"], "ideal wall": at_best} for one in waited])
    with serving(prepare(place, million)) as (url, content_id):
        table += rows(bars.MILLION, [one_round("one", ("package.full", "package.flat"), url, content_id)])
    return table + rows(bars.KEPT, [kept(place, leads, million)])


def kept(place: Path, leads: int, million: int) -> Figures:
    """Ways out of a store with so many leads, and of one with a million."""
    found: Figures = {}
    for name, number in (("some", leads), ("million", million)):
        store = prepare_store(place, number)
        for way in ("csv", "parquet", "folder", "duckdb", "sql"):
            with tempfile.TemporaryDirectory(dir=place) as out:
                figures = run("keeping", way, str(store), out)
            found |= {f"{name} {way} {figure}": value for figure, value in figures.items()}
    return found


def main() -> int:
    """Measures and writes; always 0: a bar is reported, not asserted."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--quick", action="store_true", help="fewer leads and rounds, under two minutes; writes nothing"
    )
    parser.add_argument("--place", type=Path, default=Path(tempfile.gettempdir()) / "outgrow-nb-benchmarks")
    given = parser.parse_args()
    leads, million, rounds = (20_000, 50_000, 2) if given.quick else (200_000, 1_000_000, 5)
    table = measure(leads, million, rounds, given.place)
    text = page(table, leads, rounds)
    print("\n" + text)
    if not given.quick:
        (HERE / "results.md").write_text(text, encoding="utf-8")
    return 0


def page(table: Sequence[Sequence[str]], leads: int, rounds: int) -> str:
    """The results as Markdown."""
    names = ("pandas", "pyarrow", "msgspec", "requests", "numpy", "orjson")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    head = [
        "# Measured",
        "",
        f"Written by `make bench`: {leads:,} leads, {rounds} paired rounds, Python {platform.python_version()},",
        f"{versions}. *A* is `naive.py`, what a person would write; the floor is `floor.py`: receive, unzip, parse.",
        "",
        "| what | bar | median | spread | rounds | |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in table)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
