"""What a client does with a store: bring it up to date, say how fresh it is, freeze it, add exports to it."""

from collections.abc import Mapping
from contextlib import suppress

import pandas as pd

from outgrow_nb import frames
from outgrow_nb import store as kept
from outgrow_nb.client.beyond import Beyond
from outgrow_nb.client.frozen import Frozen
from outgrow_nb.client.keeping import Keeping
from outgrow_nb.client.reader import Contents
from outgrow_nb.client.shelf import sync_frame
from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import When
from outgrow_nb.store import Merged, Store


class Stored(Beyond):
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
            that is kept), gap (str: spans that Outgrow did not show to an API key and may have had leads in, else NA),
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

    def snapshot(self, name: str) -> Frozen:
        """Freezes the store as it is now under a name; it takes no room of its own until the store changes.

        Args:
            name: Letters, digits, blanks, dots, dashes and underscores.

        Returns:
            The frozen client, as `at` gives it; it shows its name, its time and its content hash.

        Raises:
            ConfigError: The client has no store, or the name is taken or cannot be one.
            CacheError: It cannot be written.
        """
        return self._frozen(kept.snapshot(self._store, name, at=self._now()))

    def at(self, when: When) -> Frozen:
        """The account as a snapshot has it: the same reading methods, without any network.

        Args:
            when: A snapshot's name; or a time as `since=` takes it (a date is meant with its whole day): then the last
                snapshot that was taken by then.

        Raises:
            ConfigError: The client has no store, or there is no such snapshot; those that are there are named.
            CacheError: It cannot be read.
        """
        name, until = when if isinstance(when, str) else None, None
        with suppress(ConfigError):
            until = frames.window(None, when, tz=self._tz, now=self._now()).end
        return self._frozen(kept.find(self._store, name, until))

    def _frozen(self, store: Store) -> Frozen:
        return Frozen(self._credentials, store, sandbox=self._sandbox, tz=self._tz, pii=self._pii, now=self._now)

    def _keeping(self) -> Keeping:
        if isinstance(self._reader, Keeping):
            return self._reader
        raise ConfigError(
            "This client keeps no leads.", 'Name a folder for them: og = outgrow_nb.connect(store="outgrow-data").'
        )

    @property
    def _store(self) -> Store:
        return self._keeping().store

    @property
    def _has_store(self) -> bool:
        return isinstance(self._reader, Keeping)
