"""One call's reading: records from the API, with at most one wait for a sign-in, which keeps what has been read."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from outgrow_nb.api import pages
from outgrow_nb.api.reading import LeadReading
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.api.transport import Transport
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.errors import SignInExpired, SignInRequired
from outgrow_nb.frames import Window
from outgrow_nb.records import ContentItem, Day, LeadPage, Question
from outgrow_nb.wire import Authorization

T = TypeVar("T")


class _Patient:
    """A credential that lets the person sign in once per call, in the caller's own thread."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._thread = threading.current_thread()
        self._waited = False

    def authorization(self, rejected: Authorization | None = None) -> Authorization:
        """As the credentials have it; where they have none, waits for the person, once."""
        try:
            return self._credentials.authorization(rejected)
        except (SignInRequired, SignInExpired):
            if self._waited or threading.current_thread() is not self._thread:
                raise
        self.wait()
        return self._credentials.authorization()

    def wait(self) -> None:
        """Waits for the person.

        Raises:
            SignInExpired: Somebody else signed in.
        """
        self._waited = True
        before = self._credentials.entry
        self._credentials.wait()
        after = self._credentials.entry
        if before is not None and after is not None and before.is_other_account(after):
            raise SignInExpired("Another account signed in while this was being read.", "Run the cell again.")

    @property
    def waited(self) -> bool:
        """Whether the person was asked before."""
        return self._waited


class Call:
    """One public call.

    Args:
        credentials: Who reads.
        sessions: Connections to reuse.

    Attributes:
        transport: What reads.
        known: Contents of the account, as last asked.
        on_wait: Told of every pause before a request, in seconds, by the thread that pauses.
    """

    def __init__(self, credentials: Credentials, sessions: Sessions) -> None:
        self._credentials = credentials
        self._patient = _Patient(credentials)
        self._patient.authorization()  # a pending sign-in may still decide where the API is
        self._entry = credentials.entry
        self._workers = credentials.config.workers
        self.known: list[ContentItem] = []
        self.on_wait: Callable[[float], None] = lambda _: None
        self.transport = Transport(credentials.config, self._patient, sessions=sessions, sleep=self._sleep)

    @property
    def entry(self) -> Entry | None:
        """Who reads."""
        return self._entry

    @property
    def with_key(self) -> bool:
        """Whether an API key reads: one answer of unknown span for all of a content's leads."""
        return self.transport.dialect() == "key"

    @property
    def workers(self) -> int:
        """How many requests may be under way at once."""
        return self._workers

    def contents(self) -> list[ContentItem]:
        """Every content of the account."""
        self.known = pages.contents(self.transport)
        return self.known

    def questions(self, content_id: str) -> list[Question]:
        """A content's questions."""
        return pages.questions(self.transport, content_id)

    def analytics(self, content_id: str, first: date | None, last: date | None) -> list[Day]:
        """A content's views, starts, completions and leads by day."""
        return pages.analytics(self.transport, content_id, first=first, last=last)

    def leads(
        self,
        content_ids: Sequence[str],
        take: Callable[[str, LeadPage], T],
        asked: Window,
        starts: Mapping[str, datetime],
        *,
        answers: bool,
    ) -> LeadReading[T]:
        """The leads of several contents in a span, some from a start of their own; see `LeadReading`."""
        return LeadReading(
            self.transport,
            content_ids,
            take,
            start=asked.start,
            starts=starts,
            end=asked.end,
            workers=self._workers,
            answers=answers,
        )

    @property
    def same_account(self) -> bool:
        """Whether whoever it began as is signed in still, or nobody is."""
        now = self._credentials.entry
        return self._entry is None or now is None or not self._entry.is_other_account(now)

    def _sleep(self, seconds: float) -> None:
        self.on_wait(seconds)
        time.sleep(seconds)

    def sign_in_again(self, ended: SignInRequired | SignInExpired) -> None:
        """Lets the person sign in after all, in the caller's thread; once a call.

        Raises:
            SignInRequired, SignInExpired: `ended`, where they were asked before; or somebody else signed in.
            SignInError: They did not.
        """
        if self._patient.waited:
            raise ended
        self._patient.wait()
