"""The sign-in panel: a thin skin of ipywidgets over `SignIn`; it shows and never raises at the reader."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display
from traitlets import CUnicode

from outgrow_nb.auth import messages
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.errors import OutgrowError
from outgrow_nb.notebook import view
from outgrow_nb.notebook.environment import Place, asking
from outgrow_nb.notebook.frame import Frame

_GOOD = frozenset({State.SIGNED_IN, State.ADOPTED})


class _Masked(widgets.Password):  # type: ignore[misc]
    """A password box whose value is never echoed back to the front end."""

    value = CUnicode("").tag(sync=True, echo_update=False)


def _on_enter(box: _Masked, use: Callable[[], object]) -> None:
    """Enter in the box; ipywidgets' own `on_submit` warns that it goes, its successor also acts on leaving the box."""
    box.on_msg(lambda _box, content, _buffers: use() if content.get("event") == "submit" else None)


class Panel:
    """Draws one profile's sign-in.

    Args:
        desk: Opens and ends sign-ins.
        place: What kind of place the kernel runs in.
    """

    def __init__(self, desk: Desk, place: Place) -> None:
        self._desk, self._place = desk, place
        self._context = contextvars.copy_context()
        self._lock = threading.RLock()
        self._waiting = self._by_key = False
        self._because = ""
        self._head, self._line = widgets.HTML(), widgets.HTML()
        self._paste = _Masked(placeholder="The page's whole address")
        self._submit = widgets.Button(description="Submit", button_style="primary")
        self._key = _Masked(placeholder="Outgrow API key")
        self._connect = widgets.Button(description="Connect", button_style="primary")
        self._keep = widgets.Checkbox(value=not place.shared, description="Keep on this computer", indent=False)
        self._use_key = widgets.Button(description="Use an API key instead")
        self._again = widgets.Button(description="Start again")
        self._switch = widgets.Button(description="Switch account")
        self._sign_out = widgets.Button(description="Sign out")
        for quiet in (self._use_key, self._again):
            quiet.add_class("outgrow-nb-quiet")
        self._paste_row = widgets.HBox([self._paste, self._submit])
        self._paste_note = widgets.HTML(f'<div class="outgrow-nb-note">{messages.ONLY_YOURS}</div>')
        self._key_row = widgets.HBox([self._key, self._connect])
        self._frame = Frame(text=view.FALLBACK_TEXT, page=view.FALLBACK)
        self._frame.add_class("outgrow-nb")
        self._handle: Any = None
        self._settling: Status | None = None
        self.signin: SignIn = self._bind(desk.signin or desk.open())
        self._wire()

    def show(self) -> None:
        """Draws the panel under the running cell."""
        self._handle = display(self._frame, display_id=True)

    def waiting(self, waits: bool, because: str = "") -> None:
        """Says that a cell waits, why if it was signed in before, and that what is typed goes into that cell's box."""
        self._waiting, self._because = waits, because
        self._draw()

    def _bind(self, signin: SignIn) -> SignIn:
        self.signin = signin
        self._desk.keep = bool(self._keep.value)
        signin.watch(lambda _status: self._safely(self._draw))
        if signin.config.pkce_enforced:
            self._paste.placeholder = "The code, or the page's whole address"
        self._by_key = signin.key_first
        self._draw()
        return signin

    def _wire(self) -> None:
        self._submit.on_click(lambda _: self._take(self._paste, lambda text: self.signin.paste(text)))
        self._connect.on_click(lambda _: self._take(self._key, lambda text: self.signin.key(text)))
        _on_enter(self._paste, lambda: self._take(self._paste, lambda text: self.signin.paste(text)))
        _on_enter(self._key, lambda: self._take(self._key, lambda text: self.signin.key(text)))
        self._use_key.on_click(lambda _: self._guarded(self._change_way))
        self._again.on_click(lambda _: self._guarded(self._start_again))
        self._switch.on_click(lambda _: self._guarded(self._switch_account))
        self._sign_out.on_click(lambda _: self._guarded(self._leave))
        self._keep.observe(lambda change: setattr(self._desk, "keep", bool(change["new"])), names="value")

    def _take(self, box: _Masked, use: Callable[[str], Status]) -> None:
        text, box.value = box.value, ""  # first of all, so that no saved widget state holds it
        if text:
            self._guarded(lambda: use(text))

    def _guarded(self, work: Callable[[], object]) -> None:
        """An error in a click would only show in a log console: it is shown in the panel instead."""
        try:
            work()
        except OutgrowError as error:
            self._line.value = view.line(Status(State.FAILED, f"{error.problem} {error.next_step}"))
        except Exception as error:  # noqa: BLE001 - the reader of a panel has no traceback
            text = f"Something went wrong ({type(error).__name__}). Click Start again, or run the cell again."
            self._line.value = view.line(Status(State.FAILED, text))

    def _start_again(self) -> None:
        """A click that reaches a busy kernel late comes after somebody has signed in: it changes nothing then."""
        if self.signin.status.state not in _GOOD:
            self._bind(self._desk.open())

    def _change_way(self) -> None:
        """Between the sign-in and the API key; the sign-in itself goes on listening."""
        self._by_key = not self._by_key
        self._draw()
        if self._by_key:
            self._line.value = view.line(Status(State.READY, messages.READY_KEY))

    def _switch_account(self) -> None:
        self._desk.credentials.sign_out()
        self._bind(self._desk.open())

    def _leave(self) -> None:
        entry = self._desk.credentials.entry
        confirmed = self._desk.credentials.sign_out()
        self._frame.children = [self._line]
        text = messages.SIGNED_OUT if confirmed else messages.SIGNED_OUT_HERE
        if entry is not None and entry.api_key is not None:
            text = f"{messages.SIGNED_OUT} The API key itself still works: make a new one in Outgrow to end it."
        self._line.value = view.line(Status(State.CANCELLED, text))

    def _draw(self) -> None:
        with self._lock:  # redirects, clicks and waiting cells draw from threads of their own; the latest status stays
            self._draw_now()

    def _draw_now(self) -> None:
        signin, status = self.signin, self.signin.status
        self._head.value = view.head(signin, asking())
        self._line.value = view.line(status, waiting=self._waiting, because=self._because, key_first=signin.key_first)
        busy = status.state is State.EXCHANGING
        for control in (self._paste, self._submit, self._key, self._connect, self._use_key, self._again):
            control.disabled = busy or self._waiting
        if status.state in _GOOD:
            self._signed_in(status)
        elif status.final:
            self._frame.children = [self._line, self._again]
        elif signin.key_first:
            self._frame.children = [self._head, self._line, self._key_row, self._keep]
        else:
            self._use_key.description = "Sign in instead" if self._by_key else "Use an API key instead"
            ways = [self._key_row] if self._by_key else [self._paste_row, self._paste_note]
            last = widgets.HBox([self._keep, self._use_key, self._again])
            self._frame.children = [self._head, self._line, *ways, last]

    def _signed_in(self, status: Status) -> None:
        self._frame.children = [self._line, widgets.HBox([self._switch, self._sign_out])]
        shell = get_ipython()
        if shell is None or self._handle is None or self._settling is status:
            return
        self._settling = status

        def settle(*_: object) -> None:
            """The next cell runs: what is saved from now on is text, which needs no kernel to be shown."""
            shell.events.unregister("pre_run_cell", settle)
            if self.signin.status is status and self._desk.credentials.signed_in:
                self._handle.update(view.saved(status.text), raw=True)

        shell.events.register("pre_run_cell", settle)

    def _safely(self, work: Callable[[], None]) -> None:
        """From any thread: a front end that cannot be reached must not break the sign-in."""
        try:
            self._context.copy().run(work)
        except LookupError:
            return  # ipykernel 7.0.x outside its own threads: the panel shows it at the next call
