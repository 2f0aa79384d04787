"""`profiles`: the sign-ins that are kept on this computer."""

import os

import pandas as pd

from outgrow_nb.auth.facts import Facts, kept_facts
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.client import tables
from outgrow_nb.config import config_folder
from outgrow_nb.errors import CacheError


def profiles() -> pd.DataFrame:
    """The sign-ins kept on this computer, for ``connect(profile=…)``; asks Outgrow nothing.

    Returns:
        A row for each profile, by name: profile, who, email, name, company, signed_in_with ("sign-in" or "API key"),
        kept_in, protection ("encrypted" or "not encrypted"): str; access_until: datetime64[us, UTC], NaT where Outgrow
        does not say; renews: boolean; problem: str, why a profile cannot be read here, NA where it can.

    Raises:
        ConfigError: OUTGROW_CONFIG_DIR is no absolute path.
    """
    cache = FileCache(config_folder(os.environ))
    known: list[Facts] = []
    problems: dict[str, str] = {}
    for profile in cache.names():
        try:
            found = kept_facts(cache, profile)
        except CacheError as error:
            problems[profile] = str(error)
        else:
            known += [found] if found is not None else []
    frame = tables.signed_in(known, tz="UTC").set_index("profile")
    frame = frame.reindex(sorted([*frame.index, *problems])).reset_index()
    frame["problem"] = frame["profile"].map(problems).astype(frame["who"].dtype)
    for profile in problems:
        row = frame["profile"] == profile
        frame.loc[row, "kept_in"] = cache.place(profile)
        frame.loc[row, "protection"] = cache.protection(profile)
    return frame
