"""One call's reading: records from the API, with at most one wait for a sign-in, which keeps what has been read."""

import threading
from collections.abc import Iterator
from datetime import datetime

from outgrow_nb.api import pages
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.api.transport import Transport
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.errors import SignInExpired, SignInRequired
from outgrow_nb.records import ContentItem, LeadPage, Question
from outgrow_nb.wire import Authorization


class _Patient:
    """A credential that lets the person sign in once per call, in the caller's own thread."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._thread = threading.current_thread()
        self._waited = False

    def authorization(self, rejected: Authorization | None = None) -> Authorization:
        """As the credentials have it; where they have none, waits for the person, once."""
        before = self._credentials.entry
        try:
            return self._credentials.authorization(rejected)
        except (SignInRequired, SignInExpired):
            if self._waited or threading.current_thread() is not self._thread:
                raise
            self._waited = True
        self.wait()
        after = self._credentials.entry
        if before is not None and after is not None and before.is_other_account(after):
            raise SignInExpired("Another account signed in while this was being read.", "Run the cell again.")
        return self._credentials.authorization()

    def wait(self) -> None:
        """Waits for the person."""
        self._credentials.wait()


class Call:
    """One public call.

    Args:
        credentials: Who reads.
        sessions: Connections to reuse.
    """

    def __init__(self, credentials: Credentials, sessions: Sessions) -> None:
        patient = _Patient(credentials)
        patient.authorization()  # a pending sign-in may still decide where the API is
        self._transport = Transport(credentials.config, patient, sessions=sessions)

    @property
    def with_key(self) -> bool:
        """Whether an API key reads: one answer of unknown span for all of a content's leads."""
        return self._transport.dialect() == "key"

    def contents(self) -> list[ContentItem]:
        """Every content of the account."""
        return pages.contents(self._transport)

    def questions(self, content_id: str) -> list[Question]:
        """A content's questions."""
        return pages.questions(self._transport, content_id)

    def leads(self, content_id: str, start: datetime | None, end: datetime | None) -> Iterator[LeadPage]:
        """A content's leads, page by page."""
        return pages.leads(self._transport, content_id, start=start, end=end)
