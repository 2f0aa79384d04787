"""A frozen client: the same reading methods on a snapshot of a store, without any network."""

import html
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from outgrow_nb import frames
from outgrow_nb import store as kept
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.client.beyond import Beyond
from outgrow_nb.client.kept import Kept
from outgrow_nb.client.reader import Contents, Reader
from outgrow_nb.client.tables import Pii
from outgrow_nb.client.which import which
from outgrow_nb.errors import ConfigError, UnknownContent
from outgrow_nb.frames import KeptLeads, When, Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Store


class Frozen(Beyond):
    """An account as a snapshot has it. Made by `Outgrow.snapshot` and `Outgrow.at`.

    Args:
        credentials: Who made it; for the key that people are hashed with, nothing is asked.
        store: The snapshot.
        sandbox: It is of the embedded Outgrow.
        tz: The time zone of every frame's times.
        pii: As the client that made it.
        now: The present.
    """

    def __init__(
        self,
        credentials: Credentials,
        store: Store,
        *,
        sandbox: bool,
        tz: str,
        pii: Pii,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(credentials, _FrozenReader(credentials, store), sandbox=sandbox, tz=tz, pii=pii, now=now)
        self._held = store.manifest()
        self._kept_in = store

    def __repr__(self) -> str:
        return f"<Outgrow: {self._introduction()}>"

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(self._introduction())}</div>"

    def _introduction(self) -> str:
        leads = sum(piece.leads for piece in self._held.contents.values())
        taken = f"{self._held.taken_at:%Y-%m-%d %H:%M} UTC" if self._held.taken_at is not None else "at some time"
        named = f"snapshot {self._held.name!r}, taken {taken}"
        return f"{named} · {leads:,} leads · content {self.content_hash} · frozen, asks Outgrow nothing"

    @property
    def content_hash(self) -> str:
        """12 hex digits that differ where any lead, answer or question does."""
        return self._held.content_hash

    def contents(self) -> pd.DataFrame:
        """Every content as of the snapshot; columns as `Outgrow.contents`."""
        return self._named(frames.contents_frame(_items(self._held), tz=self._tz))

    def analytics(
        self, contents: Contents, since: When = None, until: When = None, *, by: Literal["day", "week", "month"] = "day"
    ) -> pd.DataFrame:
        """Not kept.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError("A snapshot holds leads and answers, no views and starts.", "Ask the client itself for them.")

    def raw(self, lead_id: str, content: str | None = None) -> dict[str, Any]:
        """Not kept.

        Raises:
            UnknownContent: Always.
        """
        raise UnknownContent("A snapshot keeps no records as received.", "Its answers() are lossless.")

    @property
    def _store(self) -> Store:
        return self._kept_in


class _FrozenReader(Reader):
    """Reads a snapshot."""

    def __init__(self, credentials: Credentials, store: Store) -> None:
        super().__init__(credentials)
        self._store = store

    def fetch(
        self,
        contents: Contents,
        asked: Window,
        make: Callable[[KeptLeads], pd.DataFrame],
        *,
        with_answers: bool,
        wish: Hashable = None,
        fresh: bool = False,
    ) -> pd.DataFrame:
        """The frame of what the snapshot has; see `Reader.fetch`.

        Raises:
            ConfigError: Fresh leads are asked of a snapshot.
            UnknownContent: The snapshot has no such content.
        """
        if fresh:
            raise ConfigError("A snapshot is frozen.", "Ask the client itself for fresh leads.")
        ids = [item.id for item in which(contents, _items(self._store.manifest()))]
        read = kept.read(self._store, ids, asked, answers=with_answers)
        self._kept = Kept(read, contents, asked, whole=with_answers)
        return make(read)


def _items(held: kept.Manifest) -> list[ContentItem]:
    return sorted((piece.item for piece in held.contents.values()), key=lambda item: (item.title.casefold(), item.id))
