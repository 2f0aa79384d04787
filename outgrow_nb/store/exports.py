"""A dashboard's export into a store: it fills the past, and changes nothing that Outgrow itself has told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from outgrow_nb.store.manifest import Gap, Piece
from outgrow_nb.store.months import Months
from outgrow_nb.store.rows import Rows
from outgrow_nb.store.twins import apart
from outgrow_nb.store.upsert import all_ids, without


def unknown(months: Months, piece: Piece, given: Mapping[str, Rows]) -> dict[str, Rows]:
    """What of an export the store does not have: Outgrow itself tells more of a lead than its export does."""
    known, made = all_ids([months.ids(month) for month in piece.months]), {}
    for month, rows in given.items():
        held, left = months.get(month), without(rows, known)
        left = left if held is None else apart(left, held)
        if len(left):
            made[month] = left.with_column("from_export", pa.repeat(True, len(left)))
    return made


def closed(gaps: Sequence[Gap], span: tuple[datetime, datetime] | None) -> tuple[Gap, ...]:
    """What is left of these gaps after an export of that span."""
    if span is None:
        return tuple(gaps)
    left: list[Gap] = []
    for gap in gaps:
        early = Gap(start=gap.start, end=min(gap.end, span[0]))
        late = Gap(start=max(gap.start, span[1]), end=gap.end)
        left += [part for part in (early, late) if part.start < part.end]
    return tuple(left)
