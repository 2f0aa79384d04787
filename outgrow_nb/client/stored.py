"""What a client does with a store: bring it up to date, say how fresh it is, freeze it, add exports to it."""

from collections.abc import Mapping

import pandas as pd

from outgrow_nb.client.keeping import Keeping
from outgrow_nb.client.reader import Contents
from outgrow_nb.client.reads import Reads
from outgrow_nb.client.shelf import status_frame, sync_frame
from outgrow_nb.errors import ConfigError
from outgrow_nb.store import Merged, Store


class Stored(Reads):
    """The keeping half of `Outgrow`; see there for the arguments."""

    def sync(self, contents: Contents = None, *, full: bool = False) -> pd.DataFrame:
        """Fetches what Outgrow has and the store has not; safe to stop, to kill and to run again.

        New leads are added and edited ones replaced. A sync looks back 48 hours before the last lead; `full` reads
        everything again, and so does a sync that finds fewer leads in Outgrow than are kept. Only such a pass tells
        which leads have vanished from Outgrow: they stay on disk, marked, and no frame shows them.

        Args:
            contents: Titles or ids; one, several, or None for all of the account.
            full: Read everything again, also leads that were edited long after they arrived.

        Returns:
            A row a content: content (str), new, changed, gone, total (int64), first, last (datetime64[us, tz]: the span
            that is kept), gap (str: a span that Outgrow did not show to an API key and may have had leads in, else NA),
            synced_at (datetime64[us, tz]).

        Raises:
            ConfigError: The client has no store, or it is another account's.
            CacheError: The store cannot be written; what it held before is whole.
            UnknownContent: No content has that title or id.
            PartialFetch: It was cut after something had arrived; `resume()` goes on.
            ApiError, SignInError: As `contents`.
        """
        reader = self._keeping()
        syncing, items = reader.sync(contents, full=full)

        def make(told: Mapping[str, Merged]) -> pd.DataFrame:
            return self._named(sync_frame(reader.store.manifest(), items, told, tz=self._tz))

        return reader.run(syncing, make, make)

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
        return self._named(status_frame(self._keeping().store.manifest(), now=self._now(), tz=self._tz))

    def _keeping(self) -> Keeping:
        if isinstance(self._reader, Keeping):
            return self._reader
        raise ConfigError(
            "This client keeps no leads.", 'Name a folder for them: og = outgrow_nb.connect(store="outgrow-data").'
        )

    @property
    def _store(self) -> Store:
        return self._keeping().store
