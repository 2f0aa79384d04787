"""Leads of a CSV export without ids, and the same leads as the API gave them: known by time and e-mail address."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames.order import UNKNOWN, microseconds
from outgrow_nb.store.rows import Rows
from outgrow_nb.store.upsert import ids_of

MADE = "csv-"
"""Begins the id of a lead whose row in an export had none."""
_SECOND, _MINUTE = 1_000_000, 60_000_000


def apart(made: Rows, real: Rows) -> Rows:
    """The rows of `made` without those that are a lead of `real`.

    A row of a made id is one where second (minute, where the export tells no seconds) and e-mail address are the same.
    """
    here = _is_made(made)
    if not here.any() or not len(real):
        return made
    known = _people(real, _SECOND) | _people(real, _MINUTE)
    seconds, minutes = _keys(made, _SECOND), _keys(made, _MINUTE)
    whole = microseconds(made.leads["created_at"]) % _MINUTE == 0
    twin = [(minutes if whole[at] else seconds)[at] in known for at in range(len(made))]
    return made.take(np.flatnonzero(~(here & np.array(twin))))


def _is_made(rows: Rows) -> Any:
    return pc.starts_with(ids_of(rows), MADE).to_numpy(zero_copy_only=False).astype(bool)


def _people(rows: Rows, unit: int) -> set[tuple[int, int, str] | None]:
    keys = _keys(rows, unit)
    return {keys[at] for at in np.flatnonzero(~_is_made(rows))} - {None}


def _keys(rows: Rows, unit: int) -> list[tuple[int, int, str] | None]:
    times = microseconds(rows.leads["created_at"])
    email: pa.ChunkedArray = pc.utf8_lower(pc.utf8_trim_whitespace(rows.leads["email"]))
    return [
        (unit, int(at) // unit, who) if at != UNKNOWN and who else None
        for at, who in zip(times.tolist(), email.to_pylist(), strict=True)
    ]
