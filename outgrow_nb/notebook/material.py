"""What the explorer looks at: an account, read once for each content, or a frame of leads; parts of it by period."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from outgrow_nb.client import Outgrow
from outgrow_nb.frames import schema, window
from outgrow_nb.notebook.views import Part

_MOST_GROUPS = 40
_NO_SPLIT = frozenset({"content_type", *(column.name for column in schema.FLAT if column.contact)})


class Source(Protocol):
    """Where leads come from."""

    @property
    def reads(self) -> bool:
        """Whether it asks Outgrow, so that code names its methods."""
        ...

    def contents(self) -> list[tuple[str, str | None]]:
        """What there is, the first to be shown first: label, and title or id; None for all."""
        ...

    def read(self, content: str | None) -> Part:
        """All leads of a content."""
        ...


class Account:
    """An account; what is read is kept for as long as the explorer.

    Args:
        og: The account.
    """

    reads = True

    def __init__(self, og: Outgrow) -> None:
        self._og = og

    def contents(self) -> list[tuple[str, str | None]]:
        """Each content by title, that with the most leads first, then all."""
        found = self._og.contents()
        found = found.sort_values("leads", ascending=False, kind="stable", na_position="last")
        titles = found["title"].astype(object).where(found["title"].notna(), "")
        several = titles.duplicated(keep=False) | (titles == "")
        rows = zip(titles, found["content_id"].astype(object), several, strict=True)
        made: list[tuple[str, str | None]] = [
            (f"{title} ({key})", str(key)) if twice else (str(title), str(title)) for title, key, twice in rows
        ]
        return [*made, ("All contents", None)] if len(made) != 1 else made

    def read(self, content: str | None) -> Part:
        """Reads the leads, and for one content the answers and questions that came with them.

        Raises:
            OutgrowError: As `Outgrow.leads`.
        """
        leads = self._og.leads(content)
        if content is None:
            return Part(leads=leads)
        return Part(leads=leads, answers=self._og.answers(content), questions=self._og.questions(content))


class Given:
    """A frame of leads that the person has.

    Args:
        leads: Of `Outgrow.leads`.
    """

    reads = False

    def __init__(self, leads: pd.DataFrame) -> None:
        self._leads = leads

    def contents(self) -> list[tuple[str, str | None]]:
        """All of it, then each content."""
        counts = self._leads["content"].value_counts()
        made: list[tuple[str, str | None]] = [(str(name), str(name)) for name, n in counts.items() if n]
        return [("All contents", None), *made] if len(made) != 1 else made

    def read(self, content: str | None) -> Part:
        """The leads of a content."""
        return Part(leads=self._leads if content is None else self._leads[self._leads["content"] == content])


@dataclass(frozen=True)
class Kept:
    """A content as it was read.

    Attributes:
        whole: All of it.
        lead_of: By answer, the row of its lead; -1 for none.
    """

    whole: Part
    lead_of: npt.NDArray[np.int64] | None

    @classmethod
    def of(cls, whole: Part) -> "Kept":
        """Prepares a content for being cut."""
        if whole.answers is None:
            return cls(whole, None)
        rows = pd.Series(np.arange(len(whole.leads)), index=whole.leads["lead_id"].to_numpy(dtype=object))
        found = whole.answers["lead_id"].astype(object).map(rows).fillna(-1)
        return cls(whole, found.to_numpy(dtype=np.int64))

    def part(self, since: date | None, until: date | None) -> Part:
        """Its leads received in a period, both days included, and their answers."""
        if since is None and until is None:
            return self.whole
        times = self.whole.leads["created_at"]
        asked = window(since, until, tz=str(times.dt.tz), now=pd.Timestamp.now("UTC").to_pydatetime())
        keep = times.notna().to_numpy(dtype=bool, copy=True)
        if asked.start is not None:
            keep &= (times >= asked.start).to_numpy(dtype=bool, na_value=False)
        if asked.end is not None:
            keep &= (times < asked.end).to_numpy(dtype=bool, na_value=False)
        part = replace(self.whole, leads=self.whole.leads[keep])
        if self.whole.answers is None or self.lead_of is None:
            return part
        return replace(part, answers=self.whole.answers[np.append(keep, False)[self.lead_of]])

    def splits(self) -> list[tuple[str, str]]:
        """Columns that may split: label and name; choices with two values or more, no contact data."""
        leads, questions = self.whole.leads, self.whole.questions
        texts: dict[str, str] = {}
        hidden = set(_NO_SPLIT)
        if questions is not None:
            texts = {str(name): str(text) for name, text in zip(questions["column"], questions["text"], strict=True)}
            hidden |= set(questions.loc[questions["personal"].to_numpy(dtype=bool, na_value=True), "column"])
        found = []
        for name in map(str, leads.columns):
            values = leads[name]
            if name in hidden or not isinstance(values.dtype, pd.CategoricalDtype):
                continue
            if 2 <= len(np.unique(values.cat.codes)) <= _MOST_GROUPS:
                found.append((texts.get(name, name), name))
        return found
