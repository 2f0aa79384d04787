"""Answers as columns, one row a lead: a question's rows of the long table are taken to their leads, never pivoted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from outgrow_nb.frames import mask
from outgrow_nb.frames.arrays import Ints, choice, encoded, strings
from outgrow_nb.frames.cells import Cells
from outgrow_nb.frames.options import Labels, has_order, labels_of
from outgrow_nb.frames.questions import Asked
from outgrow_nb.frames.results import result_columns
from outgrow_nb.frames.tables import TEXT
from outgrow_nb.records import Option

_NOBODY: Ints = np.zeros(0, np.int64)
Tell = Callable[[int, str], None]


class Wish(NamedTuple):
    """How the columns are wanted.

    Attributes:
        rows: Number of rows of the frame.
        labels: Options as a person reads them, else as received.
        key: Mask with this key; None keeps everything.
        tell: Gets, with the content's position, what did not fit.
    """

    rows: int
    labels: bool
    key: bytes | None
    tell: Tell


def wide_columns(long: pa.Table, rows: Ints, questions: Sequence[Asked], wish: Wish) -> dict[str, Any]:
    """Columns by name, calculator results first, then answers in form order, then fields nobody announced.

    Args:
        long: The long table, one chunk.
        rows: By row of `long`, the row of the frame, -1 for none.
        questions: Of the contents wanted; those of one family share a column.
        wish: How they are wanted.
    """
    groups: dict[str, list[Asked]] = {}
    for one in questions:
        groups.setdefault(one.family, []).append(one)
    ordered = sorted(groups.values(), key=lambda g: ((1, 0, 2)[g[0].order[0]], g[0].content, g[0].order))
    made: dict[str, Any] = {}
    for group, cells in zip(ordered, _cells(long, rows, ordered), strict=True):
        for name, values in _columns(group, cells, wish).items():
            free = next(f"{name}{end}" for end in ("", *(f"_{k}" for k in range(2, 999))) if f"{name}{end}" not in made)
            made[free] = values
    return made


def _cells(long: pa.Table, rows: Ints, groups: Sequence[Sequence[Asked]]) -> Iterator[Cells]:
    of_variant: Mapping[int, int] = {v: k for k, group in enumerate(groups) for one in group for v in one.variants}
    lookup = np.full(max(of_variant, default=-1) + 2, len(groups), np.int32)
    for variant, place in of_variant.items():
        lookup[variant] = place
    variant = long["variant"].to_numpy()
    found = lookup[np.minimum(variant, len(lookup) - 1)]
    found[rows < 0] = len(groups)
    small = found.astype(np.int16) if len(groups) < 32_000 else found
    order = np.argsort(small, kind="stable")
    bounds = np.searchsorted(small[order], np.arange(len(groups) + 1))
    columns = {name: _chunk(long[name]) for name in ("place", "json", "text", "number")}
    arrays = {name: columns[name].to_numpy(zero_copy_only=False) for name in ("place", "json", "number")}
    for k in range(len(groups)):
        at = order[bounds[k] : bounds[k + 1]]
        text = columns["text"].take(pa.array(at))
        yield Cells(rows[at], arrays["place"][at], arrays["json"][at], text, arrays["number"][at])


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _columns(group: Sequence[Asked], cells: Cells, wish: Wish) -> dict[str, Any]:
    shapes = {one.shape for one in group}
    shape = shapes.pop() if len(shapes) == 1 else "text"
    name = group[0].column
    if wish.key is not None and any(mask.is_contact(one.kind, [w.text for w in one.wordings]) for one in group):
        where, texts = cells.by_lead()
        return {name: strings(placed(mask.hashed(texts, wish.key), where, wish.rows))}
    if shape in ("float", "integer"):
        made = _numbers(cells, wish.rows, whole=shape == "integer")
        if made is not None:
            return {name: made}
        _say(
            group,
            wish,
            f"column {name!r} holds values that are no {'whole ' * (shape == 'integer')}numbers and stays text",
        )
    if shape == "result":
        return result_columns(name, cells, wish.rows, lambda what: _say(group, wish, what), hide=wish.key is not None)
    if shape in ("choice", "several", "ranking"):
        options: list[Option] = [option for one in group for option in one.options]
        labels = labels_of(options, as_received=not wish.labels, hide_unknown=wish.key is not None)
        build = {"choice": _choice, "several": _several, "ranking": _ranking}[shape]
        columns, found = build(name, cells, wish.rows, labels)
        if unknown := labels.unknown(found):
            _say(group, wish, f"column {name!r} has {len(unknown)} option(s) that the form does not know")
        if (
            shape == "choice"
            and group[0].kind == "opinion scale"
            and len(columns[name].categories) == len(labels.known)
        ):
            columns[name] = columns[name].as_ordered()
        return columns
    if wish.key is not None:
        return {}
    where, texts = cells.by_lead()
    return {name: strings(placed(texts, where, wish.rows))}


def _say(group: Sequence[Asked], wish: Wish, what: str) -> None:
    for content in {one.content for one in group}:
        wish.tell(content, what)


def placed(values: pa.Array, where: Ints, rows: int) -> pa.Array:
    """Values at their rows, null elsewhere."""
    source = np.full(rows, -1, np.int64)
    source[where] = np.arange(len(where))
    return values.take(pa.array(source, mask=source < 0))


def _numbers(cells: Cells, rows: int, *, whole: bool) -> Any:
    found = cells.numbers()
    if found is None:
        return None
    values, missing = found
    if whole and bool((np.abs(values[~missing]) > 2**53).any() or (values[~missing] % 1 != 0).any()):
        return None
    column, empty = np.zeros(rows), np.ones(rows, bool)
    column[cells.rows], empty[cells.rows] = np.where(missing, 0.0, values), missing
    if whole:
        return pd.arrays.IntegerArray(column.astype(np.int64), empty)
    return pd.arrays.FloatingArray(column, empty)


def _choice(name: str, cells: Cells, rows: int, labels: Labels) -> tuple[dict[str, Any], list[str]]:
    where, texts = cells.by_lead()
    codes, raw = encoded(texts)
    made = [labels.label(text) for text in raw]
    found = [label for label in made if label is not None]
    ordered = labels.in_order(found)
    places = {label: place for place, label in enumerate(ordered)}
    lookup = np.array([*(-1 if label is None else places[label] for label in made), -1], np.int64)
    column = np.full(rows, -1, np.int64)
    column[where] = lookup[codes]
    rising = has_order(labels.known) and len(ordered) == len(labels.known)
    return {name: choice(column, ordered, ordered=rising)}, found


def _ticks(cells: Cells, labels: Labels) -> tuple[Ints, Ints, dict[str, Ints]]:
    """Rows shown; and cell positions by label (an answer of several options in one text counts for each)."""
    codes, raw = encoded(cells.texts())
    lists = cells.places >= 0
    by_label: dict[str, list[Ints]] = {}
    for code, text in enumerate(raw):
        at = np.flatnonzero(codes == code)
        in_list = at[lists[at]]
        alone = at[~lists[at] & (cells.json[at] == TEXT)]
        other = at[~lists[at] & (cells.json[at] != TEXT) & (text != "[]")]
        label = labels.label(text)
        if label is not None:
            by_label.setdefault(label, []).extend((in_list, other))
        for part in labels.split(text) if len(alone) else ():
            by_label.setdefault(part, []).append(alone)
    blank = (cells.json == TEXT) & ~lists & np.isin(codes, [c for c, t in enumerate(raw) if not t.strip()])
    ticked = {label: np.concatenate(parts) for label, parts in by_label.items()}
    shown = cells.rows[(cells.json != 0) & ~blank]
    return shown, codes, {label: at for label, at in ticked.items() if len(at)}


def _several(name: str, cells: Cells, rows: int, labels: Labels) -> tuple[dict[str, Any], list[str]]:
    shown, _, ticked = _ticks(cells, labels)
    hidden = np.ones(rows, bool)
    hidden[shown] = False
    columns = {}
    for option, ways in labels.options(ticked).items():
        values = np.zeros(rows, bool)
        for label in ways:
            values[cells.rows[ticked.get(label, _NOBODY)]] = True
        columns[f"{name}[{option}]"] = pd.arrays.BooleanArray(values, hidden.copy())
    return columns, list(ticked)


def _ranking(name: str, cells: Cells, rows: int, labels: Labels) -> tuple[dict[str, Any], list[str]]:
    _, _, ticked = _ticks(cells, labels)
    columns = {}
    for option, ways in labels.options(ticked).items():
        ranks, empty = np.zeros(rows, np.int64), np.ones(rows, bool)
        for label in ways:
            at = ticked.get(label, _NOBODY)
            ranks[cells.rows[at]], empty[cells.rows[at]] = np.maximum(cells.places[at], 0) + 1, False
        columns[f"{name}[{option}]"] = pd.arrays.IntegerArray(ranks, empty)
    return columns, list(ticked)
