"""Pages of a read as they arrive, and everything that they hold at the end; each page is taken wholly or not at all."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from outgrow_nb.frames.order import in_order
from outgrow_nb.frames.page import PageColumns, page_columns
from outgrow_nb.frames.pile import Pile
from outgrow_nb.frames.tables import Parts, Source, Variant
from outgrow_nb.records import ContentItem, LeadPage, Question

_TOGETHER = 16  # pages


class _Held(NamedTuple):
    """Leads in order, how many were taken for them, and pages that came after: each with what was taken at its end."""

    pile: Pile
    taken: int
    pages: list[tuple[Pile, int]]


class LeadBatches:
    """Takes pages as they arrive, gives everything at the end.

    Args:
        keep_bytes: How many bytes of pages as received are kept for `raw`; beyond that the oldest are let go.
        distinct: No lead of a content comes twice.
    """

    def __init__(self, *, keep_bytes: int = 16 << 20, distinct: bool = False) -> None:
        self._keep_bytes, self._distinct = keep_bytes, distinct
        self._bodies: list[tuple[str, bytes]] = []
        self._contents: dict[str, int] = {}
        self._sources: list[Source] = []
        self._known: list[dict[tuple[str, str, str], int]] = []
        self._variants: list[Variant] = []
        self._places: list[int] = []
        self._held = _Held(Pile.of(()), 0, [])

    def __len__(self) -> int:
        """Leads taken so far, ids that came twice counted twice."""
        return self._held.pages[-1][1] if self._held.pages else self._held.taken

    def cover(self, item: ContentItem, questions: Sequence[Question] = ()) -> None:
        """Name a content of the read, with its questions as asked today; also if it has no leads."""
        if item.id not in self._contents:
            self._contents[item.id] = len(self._sources)
            self._sources.append(Source(item, ()))
            self._known.append({})
        if questions:
            place = self._contents[item.id]
            self._sources[place] = self._sources[place]._replace(questions=tuple(questions))

    def add(self, item: ContentItem, page: LeadPage | PageColumns) -> None:
        """Take one page of leads of a content; wholly, or not at all where it is interrupted."""
        self.cover(item)
        made = page_columns(item, page) if isinstance(page, LeadPage) else page
        content = self._contents[item.id]
        source = self._sources[content]
        self._sources[content] = source._replace(drift=source.drift | made.drift, unread=source.unread | made.unread)
        if made.body:
            self._keep(item.id, made.body)
        leads = len(made.pile)
        if leads:
            codes = np.array([self._code(content, *one) for one in zip(made.keys, made.places, strict=True)], np.int32)
            self._held.pages.append((made.pile.renumbered(content, codes), len(self) + leads))
        if len(self._held.pages) >= _TOGETHER:
            self._together()

    def _together(self) -> None:
        """Joins the latest pages: many small pieces, let go at the end, would leave more holes than they took room."""
        pages = Pile.of([page for page, _ in self._held.pages])
        pages.join()
        self._held = _Held(Pile.of([self._held.pile, pages]), len(self), [])

    def _code(self, content: int, key: tuple[str, str, str], place: int) -> int:
        known = self._known[content]
        if key not in known:
            self._places.append(0)  # first, so that an interruption leaves no question without a place
            self._variants.append(Variant(content, *key))
            known[key] = len(self._variants) - 1
        code = known[key]
        self._places[code] = max(self._places[code], place)
        return code

    def parts(self) -> Parts:
        """Everything taken so far, each lead once and in order; an interruption leaves nothing torn."""
        taken = len(self)
        pile = Pile.of([self._held.pile, *(page for page, _ in self._held.pages)])
        pile = in_order(pile, distinct=self._distinct)
        self._held = _Held(pile, taken, [])
        pile.join()
        pa.default_memory_pool().release_unused()  # what the thread that takes pages apart had them in
        return Parts(
            tuple(self._sources),
            tuple(self._variants),
            tuple(self._places),
            *pile.tables(),
            tuple(self._bodies),
            tidy=True,
        )

    def _keep(self, content_id: str, body: bytes) -> None:
        self._bodies.append((content_id, body))
        kept = sum(len(one) for _, one in self._bodies)
        while kept > self._keep_bytes:
            kept -= len(self._bodies.pop(0)[1])
