"""A table of `explore` as a picture reads it: its parts checked, contact data refused, its words and base at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import schema
from outgrow_nb.plot import words

Floats = npt.NDArray[np.float64]
_CONTACT = frozenset(column.name for column in schema.FLAT if column.contact)
_FEW = 5


@dataclass(frozen=True)
class Reading:
    """A table and how to name what is in it.

    Attributes:
        frame: The table.
        by: The column it is split by, None where it is not.
        texts: Question texts by column.
    """

    frame: pd.DataFrame
    by: str | None
    texts: dict[str, str] = field(default_factory=dict)

    def told(self, key: str) -> str | None:
        """What the table says of itself in its `attrs`."""
        found = self.frame.attrs.get("outgrow", {})
        value = found.get(key) if isinstance(found, dict) else None
        return None if value is None else str(value)

    def won(self) -> str:
        """What the table calls won, within a sentence."""
        return words.cut(words.spoken(self.told("won") or "won")).lower()

    def name(self, column: str) -> str:
        """A column as its question, else its name in plain words."""
        base, bracket, option = column.partition("[")
        if bracket and column not in self.texts:
            return f"{words.cut(self.texts.get(base) or words.spoken(base), 24)}: {option.removesuffix(']')}"
        return self.texts.get(column) or words.spoken(column)

    def title(self, column: str) -> str:
        """The same within a sentence: a question in quotes."""
        name = words.cut(self.name(column))
        return f"“{name}”" if column in self.texts else name if name.startswith("UTM ") else name[:1].lower() + name[1:]

    def groups(self, column: str | None = None) -> list[str]:
        """The rows' names: of what the table is split by, or of that column."""
        named = column or self.by
        return [words.group(value) for value in self.frame[named]] if named else [""] * len(self.frame)

    def floats(self, column: str) -> Floats:
        """A column as floats, NaN where unknown."""
        return self.frame[column].to_numpy(dtype=np.float64, na_value=np.nan)

    def few(self) -> npt.NDArray[np.bool_]:
        """Which rows rest on fewer than five."""
        return self.floats("n") < _FEW

    def largest(self, most: int, first: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """Which rows are drawn, in the table's order: those of the largest groups, where there are more than `most`.

        Args:
            most: Rows at most.
            first: Rows that come before all others.
        """
        before = np.zeros(len(self.frame), bool) if first is None else first
        order = np.lexsort((np.arange(len(self.frame)), -self.floats("n"), ~before))
        return np.sort(order[:most]).astype(np.int64)

    def caption(self, counted: str, most: float | None = None) -> str:
        """The base and, for the sandbox, that its people are invented.

        Args:
            counted: What n counts, where the table does not say it itself.
            most: n, where it is not the sum of the table's column.
        """
        total = float(np.nansum(self.floats("n"))) if most is None else most
        account = self.told("account")
        return f"n = {total:,.0f} {self.told('base') or counted}{f' · {account}' if account else ''}"


def read(table: pd.DataFrame, columns: Sequence[str], *, questions: pd.DataFrame | None = None) -> Reading:
    """Checks a table.

    Args:
        table: Of the function of `explore` that has the picture's name.
        columns: What it must have; the first column beyond these is what it is split by.
        questions: The data dictionary of `Outgrow.questions`.

    Raises:
        ConfigError: A column is missing, or holds contact data.
    """
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise ConfigError(
            f"This table has no column {', '.join(lacking)}.",
            "Give the picture the table of the function of the same name: plot.funnel(explore.funnel(leads)).",
        )
    contact = sorted(_CONTACT & {str(column) for column in table.columns})
    if contact:
        raise ConfigError(f"{', '.join(contact)} tells who people are, and is not drawn.", "Split by something else.")
    by = next((str(column) for column in table.columns if column not in columns), None)
    texts: dict[str, str] = {}
    if questions is not None:
        known = questions[["column", "text"]].astype(object).dropna()
        texts = {str(column): str(text) for column, text in zip(known["column"], known["text"], strict=True)}
    return Reading(table, by, texts)
