"""Processes that read and write one profile as fast as they can; run as ``python -m tests.processes.writers``.

``zygote FOLDER`` forks, for each line of stdin, a child that saves one sign-in after another, and tells its pid, so
that 200 of them can be killed in seconds; ``zygote FOLDER anew`` has them signed in anew. ``write FOLDER SECONDS`` and
``read FOLDER SECONDS`` loop, then tell how it went.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret

PROFILE = "default"


def numbered(number: int) -> Entry:
    """A sign-in whose tokens belong together, of a length that differs from its neighbours'."""
    tail = "x" * (number * 37 % 1500)
    return Entry(
        config=Config(client_id="app"),
        token=Token(
            access=Secret(f"AT-CANARY-{number}-{tail}"),
            refresh=Secret(f"RT-CANARY-{number}-{tail}"),
            obtained_at=float(number),
            lifetime=3600.0,
        ),
    )


def number_of(entry: Entry | None) -> int | None:
    """The number of a sign-in; None for none, and for one that is of two pieces."""
    if entry is None or entry.token is None or entry.token.refresh is None:
        return None
    number = int(entry.token.obtained_at)
    whole = numbered(number).token
    return number if entry.token == whole else None


def tell(line: object) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def save_forever(cache: FileCache, numbers: Iterator[int], *, anew: bool) -> None:
    """Tells each number before and after it is saved."""
    for number in numbers:
        tell(["begins", number])
        with cache.exclusive(PROFILE) as held:
            if not anew:
                held.reserve()
            held.write(numbered(number), anew=anew)
        tell(["saved", number])


def zygote(cache: FileCache, *, anew: bool) -> None:
    if anew:  # what would take a child longer than it lives
        import keyring

        keyring.get_keyring()
    for line in sys.stdin:
        first = int(line)
        child = os.fork()
        if not child:
            save_forever(cache, iter(range(first, first + 10_000)), anew=anew)
            os._exit(0)
        tell(["child", child])
        os.waitpid(child, 0)
        tell(["ended", child])


def write(cache: FileCache, seconds: float) -> None:
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        count += 1
        with cache.exclusive(PROFILE) as held:
            found = number_of(held.read())
            assert found is not None
            held.write(numbered(found + 1))
    tell({"writes": count})


def read(cache: FileCache, seconds: float) -> None:
    ends, count, torn, seen = time.monotonic() + seconds, 0, 0, 0
    while time.monotonic() < ends:
        count += 1
        found = number_of(cache.read(PROFILE))
        torn += found is None or found < seen
        seen = max(seen, found or 0)
    tell({"reads": count, "torn": torn})


if __name__ == "__main__":
    own = FileCache(Path(sys.argv[2]))
    if sys.argv[1] == "zygote":
        zygote(own, anew=sys.argv[3:] == ["anew"])
    elif sys.argv[1] == "write":
        write(own, float(sys.argv[3]))
    else:
        read(own, float(sys.argv[3]))
