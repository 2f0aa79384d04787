"""What a person names in a frame: a column, its numbers, its times, its truth; after a wrong name the near ones."""

from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.schema import FLAT, STATUSES

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
CONTACT = frozenset(column.name for column in FLAT if column.contact)


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of that name.

    Raises:
        ConfigError: There is none, or several; near matches are named.
    """
    if name not in frame.columns:
        raise ConfigError(f"The frame has no column {name!r}.", near(name, [str(one) for one in frame.columns]))
    found = frame[name]
    if isinstance(found, pd.DataFrame):
        raise ConfigError(f"The frame has several columns {name!r}.", "Rename or drop all but one.")
    return found


def near(name: str, names: list[str]) -> str:
    """The next step after a wrong name: the near ones, else the first ones there are."""
    plain = {one.lower(): one for one in names}
    close = [plain[one] for one in get_close_matches(str(name).lower(), list(plain), n=3, cutoff=0.5)]
    if close:
        return f"Did you mean {' or '.join(repr(one) for one in close)}?"
    return f"Its columns are {', '.join(names[:8])}{' …' if len(names) > 8 else ''}." if names else "It has no columns."


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers, also as objects after a merge; truth is no number, and neither is text."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return False
    if values.dtype == object:
        known = values.dropna()
        return len(known) > 0 and pd.api.types.infer_dtype(known) in ("integer", "floating", "mixed-integer-float")
    return pd.api.types.is_numeric_dtype(values.dtype)


def is_text(values: pd.Series) -> bool:
    """Whether a column holds text, or objects that may be text; a category is none."""
    return pd.api.types.is_string_dtype(values.dtype)


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A column's numbers, NaN where unknown.

    Raises:
        ConfigError: No such column, or it holds something else.
    """
    values = column(frame, name)
    if not is_number(values) and values.notna().any():
        also = [str(one) for one in frame.columns if str(one).startswith(f"{name}_") and is_number(frame[one])]
        raise ConfigError(
            f"Column {name!r} holds no numbers.",
            f"Use {' or '.join(map(repr, also[:2]))}." if also else "Name another.",
        )
    made = values.astype(object).where(values.notna(), np.nan).to_numpy(dtype=np.float64)
    return np.where(np.isfinite(made), made, np.nan)


def times(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column's times as datetime64[us, tz], NaT where unknown; times without a zone are UTC.

    Raises:
        ConfigError: No such column, or it holds something else.
    """
    values = column(frame, name)
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        try:
            values = pd.to_datetime(values, utc=True)
        except (ValueError, TypeError):
            raise ConfigError(f"Column {name!r} holds no times.", "Convert it with pandas.to_datetime first.") from None
    made: pd.Series = values.reset_index(drop=True).dt.as_unit("us")
    return made


def truth(frame: pd.DataFrame, name: str) -> tuple[Bools, Bools]:
    """Whether each row's truth is known, and whether it is true (False where unknown).

    Raises:
        ConfigError: No such column, or it holds something else than true, false and unknown.
    """
    values = column(frame, name).astype(object)
    known = values.notna().to_numpy(dtype=bool)
    given = values[known]
    if not given.isin([True, False]).all():
        raise ConfigError(
            f"Column {name!r} is not true or false.",
            f'Make one that is, such as frame["won"] = (frame[{name!r}] == "…").where(frame[{name!r}].notna()).',
        )
    true = np.zeros(len(values), bool)
    true[known] = given.to_numpy(dtype=bool)
    return known, true


def statuses(frame: pd.DataFrame) -> Ints:
    """By row 0 started, 1 partial, 2 completed, -1 unknown.

    Raises:
        ConfigError: No column `status`.
    """
    codes, found = pd.factorize(column(frame, "status"))
    return np.array([*(STATUSES.index(one) if one in STATUSES else -1 for one in found), -1], np.int64)[codes]
