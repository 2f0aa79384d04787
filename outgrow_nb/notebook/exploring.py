"""The explorer without its widgets: from what is chosen to what is shown; reads each content once, keeps each table."""

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.notebook.lines import Names, code
from outgrow_nb.notebook.material import Kept, Source
from outgrow_nb.notebook.views import VIEWS, Choice, Part, View, picture, table

_PERIODS = (("All time", None), ("Last 30 days", 30), ("Last 90 days", 90), ("Last 12 months", 365))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A view as it is shown.

    Attributes:
        title: Of the picture, else the view's name.
        picture: A PNG file in base64, None for a view that is a table.
        table: What it is made of.
        code: Two lines that make the same.
        leads: How many leads it looks at.
        account: What the frames say of their account; "" for a real one.
    """

    title: str
    picture: str | None
    table: pd.DataFrame
    code: str
    leads: int
    account: str


class Exploring:
    """What one explorer knows; may be asked from any thread.

    Args:
        source: Where leads come from.
        names: Says what things are called in the person's notebook.
    """

    def __init__(self, source: Source, names: Callable[[], Names]) -> None:
        self._source, self._names = source, names
        self._lock = threading.RLock()
        self._kept: dict[str | None, Kept] = {}
        self._made: dict[Choice, Shown] = {}
        self._cut: tuple[tuple[str | None, date | None, date | None], Part] | None = None

    def contents(self) -> list[tuple[str, str | None]]:
        """What there is: label, and title or id.

        Raises:
            OutgrowError: It cannot be read.
        """
        return self._source.contents()

    def has(self, content: str | None) -> bool:
        """Whether a content has been read."""
        return content in self._kept

    def read(self, content: str | None) -> None:
        """Reads a content, once.

        Raises:
            OutgrowError: As `Outgrow.leads`.
        """
        with self._lock:
            if content not in self._kept:
                self._kept[content] = Kept.of(self._source.read(content))

    def splits(self, content: str | None) -> list[tuple[str, str]]:
        """Columns that may split a content that has been read: label and name."""
        return self._kept[content].splits()

    def periods(self, content: str | None) -> list[tuple[str, tuple[date | None, date | None]]]:
        """Spans of days of a content that has been read, counted back from its newest lead."""
        newest = self._kept[content].whole.leads["created_at"].max()
        if pd.isna(newest):
            return [("All time", (None, None))]
        last = newest.date()
        return [(label, (last - timedelta(days=days - 1), last) if days else (None, None)) for label, days in _PERIODS]

    def views(self, content: str | None) -> list[View]:
        """What can be shown of a content that has been read."""
        answered = self._kept[content].whole.answers is not None
        return [view for view in VIEWS if answered or view.needs == "leads"]

    def show(self, choice: Choice) -> Shown:
        """A choice as it is shown; the content has been read.

        Raises:
            OutgrowError: The frames do not have what the view needs.
        """
        with self._lock:
            if choice not in self._made:
                self._made[choice] = self._make(choice)
            return self._made[choice]

    def _make(self, choice: Choice) -> Shown:
        if choice.since is not None and choice.until is not None and choice.until < choice.since:
            raise ConfigError("The last day is before the first.", "Exchange the two.")
        part = self._part(choice)
        made = table(choice, part)
        drawn = picture(choice, part, made)
        told = made.attrs.get("outgrow", {})
        return Shown(
            title=drawn[1] if drawn else choice.view.label,
            picture=base64.b64encode(drawn[0]).decode() if drawn else None,
            table=made,
            code=code(choice, part, self._names(), reads=self._source.reads),
            leads=len(part.leads),
            account=str(told.get("account", "")),
        )

    def _part(self, choice: Choice) -> Part:
        """The period's frames; those of the last period are at hand, since views are looked through one by one."""
        key = (choice.content, choice.since, choice.until)
        if self._cut is None or self._cut[0] != key:
            self._cut = (key, self._kept[choice.content].part(choice.since, choice.until))
        return self._cut[1]
