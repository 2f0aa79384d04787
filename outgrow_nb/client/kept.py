"""The client's last read, and whether it already holds what is asked now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from outgrow_nb.auth.entry import Entry
from outgrow_nb.client.which import which
from outgrow_nb.errors import UnknownContent
from outgrow_nb.frames import KeptLeads, Window


@dataclass(frozen=True)
class Kept:
    """One read and what it was asked for.

    Attributes:
        read: The read.
        contents: What was asked; None was everything.
        window: The span that was asked.
        whole: The contents' questions were read too.
        entry: Who it was read as; None where that makes no difference.
    """

    read: KeptLeads
    contents: str | Sequence[str] | None
    window: Window
    whole: bool
    entry: Entry | None = field(default=None, repr=False)

    def holds(self, contents: str | Sequence[str] | None, window: Window | None) -> bool:
        """Whether a call with these arguments needs no request; without a window the questions alone count."""
        if not self.whole or (window is not None and not self.window.covers(window)):
            return False
        if contents is None:
            return self.contents is None
        try:
            which(contents, self.read.contents)
        except UnknownContent:
            return False
        return True

    def ids(self, contents: str | Sequence[str] | None) -> list[str] | None:
        """The ids of these contents in the read."""
        return None if contents is None else [item.id for item in which(contents, self.read.contents)]
