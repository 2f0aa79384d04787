"""How questions were ever asked: kept in the manifest, so that a renamed question keeps its column for good."""

import msgspec
import numpy as np

from outgrow_nb.frames import KeptLeads
from outgrow_nb.frames.order import UNKNOWN, microseconds
from outgrow_nb.frames.questions import Oldest, asked, oldest_texts
from outgrow_nb.frames.tables import Source, Variant
from outgrow_nb.store.manifest import Piece, Wording


def with_wordings(piece: Piece, read: KeptLeads, place: int) -> Piece:
    """The piece with every way in which a read's leads were asked."""
    known = {(one.question_id, one.text, one.kind): one.first for one in piece.wordings}
    for variant, first in zip(read.variants, _firsts(read), strict=True):
        if variant.content == place:
            key = (variant.question_id, variant.text, variant.kind)
            times = [at for at in (known.get(key), first) if at is not None]
            known[key] = min(times, default=None)
    made = tuple(Wording(question_id=q, text=t, kind=k, first=first) for (q, t, k), first in known.items())
    return msgspec.structs.replace(piece, wordings=made) if made != piece.wordings else piece


def _firsts(read: KeptLeads) -> list[int | None]:
    """By variant, the first known time at which a lead was asked it."""
    created = microseconds(read.flat["created_at"])[read.long["lead"].to_numpy()]
    latest = np.iinfo(np.int64).max
    firsts = np.full(len(read.variants), latest)
    np.minimum.at(firsts, read.long["variant"].to_numpy(), np.where(created == UNKNOWN, latest, created))
    return [None if first == latest else int(first) for first in firsts]


def oldest(pieces: list[Piece]) -> dict[str, Oldest]:
    """By question, its oldest text in these contents."""
    sources = [Source(piece.item, piece.questions) for piece in pieces]
    variants = [
        Variant(place, one.question_id, one.text, one.kind)
        for place, piece in enumerate(pieces)
        for one in piece.wordings
    ]
    spans = [(one.first, one.first) for piece in pieces for one in piece.wordings]
    return oldest_texts(asked(sources, variants, [0] * len(variants), spans))
