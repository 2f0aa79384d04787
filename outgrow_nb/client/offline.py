"""What a store answers without Outgrow: how fresh it is, and what it may lack."""

import pandas as pd

from outgrow_nb.client.reads import Reads
from outgrow_nb.client.shelf import status_frame
from outgrow_nb.store import Store


class Offline(Reads):
    """The part of `Outgrow` and of a frozen client that asks Outgrow nothing."""

    def status(self) -> pd.DataFrame:
        """How fresh the store is, and what it may lack; asks Outgrow nothing.

        Returns:
            A row a content: content (str), leads, gone (int64), first, last, synced_at (datetime64[us, tz]), age
            (timedelta64[us] since then), gaps (str: spans in which Outgrow may have had leads that it never showed, NA
            for none; `add_export` fills them), bytes (int64).

        Raises:
            ConfigError: The client has no store.
            CacheError: It cannot be read.
        """
        return self._named(status_frame(self._store.manifest(), now=self._now(), tz=self._tz))

    @property
    def _store(self) -> Store:
        """Where leads are kept."""
        raise NotImplementedError

    @property
    def _has_store(self) -> bool:
        return True
