"""Leads by the person behind them: where people come from, and each person once."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import numbers, statuses, times
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.quantiles import quartiles
from outgrow_nb.explore.shares import floats, share
from outgrow_nb.explore.tables import table
from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.schema import STR


def sources(leads: pd.DataFrame, *, touch: Literal["each", "first", "last"] = "each") -> pd.DataFrame:
    """Where leads come from, the source with the most leads first.

    Args:
        leads: A frame of `og.leads()`.
        touch: "each" counts every lead at its own source; "first" and "last" only each person's first or last one.
            A person is an e-mail address or phone number, however written; nobody known is a person of their own.

    Returns:
        utm_source (category); n (int64: leads); people (int64); completed (int64); share, low, high (Float64: completed
        of those whose status is known, with its 95 % Wilson interval); score_mean (Float64: of leads with a score).

    Raises:
        ConfigError: `touch` is none of these; a column is missing.
    """
    if touch not in ("each", "first", "last"):
        raise ConfigError(f"touch={touch!r} is unknown.", 'Write touch="each", "first" or "last".')
    person = persons(leads)
    kept = np.arange(len(leads)) if touch == "each" else _one_each(leads, person, last=touch == "last")
    frame, person = leads.iloc[kept], person[kept]
    split = groups(frame, "utm_source")
    size = len(split)
    status = statuses(frame)
    n, known, done = (counts(split.codes, size, where) for where in (None, status >= 0, status == 2))
    pairs = np.unique(np.column_stack([split.codes, person]), axis=0)
    score = quartiles(numbers(frame, "score"), split.codes, size)["mean"]
    columns = {
        "n": n,
        "people": counts(pairs[:, 0], size),
        "completed": done,
        **share(done, known),
        "score_mean": floats(score),
    }
    order = np.argsort(-n, kind="stable")
    taken = {name: values[order] for name, values in columns.items()}
    base = "leads received" if touch == "each" else f"each person's {touch} lead"
    return table(leads, "sources", taken, first=split.column(order), base=base, touch=touch)


def dedupe(leads: pd.DataFrame, *, keep: Literal["first", "last"] = "last") -> pd.DataFrame:
    """Each person once in each content: their first or last lead.

    Args:
        leads: A frame of `og.leads()`. A person is an e-mail address or phone number, however written; a lead of
            nobody known is kept.
        keep: "first" or "last", by `created_at`; a lead without a time counts as the latest.

    Returns:
        Rows of `leads` in their order, with all columns and dtypes.

    Raises:
        ConfigError: `keep` is neither; a column is missing.
    """
    if keep not in ("first", "last"):
        raise ConfigError(f"keep={keep!r} is unknown.", 'Write keep="first" or keep="last".')
    content, person = groups(leads, "content").codes, persons(leads)
    both = content * (person.max(initial=0) + 1) + person
    return leads.iloc[_one_each(leads, both, last=keep == "last")].reset_index(drop=True)


def persons(leads: pd.DataFrame) -> Ints:
    """By row a number for the person: the same e-mail address, else a phone number that one belongs to, else itself.

    Raises:
        ConfigError: Neither `email` nor `phone` is a column.
    """
    if not {"email", "phone"} & set(leads.columns):
        raise ConfigError("The frame tells nothing of who people are.", "Keep its column 'email' or 'phone'.")
    mail, phone = plain(leads.get("email"), len(leads)), plain(leads.get("phone"), len(leads), digits=True)
    both = mail.notna() & phone.notna()
    owner = mail[both].groupby(phone[both]).first()
    key = mail.where(mail.notna(), phone.map(owner).astype(STR))
    codes, _ = pd.factorize(key.where(key.notna(), "tel:" + phone))
    nobody = codes < 0
    made = codes.astype(np.int64)
    made[nobody] = codes.max(initial=-1) + 1 + np.arange(nobody.sum())
    return made


def plain(values: pd.Series | None, size: int, *, digits: bool = False) -> pd.Series:
    """Addresses as they are compared: without case and outer blanks, of phone numbers the digits; NA where blank."""
    if values is None:
        return pd.Series([None] * size, dtype=STR)
    made: Any = values.astype(object).where(values.notna(), None).reset_index(drop=True).astype(STR)
    made = made.str.strip().str.lower()
    if digits:
        made = made.str.replace(r"[\s().\-/]", "", regex=True)
    found: pd.Series = made.where(made != "")
    return found


def _one_each(leads: pd.DataFrame, who: Ints, *, last: bool) -> Ints:
    """Rows, ascending, of each one's earliest or latest lead."""
    moment = times(leads, "created_at").sort_values(kind="stable", na_position="last")
    order = moment.index.to_numpy(dtype=np.int64)
    again = pd.Series(who[order]).duplicated(keep="last" if last else "first").to_numpy()
    return np.sort(order[~again])
