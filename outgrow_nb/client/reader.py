"""Reads leads for the client, and keeps the last read, so that what it already holds is not asked for again."""

from collections.abc import Sequence
from typing import Any

from outgrow_nb import frames
from outgrow_nb.api import decode
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.client import tables
from outgrow_nb.client.kept import Kept
from outgrow_nb.client.read import Call
from outgrow_nb.client.which import which
from outgrow_nb.errors import UnknownContent
from outgrow_nb.frames import KeptLeads, Window

Contents = str | Sequence[str] | None


class Reader:
    """One client's reading.

    Args:
        credentials: Who reads.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._sessions = Sessions(credentials.config.workers)
        self._kept: Kept | None = None

    def call(self) -> Call:
        """Begins one public call; waits for a pending sign-in.

        Raises:
            SignInError: Nobody is signed in, and nobody could be asked.
        """
        return Call(self._credentials, self._sessions)

    def fetch(self, contents: Contents, asked: Window, *, with_questions: bool) -> KeptLeads:
        """Asks Outgrow for the leads of these contents in this span, page by page.

        Raises:
            UnknownContent: No content has that title or id.
            ApiError, SignInError: As `Outgrow.leads`.
        """
        call = self.call()
        batches = frames.LeadBatches()
        for item in which(contents, call.contents()):
            batches.cover(item, call.questions(item.id) if with_questions else ())
            for page in call.leads(item.id, asked.start, asked.end):
                batches.add(item, page)
        read = frames.kept(batches)
        self._kept = Kept(read, contents, asked, whole=with_questions)
        if call.with_key:
            tables.warn_of_span(read, asked.start)
        return read

    def last_or_new(self, contents: Contents, asked: Window | None) -> tuple[KeptLeads, list[str] | None]:
        """The last read where it holds what is asked, else a new one; and the ids asked for, None for all of it."""
        if self._kept is not None and self._kept.holds(contents, asked):
            return self._kept.read, self._kept.ids(contents)
        read = self.fetch(contents, asked or Window(), with_questions=True)
        tables.warn_of_drift(read)
        return read, None

    def raw(self, lead_id: str, content: str | None) -> dict[str, Any]:
        """One lead's record as received, from the last read.

        Raises:
            UnknownContent: The last read has no such lead, or several, or there is none yet.
        """
        if self._kept is None:
            raise UnknownContent("Nothing has been read yet.", "Call og.leads(…) first, then og.raw(lead_id).")
        return tables.raw(self._kept.read, lead_id, content, decode.raw_lead)

    def forget(self) -> None:
        """Lets the last read go."""
        self._kept = None
