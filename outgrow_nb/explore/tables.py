"""How every result is put together: tidy columns, and in `attrs` what its base is and whether people are invented."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.arrays import strings

Fact = str | int | float | bool | None


def table(
    subject: pd.DataFrame,
    name: str,
    columns: Mapping[str, Any],
    *,
    first: Mapping[str, Any] | None = None,
    base: str,
    **facts: Fact,
) -> pd.DataFrame:
    """A result.

    Args:
        subject: The frame it was made from.
        name: Of the function.
        columns: The fixed columns.
        first: What stands before them: the labels that split.
        base: What is counted.
        facts: At most two more for `attrs`.

    Raises:
        ConfigError: What splits has the name of a fixed column.
    """
    if both := [one for one in first or {} if one in columns]:
        raise ConfigError(
            f"A column named {both[0]!r} cannot split {name}(): it has one of that name.",
            "Rename it with frame.rename.",
        )
    made = pd.DataFrame({**(first or {}), **columns}, copy=False)
    kept = subject.attrs.get("outgrow")
    account = kept.get("account") if isinstance(kept, dict) else None
    told = {"account": account} if account else {}
    made.attrs["outgrow"] = {"table": name, "base": base, **facts, **told}
    return made


def texts(values: Any) -> Any:
    """Texts and None as str."""
    return strings(list(values))


def whole(values: Any) -> Any:
    """Counts as int64."""
    return np.asarray(values, np.int64)
