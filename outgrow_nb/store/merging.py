"""One read into a store: month by month, and nothing counts before all of it does."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.frames.tables import UTC_US
from outgrow_nb.store import parquet
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Gap, Manifest, Month, Owner, Piece
from outgrow_nb.store.rows import LEADS, UNKNOWN, Rows, rows_by_month
from outgrow_nb.store.upsert import upsert, without
from outgrow_nb.store.wordings import with_wordings


class Arrival(NamedTuple):
    """What a read is of one content.

    Attributes:
        covers: A span in which the read has every lead there is: others are gone; None where that is not known.
        reached: Everything before it has been read by now; None leaves that as it was.
        finished: The content was read to its end at `at`.
        gap: A span that Outgrow did not show.
        unexplained: As `Piece.unexplained`; None leaves it.
    """

    covers: Window | None = None
    reached: datetime | None = None
    finished: bool = False
    gap: Gap | None = None
    unexplained: int | None = None


class Merged(NamedTuple):
    """What a read changed of one content."""

    new: int
    changed: int
    gone: int


def merge(
    store: Store, read: KeptLeads, arrivals: Mapping[str, Arrival], *, owner: Owner | None, at: datetime
) -> dict[str, Merged]:
    """Puts a read into a store: new leads are added, edited ones replaced, and it counts all at once or not at all.

    Args:
        store: The store.
        read: The read.
        arrivals: By content id, what is known of the read.
        owner: Whose leads these are; None leaves that as it is.
        at: The present.

    Raises:
        ConfigError: The store is another account's.
        CacheError: It cannot be written; what it held before is whole.
    """
    with store.exclusive() as manifest:
        if owner is not None:
            refuse_foreign(manifest, owner, [source.item.id for source in read.sources], store)
        contents, told = dict(manifest.contents), {}
        for place, source in enumerate(read.sources):
            arrival = arrivals.get(source.item.id, Arrival())
            piece = contents.get(source.item.id) or Piece(item=source.item)
            piece = msgspec.structs.replace(
                piece,
                item=source.item,
                questions=source.questions or piece.questions,
                drift=tuple(sorted({*piece.drift, *source.drift})),
                unread=tuple(sorted({*piece.unread, *source.unread})),
            )
            piece, told[source.item.id] = _piece(store, piece, read, place, arrival, at)
            contents[source.item.id] = with_wordings(piece, read, place)
        owned = manifest.owner or owner
        made = msgspec.structs.replace(manifest, contents=contents, owner=owned, changed_at=at)
        store.commit(made)
    return told


def refuse_foreign(manifest: Manifest, owner: Owner, contents: list[str], store: Store) -> None:
    """Refuses leads of another account.

    Raises:
        ConfigError: The account's id differs, or where one is unknown, no content is the same.
    """
    mine = manifest.owner
    if mine is None or not manifest.contents:
        return
    if mine.id is not None and owner.id is not None:
        same = mine.id == owner.id
    else:
        same = bool(manifest.contents.keys() & set(contents)) or not contents
    if not same:
        raise ConfigError(
            f"The store {store.folder} holds leads of {mine.name}, and you are signed in as {owner.name}.",
            "Give store= another folder for this account, or sign in as the other.",
        )


def _piece(
    store: Store, piece: Piece, read: KeptLeads, place: int, arrival: Arrival, at: datetime
) -> tuple[Piece, Merged]:
    given = dict(rows_by_month(read, place))
    ids = pa.concat_arrays([_ids(rows) for rows in given.values()]) if given else pa.array([], pa.string())
    months, added, changed = dict(piece.months), [], 0
    fresh: dict[str, Rows] = {}
    for month, rows in given.items():
        old = _load(store, piece, month)
        made = upsert(old, rows)
        added.append(made.added)
        changed += made.changed
        if made.rows is not old:
            fresh[month] = made.rows
    new = pa.concat_arrays(added) if added else pa.array([], pa.string())
    moved = 0
    if len(new):
        for month in piece.months:  # a lead whose time was edited stands in another month
            here = pc.is_in(new, value_set=_ids(given[month])) if month in given else None
            elsewhere = new.filter(pc.invert(here)) if here is not None else new
            found = pc.is_in(elsewhere, value_set=_stored_ids(store, piece, month))
            if pc.any(found).as_py():
                moved += pc.sum(found).as_py()
                old = fresh.get(month) or _load(store, piece, month)
                assert old is not None
                fresh[month] = without(old, elsewhere)
    gone = 0
    if arrival.covers is not None:
        for month, held in piece.months.items():
            if not _touches(held, arrival.covers):
                continue
            old = fresh.get(month) or _load(store, piece, month)
            assert old is not None
            marked, count = _marked(old, ids, arrival.covers, at)
            if count:
                fresh[month], gone = marked, gone + count
    for month, rows in fresh.items():
        if len(rows):
            months[month] = _write(store, piece.item.id, month, rows)
        else:
            months.pop(month, None)
    reached = max([one for one in (piece.reached, arrival.reached) if one is not None], default=None)
    made_piece = msgspec.structs.replace(
        piece,
        months=dict(sorted(months.items())),
        reached=reached,
        synced_at=at if arrival.finished else piece.synced_at,
        unexplained=piece.unexplained if arrival.unexplained is None else arrival.unexplained,
        gaps=(*piece.gaps, arrival.gap) if arrival.gap is not None else piece.gaps,
    )
    return made_piece, Merged(len(new) - moved, changed + moved, gone)


def _load(store: Store, piece: Piece, month: str) -> Rows | None:
    held = piece.months.get(month)
    if held is None:
        return None
    places = (store.place(tree, piece.item.id, month) for tree in ("leads", "answers"))
    leads, answers = (folder / file.name for folder, file in zip(places, (held.leads, held.answers), strict=True))
    return parquet.read_rows(leads, answers)


def _stored_ids(store: Store, piece: Piece, month: str) -> pa.Array:
    path = store.place("leads", piece.item.id, month) / piece.months[month].leads.name
    column = parquet.read(path, LEADS, ["lead_id"])["lead_id"]
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _write(store: Store, content_id: str, month: str, rows: Rows) -> Month:
    leads = parquet.write(rows.leads, store.place("leads", content_id, month))
    answers = parquet.write(rows.answers, store.place("answers", content_id, month))
    times = rows.leads["created_at"].filter(rows.leads["gone_at"].is_null())
    span = pc.min_max(times).as_py()
    gone = len(rows) - rows.leads["gone_at"].null_count
    return Month(leads=leads, answers=answers, gone=gone, first=span["min"], last=span["max"])


def _touches(held: Month, span: Window) -> bool:
    if held.first is None or held.last is None:  # the month of unknown times, or one whose leads are all gone
        return span == Window() or held.leads.rows > held.gone
    return (span.end is None or held.first < span.end) and (span.start is None or held.last >= span.start)


def _marked(old: Rows, received: pa.Array, span: Window, at: datetime) -> tuple[Rows, int]:
    """With what is missing within the span marked as gone."""
    created, gone = old.leads["created_at"], old.leads["gone_at"]
    inside = np.ones(len(old), bool)
    for bound, keep in ((span.start, pc.greater_equal), (span.end, pc.less)):
        if bound is not None:
            within = keep(created, pa.scalar(bound, UTC_US))
            inside &= pc.fill_null(within, False).to_numpy().astype(bool)
    missing = ~pc.is_in(_ids(old), value_set=received).to_numpy(zero_copy_only=False)
    vanished = inside & missing & gone.is_null().to_numpy().astype(bool)
    if not vanished.any():
        return old, 0
    column = pc.if_else(pa.array(vanished), pa.scalar(at, UTC_US), gone)
    leads = old.leads.set_column(LEADS.get_field_index("gone_at"), LEADS.field("gone_at"), column)
    return Rows(leads, old.answers), int(vanished.sum())


def _ids(rows: Rows) -> pa.Array:
    column = rows.leads["lead_id"]
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


__all__ = ["UNKNOWN", "Arrival", "Merged", "merge", "refuse_foreign"]
