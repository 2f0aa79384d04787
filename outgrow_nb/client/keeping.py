"""Reads leads from a store after having fetched what is new; the reader of a client that keeps leads."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self, TextIO

from outgrow_nb import store as kept
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.client.reader import Contents, Reader, Work
from outgrow_nb.client.syncing import Syncing
from outgrow_nb.client.which import which
from outgrow_nb.frames import KeptLeads, Window
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Merged, Owner, Store


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

    def work(
        self, call: Call, items: Sequence[ContentItem], asked: Window, *, with_answers: bool, fresh: bool
    ) -> Work[KeptLeads]:
        """Brings the store up to date and reads from it; fresh goes around it."""
        if fresh:
            return super().work(call, items, asked, with_answers=with_answers, fresh=fresh)
        return _FromStore(self._syncing(call, items, full=False), self.store, items, asked, with_answers=with_answers)

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

    def __init__(
        self, syncing: Syncing, store: Store, items: Sequence[ContentItem], asked: Window, *, with_answers: bool
    ) -> None:
        self._syncing, self._store, self._ids = syncing, store, [item.id for item in items]
        self._asked, self._with_answers = asked, with_answers

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
        return kept.read(self._store, self._ids, self._asked, answers=self._with_answers)

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


__all__ = ["Keeping", "Merged", "owner"]
