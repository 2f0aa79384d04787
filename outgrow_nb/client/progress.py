"""One line that tells how far a read is, where somebody looks; gone when it has ended."""

from types import TracebackType
from typing import Self, TextIO

from tqdm.std import tqdm

_NOTICED_SECONDS = 2.0


class Line:
    """A progress line; use it in a ``with``.

    Args:
        out: Where it is drawn; None for nowhere.
        delay: Seconds in which nothing is drawn: most reads are over by then.

    Attributes:
        before: Leads that earlier steps of the same call brought.
    """

    def __init__(self, out: TextIO | None, *, delay: float = 1.0) -> None:
        self.before = 0
        self._bar = tqdm(
            unit=" leads", file=out, disable=out is None, delay=delay, leave=False, mininterval=0.2, miniters=1
        )

    def show(self, done: int, total: int | None) -> None:
        """So many leads have arrived in this step, of so many."""
        done, total = done + self.before, total + self.before if total is not None else None
        self._bar.set_postfix_str("", refresh=False)
        self._bar.total = max(done, total) if total is not None else None
        self._bar.update(done - self._bar.n)

    def wait(self, seconds: float) -> None:
        """Outgrow asks to wait; pauses that nobody notices are not told."""
        if seconds >= _NOTICED_SECONDS:
            self._bar.set_postfix_str(f"waiting {seconds:.0f} s before asking again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
