"""Leads and what a CRM knows of them, joined so that nobody is lost and unknown stays unknown."""

from typing import Literal

import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import column
from outgrow_nb.explore.people import plain

_KEY = "outgrow join key"


def join_crm(
    leads: pd.DataFrame, crm: pd.DataFrame, *, on: str, validate: Literal["m:1", "1:1", "1:m", "m:m"] = "m:1"
) -> pd.DataFrame:
    """Every lead, with the CRM's columns where the CRM knows the person; elsewhere they are NA, never "lost".

    E-mail addresses and phone numbers match however they are written; an empty key matches nobody.

    Args:
        leads: A frame of `og.leads()`.
        crm: A table of the CRM, such as of `pandas.read_csv`.
        on: A column of both, such as "email".
        validate: "m:1": the CRM names everyone once, so that no lead is doubled; as in `pandas.merge`.

    Returns:
        `leads` in its order, then the columns of `crm` but `on`; those of a name that leads has too end with `_crm`.
        True and false become boolean, whole numbers Int64, so that the unknown ones are NA.

    Raises:
        ConfigError: `on` is no column of both, or a person stands twice where `validate` forbids it.
    """
    keys = [plain(column(frame, on), len(frame), digits=on == "phone") for frame in (leads, crm)]
    right = crm.drop(columns=on).rename(columns={name: f"{name}_crm" for name in crm.columns if name in leads.columns})
    for name in right.columns:
        if pd.api.types.is_bool_dtype(right[name].dtype):
            right[name] = right[name].astype("boolean")
        elif pd.api.types.is_integer_dtype(right[name].dtype):
            right[name] = right[name].astype("Int64")
    right[_KEY] = keys[1].to_numpy()
    right = right[right[_KEY].notna()]
    left = leads.reset_index(drop=True)
    left[_KEY] = keys[0].to_numpy()
    try:
        made = left.merge(right, how="left", on=_KEY, validate=validate, sort=False)
    except pd.errors.MergeError:
        twice = int(right[_KEY].duplicated().sum())
        raise ConfigError(
            f"The keys in {on!r} are not {validate}: the CRM has {twice:,} of them more than once.",
            f"Keep one row each, such as crm.drop_duplicates({on!r}), or give another validate=.",
        ) from None
    made = made.drop(columns=_KEY)
    made.attrs = dict(leads.attrs)
    return made
