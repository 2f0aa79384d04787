"""What a client adds to its store from a file of Outgrow's dashboard."""

import os
from pathlib import Path

import pandas as pd

from outgrow_nb import frames
from outgrow_nb.client.dashboard import warn_of_problems
from outgrow_nb.client.shelf import added_frame
from outgrow_nb.client.stored import Stored
from outgrow_nb.client.which import which
from outgrow_nb.errors import UnknownContent
from outgrow_nb.records import ContentItem
from outgrow_nb.store.adding import add_leads
from outgrow_nb.store.csv_leads import csv_leads


class Filled(Stored):
    """The part of `Outgrow` that needs no API for what is past; see there for the arguments."""

    def add_export(
        self,
        csv: str | os.PathLike[str],
        content: str,
        *,
        tz: str | None = None,
        day_first: bool | None = None,
    ) -> pd.DataFrame:
        """Fills the store's past, and its gaps, from a CSV file that Outgrow's dashboard exported.

        A lead that the store has stays as it is; of a row without an id that is seen by its e-mail address and time.
        The same file twice adds nothing. Spans that Outgrow never showed count as filled where the file covers them.
        How such a file looks is assumed; see `outgrow_nb.read_export` for what is understood of it.

        Args:
            csv: The file.
            content: The title or id of the content that it is of.
            tz: The zone of times in the file that name none; None is the client's.
            day_first: Whether ``03/04/2026`` is the 3rd of April; None: the file's times have to tell.

        Returns:
            One row: content (str), rows, new, total (int64: leads in the file, of them new, in the store now), first,
            last (datetime64[us, tz]: the file's span), problems (str: what was not understood, NA for nothing).

        Raises:
            ConfigError: The client has no store, or the file cannot be read.
            UnknownContent: No content has that title or id.
            CacheError: The store cannot be written; what it held before is whole.
        """
        item = self._item(content)
        leads = csv_leads(Path(csv).expanduser(), place=frames.zone(tz or self._tz), day_first=day_first)
        added = add_leads(self._store, leads, item, at=self._now())
        warn_of_problems(leads)
        return self._named(added_frame(item, added, leads.problems, tz=self._tz))

    def _item(self, content: str) -> ContentItem:
        """A content that the store keeps, or else one that Outgrow knows."""
        held = [piece.item for piece in self._store.manifest().contents.values()]
        try:
            return which(content, held)[0]
        except UnknownContent:
            return which(content, self._reader.call().contents())[0]
