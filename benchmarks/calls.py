"""What one call costs beyond a bare request, and what the front door costs; each run in a process of its own.

``python -m benchmarks.calls WHAT URL CONTENT_ID``: prints JSON.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CALLS = 400


def bare(url: str, content_id: str) -> float:
    """CPU seconds of calls by a bare session with a fixed header, answers parsed."""
    import requests

    from benchmarks.naive import TOKEN

    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"})

        def call() -> None:
            answer = session.get(f"{url}/calculator/{content_id}/questions", timeout=60)
            answer.raise_for_status()
            json.loads(answer.content)

        return _cpu(call)


def client(url: str, content_id: str) -> float:
    """CPU seconds of the same calls through the package's transport."""
    from benchmarks import package
    from outgrow_nb.api import pages
    from outgrow_nb.api.transport import Transport

    held = package.credentials(url)
    transport = Transport(held.config, held)
    return _cpu(lambda: pages.questions(transport, content_id))


def connect(url: str, content_id: str) -> float:
    """Median wall seconds of `connect()` with a saved, valid token, modules loaded."""
    import outgrow_nb
    from benchmarks import package
    from outgrow_nb.auth.filecache import FileCache

    with tempfile.TemporaryDirectory() as folder:
        signed_in = package.entry(url)
        cache = FileCache(Path(folder) / "kept")
        with cache.exclusive("default") as held:
            held.write(signed_in)
        config = outgrow_nb.Config(client_id="bench", base_url=url.removesuffix("/api/v1"), cache=cache)
        outgrow_nb.connect(config=config)
        return statistics.median(_wall(lambda: outgrow_nb.connect(config=config)) for _ in range(30))


def imports(url: str, content_id: str) -> float:
    """Median wall seconds of importing the package in a new interpreter, less those of an empty one."""
    empty, full = [], []
    for _ in range(11):
        empty.append(_wall(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)))
        full.append(_wall(lambda: subprocess.run([sys.executable, "-c", "import outgrow_nb"], check=True)))
    return statistics.median(full) - statistics.median(empty)


def _cpu(call: Callable[[], object]) -> float:
    for _ in range(20):
        call()
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return time.process_time() - started


def _wall(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    functions = {"bare": bare, "client": client, "connect": connect, "imports": imports}
    print(json.dumps({"seconds": functions[sys.argv[1]](*sys.argv[2:])}))
