"""One measured run in a process of its own: ``python -m benchmarks.one WHAT URL CONTENT_ID [WORKERS]`` prints JSON.

What is imported is imported first, and the peak of memory begins anew after that.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLACES = {"floor": "floor", "naive": "naive", "package": "package"}


def status(name: str) -> int:
    """A figure of this process's memory in bytes (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


def size(result: Any) -> int:
    """Bytes of the frames that came out."""
    frames = result if isinstance(result, tuple) else (result,)
    return sum(int(frame.memory_usage(deep=True).sum()) for frame in frames if hasattr(frame, "memory_usage"))


def measured(call: Callable[[], Any]) -> dict[str, float]:
    """CPU and wall seconds, peak of memory over what was there before, and the size of the result."""
    Path("/proc/self/clear_refs").write_text("5")
    before, wall, cpu = status("VmRSS"), time.perf_counter(), time.process_time()
    result = call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "peak": status("VmHWM") - before, "result": size(result)}


def main() -> None:
    """Runs and prints."""
    what, url, content_id, *workers = sys.argv[1:]
    module, _, name = what.partition(".")
    function = getattr(importlib.import_module(f"benchmarks.{PLACES[module]}"), name)
    more = {"workers": int(workers[0])} if workers else {}
    warm(module)
    print(json.dumps(measured(lambda: function(url, content_id, **more))))


def warm(module: str) -> None:
    """Loads what the first use would load, which is no part of reading leads."""
    if module == "floor":
        return
    import pandas as pd

    pd.DataFrame({"a": pd.to_datetime(["2026-01-01T00:00:00Z"]), "b": pd.Categorical(["x"])}).to_string()
    if module == "package":
        for name in ("client.reader", "api.decode", "frames.wide", "auth.credentials"):
            importlib.import_module(f"outgrow_nb.{name}")


if __name__ == "__main__":
    main()
