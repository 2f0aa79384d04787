"""The tables that a store is described by: what a sync changed, and how fresh everything is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.frames import titles
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Gap, Manifest, Merged, Piece
from outgrow_nb.store.adding import Added

_STR = pd.StringDtype("pyarrow", na_value=np.nan)


def sync_frame(held: Manifest, items: Sequence[ContentItem], told: Mapping[str, Merged], *, tz: str) -> pd.DataFrame:
    """One row a content that a sync was for, in the order given; see `Outgrow.sync`."""
    pieces = [held.contents.get(item.id, Piece(item=item)) for item in items]
    changes = [told.get(item.id, Merged(0, 0, 0)) for item in items]
    return pd.DataFrame(
        {
            "content": _texts(titles(items)),
            **{name: _counts([getattr(one, name) for one in changes]) for name in Merged._fields},
            "total": _counts([piece.leads for piece in pieces]),
            "first": _times([piece.first for piece in pieces], tz),
            "last": _times([piece.last for piece in pieces], tz),
            "gap": _texts([_gaps(piece.gaps, tz) for piece in pieces]),
            "synced_at": _times([piece.synced_at for piece in pieces], tz),
        }
    )


def added_frame(item: ContentItem, added: Added, problems: Sequence[str], *, tz: str) -> pd.DataFrame:
    """One row for a file of the dashboard; see `Outgrow.add_export`."""
    return pd.DataFrame(
        {
            "content": _texts([item.title]),
            **{name: _counts([getattr(added, name)]) for name in ("rows", "new", "total")},
            "first": _times([added.first], tz),
            "last": _times([added.last], tz),
            "problems": _texts(["; ".join(problems) or None]),
        }
    )


def status_frame(held: Manifest, *, now: datetime, tz: str) -> pd.DataFrame:
    """One row a content that is kept, by title; see `Outgrow.status`."""
    pieces = sorted(held.contents.values(), key=lambda piece: (piece.item.title.casefold(), piece.item.id))
    synced = _times([piece.synced_at for piece in pieces], tz)
    return pd.DataFrame(
        {
            "content": _texts(titles([piece.item for piece in pieces])),
            "leads": _counts([piece.leads for piece in pieces]),
            "gone": _counts([sum(month.gone for month in piece.months.values()) for piece in pieces]),
            "first": _times([piece.first for piece in pieces], tz),
            "last": _times([piece.last for piece in pieces], tz),
            "synced_at": synced,
            "age": (pd.Timestamp(now).as_unit("us") - synced).astype("timedelta64[us]"),
            "gaps": _texts([_gaps(piece.gaps, tz) for piece in pieces]),
            "bytes": _counts([piece.bytes for piece in pieces]),
        }
    )


def _gaps(gaps: Sequence[Gap], tz: str) -> str | None:
    spans = (
        " to ".join(pd.Timestamp(end).tz_convert(tz).strftime("%Y-%m-%d %H:%M") for end in (gap.start, gap.end))
        for gap in gaps
    )
    return ", ".join(spans) or None


def _texts(values: Sequence[str | None]) -> pd.Series:
    return pd.Series(list(values), dtype=_STR)


def _counts(values: Sequence[int]) -> Any:
    return np.array(values, np.int64)


def _times(values: Sequence[datetime | None], tz: str) -> pd.Series:
    made: pd.Series = pd.Series(list(values), dtype="datetime64[us, UTC]").dt.tz_convert(tz)
    return made
