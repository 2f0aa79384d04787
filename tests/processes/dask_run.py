"""A program that reads a store with Dask on real clusters, and looks into its workers' memory; prints JSON.

``python -m tests.processes.dask_run STORE``; the sandbox's sign-in is found where OUTGROW_CONFIG_DIR says.
"""

import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from dask.base import compute
from distributed import Client, LocalCluster
from distributed.protocol.pickle import dumps

import outgrow_nb
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.errors import ConfigError

MARKER_PARTS = ("harmless", "marker", "that", "a", "worker", "holds")


@contextmanager
def cluster(workers: int, **options: Any) -> Iterator[Client]:
    """Real worker processes, one thread each."""
    with (
        LocalCluster(
            n_workers=workers, processes=True, threads_per_worker=1, dashboard_address=None, **options
        ) as made,
        Client(made) as client,
    ):
        yield client


def totals(frame: Any) -> dict[str, Any]:
    """What is to be equal whoever computes."""
    scores = frame.groupby("utm_source", observed=True)["score"]
    months = frame["created_at"].dt.month.value_counts()

    counts, sums, by_month, done = compute(scores.count(), scores.sum(), months, (frame["status"] == "completed").sum())
    return {
        "rows": int(by_month.sum()),
        "by source": {str(name): [int(counts[name]), round(float(sums[name]), 6)] for name in sorted(counts.index)},
        "by month": {int(month): int(by_month[month]) for month in sorted(by_month.index)},
        "completed": int(done),
    }


def plant(parts: tuple[str, ...]) -> int:
    """Makes a worker hold a text that no other process sent it in one piece."""
    import builtins

    builtins.planted = "-".join(parts)  # type: ignore[attr-defined]
    return os.getpid()


def held_in_memory(pid: int, texts: dict[str, str]) -> list[str]:
    """Which of these texts stand in a process's memory."""
    wanted = {name: text.encode("latin-1") for name, text in texts.items()}
    longest = max(map(len, texts.values()))
    found = set()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if match is None or "[v" in line:
                continue
            start, end, tail = int(match[1], 16), int(match[2], 16), b""
            while start < end:
                try:
                    memory.seek(start)
                    piece = memory.read(min(1 << 22, end - start))
                except OSError:
                    break
                if not piece:
                    break
                seen = tail + piece
                found |= {name for name, text in wanted.items() if text in seen}
                start, tail = start + len(piece), seen[-longest:]
    return sorted(found)


def refused(call: Callable[[], object]) -> str:
    """What a call says that is to be refused."""
    try:
        call()
    except ConfigError as error:
        return error.problem
    return "not refused"


def own_address() -> str:
    """An address of this computer that others can reach."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


def main(store: str) -> None:
    """Runs everything."""
    og = outgrow_nb.connect(store=store, pii="keep")
    entry = FileCache(Path(os.environ["OUTGROW_CONFIG_DIR"])).read("default")
    assert entry is not None
    assert entry.token is not None
    assert entry.token.refresh is not None
    og.export(Path(store).parent / "masked.csv")  # now the account has a mask key too
    entry = FileCache(Path(os.environ["OUTGROW_CONFIG_DIR"])).read("default")
    assert entry is not None
    assert entry.mask_key is not None
    assert entry.token is not None
    assert entry.token.refresh is not None
    secrets = {
        "refresh token": entry.token.refresh.reveal(),
        "access token": entry.token.access.reveal(),
        "mask key": entry.mask_key.reveal(),
        "mask key, raw": bytes.fromhex(entry.mask_key.reveal()).decode("latin-1"),
    }
    frame = og.leads_dask()
    told: dict[str, Any] = {"partitions": frame.npartitions, "here": totals(frame)}
    graph = dumps(frame) + dumps(list(frame.__dask_graph__())) + repr(frame).encode()
    told["in the graph"] = [name for name, text in secrets.items() if text.encode() in graph]
    shown = {
        **secrets,
        "marker": "-".join(MARKER_PARTS),
        "a lead": str(pd.read_csv(Path(store).parent / "masked.csv")["lead_id"][0]),
    }
    with cluster(1) as client:
        told["1 worker"] = totals(frame)
        workers: Any = client.cluster
        workers.scale(2)
        client.wait_for_workers(2)
        told["2 workers"] = totals(og.leads_dask())
        told["masked"] = int(og.leads_dask(pii="mask")["email"].count().compute())
        pids = list(client.run(plant, MARKER_PARTS).values())
        told["processes"] = len({*pids, os.getpid()})
        told["in workers' memory"] = [held_in_memory(pid, shown) for pid in pids]
        told["in this process's memory"] = held_in_memory(os.getpid(), secrets)
    with cluster(1, host=own_address()):
        told["in the clear, asked"] = refused(og.leads_dask)
        told["in the clear, computed"] = refused(lambda: frame["score"].sum().compute())
    with cluster(0, host=own_address(), security=True):
        told["with TLS"] = refused(og.leads_dask)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
