"""One read of leads that survives a cut: what has arrived is kept, and what is missing can be fetched later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Self

import numpy as np

from outgrow_nb import frames
from outgrow_nb.api.prefetch import Prefetch
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.errors import SignInExpired, SignInRequired
from outgrow_nb.frames import KeptLeads, PageColumns, Window
from outgrow_nb.records import ContentItem, LeadPage, Question


class Fetching:
    """The leads of these contents in this span.

    Args:
        call: Reads.
        items: The contents.
        asked: The span.
        with_answers: Fetch the contents' questions, and keep what the leads answered.
        starts: By content id, a start of its own.
    """

    def __init__(
        self,
        call: Call,
        items: Sequence[ContentItem],
        asked: Window,
        *,
        with_answers: bool,
        starts: Mapping[str, datetime] = MappingProxyType({}),
    ) -> None:
        self._call = call
        self._items = {item.id: item for item in items}
        self._batches = frames.LeadBatches()
        for item in items:
            self._batches.cover(item)
        self._questions: Prefetch[str, list[Question]] = Prefetch(self._asked, call.workers)
        self._questions.waiting.extend(self._items if with_answers else ())
        self._with_answers = with_answers
        self._reading = call.leads(list(self._items), self._columns, asked, starts, answers=with_answers)

    def again(self, call: Call) -> Self:
        """This read, gone on with by a later call.

        Raises:
            SignInExpired: Another account is signed in by now.
        """
        if not self._call.same_account:
            raise SignInExpired(
                "This was begun as another account than the one that is signed in now.", "Run the first cell again."
            )
        self._call = call
        self._reading.transport = call.transport
        return self

    @property
    def same_account(self) -> bool:
        """Whether whoever it began as is signed in still, or nobody is."""
        return self._call.same_account

    @property
    def done(self) -> int:
        """Leads that have arrived."""
        return len(self._batches)

    @property
    def total(self) -> int | None:
        """Leads there are, as far as Outgrow has said."""
        return self._reading.total

    def run(self, line: Line) -> KeptLeads:
        """Fetches what is missing; after a failure, call again to go on.

        Raises:
            UnexpectedAnswer: The pages do not add up to what Outgrow reports.
            ApiError, SignInError: As `Transport.read`.
        """
        self._call.on_wait = line.wait
        while True:
            try:
                self._fetch(line)
                break
            except (SignInRequired, SignInExpired) as ended:
                self._call.sign_in_again(ended)
        made = self.so_far()
        received = np.bincount(made.flat["content"].to_numpy(), minlength=len(self._items))
        for content_id, count in zip(self._items, received, strict=True):
            self._reading.check(content_id, int(count))
        return made

    def so_far(self) -> KeptLeads:
        """What has arrived."""
        return frames.kept(self._batches)

    def _asked(self, content_id: str) -> list[Question]:
        return self._call.questions(content_id)

    def _columns(self, content_id: str, page: LeadPage) -> PageColumns:
        return frames.page_columns(self._items[content_id], page, answers=self._with_answers)

    def _fetch(self, line: Line) -> None:
        for content_id, questions in self._questions.results():
            self._batches.cover(self._items[content_id], questions)
        for content_id, page in self._reading.pages():
            self._batches.add(self._items[content_id], page)
            line.show(self.done, self.total)
