"""One sync of a store: what Outgrow has that the store has not, fetched step by step; each step counts wholly."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from outgrow_nb import store as kept
from outgrow_nb.client.arrivals import arrival
from outgrow_nb.client.fetching import Fetching
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.client.steps import STEP_LEADS, Step, again, steps
from outgrow_nb.frames import KeptLeads
from outgrow_nb.records import ContentItem
from outgrow_nb.store import Merged, Owner, Store


class Syncing:
    """Brings a store up to what Outgrow has; after a cut, `run` goes on with the step that was cut.

    Args:
        call: Reads.
        store: Where to.
        items: The contents.
        owner: Whose leads they are.
        full: Read everything again.
        now: The present.
        at_once: Leads that are fetched and kept at once, about.

    Raises:
        ConfigError: The store is another account's.
    """

    def __init__(
        self,
        call: Call,
        store: Store,
        items: Sequence[ContentItem],
        *,
        owner: Owner,
        full: bool,
        now: Callable[[], datetime],
        at_once: int = STEP_LEADS,
    ) -> None:
        self._call, self._store, self._items, self._owner, self._now = call, store, items, owner, now
        before = store.manifest()
        self._account = tuple(item.id for item in call.known)
        kept.refuse_foreign(before, owner, self._account, store)
        self._steps = deque(
            steps(
                items,
                before,
                by_key=call.with_key,
                workers=call.workers,
                full=full,
                now=now(),
                at_once=at_once,
            )
        )
        self._fetching: Fetching | None = None
        self._finished = 0
        self._earliest: datetime | None = None
        self._counted = False
        self._told: dict[str, Merged] = {}

    @property
    def done(self) -> int:
        """Leads that have arrived."""
        return self._finished + (self._fetching.done if self._fetching is not None else 0)

    @property
    def total(self) -> int | None:
        """Leads there are to come, as far as Outgrow has said."""
        step = self._fetching.total if self._fetching is not None else None
        return None if step is None or len(self._steps) > 1 else self._finished + step

    @property
    def same_account(self) -> bool:
        """Whether whoever it began as is signed in still, or nobody is."""
        return self._call.same_account

    def again(self, call: Call) -> Self:
        """This sync, gone on with by a later call."""
        if self._fetching is not None:
            self._fetching.again(call)
        self._call = call
        return self

    def so_far(self) -> dict[str, Merged]:
        """By content id, what has changed."""
        return self._told

    def run(self, line: Line) -> dict[str, Merged]:
        """Fetches what is missing, and keeps it step by step.

        Raises:
            UnexpectedAnswer: A step's pages do not add up; the steps before it are kept.
            CacheError: The store cannot be written; what it held before is whole.
            ApiError, SignInError: As `Transport.read`; call again to go on.
        """
        while self._steps or not self._counted:
            if not self._steps:
                self._count_again()
                continue
            step = self._steps[0]
            if self._fetching is None:
                self._fetching = Fetching(self._call, step.items, step.window, with_answers=True, starts=step.starts)
            line.before = self._finished
            self._keep(step, self._fetching.run(line))
            self._finished += self._fetching.done
            self._fetching = None
            self._steps.popleft()
        return self._told

    def _keep(self, step: Step, read: KeptLeads) -> None:
        before, now = self._store.manifest(), self._now()
        firsts = [span[0] for span in (read.span(),) if span is not None]
        self._earliest = min([*firsts, *([self._earliest] if self._earliest else [])], default=None)
        arrivals = {
            item.id: arrival(
                step,
                item,
                read.span_of(item.id),
                before.contents.get(item.id),
                by_key=self._call.with_key,
                earliest=self._earliest,
                now=now,
            )
            for item in step.items
        }
        made = kept.merge(self._store, read, arrivals, owner=self._owner, account=self._account, at=now)
        for content_id, one in made.items():
            sums = zip(self._told.get(content_id, (0, 0, 0)), one, strict=True)
            self._told[content_id] = Merged(*map(sum, sums))

    def _count_again(self) -> None:
        """Reads a content anew where the store has not as many leads as Outgrow counts: some have vanished."""
        self._counted = True
        if self._call.with_key:
            return
        held = self._store.manifest()
        odd = [item for item in self._items if _unexplained(held, item) not in (None, 0)]
        if not odd:
            return
        later = {item.id: item for item in self._call.contents()}  # leads that have arrived meanwhile explain it
        odd = [item for item in odd if item.id in later and not _between(held, item, later[item.id])]
        self._steps.extend(again([later[item.id] for item in odd], now=self._now()))


def _unexplained(held: kept.Manifest, item: ContentItem) -> int | None:
    """Leads that Outgrow counts beyond those kept; None where it does not count, or counts otherwise than we do."""
    piece = held.contents.get(item.id)
    if piece is None or item.leads_count is None or piece.unexplained:
        return None
    return item.leads_count - piece.leads


def _between(held: kept.Manifest, before: ContentItem, after: ContentItem) -> bool:
    first, last = _unexplained(held, before), _unexplained(held, after)
    return first is not None and last is not None and first <= 0 <= last
