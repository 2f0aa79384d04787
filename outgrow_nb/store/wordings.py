"""How questions were ever asked: kept in the manifest, so that a renamed question keeps its column for good."""

import msgspec
import numpy as np

from outgrow_nb.frames import KeptLeads
from outgrow_nb.frames.order import UNKNOWN, microseconds
from outgrow_nb.frames.questions import NO_FORM, Oldest, asked, oldest_texts
from outgrow_nb.frames.tables import Source, Variant
from outgrow_nb.store.manifest import Piece, Wording


def with_wordings(piece: Piece, read: KeptLeads, place: int) -> Piece:
    """The piece with every way in which a read's leads were asked."""
    known = {(one.question_id, one.text, one.kind): one for one in piece.wordings}
    firsts, lasts = _spans(read)
    places = {v: one.order[1] - NO_FORM for one in read.questions if not one.form for v in one.variants}
    for code, variant in enumerate(read.variants):
        if variant.content == place:
            key = (variant.question_id, variant.text, variant.kind)
            before = known.get(key) or Wording(question_id=key[0], text=key[1], kind=key[2])
            known[key] = msgspec.structs.replace(
                before,
                first=min((at for at in (before.first, firsts[code]) if at is not None), default=None),
                last=max((at for at in (before.last, lasts[code]) if at is not None), default=None),
                place=max(before.place, places.get(code, 0)),
            )
    made = tuple(known.values())
    return msgspec.structs.replace(piece, wordings=made) if made != piece.wordings else piece


def _spans(read: KeptLeads) -> tuple[list[int | None], list[int | None]]:
    """By variant, the first and the last known time at which a lead was asked it."""
    created = microseconds(read.flat["created_at"])[read.long["lead"].to_numpy()]
    variant = read.long["variant"].to_numpy()
    latest, earliest = np.iinfo(np.int64).max, UNKNOWN
    firsts, lasts = np.full(len(read.variants), latest), np.full(len(read.variants), earliest)
    np.minimum.at(firsts, variant, np.where(created == UNKNOWN, latest, created))
    np.maximum.at(lasts, variant, created)
    return (
        [None if first == latest else int(first) for first in firsts],
        [None if last == earliest else int(last) for last in lasts],
    )


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
