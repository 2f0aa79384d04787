"""Reads leads for the client, and keeps the last read, so that what it already holds is not asked for again."""

from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from typing import Any, Protocol, Self, TextIO, TypeVar

import pandas as pd

from outgrow_nb.api import decode
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.client import tables
from outgrow_nb.client.fetching import Fetching
from outgrow_nb.client.kept import Kept
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.client.which import which
from outgrow_nb.errors import ApiUnavailable, PartialFetch, RateLimited, SignInError, StoppedFetch, UnknownContent
from outgrow_nb.frames import KeptLeads, Window, titles
from outgrow_nb.records import ContentItem, Day

Contents = str | Sequence[str] | None
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[T_co]):
    """What a call has to fetch: it can be gone on with after a failure."""

    @property
    def done(self) -> int:
        """Leads that have arrived."""
        ...

    @property
    def total(self) -> int | None:
        """Leads there are, as far as Outgrow has said."""
        ...

    @property
    def same_account(self) -> bool:
        """Whether whoever it began as is signed in still, or nobody is."""
        ...

    def run(self, line: Line) -> T_co:
        """Fetches what is missing."""
        ...

    def so_far(self) -> T_co:
        """What has arrived."""
        ...

    def again(self, call: Call) -> Self:
        """The same, gone on with by a later call."""
        ...


