"""A whole read, immutable: two Arrow tables and what was asked; every frame is made from it without another request."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames import arguments, contents, schema
from outgrow_nb.frames.answers import answers_frame
from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.flat import flat_columns
from outgrow_nb.frames.questions import Asked, questions_frame
from outgrow_nb.frames.tables import AS_RECEIVED, Source, Variant
from outgrow_nb.frames.wide import Wish, wide_columns
from outgrow_nb.frames.window import Window
from outgrow_nb.records import ContentItem

EVERYTHING = Window()
Tell = Callable[[ContentItem, str], None]


@dataclass(frozen=True, repr=False, eq=False)
class KeptLeads:
    """What one read gave; made by `gather.kept`.

    Attributes:
        sources: Contents of the read.
        flat: One row a lead, each id once a content, in order of `created_at` (unknown times last), then id.
        long: One row an answer; `lead` is the row of `flat`; rows of one lead stand together.
        questions: Everything that was asked.
        variants: What the codes of `long` stand for: questions as leads were asked them.
        bodies: Content id and bytes of pages as received, the latest ones.
    """

    sources: tuple[Source, ...]
    flat: pa.Table
    long: pa.Table
    questions: tuple[Asked, ...]
    variants: tuple[Variant, ...]
    bodies: tuple[tuple[str, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"KeptLeads({self.flat.num_rows:,} leads, {self.long.num_rows:,} answers, {len(self.sources)} contents)"

    def __len__(self) -> int:
        return int(self.flat.num_rows)

    @property
    def contents(self) -> tuple[ContentItem, ...]:
        """Contents of the read, also those without leads."""
        return tuple(source.item for source in self.sources)

    def span(self) -> tuple[datetime, datetime] | None:
        """First and last `created_at` received, UTC; None if there is none."""
        found = pc.min_max(self.flat["created_at"]).as_py()
        return None if found["min"] is None else (found["min"], found["max"])

    def span_of(self, content_id: str) -> tuple[datetime, datetime] | None:
        """The same of one content."""
        place = next((p for p, source in enumerate(self.sources) if source.item.id == content_id), -1)
        found = pc.min_max(self.flat["created_at"].filter(pc.equal(self.flat["content"], place))).as_py()
        return None if found["min"] is None else (found["min"], found["max"])

    def drift(self) -> dict[str, str]:
        """By content id, what nobody announced, as one sentence; without it where all was announced."""
        told: dict[str, str] = {}
        for place, source in enumerate(self.sources):
            kinds = sorted({q.kind for q in self.questions if q.content == place and not schema.is_announced(q.kind)})
            parts = [f"unannounced fields or types {_few(sorted(source.drift))}"] if source.drift else []
            parts += [f"unannounced kinds of question {_few(kinds)}"] if kinds else []
            unread = sorted(name.removesuffix(AS_RECEIVED) for name in source.unread)
            parts += [f"values of {_few(unread)} that cannot be read"] if unread else []
            if parts:
                told[source.item.id] = f"Outgrow sent {', '.join(parts)}; everything is kept."
        return told

    def leads(
        self,
        contents: Collection[str] | None = None,
        window: Window = EVERYTHING,
        *,
        status: str = "all",
        labels: bool = True,
        limit: int | None = None,
        answers: Literal["wide", "none"] = "wide",
        mask_key: bytes | None = None,
        tz: str = "UTC",
        tell: Tell | None = None,
    ) -> pd.DataFrame:
        """One row a submission, oldest first; columns and dtypes as `schema.FLAT`, then results and answers.

        Args:
            contents: Ids wanted; None is all of the read.
            window: Times wanted; a lead whose time is unknown is in every window.
            status: ``all``, ``started``, ``partial`` or ``completed``.
            labels: Options as a person reads them; False gives them as received.
            limit: At most so many, the oldest.
            answers: ``wide`` adds results and answers, ``none`` does not.
            mask_key: Hide who people are with this key; None keeps everything.
            tz: Zone of the times.
            tell: Called with a content and a sentence about values that did not fit their column.

        Raises:
            ConfigError: An unknown `status` or `answers`, or a `limit` that is no whole number from 0.
        """
        arguments.one_of(answers=answers)
        places = self._places(contents)
        rows = self._rows(places, window, status, limit)
        flat = self.flat if rows is None else self.flat.take(pa.array(rows))
        names, types = self._titles(places), [source.item.type or "" for source in self.sources]
        made = flat_columns(flat, titles=names, types=types, tz=tz, key=mask_key, only=places)
        if answers == "wide":
            lead = self.long["lead"].to_numpy().astype(np.int64)
            target = lead if rows is None else _positions(rows, self.flat.num_rows)[lead]
            wish = Wish(flat.num_rows, labels, mask_key, lambda c, s: tell(self.sources[c].item, s) if tell else None)
            made |= wide_columns(self.long, target, [q for q in self.questions if q.content in places], wish)
        return pd.DataFrame(made, copy=False)

    def answers(
        self,
        contents: Collection[str] | None = None,
        window: Window = EVERYTHING,
        *,
        status: str = "all",
        labels: bool = True,
        mask_key: bytes | None = None,
    ) -> pd.DataFrame:
        """One row an answer, as received; see `answers_frame` for the columns and `leads` for the arguments."""
        places = self._places(contents)
        rows = self._rows(places, window, status, None)
        long = self.long
        if rows is not None:
            wanted = _positions(rows, self.flat.num_rows) >= 0
            long = long.filter(pa.array(wanted[long["lead"].to_numpy()]))
        questions = [q for q in self.questions if q.content in places]
        return answers_frame(long, self.flat, questions, titles=self._titles(places), labels=labels, key=mask_key)

    def questions_frame(self, contents: Collection[str] | None = None, *, tz: str = "UTC") -> pd.DataFrame:
        """The data dictionary, one row a question; first and last seen are those of the whole read."""
        places = self._places(contents)
        return questions_frame([q for q in self.questions if q.content in places], self._titles(places), tz)

    def locate(self, lead_id: str) -> list[tuple[str, datetime | None]]:
        """Content id and `created_at` of every lead with that id (ids are unique in a content only)."""
        at = np.flatnonzero(pc.equal(self.flat["lead_id"], lead_id).to_numpy(zero_copy_only=False))
        found = self.flat.select(["content", "created_at"]).take(pa.array(at)).to_pylist()
        return [(self.sources[row["content"]].item.id, row["created_at"]) for row in found]

    def _titles(self, places: frozenset[int]) -> list[str]:
        """What these contents are called among themselves, by position; "" for the others."""
        titles = iter(contents.titles([self.sources[place].item for place in sorted(places)]))
        return [next(titles) if place in places else "" for place in range(len(self.sources))]

    def _places(self, wanted: Collection[str] | None) -> frozenset[int]:
        return frozenset(p for p, source in enumerate(self.sources) if wanted is None or source.item.id in wanted)

    def _rows(self, places: frozenset[int], window: Window, status: str, limit: int | None) -> Ints | None:
        """Rows of `flat` wanted, ascending; None for all of them."""
        arguments.one_of(status=status)
        limit = arguments.limited(limit)
        wanted = np.ones(self.flat.num_rows, bool)
        if len(places) < len(self.sources):
            wanted &= np.isin(self.flat["content"].to_numpy(), list(places))
        created = self.flat["created_at"]
        for bound, keep in ((window.start, pc.greater_equal), (window.end, pc.less)):
            if bound is not None:
                within = keep(created, pa.scalar(bound, created.type))
                wanted &= pc.fill_null(within, True).to_numpy(zero_copy_only=False)
        if status != "all":
            same = pc.fill_null(pc.equal(self.flat["status"].cast(pa.large_string()), status), False)
            wanted &= same.to_numpy(zero_copy_only=False)
        if wanted.all() and (limit is None or limit >= len(wanted)):
            return None
        return np.flatnonzero(wanted)[:limit]


def _positions(rows: Ints, size: int) -> Ints:
    found = np.full(size, -1, np.int64)
    found[rows] = np.arange(len(rows))
    return found


def _few(names: Sequence[str]) -> str:
    shown = [repr(name[:40]) for name in names[:8]]
    return ", ".join(shown) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
