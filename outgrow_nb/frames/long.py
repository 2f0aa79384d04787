"""Answers of one page to columns of the long table.

A number stands as a number alone; its text is made again where it is asked for.
"""

from collections import defaultdict
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from outgrow_nb.frames.tables import EMPTY_LIST, LARGE, LONG_ARROW, NULL, NUMBER, OTHER, TEXT, WHOLE

_EXACT = 1 << 53
_LIST = 6  # stands in no table: lists are taken apart
_SHAPES = defaultdict(
    lambda: OTHER, {type(None): NULL, str: TEXT, float: NUMBER, int: WHOLE, tuple: EMPTY_LIST, list: _LIST}
)
_NONE_TICKED: tuple[Any, ...] = ((),)  # stands for an empty list; JSON gives no tuples


def long_columns(leads: Any, variants: Any, values: list[Any], scores: list[float | None]) -> dict[str, pa.Array]:
    """One row a value, list answers item by item.

    Args:
        leads: By answer, the lead's row.
        variants: By answer, the code of its question.
        values: By answer, any JSON value.
        scores: By answer; of a list answer the first item has it.
    """
    shapes, score = _shapes(values), pa.array(scores, pa.float64())
    places = np.full(len(values), -1, np.int32)
    lists = np.flatnonzero(shapes == _LIST)
    if len(lists):
        lengths = np.ones(len(values), np.int64)
        lengths[lists] = [len(values[place]) or 1 for place in lists]
        values = _taken_apart(values, lists.tolist())
        in_list, source = np.repeat(shapes == _LIST, lengths), np.repeat(np.arange(len(shapes)), lengths)
        offsets = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        shapes = _shapes(values)
        shapes[shapes == _LIST] = OTHER  # a list inside a list
        places = np.where(in_list & (shapes != EMPTY_LIST), offsets, -1)
        leads, variants = leads[source], variants[source]
        score = score.take(pa.array(source, mask=offsets > 0))
    values, shapes = _spelled(values, shapes)
    made = [
        pa.array(leads, pa.int32()),
        pa.array(variants, pa.int32()),
        pa.array(places, pa.int32()),
        pa.array(shapes, pa.uint8()),
        pa.array(values, LARGE, mask=(shapes != TEXT) & (shapes != OTHER)),
        pa.array(values, pa.float64(), mask=(shapes != NUMBER) & (shapes != WHOLE)),
        score,
    ]
    return dict(zip(LONG_ARROW.names, made, strict=True))


def _shapes(values: list[Any]) -> Any:
    return np.fromiter(map(_SHAPES.__getitem__, map(type, values)), np.uint8, len(values))


def _taken_apart(values: list[Any], lists: list[int]) -> list[Any]:
    made: list[Any] = []
    done = 0
    for place in lists:
        made += values[done:place]
        made += values[place] or _NONE_TICKED
        done = place + 1
    return made + values[done:]


def _spelled(values: list[Any], shapes: Any) -> tuple[list[Any], Any]:
    """Booleans, objects, nested lists and whole numbers beyond float64's exactness become JSON text."""
    odd = np.flatnonzero(shapes == OTHER).tolist()
    whole = np.flatnonzero(shapes == WHOLE).tolist()
    beyond = [place for place in whole if not -_EXACT <= values[place] <= _EXACT]
    if odd or beyond:
        values, shapes = list(values), shapes.copy()
        for place in odd:
            values[place] = msgspec.json.encode(values[place]).decode()
        for place in beyond:
            values[place], shapes[place] = str(values[place]), OTHER
    return values, shapes
