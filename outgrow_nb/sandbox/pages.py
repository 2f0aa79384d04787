"""Leads as bytes ready to send: records are encoded once and whole pages kept, so that serving costs little."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import msgspec

from outgrow_nb.sandbox.leads import RUN, Leads

Spoil = Callable[[dict[str, Any], int], dict[str, Any]]
MOST_RUNS = 400
MOST_PAGE_BYTES = 512 * 1024 * 1024
_GZIP_LEVEL = 5


class Pages:
    """Encoded leads, kept in memory within bounds. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[Hashable, list[bytes]] = OrderedDict()
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._held = 0

    def records(
        self, leads: Leads, first: int, after: int, *, spoil: Spoil | None, spoiled: Hashable
    ) -> Iterator[bytes]:
        """The encoded records at positions `first` to before `after`, oldest first.

        Args:
            leads: Whose.
            first: Position of the first record.
            after: Position after the last.
            spoil: What a fault does to a record.
            spoiled: Names the fault; runs spoiled differently are kept apart.
        """
        for number in range(first // RUN, -(-after // RUN)):
            run = self._run(leads, number, spoil, spoiled)
            start = number * RUN
            yield from run[max(first - start, 0) : after - start]

    def kept(self, key: Hashable, *, zipped: bool) -> bytes | None:
        """An answer that was made before, or None."""
        with self._lock:
            body = self._pages.get((key, zipped))
            if body is not None:
                self._pages.move_to_end((key, zipped))
            return body

    def page(self, key: Hashable, make: Callable[[], bytes], *, zipped: bool) -> bytes:
        """Make a whole answer and keep it under its key; gzip bytes where asked for.

        Args:
            key: Everything the answer depends on.
            make: Makes the plain answer.
            zipped: Whether to give gzip bytes.
        """
        full = (key, zipped)
        body = make()
        if zipped:
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        with self._lock:
            if full not in self._pages:
                self._pages[full] = body
                self._held += len(body)
            while self._held > MOST_PAGE_BYTES:
                self._held -= len(self._pages.popitem(last=False)[1])
        return body

    def _run(self, leads: Leads, number: int, spoil: Spoil | None, spoiled: Hashable) -> list[bytes]:
        key = (leads.content.id, number, spoiled)
        with self._lock:
            kept = self._runs.get(key)
            if kept is not None:
                self._runs.move_to_end(key)
                return kept
        made = [msgspec.json.encode(record) for record in leads.run(number, spoil)]
        with self._lock:
            self._runs[key] = made
            while len(self._runs) > MOST_RUNS:
                self._runs.popitem(last=False)
        return made
