"""Leads and answers that arrive in pieces, column by column: put in order and joined without being held twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.tables import FLAT_ARROW, LONG_ARROW

Columns = dict[str, list[pa.Array]]
_MOST_SLICES = 4_000  # beyond that many runs of rows, picking row by row is cheaper
_FLAT = {field.name: field.type for field in FLAT_ARROW}
_LONG = {field.name: field.type for field in LONG_ARROW if field.name != "lead"}


@dataclass(frozen=True)
class Pile:
    """Rows of the two tables, those of one lead in `long` next to each other and in the order of `flat`.

    Attributes:
        flat: By column of the flat table, its pieces; all columns are cut at the same rows.
        long: By column of the long table but `lead`, the same.
        counts: How many rows of `long` each lead has, in pieces.
    """

    flat: Columns
    long: Columns
    counts: list[Any]

    @classmethod
    def of_page(cls, flat: Mapping[str, pa.Array], long: Mapping[str, pa.Array] | None, counts: Any) -> "Pile":
        """Columns of one page; without `long` it has no answers."""
        given = {name: [long[name]] if long is not None else [] for name in _LONG}
        return cls({name: [flat[name]] for name in _FLAT}, given, [counts])

    @classmethod
    def of(cls, piles: Sequence["Pile"]) -> "Pile":
        """All their rows, one pile after the other."""
        return cls(
            {name: [piece for pile in piles for piece in pile.flat[name]] for name in _FLAT},
            {name: [piece for pile in piles for piece in pile.long[name]] for name in _LONG},
            [piece for pile in piles for piece in pile.counts],
        )

    def __len__(self) -> int:
        """Number of leads."""
        return sum(map(len, self.counts))

    def renumbered(self, content: int, codes: Any) -> "Pile":
        """With this content, and questions that `codes` gives by their numbers here."""
        contents = [pa.array(np.full(len(piece), content, np.int16)) for piece in self.flat["content"]]
        variants = [pa.array(codes[piece.to_numpy()]) for piece in self.long["variant"]]
        return Pile({**self.flat, "content": contents}, {**self.long, "variant": variants}, self.counts)

    def in_order(self, order: Ints) -> "Pile":
        """The leads at these positions, one after another, with their answers; long runs are not copied."""
        counts = np.concatenate([np.empty(0, np.int32), *self.counts])
        ends = np.cumsum(counts, dtype=np.int64)
        begins = np.flatnonzero(np.diff(order, prepend=-2) != 1)
        first, sizes = order[begins], np.diff(np.r_[begins, len(order)])
        before = ends[first] - counts[first]
        flat = _picked(self.flat, _FLAT, first, sizes)
        long = _picked(self.long, _LONG, before, ends[first + sizes - 1] - before)
        return Pile(flat, long, [counts[order]])

    def join(self) -> None:
        """Makes one piece of each column, one column after the other: at any moment the rows are the same."""
        for columns, kinds in ((self.flat, _FLAT), (self.long, _LONG)):
            for name, pieces in columns.items():
                if len(pieces) != 1:
                    columns[name] = [joined(pieces, kinds[name])]
                    pa.default_memory_pool().release_unused()  # the pieces

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """The flat and the long table, once joined."""
        counts = np.concatenate([np.empty(0, np.int32), *self.counts])
        lead = pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts))
        flat = pa.table([self.flat[name][0] for name in _FLAT], schema=FLAT_ARROW)
        return flat, pa.table([lead, *(self.long[name][0] for name in _LONG)], schema=LONG_ARROW)


def joined(pieces: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    """One array of several."""
    if pa.types.is_dictionary(kind):
        whole = pa.chunked_array(pieces, kind).unify_dictionaries()
        pieces = whole.chunks
    return pa.concat_arrays(pieces) if pieces else pa.nulls(0, kind)


def _picked(columns: Columns, kinds: Mapping[str, pa.DataType], first: Ints, sizes: Ints) -> Columns:
    """Runs of rows, by where they begin and how long they are."""
    if len(first) > _MOST_SLICES:
        rows = pa.array(np.repeat(first - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum()))
        return {name: [joined(pieces, kinds[name]).take(rows)] for name, pieces in columns.items()}
    borders = np.cumsum([0, *map(len, next(iter(columns.values())))])
    slices: list[tuple[int, int, int]] = []
    for start, left in zip(first.tolist(), sizes.tolist(), strict=True):
        piece = int(np.searchsorted(borders, start, "right")) - 1
        while left:
            some = min(left, int(borders[piece + 1]) - start)
            if some:
                slices.append((piece, start - int(borders[piece]), some))
            start, left, piece = start + some, left - some, piece + 1
    return {name: [pieces[k].slice(at, some) for k, at, some in slices] for name, pieces in columns.items()}
