"""Rows by the value of a column: labels in the frame's order, the unknown ones a group of their own."""

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import CONTACT, column
from outgrow_nb.frames.arrays import Ints, choice

UNKNOWN = "(unknown)"
_SOMEBODY = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+[\d\s().\-/]{7,}")


class Groups(NamedTuple):
    """Rows of a frame, each in one group.

    Attributes:
        name: The column; None where nothing splits.
        codes: By row, the place of its group in `labels`.
        labels: Of the groups that occur.
    """

    name: str | None
    codes: Ints
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def column(self, places: Any = None) -> dict[str, Any]:
        """The labels as the first column of a table; none where nothing splits."""
        if self.name is None:
            return {}
        return {self.name: choice(np.arange(len(self.labels)) if places is None else places, self.labels)}


def groups(frame: pd.DataFrame, by: str | None) -> Groups:
    """Rows by their value of `by`; None puts all of them into one group.

    Raises:
        ConfigError: No such column, or its values tell who people are.
    """
    if by is None:
        return Groups(None, np.zeros(len(frame), np.int64), ("",))
    values = column(frame, by)
    if by in CONTACT:
        raise ConfigError(f"Column {by!r} tells who people are, and is not split by.", "Choose another column.")
    codes, labels = coded(values)
    if any(_SOMEBODY.search(label) for label in labels):
        raise ConfigError(
            f"Column {by!r} holds e-mail addresses or phone numbers, and is not split by.", "Choose another column."
        )
    if (codes < 0).any():
        place = labels.index(UNKNOWN) if UNKNOWN in labels else len(labels)
        labels = labels if UNKNOWN in labels else (*labels, UNKNOWN)
        codes = np.where(codes < 0, place, codes)
    return Groups(by, codes, labels)


def coded(values: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """By row the place of its label (-1 unknown), and the labels that occur: a category's order, else sorted."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, found = values.cat.codes.to_numpy().astype(np.int64), list(values.cat.categories)
    else:
        try:
            codes, uniques = pd.factorize(values)
        except TypeError:
            raise ConfigError(f"Column {str(values.name)!r} holds lists.", "Choose another column.") from None
        found = list(uniques)
        try:
            order = sorted(range(len(found)), key=lambda place: found[place])
        except TypeError:
            order = sorted(range(len(found)), key=lambda place: str(found[place]))
        codes = np.array([*np.argsort(order), -1], np.int64)[codes]
        found = [found[place] for place in order]
    used = np.unique(codes[codes >= 0])
    labels = tuple(dict.fromkeys(spelled(found[place]) for place in used))
    places = {label: place for place, label in enumerate(labels)}
    lookup = np.full(len(found) + 1, -1, np.int64)
    lookup[used] = [places[spelled(found[place])] for place in used]
    return lookup[codes], labels


def spelled(value: Any) -> str:
    """A value as a label: yes and no for truth, whole numbers without a point."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def counts(codes: Ints, size: int, where: Any = None) -> Ints:
    """How many rows of each group there are, or of each group those where something holds."""
    return np.bincount(codes if where is None else codes[where], minlength=size).astype(np.int64)
