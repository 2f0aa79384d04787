"""Calculator results, display text such as ``$95 to $105``, to a text column and its numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from outgrow_nb.frames.arrays import choice, encoded, strings
from outgrow_nb.frames.cells import Cells
from outgrow_nb.frames.numbers import Amount, amount, style_of
from outgrow_nb.frames.tables import LARGE
from outgrow_nb.frames.units import is_unit


def numbers_alone(texts: pa.Array) -> pa.Array:
    """Texts that are amounts in known units; null for the others: a calculator may have written a name or address."""
    codes, raw = encoded(texts)
    style = style_of(raw)
    kept = np.array([*(_nobodys(amount(text, style)) is not None for text in raw), False])
    return pa.array(raw, LARGE).take(pa.array(codes, mask=~kept[codes]))


def result_columns(
    name: str, cells: Cells, rows: int, say: Callable[[str], None], *, hide: bool = False
) -> dict[str, Any]:
    """Columns of one result.

    If every value is a plain number, one float64 column. Else the text as shown (str), ``_low`` and ``_high`` (float64,
    equal for a single number, NaN for an open end or for what is no number) and, where a unit occurs, ``_unit``
    (category).

    Args:
        name: Column name of the result.
        cells: Its rows of the long table.
        rows: Rows of the frame.
        say: Gets one sentence about values that are no number.
        hide: Leave out texts that are no amounts in known units.
    """
    plain = cells.numbers()
    if plain is not None:
        column = np.full(rows, np.nan)
        column[cells.rows] = plain[0]
        return {name: column}
    where, texts = cells.by_lead()
    codes, raw = encoded(texts)
    style = style_of(raw)
    amounts = [amount(text, style) for text in raw]
    failed = {code for code, (text, one) in enumerate(zip(raw, amounts, strict=True)) if one is None and text.strip()}
    if hide:
        amounts = [_nobodys(one) for one in amounts]
    source = np.full(rows, -1, np.int64)
    source[where] = np.arange(len(where))
    shown = numbers_alone(texts) if hide else texts
    made: dict[str, Any] = {name: strings(shown.take(pa.array(source, mask=source < 0)))}
    if not any(amounts):
        return made
    if failed:
        count = int(np.isin(codes, list(failed)).sum())
        say(f"column {name!r} has {count:,} value(s) that are no numbers; they stand there as text")
    row_codes = np.full(rows, -1, np.int64)
    row_codes[where] = codes
    for end, values in (("low", _ends(amounts, 0)), ("high", _ends(amounts, 1))):
        made[f"{name}_{end}"] = np.array(values)[row_codes]
    units = sorted({one.unit for one in amounts if one and one.unit})
    if units:
        places = [units.index(one.unit) if one and one.unit else -1 for one in amounts]
        made[f"{name}_unit"] = choice(np.array([*places, -1], np.int64)[row_codes], units)
    return made


def _nobodys(one: Amount | None) -> Amount | None:
    """An amount, unless what stands at it may be somebody's name: ``12 Main Street``."""
    return one if one is not None and is_unit(one.unit) else None


def _ends(amounts: list[Amount | None], end: int) -> list[float]:
    found = [None if one is None else one[end] for one in amounts]
    return [*(np.nan if value is None else float(value) for value in found), np.nan]
