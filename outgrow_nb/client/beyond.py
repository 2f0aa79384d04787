"""What a client does with leads beyond frames: exports to files, SQL, Dask; asks Outgrow nothing of a store."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.client import tables
from outgrow_nb.client.offline import Offline
from outgrow_nb.client.reader import Contents
from outgrow_nb.client.tables import Pii
from outgrow_nb.client.which import which
from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import When
from outgrow_nb.store import Manifest
from outgrow_nb.store.dask_leads import dask_leads
from outgrow_nb.store.exporting import Material, export, kind_of
from outgrow_nb.store.masking import masked
from outgrow_nb.store.slices import Replaced
from outgrow_nb.store.sql import query as asked_in_sql
from outgrow_nb.store.stream import of_frame
from outgrow_nb.store.streams import StoreTables

if TYPE_CHECKING:
    import dask.dataframe as dd

T = TypeVar("T")


class Beyond(Offline):
    """The part of `Outgrow`, and of a frozen client, that other tools read with."""

    def export(self, path: str | os.PathLike[str], frame: pd.DataFrame | None = None, *, pii: Pii = "mask") -> Path:
        """Writes leads to a file that other tools read: whole or not at all, and readable by you alone.

        A path that ends in ``.parquet`` or ``.csv`` gets the leads, with the data dictionary beside it as
        ``NAME.questions.csv``; ``.duckdb`` gets the tables leads, answers, questions and contents; a path without
        ending is a folder of Parquet by content and month, with all of these. A file is replaced, a folder only where
        an earlier export wrote it. In a CSV file a text that a spreadsheet would run (``=…``) has an apostrophe before.

        Args:
            path: The file or folder.
            frame: What to write; None: everything that the store keeps (`sync` first), a little at a time, whatever
                its size; without a store what `leads()` gives.
            pii: "mask" hides who people are and leaves out what they wrote freely; "keep" does not.

        Returns:
            The path.

        Raises:
            ConfigError: The place cannot be written, the ending is unknown, or DuckDB is missing.
            CacheError: The store cannot be read.
            ApiError, SignInError: As `leads`, where that is asked.
        """
        target = Path(path).expanduser()
        kind_of(target)
        key = self._mask_key(tables.checked_pii(pii))
        if frame is not None or not self._has_store:
            export(self._material(self.leads(pii="keep") if frame is None else frame, key), target)
            return target

        def whole(held: Manifest) -> Path:
            made = StoreTables(self._store, held, tz=self._tz, mask_key=key)
            export(Material(made.leads(), made.answers(), made.questions(), made.contents(), made.ids()), target)
            return target

        return self._from_store(whole)

    def sql(self, query: str) -> pd.DataFrame:
        """Asks the store in SQL (DuckDB's), whatever its size: ``og.sql("select count(*) from leads")``.

        The tables are leads, answers, questions and contents, with the columns of the frames of those names. A query
        reads what the store keeps (`sync` first) and nothing else: no other file, no network.

        Args:
            query: One SELECT.

        Returns:
            The result: texts are str (category for columns such as utm_source), whole numbers int64 (Int64 with NULL),
            other numbers float64, truth boolean, times datetime64[us, tz] in the client's zone.

        Raises:
            ConfigError: The client has no store, DuckDB is missing, or the query is wrong.
            CacheError: The store cannot be read.
        """
        key = self._mask_key(None)
        return self._named(
            self._from_store(lambda held: asked_in_sql(self._store, held, query, tz=self._tz, mask_key=key))
        )

    def leads_dask(
        self,
        contents: Contents = None,
        since: When = None,
        until: When = None,
        *,
        status: str = "all",
        pii: Pii | None = None,
        tz: str | None = None,
    ) -> "dd.DataFrame":
        """The store's leads as a Dask DataFrame, one partition a content and month; asks Outgrow nothing.

        Workers read the store's files and get no credential of any kind. Masked, contact columns are empty: the key
        of the hashes leaves this process as little.

        Args:
            contents: As `leads`; of what the store keeps (`sync` first).
            since: As `leads`.
            until: As `leads`.
            status: As `leads`.
            pii: As `leads`.
            tz: As `leads`.

        Returns:
            A `dask.dataframe.DataFrame` with the columns and dtypes of ``leads(answers="none")``; content, content_type
            and status have known categories.

        Raises:
            ConfigError: The client has no store, Dask is missing, or the cluster talks in the clear with others.
            UnknownContent: The store has no content of that title or id.
        """
        asked = frames.window(since, until, tz=tz or self._tz, now=self._now())
        hide = tables.checked_pii(pii or self._pii) == "mask"

        def made(held: Manifest) -> "dd.DataFrame":
            items = [piece.item for piece in held.contents.values()]
            ids = None if contents is None else [item.id for item in which(contents, items)]
            found: dd.DataFrame = dask_leads(self._store, held, ids, asked, status=status, tz=tz or self._tz, hide=hide)
            return found

        return self._from_store(made)

    def _from_store(self, of: Callable[[Manifest], T]) -> T:
        """Something made of what the store keeps; made anew where a sync replaced a file meanwhile."""
        held = self._store.manifest()
        if not held.contents:
            raise ConfigError("The store keeps no leads yet.", "Fetch them first: og.sync()")
        try:
            return of(held)
        except Replaced:
            if self._store.manifest().serial == held.serial:
                raise  # no sync did it
        return self._from_store(of)

    def _material(self, frame: pd.DataFrame, key: bytes | None) -> Material:
        """A person's frame, with the questions of the last read that it has columns of."""
        stream = of_frame(frame)
        if key is not None:
            stream, dropped = masked(stream, key)
            if dropped:
                tables.warn(
                    f"Left out, since people may have written them: {', '.join(dropped)}. "
                    'export(…, pii="keep") keeps them; so does making a column a category.'
                )
        questions = self._reader.last_questions(tz=self._tz)
        if questions is not None:
            shown = {str(name).partition("[")[0] for name in frame.columns}
            questions = questions[questions["column"].isin(shown)]
        return Material(stream, questions=questions, ids=self._reader.last_ids())
