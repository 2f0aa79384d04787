"""The long table's rows of one question, and what they say for each lead: a number, a text, or a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.numbers import plain, style_of
from outgrow_nb.frames.tables import EMPTY_LIST, LARGE, NULL, NUMBER, OTHER, TEXT, WHOLE


def number_text(value: float, json: int) -> str:
    """A JSON number as text: whole numbers without a point."""
    return str(int(value)) if json == WHOLE else msgspec.json.encode(float(value)).decode()


@dataclass(frozen=True)
class Cells:
    """Rows of the long table that belong to one question, those of one lead next to each other.

    Attributes:
        rows: Row of the wide frame, by cell.
        places: Place within a list answer, -1 for a single value.
        json: What the value was (codes of `batches`).
        text: Arrow texts, null where there is none.
        number: Numbers, NaN where there is none.
    """

    rows: Ints
    places: Ints
    json: Ints
    text: pa.Array
    number: Any

    @property
    def single(self) -> bool:
        """Whether each lead has one value and none is a list."""
        return not bool((self.places >= 0).any()) and not bool((self.rows[1:] == self.rows[:-1]).any())

    def texts(self) -> pa.Array:
        """Each cell as text; null for null, ``[]`` for an empty list."""
        spelled = np.flatnonzero((self.json == NUMBER) | (self.json == WHOLE) | (self.json == EMPTY_LIST))
        if not len(spelled):
            return self.text
        if len(spelled) == len(self.json):
            made: list[str | None] = [None] * len(spelled)
        else:
            made = self.text.to_pylist()
        for place, value, json in zip(spelled, self.number[spelled], self.json[spelled], strict=True):
            made[place] = "[]" if json == EMPTY_LIST else number_text(value, json)
        return pa.array(made, LARGE)

    def by_lead(self) -> tuple[Ints, pa.Array]:
        """Rows and one text for each; several values of a lead become one JSON list, so that none is lost."""
        texts = self.texts()
        if self.single:
            return self.rows, texts
        starts = np.flatnonzero(np.r_[True, self.rows[1:] != self.rows[:-1]])
        ends = np.r_[starts[1:], len(self.rows)]
        plain_texts = texts.to_pylist()
        made = []
        for start, end in zip(starts, ends, strict=True):
            alone = end - start == 1 and self.places[start] < 0
            made.append(plain_texts[start] if alone else self._listed(range(start, end), plain_texts))
        return self.rows[starts], pa.array(made, LARGE)

    def _listed(self, cells: range, texts: Sequence[str | None]) -> str:
        values: list[Any] = []
        for cell in cells:
            json = self.json[cell]
            text = texts[cell]
            is_json = json in (NUMBER, WHOLE, OTHER, EMPTY_LIST) and text is not None
            values.append(msgspec.Raw(text.encode()) if is_json and text is not None else text)
        return msgspec.json.encode(values).decode()

    def numbers(self) -> tuple[Any, Any] | None:
        """Values and mask by cell, if every value is a number, a text that is one, blank or null; else None."""
        if not self.single or bool(np.isin(self.json, (OTHER, EMPTY_LIST)).any()):
            return None
        values = np.array(self.number, np.float64)
        written = np.flatnonzero(self.json == TEXT)
        if len(written):
            texts = self.text.take(pa.array(written)).to_pylist()
            style = style_of(set(texts))
            for place, text in zip(written, texts, strict=True):
                found = plain(text, style)
                if found is None and text.strip():
                    return None
                values[place] = np.nan if found is None else found
        return values, np.isnan(values)

    def shown(self) -> Ints:
        """Rows whose answer is not null."""
        return self.rows[np.flatnonzero(self.json != NULL)]
