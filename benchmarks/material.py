"""Leads as a server would send them, invented by the sandbox's engine, made ready once and kept in a folder.

Records stand one after another, parted by commas, so that any page is one slice; and the same cut into blocks that are
zipped apart, so that the body of any page is zipped blocks put together, and serving costs next to nothing.
"""

import json
import zlib
from array import array
from bisect import bisect_left
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import msgspec

from outgrow_nb.sandbox.arrivals import Arrivals
from outgrow_nb.sandbox.company import Company, companies, question_item
from outgrow_nb.sandbox.leads import RUN, Leads
from outgrow_nb.sandbox.settings import Settings

TITLE = "Which plan fits you?"
BLOCK = 100
_LEVEL = 5  # as the sandbox zips
_PART = 20 * RUN
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORMAT = 1


def content(leads: int) -> tuple[Company, Leads]:
    """The sandbox's quiz of nine questions, with that many leads of its own."""
    company = companies(Settings(leads=leads))["northwind"]
    piece = next(piece for piece in company.pieces.values() if piece.content.title == TITLE)
    at = piece.arrivals
    return company, replace(piece, arrivals=Arrivals(at.start, at.until, leads, at.chance), everyone=leads)


def deflated(data: bytes) -> bytes:
    """A piece of a deflate stream that needs nothing before it, and ends on a byte."""
    zipper = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return zipper.compress(data) + zipper.flush(zlib.Z_FULL_FLUSH)


def _last(data: bytes) -> bytes:
    """The last piece of a deflate stream."""
    zipper = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return zipper.compress(data) + zipper.flush()


_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_COMMA = deflated(b",")


def _part(leads: int, first: int) -> tuple[list[bytes], list[int], list[bytes], int]:
    """Records from `first` on: their bytes, their times, the zipped blocks of them; and how many answers they hold."""
    piece = content(leads)[1]
    runs = range(first // RUN, -(-min(first + _PART, leads) // RUN))
    records = list(chain.from_iterable(piece.run(number) for number in runs))
    encoded = [msgspec.json.encode(record) for record in records]
    times = [(datetime.fromisoformat(record["created_at"]) - _EPOCH) // timedelta(milliseconds=1) for record in records]
    blocks = [deflated(b",".join(encoded[place : place + BLOCK])) for place in range(0, len(encoded), BLOCK)]
    return encoded, times, blocks, sum(len(record["answers"]) for record in records)


def prepare(folder: Path, leads: int) -> Path:
    """Makes the material where it is not there yet; its folder."""
    made = folder / f"leads-{leads}-{_FORMAT}"
    if (made / "facts.json").exists():
        return made
    made.mkdir(parents=True, exist_ok=True)
    company, piece = content(leads)
    ends, times, block_ends, answers = array("q", [0]), array("q"), array("q", [0]), 0
    with (
        (made / "records").open("wb") as records,
        (made / "blocks").open("wb") as blocks,
        ProcessPoolExecutor(2) as pool,
    ):
        firsts = range(0, leads, _PART)
        for some, some_times, some_blocks, some_answers in pool.map(_part, [leads] * len(firsts), firsts):
            records.write(b",".join(some) + b",")
            blocks.write(b"".join(some_blocks))
            ends.extend(accumulate((len(one) + 1 for one in some), initial=ends.pop()))
            block_ends.extend(accumulate(map(len, some_blocks), initial=block_ends.pop()))
            times.extend(some_times)
            answers += some_answers
    for name, values in (("ends", ends), ("times", times), ("block_ends", block_ends)):
        (made / name).write_bytes(values.tobytes())
    facts = {
        "item": company.item(piece),
        "questions": [question_item(question) for question in piece.content.questions],
        "leads": leads,
        "answers": answers,
        "json_bytes": ends[-1],
        "gzip_bytes": block_ends[-1],
    }
    (made / "facts.json").write_text(json.dumps(facts))
    return made


class Material:
    """What `prepare` made, opened to be served.

    Args:
        folder: As `prepare` gave it.
    """

    def __init__(self, folder: Path) -> None:
        self.facts: dict[str, Any] = json.loads((folder / "facts.json").read_text())
        self.times, self._ends, self._block_ends = (_numbers(folder / n) for n in ("times", "ends", "block_ends"))
        self._records, self._blocks = (_mapped(folder / name) for name in ("records", "blocks"))

    def span(self, low: int | None, high: int | None) -> tuple[int, int]:
        """First position of the leads with ``low <= time < high`` (milliseconds), and the one after the last."""
        first = 0 if low is None else bisect_left(self.times, low)
        return first, max(first, len(self.times) if high is None else bisect_left(self.times, high))

    def page(self, first: int, after: int, envelope: dict[str, Any], *, zipped: bool) -> bytes:
        """A body with the leads at these positions, and the envelope's other fields after them."""
        head = b'{"success":true,"data":['
        tail = b"]," + json.dumps(envelope, separators=(",", ":")).encode()[1:]
        records = self._slice(first, after)
        if not zipped:
            return b"".join((head, records, tail))
        plain = zlib.crc32(tail, zlib.crc32(records, zlib.crc32(head)))
        low, high = -(-first // BLOCK), after // BLOCK
        if low >= high:
            pieces = [deflated(records)]
        else:
            pieces = [self._blocks[self._block_ends[k] : self._block_ends[k + 1]] for k in range(low, high)]
            edges = self._slice(first, low * BLOCK), self._slice(high * BLOCK, after)
            pieces = [deflated(edges[0])] * (edges[0] != b"") + pieces + [deflated(edges[1])] * (edges[1] != b"")
        size = len(head) + len(records) + len(tail)
        return b"".join(
            (
                _GZIP_HEAD,
                deflated(head),
                _COMMA.join(pieces),
                _last(tail),
                (plain & 0xFFFFFFFF).to_bytes(4, "little"),
                (size & 0xFFFFFFFF).to_bytes(4, "little"),
            )
        )

    def _slice(self, first: int, after: int) -> bytes:
        """Records with commas between them."""
        return self._records[self._ends[first] : max(self._ends[after] - 1, self._ends[first])]


def _numbers(path: Path) -> "array[int]":
    made = array("q")
    made.frombytes(path.read_bytes())
    return made


def _mapped(path: Path) -> mmap:
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)
