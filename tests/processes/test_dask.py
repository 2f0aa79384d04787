"""`og.leads_dask` on real clusters of worker processes: the same totals, and no credential of any kind in a worker."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outgrow_nb.store import Store
from outgrow_nb.store.partition import is_closed
from tests.wire.clients import client, signed_in
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

PLAN, LAWN = "Which plan fits you?", "What will your lawn cost?"


@pytest.fixture(scope="module")
def leads() -> list[pd.DataFrame]:
    """The frame that the same client gives, once the program has run."""
    return []


@pytest.fixture(scope="module")
def told(
    _sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory, leads: list[pd.DataFrame]
) -> Iterator[Any]:
    """What the program said, that ran once."""
    root = tmp_path_factory.mktemp("dask")
    with pytest.MonkeyPatch.context() as patch:
        place = Place(root, patch)
        entry = signed_in(_sandbox_process)
        place.save(entry)
        og = client(entry, store=Store(root / "kept"))
        og.sync([PLAN, LAWN])
        leads.append(og.leads([PLAN, LAWN], answers="none"))
        command = [sys.executable, "-m", "tests.processes.dask_run", str(root / "kept")]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=180, cwd=Path(__file__).parents[2], check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        yield json.loads(done.stdout.splitlines()[-1])


def test_totals_are_equal(told: Any, leads: list[pd.DataFrame]) -> None:
    """One partition a content and month; no worker, one and two workers compute what pandas does."""
    (frame,) = leads
    months = frame["created_at"].dt.strftime("%Y-%m")
    assert told["partitions"] == len(set(zip(frame["content"], months, strict=True)))
    assert told["here"] == told["1 worker"] == told["2 workers"]
    assert told["here"]["rows"] == len(frame)
    assert told["here"]["completed"] == int((frame["status"] == "completed").sum())
    sums = frame.groupby("utm_source", observed=True)["score"].agg(["count", "sum"])
    assert told["here"]["by source"] == {
        str(name): [int(row["count"]), round(float(row["sum"]), 6)] for name, row in sums.iterrows()
    }


def test_d01_no_credential_in_a_worker(told: Any) -> None:
    """Two worker processes hold no token, no mask key; that the search works shows a planted text, and a lead's id."""
    assert told["processes"] == 3
    memories = told["in workers' memory"]
    assert all("marker" in found for found in memories)
    assert set().union(*memories) == {"a lead", "marker"}
    assert "refresh token" in told["in this process's memory"]
    assert told["masked"] == 0


def test_d02_nothing_secret_in_a_graph_and_nothing_in_the_clear(told: Any) -> None:
    """No secret in a graph, its keys or its pickle; a cluster that talks in the clear with others is refused."""
    assert told["in the graph"] == []
    assert "talks in the clear with tcp://" in told["in the clear, asked"]
    assert "talks in the clear with tcp://" in told["in the clear, computed"]
    assert told["with TLS"] == "not refused"


@pytest.mark.parametrize(
    ("address", "closed"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("tcp://[::1]:8786", True),
        ("tls://10.0.0.1:8786", True),
        ("inproc://10.0.0.1/7/1", True),
        ("tcp://10.0.0.1:8786", False),
        ("tcp://[fe80::1]:8786", False),
        ("tcp://127.0.0.1.example.com:8786", False),
        ("ucx://10.0.0.1:8786", False),
        ("ws://10.0.0.1:8786", False),
        ("unknown://", False),
        ("tcp://localhost:8786", True),
    ],
)
def test_addresses(address: str, closed: bool) -> None:
    """Only TLS, the same process and the loopback are closed to others."""
    assert is_closed(address) is closed
