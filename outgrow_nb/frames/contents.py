"""The frame of `contents()`: one row a quiz, calculator, poll and so on."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from outgrow_nb.frames.arrays import choice, encoded, moments, recoded, strings
from outgrow_nb.frames.tables import UTC_US
from outgrow_nb.frames.times import instant
from outgrow_nb.records import ContentItem


def contents_frame(items: Sequence[ContentItem], *, tz: str = "UTC") -> pd.DataFrame:
    """One row a content, in the order given.

    Columns: content_id, title (str), type, status (category), url (str), created_at (datetime64[us, tz]; NaT where
    unknown), leads (Int64; NA where the service does not tell).
    """
    created = pa.array([instant(item.created_at) for item in items], UTC_US)
    leads = pd.array([item.leads_count for item in items], dtype="Int64")
    return pd.DataFrame(
        {
            "content_id": strings([item.id for item in items]),
            "title": strings([item.title for item in items]),
            "type": _choice([item.type for item in items]),
            "status": _choice([item.status for item in items]),
            "url": strings([_address(item) for item in items]),
            "created_at": moments(pa.chunked_array([created], UTC_US), tz),
            "leads": leads,
        }
    )


def _choice(values: Sequence[str | None]) -> pd.Categorical:
    codes, texts = encoded(pa.array(values, pa.large_string()))
    return choice(*recoded(codes, texts, lambda text: text.strip() or None))


def _address(item: ContentItem) -> str | None:
    """The short address, else the calculator's own up to its template part (confirmed: cut at the first ``{``)."""
    template = (item.calc_url or "").partition("{")[0]
    return item.short_url or template or item.meta_url or None


def titles(items: Sequence[ContentItem]) -> list[str]:
    """What each content is called in frames: its title, with its id where several share one."""
    plain = [item.title for item in items]
    return [f"{item.title} ({item.id})" if plain.count(item.title) > 1 else item.title for item in items]
