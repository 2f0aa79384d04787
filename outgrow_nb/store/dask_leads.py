"""Leads as a Dask DataFrame: one partition for each content and month of a store."""

from collections.abc import Collection
from typing import Any

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import Window, titles
from outgrow_nb.frames.schema import FLAT
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Manifest, Month
from outgrow_nb.store.partition import Wanted, empty, partition, refuse_open_cluster

_KNOWN = ("content", "content_type", "status")


def dask_leads(
    store: Store,
    manifest: Manifest,
    contents: Collection[str] | None,
    window: Window,
    *,
    status: str,
    tz: str,
    hide: bool,
) -> Any:
    """A `dask.dataframe.DataFrame`; the graph holds paths of files and names of contents, and nothing secret.

    Args:
        store: Where the files are; workers have to see them under the same path.
        manifest: What of it counts.
        contents: Ids; None for all.
        window: The span.
        status: As `KeptLeads.leads`.
        tz: The zone of the times.
        hide: Leave contact details out.

    Raises:
        ConfigError: Dask is not installed; or a cluster talks in the clear with other computers.
    """
    missing = False
    try:
        import dask
        import dask.dataframe as dd
        from dask.dataframe.utils import clear_known_categories
    except ImportError:  # Dask's own, where its DataFrame half is not installed
        missing = True
    if missing:
        raise ConfigError("This needs Dask.", "Run: pip install 'outgrow-nb[dask]'")
    refuse_open_cluster()
    names = _names(manifest)
    chosen = [i for i in manifest.contents if contents is None or i in contents]
    kinds = {i: (manifest.contents[i].item.type or "").strip() for i in chosen}
    wanted = Wanted(
        titles=tuple(names[i] for i in chosen),
        types=tuple(sorted({kind for kind in kinds.values() if kind})),
        window=window,
        status=status,
        tz=tz,
        hide=hide,
    )
    meta = empty(wanted)
    parts = [part for part in store.parts(manifest, chosen) if _touches(part.held, window)]
    unknown = [column.name for column in FLAT if column.form == "choice" and column.name not in _KNOWN]
    open_meta = clear_known_categories(meta, cols=unknown)
    files = [(str(part.leads), names[part.content_id], kinds[part.content_id]) for part in parts]
    with dask.config.set({"dataframe.convert-string": False}):  # texts keep the dtype that frames have
        if not files:
            return dd.from_pandas(meta, npartitions=1)
        return dd.from_map(partition, files, wanted=wanted, meta=open_meta, label="outgrow-leads")


def _names(manifest: Manifest) -> dict[str, str]:
    """By id, what each content is called in frames."""
    items = [piece.item for piece in manifest.contents.values()]
    return {item.id: name for item, name in zip(items, titles(items), strict=True)}


def _touches(held: Month, window: Window) -> bool:
    if held.first is None or held.last is None:
        return True
    return (window.start is None or held.last >= window.start) and (window.end is None or held.first < window.end)
