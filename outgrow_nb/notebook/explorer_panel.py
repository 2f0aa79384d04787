"""The explorer's panel: a thin skin of ipywidgets over `Exploring`; it shows and never raises at the reader."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import ipywidgets as widgets
from IPython.display import display

from outgrow_nb.errors import OutgrowError, PartialFetch, SignInError, SignInRequired
from outgrow_nb.notebook import explorer_view as view
from outgrow_nb.notebook.exploring import Exploring
from outgrow_nb.notebook.frame import Frame
from outgrow_nb.notebook.views import VIEWS, Choice

_SIGN_IN = "Sign in with connect() in a cell, then run this cell again, or click Try again."
_OWN, _WHOLE = "Own dates", "nothing"


class Explorer:
    """The panel.

    Args:
        exploring: What it is a skin of.
    """

    def __init__(self, exploring: Exploring) -> None:
        self._exploring = exploring
        self._lock = threading.RLock()
        self._quiet = False
        self._keys: dict[str, str | None] = {}
        self._content = widgets.Dropdown(description="Content", layout={"width": "320px"})
        self._by = widgets.Dropdown(description="Split by", options=[(_WHOLE, "")], layout={"width": "320px"})
        self._period = widgets.Dropdown(
            description="Period", options=[("All time", (None, None))], layout={"width": "240px"}
        )
        self._since = widgets.DatePicker(description="From", layout={"width": "200px"})
        self._until = widgets.DatePicker(description="To", layout={"width": "200px"})
        self._view = widgets.ToggleButtons(options=[(one.label, one) for one in VIEWS], description="View")
        self._line, self._picture, self._numbers, self._code = (widgets.HTML() for _ in range(4))
        self._again = widgets.Button(description="Try again", layout={"align_self": "flex-start"})
        self._chosen = [self._content, self._by, self._period, self._since, self._until, self._view]
        controls = [
            widgets.HBox([self._content, self._by]),
            widgets.HBox([self._period, self._since, self._until]),
            self._view,
        ]
        self._below = [self._picture, self._numbers, self._code]
        self._frame = Frame(
            text=view.FALLBACK_TEXT, page=view.FALLBACK, children=[*controls, self._line, self._again, *self._below]
        )
        self._frame.add_class("outgrow-nb-explorer")
        self._wire()
        self._tell("")

    def show(self) -> None:
        """Draws the panel under the running cell."""
        display(self._frame)

    def start(self) -> None:
        """Reads what there is, in the running cell: a pending sign-in is waited for there, as every data call does."""
        self._guarded(lambda: self._fill(lambda work: work()))

    def _wire(self) -> None:
        self._content.observe(lambda _: self._changed(self._take_content), names="value")
        self._period.observe(lambda _: self._changed(self._take_period), names="value")
        for picker in (self._since, self._until):
            picker.observe(lambda _: self._changed(self._take_dates), names="value")
        for control in (self._by, self._view):
            control.observe(lambda _: self._changed(self._draw), names="value")
        self._again.on_click(lambda _: self._guarded(lambda: self._fill(_aside)))

    def _changed(self, work: Callable[[], None]) -> None:
        if not self._quiet:  # what is chosen meanwhile is seen by the drawing that ends every change of ours
            self._guarded(work)

    def _guarded(self, work: Callable[[], None]) -> None:
        """An error in a click would only show in a log console: it is shown in the panel instead."""
        with self._lock:  # clicks come from threads of their own
            try:
                work()
            except SignInRequired:
                self._fail(f"Nobody is signed in. {_SIGN_IN}")
            except SignInError as error:
                self._fail(f"{error.problem} {_SIGN_IN}")
            except PartialFetch as error:
                self._fail(f"{error.problem} Click Try again.")
            except OutgrowError as error:
                self._fail(f"{error.problem} {error.next_step}".strip())
            except KeyboardInterrupt:
                self._fail("Reading was stopped. Click Try again.")
                raise
            except Exception as error:  # noqa: BLE001 - the reader of a panel has no traceback
                self._fail(f"Something went wrong ({type(error).__name__}). Click Try again, or run the cell again.")

    def _fill(self, read: Callable[[Callable[[], None]], None]) -> None:
        """Reads the contents where that has not been done, then the one that is chosen."""
        with self._busy():
            if not self._keys:
                self._tell("Reading what there is…")
                found: list[tuple[str, str | None]] = []
                read(lambda: found.extend(self._exploring.contents()))
                self._keys = dict(found)
                self._content.options = list(self._keys)
                if not found:
                    self._tell("This account has no content yet.")
                    return
                self._content.value = found[0][0]
            self._read(read)
        self._draw()

    def _take_content(self) -> None:
        with self._busy():
            self._read(_aside)
        self._draw()

    def _read(self, read: Callable[[Callable[[], None]], None]) -> None:
        content = self._keys[self._content.value]
        if not self._exploring.has(content):
            self._tell(f"Reading the leads of “{self._content.value}”…")
            read(lambda: self._exploring.read(content))
        splits, by = self._exploring.splits(content), self._by.value
        self._by.options = [(_WHOLE, ""), *splits]
        self._by.value = by if by in {name for _, name in splits} else ""
        self._period.options = [*self._exploring.periods(content), (_OWN, _OWN)]
        self._period.value = self._period.options[0][1]
        self._since.value = self._until.value = None
        views, shown = self._exploring.views(content), self._view.value
        self._view.options = [(one.label, one) for one in views]
        self._view.value = shown if shown in views else views[0]

    def _take_period(self) -> None:
        if self._period.value != _OWN:
            with self._silently():
                self._since.value, self._until.value = self._period.value
            self._draw()

    def _take_dates(self) -> None:
        span = (self._since.value, self._until.value)
        with self._silently():
            self._period.value = span if span in {value for _, value in self._period.options} else _OWN
        self._draw()

    def _draw(self) -> None:
        if self._content.value is None or not self._exploring.has(self._keys[self._content.value]):
            self._fill(_aside)  # a read that failed is tried again by whatever is chosen next
            return
        since: date | None = self._since.value
        chosen = self._view.value
        self._by.disabled = not chosen.splits
        shown = self._exploring.show(
            Choice(
                content=self._keys[self._content.value],
                view=chosen,
                since=since,
                until=self._until.value,
                by=(self._by.value or None) if chosen.splits else None,
            )
        )
        self._picture.value, self._numbers.value = view.picture(shown), view.numbers(shown)
        self._code.value = view.code(shown)
        self._tell(view.told(shown, self._content.value))

    def _tell(self, text: str) -> None:
        self._line.value = view.line(text)
        self._again.layout.display = "none"

    def _fail(self, text: str) -> None:
        self._line.value = view.line(text, bad=True)
        self._again.layout.display = ""
        for below in self._below:
            below.value = ""

    @contextmanager
    def _silently(self) -> Iterator[None]:
        """Our own changes of the controls are nobody's choice."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """While it reads, nothing can be chosen."""
        with self._silently():
            for control in self._chosen:
                control.disabled = True
            try:
                yield
            finally:
                for control in self._chosen:
                    control.disabled = False


def _aside(work: Callable[[], None]) -> None:
    """In a thread of its own, and waits for it: there a missing sign-in is an error, and asks nobody.

    A click has no cell whose input box somebody could answer; the kernel would wait for one for ten minutes.
    """
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            failed.append(error)

    context: Callable[..., None] = contextvars.copy_context().run
    thread = threading.Thread(target=context, args=(run,), daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
