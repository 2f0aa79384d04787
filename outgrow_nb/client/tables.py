"""The small tables and words around a read: who is signed in, one record, the span that a key was shown."""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from outgrow_nb import frames
from outgrow_nb.auth.facts import Facts
from outgrow_nb.client.which import which
from outgrow_nb.errors import ConfigError, SchemaDrift, UnknownContent
from outgrow_nb.frames import KeptLeads

Pii = Literal["keep", "mask"]
_STR = pd.StringDtype("pyarrow", na_value=np.nan)


def whoami(known: Facts | None, *, source: str, tz: str) -> pd.DataFrame:
    """One row of facts; none where nobody is signed in."""
    frame = signed_in([known] if known is not None else [], tz=tz)
    frame.insert(5, "source", pd.Series([source] * len(frame), dtype=_STR))
    return frame


def signed_in(rows: Sequence[Facts], *, tz: str) -> pd.DataFrame:
    """One row for each sign-in."""
    texts = {
        "who": [row.who for row in rows],
        "email": [row.email for row in rows],
        "name": [row.name for row in rows],
        "company": [row.company for row in rows],
        "signed_in_with": [row.way for row in rows],
        "profile": [row.profile for row in rows],
        "kept_in": [row.kept_in for row in rows],
        "protection": [row.protection for row in rows],
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=_STR) for name, values in texts.items()})
    until = pd.Series([row.access_until for row in rows], dtype="datetime64[us, UTC]")
    frame["access_until"] = until.dt.tz_convert(tz)
    frame["renews"] = pd.array([row.renews for row in rows], dtype="boolean")
    return frame


def raw(
    read: KeptLeads, lead_id: str, content: str | None, decode: Callable[[bytes, str], dict[str, Any] | None]
) -> dict[str, Any]:
    """One lead's record as received.

    Raises:
        UnknownContent: The read has no such lead, has it in several contents, or let its page go.
        ConfigError: The id is no text.
    """
    if not isinstance(lead_id, str):
        raise ConfigError(f"{lead_id!r} is no lead's id.", "Give one as text, as the column lead_id has them.")
    places = [place for place, _ in read.locate(lead_id)]
    if content is not None:
        wanted = {item.id for item in which(content, read.contents)}
        places = [place for place in places if place in wanted]
    if not places:
        raise UnknownContent(f"The last read has no lead {lead_id!r}.", "Read its content with og.leads(…) first.")
    if len(set(places)) > 1:
        raise UnknownContent(f"Several contents have a lead {lead_id!r}.", f"Name one: content={places[0]!r}.")
    for place, body in reversed(read.bodies):
        if place == places[0]:
            record = decode(body, lead_id)
            if record is not None:
                return record
    raise UnknownContent(
        f"The record of lead {lead_id!r} was let go to save memory.",
        "Read a shorter span of its content, then ask again.",
    )


def warn_of_span(read: KeptLeads, start: datetime | None) -> None:
    """Says once per read when a key was shown less than what was asked for: its service's window is unknown."""
    span = read.span()
    if start is None or (span is not None and span[0] <= start):
        return
    shown = f"from {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC" if span else "no leads at all"
    warn(
        f"Outgrow gave this API key leads {shown}; it may hold older ones that it does not show to keys. "
        "connect(store=…) keeps what is shown from now on; older ones come from an export of Outgrow's dashboard: "
        "outgrow_nb.read_export(csv)."
    )


def checked_pii(pii: Pii) -> Pii:
    """The word, once it is one of the two.

    Raises:
        ConfigError: It is not.
    """
    frames.one_of(pii=pii)
    return pii


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warns at the line of the analyst's own code, however deep inside the package the cause was found."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("outgrow_nb."):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def warn_of_drift(
    read: KeptLeads, told: set[tuple[str, str]], misfits: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> None:
    """Warns once a content of what nobody announced, and of what did not fit its column.

    Args:
        read: The read.
        told: What this client has said before; it is not said again.
        misfits: By content id, what did not fit, in sentences.
    """
    drift = read.drift()
    for item in read.contents:
        sentences = [*([drift[item.id]] if item.id in drift else []), *misfits.get(item.id, ())]
        new = [text.rstrip(".") for text in sentences if (item.id, text) not in told]
        told.update((item.id, text) for text in sentences)
        if new:
            warn(f"{item.title}: {'; '.join(new)}.", SchemaDrift)
