"""One read into a store: month by month, and nothing counts before all of it does."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.frames.order import microseconds
from outgrow_nb.frames.tables import UTC_US
from outgrow_nb.store.exports import closed, unknown
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Gap, Manifest, Month, Owner, Piece
from outgrow_nb.store.months import Months
from outgrow_nb.store.rows import Rows, joined, rows_by_month
from outgrow_nb.store.twins import apart
from outgrow_nb.store.upsert import all_ids, ids_of, upsert, without
from outgrow_nb.store.wordings import with_wordings


class Arrival(NamedTuple):
    """What a read is of one content.

    Attributes:
        covers: A span in which the read has every lead there is: others are gone; None where that is not known.
        reached: Everything before it has been read by now; None leaves that as it was.
        finished: The content was read to its end at `at`.
        gap: A span that Outgrow did not show.
        export: It is a dashboard's export: leads that are known stay as they are, and its span fills gaps.
        counted: Leads that Outgrow counts, where the read was to explain why it counts others than are kept.
    """

    covers: Window | None = None
    reached: datetime | None = None
    finished: bool = False
    gap: Gap | None = None
    export: bool = False
    counted: int | None = None


class Merged(NamedTuple):
    """What a read changed of one content."""

    new: int
    changed: int
    gone: int


def merge(
    store: Store,
    read: KeptLeads,
    arrivals: Mapping[str, Arrival],
    *,
    owner: Owner | None,
    account: Collection[str] = (),
    at: datetime,
) -> dict[str, Merged]:
    """Puts a read into a store: new leads are added, edited ones replaced, and it counts all at once or not at all.

    Args:
        store: The store.
        read: The read.
        arrivals: By content id, what is known of the read.
        owner: Whose leads these are; None leaves that as it is.
        account: Ids of all contents of that account, where they were asked.
        at: The present.

    Raises:
        ConfigError: The store is another account's.
        CacheError: It cannot be written; what it held before is whole.
    """
    with store.exclusive() as manifest:
        if owner is not None:
            refuse_foreign(manifest, owner, account, store)
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
        store.commit(manifest, msgspec.structs.replace(manifest, contents=contents, owner=owned, changed_at=at))
    pa.default_memory_pool().release_unused()  # what the months were unpacked in
    return told


def refuse_foreign(manifest: Manifest, owner: Owner, account: Collection[str], store: Store) -> None:
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
        same = bool(manifest.contents.keys() & set(account)) or not account
    if same:
        return
    some = next(iter(manifest.contents.values())).item.title
    raise ConfigError(
        f"The store {store.folder} holds leads of {mine.name} ({some!r} and others), and this is {owner.name}.",
        "Give store= another folder for this account, or sign in as the other.",
    )


def _piece(
    store: Store, piece: Piece, read: KeptLeads, place: int, arrival: Arrival, at: datetime
) -> tuple[Piece, Merged]:
    months, given = Months(store, piece), dict(rows_by_month(read, place))
    if arrival.export:
        given = unknown(months, piece, given)
    added, changed = _put(months, given)
    moved, stale = _move(months, piece, given, added)
    gone = 0
    if arrival.covers is not None:
        received = all_ids([ids_of(rows) for rows in given.values()])
        gone = sum(
            _mark(months, month, received, arrival.covers, at)
            for month in piece.months
            if _touches(piece.months[month], arrival.covers)
        )
    gaps = closed(piece.gaps, read.span_of(piece.item.id)) if arrival.export else piece.gaps
    piece = msgspec.structs.replace(
        piece,
        months=months.written(),
        reached=arrival.reached or piece.reached,
        synced_at=at if arrival.finished else piece.synced_at,
        gaps=(*gaps, arrival.gap) if arrival.gap is not None else gaps,
    )
    if arrival.counted is not None:
        piece = msgspec.structs.replace(piece, unexplained=arrival.counted - piece.leads)
    return piece, Merged(len(added) - moved - stale, changed + moved, gone)


def _put(months: Months, given: Mapping[str, Rows]) -> tuple[pa.Array, int]:
    """Puts each month into its own; ids that were not there, and how many leads were replaced."""
    added, changed = [], 0
    for month, rows in given.items():
        before = months.get(month)
        made = upsert(apart(before, rows) if before is not None else None, rows)
        added.append(made.added)
        changed += made.changed
        if made.rows is not before:
            months.put(month, made.rows)
    return all_ids(added), changed


def _move(months: Months, piece: Piece, given: Mapping[str, Rows], added: pa.Array) -> tuple[int, int]:
    """Sees to leads that stand in another month than the one they came for; how many came newer, and how many older."""
    newer = older = 0
    for month in piece.months if len(added) else ():
        elsewhere = added
        if month in given:
            elsewhere = added.filter(pc.invert(pc.is_in(added, value_set=ids_of(given[month]))))
        found = elsewhere.filter(pc.is_in(elsewhere, value_set=months.ids(month)))
        before = months.get(month) if len(found) else None
        if before is None:
            continue
        stale = found.filter(pa.array(_updated(before, found) > _updated(joined(list(given.values())), found)))
        newer, older = newer + len(found) - len(stale), older + len(stale)
        months.put(month, without(before, found.filter(pc.invert(pc.is_in(found, value_set=stale)))))
        for place in given if len(stale) else ():
            rows = months.get(place)
            if rows is not None and place != month:
                months.put(place, without(rows, stale))
    return newer, older


def _updated(rows: Rows, ids: pa.Array) -> Any:
    """When these leads of the rows were last updated."""
    return microseconds(rows.leads["updated_at"].take(pc.index_in(ids, value_set=ids_of(rows))))


def _mark(months: Months, month: str, received: pa.Array, span: Window, at: datetime) -> int:
    """Marks leads of a month within the span that did not come as gone, but for those of exports; how many."""
    rows = months.get(month)
    if rows is None:
        return 0
    created, gone = rows.leads["created_at"], rows.leads["gone_at"]
    vanished = ~pc.is_in(ids_of(rows), value_set=received).to_numpy(zero_copy_only=False)
    vanished &= gone.is_null().to_numpy().astype(bool) & ~rows.leads["from_export"].to_numpy().astype(bool)
    for bound, keep in ((span.start, pc.greater_equal), (span.end, pc.less)):
        if bound is not None:
            within = keep(created, pa.scalar(bound, UTC_US))
            vanished &= pc.fill_null(within, False).to_numpy().astype(bool)
    if vanished.any():
        column = pc.if_else(pa.array(vanished), pa.scalar(at, UTC_US), gone)
        months.put(month, rows.with_column("gone_at", column))
    return int(vanished.sum())


def _touches(held: Month, span: Window) -> bool:
    """Whether a month may have leads in a span; one whose times are unknown may."""
    if held.first is None or held.last is None:
        return True
    return (span.end is None or held.first < span.end) and (span.start is None or held.last >= span.start)