class Reader:
    """One client's reading.

    Args:
        credentials: Who reads.
        progress: Where a line tells how far a read is; None for nowhere.

    Attributes:
        credentials: Who reads.
        with_key: The last read was by an API key.
        told: What was said of data that nobody announced.
    """

    def __init__(self, credentials: Credentials, *, progress: TextIO | None = None) -> None:
        self.credentials, self._progress = credentials, progress
        self._sessions = Sessions(
            2 * credentials.config.workers
        )  # those of a read that was stopped may still be under way
        self._kept: Kept | None = None
        self.with_key = False
        self.told: set[tuple[str, str]] = set()

    @property
    def shown(self) -> str:
        """What span of leads a key was shown in the last read, in words; "" for a sign-in."""
        last = self._last() if self.with_key else None
        span = last.read.span() if last is not None else None
        return f"leads received from {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC" if span else ""

    def call(self) -> Call:
        """Begins one public call; waits for a pending sign-in.

        Raises:
            SignInError: Nobody is signed in, and nobody could be asked.
        """
        return Call(self.credentials, self._sessions)

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
        """Asks Outgrow for the leads of these contents in this span.

        Args:
            contents: Titles or ids.
            asked: The span.
            make: The frame of what was read.
            with_answers: Read the contents' questions and the leads' answers too.
            wish: All that `make` depends on besides what was read; None is never the same.
            fresh: Ask Outgrow for all of it, whatever is kept.

        Raises:
            UnknownContent: No content has that title or id.
            PartialFetch: It was cut after something had arrived.
            ApiError, SignInError: As `Outgrow.leads`.
        """
        call = self.call()
        self.with_key = call.with_key
        items = which(contents, call.contents())
        work = self.work(call, items, asked, with_answers=with_answers, fresh=fresh)

        def keep(read: KeptLeads) -> pd.DataFrame:
            self._kept = Kept(read, contents, asked, whole=with_answers, entry=call.entry)
            if self.with_key:
                tables.warn_of_span(read, asked.start)
            return self.made(read, make, wish)

        return self.run(work, make, keep)

    def work(
        self, call: Call, items: Sequence[ContentItem], asked: Window, *, with_answers: bool, fresh: bool
    ) -> Work[KeptLeads]:
        """How the leads of these contents in this span are had; see `fetch`."""
        return Fetching(call, items, asked, with_answers=with_answers)

    def made(self, read: KeptLeads, make: Callable[[KeptLeads], pd.DataFrame], wish: Hashable) -> pd.DataFrame:
        """The frame of what was read; see `fetch`."""
        return make(read)

    def run(self, work: Work[T], make: Callable[[T], pd.DataFrame], keep: Callable[[T], pd.DataFrame]) -> pd.DataFrame:
        """Fetches what is missing; a cut leaves what has arrived, and the way to go on."""

        def cut(problem: str, found: str, retry_after: timedelta | None = None) -> PartialFetch:
            of = f" of {work.total:,}" if work.total is not None else ""
            return PartialFetch(
                f"{problem} {work.done:,}{of} leads had arrived and are kept.",
                f"Go on in the next cell: import sys; leads = {found}.resume()",
                done=work.done,
                total=work.total,
                retry_after=retry_after,
                frame=lambda: make(work.so_far()),
                resume=lambda: self.run(work.again(self.call()), make, keep),
            )

        try:
            with Line(self._progress) as line:
                done = work.run(line)
        except (ApiUnavailable, RateLimited, SignInError) as error:
            if not work.done or not work.same_account:
                raise
            raise cut(error.problem, "sys.last_value", getattr(error, "retry_after", None)) from error
        except KeyboardInterrupt:
            if not work.done:
                raise
            raise StoppedFetch(cut("Reading was stopped.", "sys.last_value.partial")) from None
        return keep(done)

    def last_or_new(
        self,
        contents: Contents,
        asked: Window | None,
        make: Callable[[KeptLeads, list[str] | None], pd.DataFrame],
        *,
        fresh: bool = False,
    ) -> pd.DataFrame:
        """The frame of the last read where it holds what is asked, else of a new one.

        Args:
            contents: Titles or ids.
            asked: The span; None for questions alone.
            make: The frame of what was read, and of the ids asked for, None for all of it.
            fresh: As `fetch`; the last read is not used.
        """
        last = self._last()
        if not fresh and last is not None and last.holds(contents, asked):
            return make(last.read, last.ids(contents))

        def told(read: KeptLeads) -> pd.DataFrame:
            tables.warn_of_drift(read, self.told)
            return make(read, None)

        return self.fetch(contents, asked or Window(), told, with_answers=True, fresh=fresh)

    def analytics(self, contents: Contents, asked: Window, *, tz: str) -> dict[str, list[Day]]:
        """By title, the days of these contents in this span."""
        call = self.call()
        items = call.contents()
        found = which(contents, items)
        first, last = asked.days(tz)
        return {title: call.analytics(item.id, first, last) for title, item in zip(titles(found), found, strict=True)}

    def raw(self, lead_id: str, content: str | None) -> dict[str, Any]:
        """One lead's record as received, from the last read.

        Raises:
            UnknownContent: The last read has no such lead, or several, or there is none yet.
        """
        last = self._last()
        if last is None:
            raise UnknownContent("Nothing has been read yet.", "Call og.leads(…) first, then og.raw(lead_id).")
        return tables.raw(last.read, lead_id, content, decode.raw_lead)

    def last_questions(self, *, tz: str) -> pd.DataFrame | None:
        """The data dictionary of the last read, if there was one that had answers."""
        last = self._last()
        return last.read.questions_frame(tz=tz) if last is not None and last.whole else None

    def last_ids(self) -> dict[str, str]:
        """By title as frames have it, the ids of the last read's contents."""
        last = self._last()
        items = last.read.contents if last is not None else ()
        return {title: item.id for title, item in zip(titles(items), items, strict=True)}

    def forget(self) -> None:
        """Lets the last read go."""
        self._kept = None

    def _last(self) -> Kept | None:
        """The last read, while whoever it was read as is signed in; nobody else is shown it, and it is let go then."""
        if self._kept is not None and self._kept.entry is not None:
            now = self.credentials.look() if self.credentials.entry is not None else None
            if now is None or self._kept.entry.is_other_account(now):
                self._kept = None
            elif not self.credentials.signed_in:
                return None
        return self._kept
