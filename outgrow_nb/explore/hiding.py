"""Leads without who people are: mask."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import CONTACT, is_text
from outgrow_nb.frames.mask import HASHED_COLUMNS, bare, person_id
from outgrow_nb.frames.schema import FLAT_NAMES, STR

_ADDRESSES = ("referrer", "landing_page")


def mask(leads: pd.DataFrame, *, key: bytes) -> pd.DataFrame:
    """The same leads, hashes in place of contact details, nothing that people wrote freely.

    E-mail address, phone number and company become keyed hashes (HMAC-SHA256, the same person the same hash), names
    NA, addresses lose their query. Every other text column is left out, since a person may have written it; a column
    that is known to be harmless is kept once it is a category: ``frame["stage"].astype("category")``.

    Args:
        leads: A frame of `og.leads()`.
        key: At least 16 secret bytes, such as of `secrets.token_bytes(32)`; with another key the hashes are others.

    Returns:
        `leads` with the same rows, and the same dtypes of what stays.

    Raises:
        ConfigError: `key` is no bytes, or too short to be secret.
    """
    secret: Any = key
    if not isinstance(secret, bytes) or len(secret) < 16:
        raise ConfigError(
            "The mask needs a key of at least 16 bytes.", "Make one: secrets.token_bytes(32), and keep it."
        )
    hide: dict[str, Callable[[str], str | None]] = {name: lambda _: None for name in CONTACT}
    hide |= {name: partial(_hash, key=key) for name in HASHED_COLUMNS} | dict.fromkeys(_ADDRESSES, bare)
    made = leads.copy()
    for name in leads.columns:
        if name in hide:
            found = {value: hide[name](str(value)) for value in leads[name].dropna().unique()}
            made[name] = leads[name].astype(object).map(found).astype(STR)
        elif name not in FLAT_NAMES and is_text(leads[name]):
            made = made.drop(columns=name)
    return made


def _hash(value: str, key: bytes) -> str | None:
    return person_id(value, key) if value.strip() else None
