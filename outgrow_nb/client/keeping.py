"""Reads leads from a store after having fetched what is new; the reader of a client that keeps leads."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self, TextIO

import pandas as pd

from outgrow_nb import store as kept
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.client.reader import Contents, Reader, Work
from outgrow_nb.client.syncing import Syncing
from outgrow_nb.client.which import which
from outgrow_nb.errors import UnknownContent
from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Owner, Store

_COPY_ON_WRITE = int(pd.__version__.split(".")[0]) >= 3


class LastRead(NamedTuple):
    """What was read last, and of which state of the store."""

    wanted: tuple[object, ...]
    read: KeptLeads


class LastFrame(NamedTuple):
    """The last frame, what it was made of, and how."""

    read: KeptLeads
    wish: Hashable
    frame: pd.DataFrame


class Keeping(Reader):
    """A reader whose leads stand in a store.

    Args:
        credentials: Who reads.
        store: Where leads are kept.
        now: The present.
        progress: As `Reader`.
    """

    def __init__(
        self,
        credentials: Credentials,
        store: Store,
        *,
        now: Callable[[], datetime],
        progress: TextIO | None = None,
    ) -> None:
        super().__init__(credentials, progress=progress)
        self.store, self._now = store, now
        self._last_read: LastRead | None = None
        self._last_frame: LastFrame | None = None

    def work(
        self, call: Call, items: Sequence[ContentItem], asked: Window, *, with_answers: bool, fresh: bool
    ) -> Work[KeptLeads]:
        """Brings the store up to date and reads from it; fresh goes around it."""
        if fresh:
            return super().work(call, items, asked, with_answers=with_answers, fresh=fresh)
        ids = tuple(item.id for item in items)

        def read() -> KeptLeads:
            wanted = self.store.manifest().state(ids), asked, with_answers
            if self._last_read is None or self._last_read.wanted != wanted:
                made = kept.read(self.store, ids, asked, answers=with_answers)
                self._last_read, self._last_frame = LastRead(wanted, made), None
            return self._last_read.read

        return _FromStore(self._syncing(call, items, full=False), read)

    def made(self, read: KeptLeads, make: Callable[[KeptLeads], pd.DataFrame], wish: Hashable) -> pd.DataFrame:
        """The frame of what was read; where nothing is new and the same is wished, the last one again."""
        last = self._last_frame
        if last is None or last.read is not read or last.wish != wish or wish is None:
            last = LastFrame(read, wish, make(read))
            self._last_frame = last if self._last_read is not None and self._last_read.read is read else None
        return last.frame.copy(deep=not _COPY_ON_WRITE)

    def raw(self, lead_id: str, content: str | None) -> dict[str, Any]:
        """One lead's record as received, from the last read; as `Reader.raw`."""
        if self._kept is not None and not self._kept.read.bodies:
            raise UnknownContent(
                "A store keeps no records as received.",
                "Read its content with og.leads(…, fresh=True), then ask again.",
            )
        return super().raw(lead_id, content)

    def forget(self) -> None:
        """Lets the last read go."""
        super().forget()
        self._last_read = self._last_frame = None

    def sync(self, contents: Contents, *, full: bool) -> tuple[Syncing, list[ContentItem]]:
        """A sync of these contents, to be run, and what they are."""
        call = self.call()
        self.with_key = call.with_key
        items = which(contents, call.contents())
        return self._syncing(call, items, full=full), items

    def _syncing(self, call: Call, items: Sequence[ContentItem], *, full: bool) -> Syncing:
        return Syncing(call, self.store, items, owner=owner(self.credentials), full=full, now=self._now)


class _FromStore:
    """A read of a store that is brought up to date first."""

    def __init__(self, syncing: Syncing, read: Callable[[], KeptLeads]) -> None:
        self._syncing, self._read = syncing, read

    @property
    def done(self) -> int:
        return self._syncing.done

    @property
    def total(self) -> int | None:
        return self._syncing.total

    @property
    def same_account(self) -> bool:
        return self._syncing.same_account

    def run(self, line: Line) -> KeptLeads:
        self._syncing.run(line)
        return self.so_far()

    def so_far(self) -> KeptLeads:
        return self._read()

    def again(self, call: Call) -> Self:
        self._syncing.again(call)
        return self


def owner(credentials: Credentials) -> Owner:
    """Who is signed in, as a store names its account."""
    entry = credentials.entry
    if entry is None or entry.account is None:
        return Owner(name="another account" if entry is None or entry.api_key is None else "an API key's account")
    account = entry.account
    return Owner(id=account.id, name=account.company or account.name or account.id or "another account")
