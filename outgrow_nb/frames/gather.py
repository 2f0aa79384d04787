"""Batches of a read to one kept read: each lead once, in order of time, questions named."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from outgrow_nb.frames.batches import LeadBatches
from outgrow_nb.frames.kept import KeptLeads
from outgrow_nb.frames.order import UNKNOWN, microseconds, tidied
from outgrow_nb.frames.questions import Oldest, asked

_NONE: Mapping[str, Oldest] = MappingProxyType({})


def kept(batches: LeadBatches, *, oldest: Mapping[str, Oldest] = _NONE) -> KeptLeads:
    """Everything taken so far, as one immutable read.

    A lead that came twice is kept as last updated (of equals, as last received).

    Args:
        batches: What has arrived.
        oldest: By question, its oldest text known from elsewhere: columns are named by the oldest of all.
    """
    parts = tidied(batches.parts())
    spans = _spans(parts.flat, parts.long, len(parts.variants))
    questions = asked(parts.sources, parts.variants, parts.places, spans, oldest=oldest)
    return KeptLeads(parts.sources, parts.flat, parts.long, questions, parts.variants, parts.bodies)


def _spans(flat: pa.Table, long: pa.Table, variants: int) -> Sequence[tuple[int | None, int | None]]:
    """By variant, the first and last time a lead was asked it."""
    created = microseconds(flat["created_at"])
    lead = long["lead"].to_numpy()
    known = int(
        np.searchsorted(lead, np.int32(np.count_nonzero(created != UNKNOWN)))
    )  # leads without a time stand last
    lead, codes = lead[:known], long["variant"].to_numpy()[:known]
    first, last = np.full(variants, -1), np.full(variants, -1)
    first[codes[::-1]] = lead[::-1]  # of several rows of a variant, the one that is written last stays
    last[codes] = lead
    return [(None, None) if b < 0 else (int(created[a]), int(created[b])) for a, b in zip(first, last, strict=True)]
