"""What an account has, as DataFrames: contents, leads, answers, questions, analytics, one record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.client import tables
from outgrow_nb.client.introduction import SANDBOX
from outgrow_nb.client.reader import Contents, Reader
from outgrow_nb.client.tables import Pii
from outgrow_nb.client.which import named
from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import When


class Reads:
    """The reading half of `Outgrow`; see there for the arguments."""

    def __init__(
        self,
        credentials: Credentials,
        reader: Reader,
        *,
        sandbox: bool,
        tz: str,
        pii: Pii,
        now: Callable[[], datetime],
    ) -> None:
        frames.zone(tz)
        self._credentials, self._sandbox = credentials, sandbox
        self._tz, self._pii, self._now = tz, tables.checked_pii(pii), now
        self._reader = reader

    def contents(self) -> pd.DataFrame:
        """Every quiz, calculator, poll… of the account, by title.

        Returns:
            One row a content: content_id, title (str), type, status (category), url (str), created_at
            (datetime64[us, tz], NaT where unknown), leads (Int64, NA where Outgrow does not tell).

        Raises:
            ApiError: Outgrow did not give it; the message says why and what to do.
            SignInError: Nobody is signed in, and nobody could be asked.
        """
        return self._named(frames.contents_frame(self._reader.call().contents(), tz=self._tz))

    def leads(
        self,
        contents: Contents = None,
        since: When = None,
        until: When = None,
        *,
        status: str = "all",
        labels: bool = True,
        limit: int | None = None,
        answers: Literal["wide", "none"] | None = None,
        pii: Pii | None = None,
        tz: str | None = None,
        fresh: bool = False,
    ) -> pd.DataFrame:
        """One row a submission, oldest first; asks Outgrow for all of it, with a store only for what is new.

        Args:
            contents: Titles or ids, exact; one, several, or None for all of the account.
            since: From then on: a date, a datetime, ISO text of either, or a span such as "30d".
            until: Up to then; a date is meant with its whole day, a datetime (pandas' Timestamp too) as that instant.
            status: "all", "started", "partial" or "completed".
            labels: Options as a person reads them; False gives them as received.
            limit: At most so many, the oldest.
            answers: "wide" adds a column a question, "none" does not. Default: "wide", for all contents "none".
            pii: "keep" or "mask"; None is the client's.
            tz: The zone of the times; None is the client's.
            fresh: With a store: ask Outgrow for all of it, and leave the store as it is.

        Returns:
            lead_id (str); content, content_type (category); status (ordered category started < partial < completed);
            created_at (datetime64[us, tz]); utm_source … utm_content (category); the contact columns email, phone,
            first_name, last_name, company (str); score (float64); outcome, device, country (category); referrer,
            landing_page (str); updated_at; then calculator results and answers by question, each of its kind.
            Read with an API key, `attrs["outgrow"]` has first_lead and last_lead: the span that Outgrow gave, which no
            document promises.

        Raises:
            UnknownContent: No content has that title or id; near matches are named.
            ConfigError: An argument that cannot be meant.
            PartialFetch: It was cut after something had arrived; that is kept, and `resume()` fetches the rest.
            ApiError, SignInError: As `contents`.
        """
        asked = frames.window(since, until, tz=tz or self._tz, now=self._now())
        contents, answers = named(contents), answers or ("none" if contents is None else "wide")
        frames.one_of(status=status, answers=answers)
        frames.limited(limit)
        key = self._mask_key(pii)

        def make(read: frames.KeptLeads) -> pd.DataFrame:
            misfits: dict[str, list[str]] = {}
            frame = read.leads(
                None,
                asked,
                status=status,
                labels=labels,
                limit=limit,
                answers=answers,
                mask_key=key,
                tz=tz or self._tz,
                tell=lambda item, sentence: misfits.setdefault(item.id, []).append(sentence),
            )
            tables.warn_of_drift(read, self._reader.told, misfits)
            return self._named(frame, read)

        wish = (asked, status, labels, limit, answers, pii or self._pii, tz or self._tz)
        return self._reader.fetch(contents, asked, make, with_answers=answers == "wide", wish=wish, fresh=fresh)

    def answers(
        self,
        contents: Contents = None,
        since: When = None,
        until: When = None,
        *,
        status: str = "all",
        labels: bool = True,
        pii: Pii | None = None,
        fresh: bool = False,
    ) -> pd.DataFrame:
        """One row an answer, lossless; uses the last read where it holds what is asked, and then asks nothing.

        Args:
            contents: As `leads`.
            since: As `leads`.
            until: As `leads`.
            status: As `leads`.
            labels: As `leads`.
            pii: As `leads`; masked, free text is left out.
            fresh: As `leads`.

        Returns:
            lead_id, content, question_id, column, position, kind, option, text, number, status; the raw text is
            always there.

        Raises:
            UnknownContent, ConfigError, PartialFetch, ApiError, SignInError: As `leads`.
        """
        asked, contents = frames.window(since, until, tz=self._tz, now=self._now()), named(contents)
        frames.one_of(status=status)
        key = self._mask_key(pii)

        def make(read: frames.KeptLeads, ids: list[str] | None) -> pd.DataFrame:
            frame = read.answers(ids, asked, status=status, labels=labels, mask_key=key)
            return self._named(frame, read)

        return self._reader.last_or_new(contents, asked, make, fresh=fresh)

    def questions(self, contents: Contents = None, *, tz: str | None = None) -> pd.DataFrame:
        """The data dictionary: one row a question; uses the last read where it holds the contents asked for.

        Args:
            contents: As `leads`.
            tz: As `leads`.

        Returns:
            content, column, text (HTML stripped), kind, options, personal, first_seen, last_seen, changed_text.

        Raises:
            UnknownContent, ConfigError, PartialFetch, ApiError, SignInError: As `leads`.
        """
        place = frames.zone(tz or self._tz).key
        return self._reader.last_or_new(
            named(contents), None, lambda read, ids: self._named(read.questions_frame(ids, tz=place))
        )

    def analytics(
        self, contents: Contents, since: When = None, until: When = None, *, by: Literal["day", "week", "month"] = "day"
    ) -> pd.DataFrame:
        """Views, starts, completions and leads of contents over time, as the service counts them.

        Args:
            contents: As `leads`.
            since: From that day on, as `leads`.
            until: Up to that day, included.
            by: "day", "week" (from Monday) or "month".

        Returns:
            A row for each content and period: content (category), date (datetime64[us]), views, starts, completions,
            leads (Int64, NA where the service does not tell).

        Raises:
            Forbidden: An API key reads: the service has no such call for it.
            UnknownContent, ConfigError, ApiError, SignInError: As `leads`.
        """
        asked = frames.window(since, until, tz=self._tz, now=self._now())
        frames.one_of(by=by)
        return self._named(frames.analytics_frame(self._reader.analytics(named(contents), asked, tz=self._tz), by=by))

    def raw(self, lead_id: str, content: str | None = None) -> dict[str, Any]:
        """One lead's record as received, from the last read.

        Args:
            lead_id: The lead.
            content: The content's title or id, where several contents have a lead of that id.

        Raises:
            UnknownContent: The last read has no such lead, or several.
            ConfigError: The client masks people, and a record as received names them.
        """
        if self._pii == "mask":
            raise ConfigError(
                "This client masks people, and a record as received names them.",
                'Use a client that does not: outgrow_nb.connect(pii="keep").',
            )
        return self._reader.raw(lead_id, content)

    def _mask_key(self, pii: Pii | None) -> bytes | None:
        """The key to mask with, bound before a read begins: what has arrived is shown also after a sign-out."""
        if tables.checked_pii(pii or self._pii) == "keep":
            return None
        if not self._credentials.signed_in:
            self._reader.call()
        return mask_key(self._credentials)

    def _named(self, frame: pd.DataFrame, read: frames.KeptLeads | None = None) -> pd.DataFrame:
        """Says in the frame's `attrs` that people are invented, and what span of leads a key was shown."""
        told = {"account": SANDBOX} if self._sandbox else {}
        if read is not None and self._reader.with_key and (span := read.span()) is not None:
            told |= {"first_lead": span[0].isoformat(), "last_lead": span[1].isoformat()}
        if told:
            frame.attrs["outgrow"] = told
        return frame
