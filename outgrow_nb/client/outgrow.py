"""`Outgrow`: the account as an analyst reads it."""

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.client import tables
from outgrow_nb.client.filled import Filled
from outgrow_nb.client.introduction import introduce, where_from
from outgrow_nb.client.keeping import Keeping
from outgrow_nb.client.reader import Reader
from outgrow_nb.client.tables import Pii
from outgrow_nb.errors import ConfigError
from outgrow_nb.store import Store


class Outgrow(Filled):
    """An Outgrow account, read into DataFrames. Made by `outgrow_nb.connect`.

    Args:
        credentials: Who reads.
        source: Where the sign-in came from, in words.
        sandbox: It is the embedded Outgrow.
        tz: The time zone of every frame's times.
        pii: "keep", or "mask" to replace contact data by keyed hashes.
        now: The present, for spans such as "30d".
        progress: Where a line tells how far a read is; None for nowhere.
        store: Where leads are kept; None for nowhere.
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
        progress: TextIO | None = None,
        store: Store | None = None,
    ) -> None:
        reader = (
            Reader(credentials, progress=progress)
            if store is None
            else Keeping(credentials, store, now=now, progress=progress)
        )
        super().__init__(credentials, reader, sandbox=sandbox, tz=tz, pii=pii, now=now)
        self._source = source

    def __repr__(self) -> str:
        return f"<Outgrow: {self._introduction()}>"

    def _repr_html_(self) -> str:
        mark = "✓ " if self._credentials.signed_in else ""
        return f"<div>{html.escape(mark + self._introduction())}</div>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "An Outgrow client holds a sign-in and is not pickled; call outgrow_nb.connect() where it is needed."
        )

    def person_id(self, value: str) -> str:
        """The keyed hash that `pii="mask"` gives this e-mail address or phone number, to join a list.

        Raises:
            ConfigError: It is no text.
            SignInError: Nobody is signed in: the key belongs to the account.
            CacheError: The account's key cannot be kept.
        """
        if not isinstance(value, str):
            raise ConfigError(
                f"person_id() takes a text, and this is a {type(value).__name__}.",
                'Leave missing values out: leads["email"].map(og.person_id, na_action="ignore").',
            )
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
        return self._named(
            tables.whoami(facts(self._credentials), source=where_from(self._credentials, self._source), tz=self._tz)
        )

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

    def _introduction(self) -> str:
        words = introduce(self._credentials, self._source, sandbox=self._sandbox)
        return f"{words} · {self._reader.shown}" if self._reader.shown else words
