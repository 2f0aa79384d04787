"""Makes kernels that sync: ``python -m tests.processes.store_nursery STORE SIGN_IN CONTENT…``, orders on stdin.

Everything is imported once and each kernel is a fork of that, a process of its own. ``sync`` makes one and prints its
number; ``wait NUMBER`` prints what it ended with: 0, an exit status, or minus the signal that ended it.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry, unpack
from outgrow_nb.client import Outgrow
from outgrow_nb.errors import OutgrowError
from outgrow_nb.store import Store


def sync(entry: Entry, folder: str, contents: Sequence[str]) -> None:
    """The kernel: syncs once and ends."""

    def nobody(reason: OutgrowError) -> None:
        raise reason

    status = 1
    try:
        held = Credentials(profile="default", config=entry.config, cache=MemoryCache(), ask=nobody)
        held.accept(entry)
        Outgrow(held, store=Store(Path(folder))).sync(list(contents))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the fork ends here
        traceback.print_exc()
    os._exit(status)


def main() -> None:
    """Obeys until the input ends."""
    folder, sign_in, *contents = sys.argv[1:]
    entry = unpack(Path(sign_in).read_bytes(), sign_in)
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        if order == "sync":
            child = os.fork()
            if child == 0:
                sync(entry, folder, contents)
            print(child, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(int(number), 0)[1]), flush=True)


if __name__ == "__main__":
    main()
