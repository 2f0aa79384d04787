"""`Outgrow`: the account as an analyst reads it."""

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.client import tables
from outgrow_nb.client.reader import Contents, Reader
from outgrow_nb.client.tables import Pii
from outgrow_nb.frames import When

SANDBOX = "SANDBOX - invented people"


class Outgrow:
    """An Outgrow account, read into DataFrames. Made by `outgrow_nb.connect`.

    Args:
        credentials: Who reads.
        source: Where the sign-in came from, in words.
        sandbox: It is the embedded Outgrow.
        tz: The time zone of every frame's times.
        pii: "keep", or "mask" to replace contact data by keyed hashes.
        now: The present, for spans such as "30d".
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        source: str = "",
        sandbox: bool = False,
        tz: str = "UTC",
        pii: Pii = "keep",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        frames.zone(tz)
        self._credentials, self._source, self._sandbox = credentials, source, sandbox
        self._tz, self._pii, self._now = tz, tables.checked_pii(pii), now
        self._reader = Reader(credentials)

    def __repr__(self) -> str:
        return f"<Outgrow: {self._introduction()}>"

    def _repr_html_(self) -> str:
        mark = "✓ " if self._credentials.signed_in else ""
        return f"<div>{html.escape(mark + self._introduction())}</div>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "An Outgrow client holds a sign-in and is not pickled; call outgrow_nb.connect() where it is needed."
        )

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
    ) -> pd.DataFrame:
        """One row a submission, oldest first; always asks Outgrow.

        Args:
            contents: Titles or ids, exact; one, several, or None for all of the account.
            since: From then on: a date, a datetime, ISO text of either, or a span such as "30d".
            until: Up to then; a date is meant with its whole day.
            status: "all", "started", "partial" or "completed".
            labels: Options as a person reads them; False gives them as received.
            limit: At most so many, the oldest.
            answers: "wide" adds a column a question, "none" does not. Default: "wide", for all contents "none".
            pii: "keep" or "mask"; None is the client's.
            tz: The zone of the times; None is the client's.

        Returns:
            lead_id (str); content, content_type (category); status (ordered category started < partial < completed);
            created_at (datetime64[us, tz]); utm_source … utm_content (category); the contact columns email, phone,
            first_name, last_name, company (str); score (float64); outcome, device, country (category); referrer,
            landing_page (str); updated_at; then calculator results and answers by question, each of its kind.

        Raises:
            UnknownContent: No content has that title or id; near matches are named.
            ConfigError: An argument that cannot be meant.
            ApiError, SignInError: As `contents`.
        """
        asked = frames.window(since, until, tz=tz or self._tz, now=self._now())
        answers = answers or ("none" if contents is None else "wide")
        read = self._reader.fetch(contents, asked, with_questions=answers == "wide")
        misfits: dict[str, list[str]] = {}
        frame = read.leads(
            None,
            asked,
            status=status,
            labels=labels,
            limit=limit,
            answers=answers,
            mask_key=self._mask_key(pii),
            tz=tz or self._tz,
            tell=lambda item, sentence: misfits.setdefault(item.id, []).append(sentence),
        )
        tables.warn_of_drift(read, misfits)
        return self._named(frame)

    def answers(
        self,
        contents: Contents = None,
        since: When = None,
        until: When = None,
        *,
        status: str = "all",
        labels: bool = True,
        pii: Pii | None = None,
    ) -> pd.DataFrame:
        """One row an answer, lossless; uses the last read where it holds what is asked, and then asks nothing.

        Args:
            contents: As `leads`.
            since: As `leads`.
            until: As `leads`.
            status: As `leads`.
            labels: As `leads`.
            pii: As `leads`; masked, free text is left out.

        Returns:
            lead_id, content, question_id, column, position, kind, option, text, number, status; the raw text is
            always there.

        Raises:
            UnknownContent, ConfigError, ApiError, SignInError: As `leads`.
        """
        asked = frames.window(since, until, tz=self._tz, now=self._now())
        read, ids = self._reader.last_or_new(contents, asked)
        return self._named(read.answers(ids, asked, status=status, labels=labels, mask_key=self._mask_key(pii)))

    def questions(self, contents: Contents = None, *, tz: str | None = None) -> pd.DataFrame:
        """The data dictionary: one row a question; uses the last read where it holds the contents asked for.

        Args:
            contents: As `leads`.
            tz: As `leads`.

        Returns:
            content, column, text (HTML stripped), kind, options, personal, first_seen, last_seen, changed_text.

        Raises:
            UnknownContent, ConfigError, ApiError, SignInError: As `leads`.
        """
        read, ids = self._reader.last_or_new(contents, None)
        return self._named(read.questions_frame(ids, tz=tz or self._tz))

    def raw(self, lead_id: str, content: str | None = None) -> dict[str, Any]:
        """One lead's record as received, from the last read.

        Args:
            lead_id: The lead.
            content: The content's title or id, where several contents have a lead of that id.

        Raises:
            UnknownContent: The last read has no such lead, or several.
        """
        return self._reader.raw(lead_id, content)

    def person_id(self, value: str) -> str:
        """The keyed hash that `pii="mask"` gives this e-mail address or phone number, to join a list.

        Raises:
            SignInError: Nobody is signed in: the key belongs to the account.
            CacheError: The account's key cannot be kept.
        """
        self._reader.call()
        return frames.person_id(value, mask_key(self._credentials))

    def whoami(self) -> pd.DataFrame:
        """Who is signed in, and where that is kept; asks Outgrow nothing.

        Returns:
            One row: who, email, name, company, signed_in_with ("sign-in" or "API key"), source, profile, kept_in,
            protection ("encrypted", "not encrypted", "in memory"): str; access_until: datetime64[us, tz], NaT where
            Outgrow does not say; renews: boolean.

        Raises:
            SignInError: Nobody is signed in, and nobody could be asked.
        """
        self._reader.call()
        return self._named(tables.whoami(facts(self._credentials), source=self._where_from(), tz=self._tz))

    def sign_out(self) -> None:
        """Gives the access back to Outgrow and forgets it on this computer; an API key itself goes on working.

        Raises:
            CacheError: The saved sign-in cannot be deleted.
        """
        entry = self._credentials.entry
        confirmed = self._credentials.sign_out()
        self._source = ""
        self._reader.forget()
        if entry is not None and entry.api_key is not None:
            tables.warn("The API key itself still works: make a new one in Outgrow to end it.")
        elif not confirmed:
            tables.warn("Signed out on this computer; Outgrow did not confirm, so the access may live on for a while.")

    def _mask_key(self, pii: Pii | None) -> bytes | None:
        return mask_key(self._credentials) if tables.checked_pii(pii or self._pii) == "mask" else None

    def _named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Invented people say so wherever their frame goes."""
        if self._sandbox:
            frame.attrs.setdefault("outgrow", {})["account"] = SANDBOX
        return frame

    def _introduction(self) -> str:
        known = facts(self._credentials)
        invented = f" · {SANDBOX}" if self._sandbox else ""
        if known is None:
            return f"not signed in yet: use the button that connect() drew{invented}"
        who = known.who if known.way == "API key" else f"Signed in to Outgrow as {known.who}"
        return f"{who} · {self._where_from()}{invented}"

    def _where_from(self) -> str:
        if self._source:
            return self._source
        known = facts(self._credentials)
        kept = "saved API key" if known is not None and known.way == "API key" else "saved sign-in"
        return kept if self._credentials.saved else "for this kernel only"
