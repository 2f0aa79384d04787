"""Answers of one page to one batch of the long table.

A number stands as a number alone; its text is made again where it is asked for.
"""

from itertools import chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from outgrow_nb.frames.tables import EMPTY_LIST, LARGE, LONG_ARROW, NULL, NUMBER, OTHER, TEXT, WHOLE

_EXACT = 1 << 53
_SHAPES = {type(None): NULL, str: TEXT, float: NUMBER, int: WHOLE, tuple: EMPTY_LIST}
_NONE_TICKED: tuple[Any, ...] = ((),)  # stands for an empty list; JSON gives no tuples


def long_batch(leads: Any, variants: Any, values: list[Any], scores: list[float | None]) -> pa.RecordBatch:
    """One row a value, list answers item by item.

    Args:
        leads: By answer, the lead's row of the flat table.
        variants: By answer, the code of its question.
        values: By answer, any JSON value.
        scores: By answer; of a list answer the first item has it.
    """
    kinds = [type(value) for value in values]
    places = np.full(len(values), -1, np.int32)
    score = pa.array(scores, pa.float64())
    if list in kinds:
        lengths = np.array([len(v) or 1 if k is list else 1 for v, k in zip(values, kinds, strict=True)])
        in_list = np.repeat([k is list for k in kinds], lengths)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        offsets = np.arange(len(starts)) - starts
        leads, variants = np.repeat(leads, lengths), np.repeat(variants, lengths)
        places = np.where(in_list, offsets, -1).astype(np.int32)
        first = pa.array(np.where(offsets == 0, np.repeat(np.arange(len(values)), lengths), 0), mask=offsets != 0)
        score = score.take(first)
        values = list(
            chain.from_iterable(v or _NONE_TICKED if k is list else (v,) for v, k in zip(values, kinds, strict=True))
        )
        kinds = [type(value) for value in values]
    shapes = [_SHAPES.get(kind, OTHER) for kind in kinds]
    if EMPTY_LIST in shapes:
        places[np.array(shapes) == EMPTY_LIST] = -1
    if OTHER in shapes or WHOLE in shapes:
        values, shapes = _odd(values, shapes)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(leads, pa.int32()),
            pa.array(variants, pa.int32()),
            pa.array(places, pa.int32()),
            pa.array(shapes, pa.uint8()),
            pa.array([v if s in (TEXT, OTHER) else None for v, s in zip(values, shapes, strict=True)], LARGE),
            pa.array([v if s in (NUMBER, WHOLE) else None for v, s in zip(values, shapes, strict=True)], pa.float64()),
            score,
        ],
        schema=LONG_ARROW,
    )


def _odd(values: list[Any], shapes: list[int]) -> tuple[list[Any], list[int]]:
    """Booleans, objects, nested lists and whole numbers beyond float64's exactness become JSON text."""
    if OTHER not in shapes and all(-_EXACT <= v <= _EXACT for v, s in zip(values, shapes, strict=True) if s == WHOLE):
        return values, shapes
    values, shapes = list(values), list(shapes)
    for position, (value, shape) in enumerate(zip(values, shapes, strict=True)):
        if shape == WHOLE and not -_EXACT <= value <= _EXACT:
            values[position], shapes[position] = str(value), OTHER
        elif shape == OTHER:
            values[position] = msgspec.json.encode(value).decode()
    return values, shapes
