"""One content's leads of one month as a frame, read by whoever has the file: a Dask worker needs no credential."""

import sys
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import Window, mask
from outgrow_nb.frames.arrays import strings
from outgrow_nb.frames.schema import FLAT
from outgrow_nb.frames.tables import LARGE, LONG_ARROW
from outgrow_nb.records import ContentItem
from outgrow_nb.store import parquet
from outgrow_nb.store.manifest import Piece
from outgrow_nb.store.rows import LEADS
from outgrow_nb.store.slices import FLAT_COLUMNS, Replaced, flat_table, vocabulary

_ADDRESSES = ("referrer", "landing_page")


class Wanted(NamedTuple):
    """How partitions are wanted; the same for all of them.

    Attributes:
        titles: What the contents are called.
        types: Of which types they are.
        window: The span.
        status: As `KeptLeads.leads`.
        tz: The zone of the times.
        hide: Leave contact details out. Workers get no mask key, so that nothing is hashed there.
    """

    titles: tuple[str, ...]
    types: tuple[str, ...]
    window: Window
    status: str
    tz: str
    hide: bool


def empty(wanted: Wanted) -> pd.DataFrame:
    """No leads, with every column."""
    return _frame(LEADS.empty_table().select(FLAT_COLUMNS), ContentItem(id=""), wanted)


def partition(file: tuple[str, str, str], wanted: Wanted) -> pd.DataFrame:
    """The leads of one file.

    Args:
        file: Its path, what its content is called, and its type.
        wanted: How they are wanted.

    Raises:
        ConfigError: A Dask worker that talks in the clear with other computers was about to read leads.
        Replaced: A sync has replaced the file.
        CacheError: It is damaged.
    """
    refuse_open_cluster()
    path, title, kind = file
    try:
        table = parquet.read(Path(path), LEADS, FLAT_COLUMNS)
    except FileNotFoundError:
        table = None
    if table is None:
        raise Replaced(
            f"{path} is not there: a sync replaced it, or this computer cannot see the store.",
            "Call og.leads_dask() again.",
        )
    here = np.flatnonzero(table["gone_at"].is_null().to_numpy())
    return _frame(table.take(pa.array(here)), ContentItem(id=title, name=title, type=kind or None), wanted)


def _frame(leads: pa.Table, item: ContentItem, wanted: Wanted) -> pd.DataFrame:
    words = vocabulary([Piece(item=item)])
    read = words.read(flat_table(leads, 0), LONG_ARROW.empty_table())
    frame = read.leads(None, wanted.window, status=wanted.status, answers="none", tz=wanted.tz)
    for name, labels in (("content", wanted.titles), ("content_type", wanted.types)):
        frame[name] = frame[name].cat.set_categories(pd.Index(sorted(labels), dtype=frame["lead_id"].dtype))
    return _hidden(frame) if wanted.hide else frame


def _hidden(frame: pd.DataFrame) -> pd.DataFrame:
    for column in FLAT:
        if column.contact:
            frame[column.name] = strings(pa.nulls(len(frame), LARGE))
        elif column.name in _ADDRESSES:
            frame[column.name] = strings(mask.without_query(pa.array(frame[column.name], LARGE, from_pandas=True)))
    return frame


def refuse_open_cluster() -> None:
    """Refuses to send leads between computers in the clear.

    Raises:
        ConfigError: The worker this runs in, or the client of this process, speaks with another computer without TLS.
    """
    if "distributed" not in sys.modules:
        return
    import distributed

    try:
        worker = distributed.get_worker()
        addresses = [worker.address, worker.scheduler.address]
    except ValueError:
        addresses = _of_client()
    open_ones = sorted({address for address in addresses if not is_closed(address)})
    if open_ones:
        raise ConfigError(
            f"The Dask cluster talks in the clear with {open_ones[0]}, and leads hold people's addresses.",
            "Start it with TLS (distributed.Security), or use a LocalCluster on this computer.",
        )


def _of_client() -> list[str]:
    import distributed

    try:
        client = distributed.default_client()
    except ValueError:
        return []  # no cluster: this process computes
    scheduler = client.scheduler.address if client.scheduler is not None else "unknown://"
    return [scheduler, *client.nthreads()]


def is_closed(address: str) -> bool:
    """Whether nobody else can listen."""
    way, _, rest = address.partition("://")
    host = rest.rpartition(":")[0].strip("[]")
    if way in ("tls", "inproc", "wss") or host == "localhost":
        return True
    try:
        return way == "tcp" and ip_address(host).is_loopback
    except ValueError:
        return False  # a name may be any computer's
