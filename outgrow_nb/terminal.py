"""The same sign-in at a terminal: an address to open, a listener, and a line to paste into."""

import contextlib
import os
import queue
import select
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from typing import TextIO

from outgrow_nb.auth import messages
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.errors import ConfigError, OutgrowError, SignInDeclined, SignInError, SignInExpired, SignInRequired


def usable() -> bool:
    """Whether a person sits at this process's terminal, in its main thread."""
    streams = (sys.stdin, sys.stderr)  # None in a program without a console
    at_terminal = all(stream is not None and stream.isatty() for stream in streams)
    return at_terminal and threading.current_thread() is threading.main_thread()


class TerminalAsker:
    """Asks the person at the terminal of this process, if there is one."""

    remote = False

    @property
    def progress(self) -> TextIO | None:
        """Beside a script's own output, where that is a terminal."""
        return sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None

    def greet(self, client: object) -> None:
        """Nothing: a script's output is its own."""

    def offer(self, desk: Desk) -> None:
        """Asks at once: there is no cell to come back to.

        Raises:
            ConfigError: There is no application to sign in to, and no key.
        """
        if not desk.credentials.config.client_id:  # and no key: what is typed at a terminal stands in histories
            raise ConfigError(*messages.NOTHING_SET)
        self.ask(desk, SignInRequired(*messages.NOBODY))

    def ask(self, desk: Desk, reason: OutgrowError) -> None:
        """Lets the person sign in; see `sign_in`.

        Raises:
            OutgrowError: `reason`, where nobody sits at a terminal; or how the sign-in ended.
        """
        if desk.credentials.signed_in or desk.adopt():
            return
        if not usable() or not desk.credentials.config.client_id:
            raise reason
        if isinstance(reason, SignInExpired):
            sys.stderr.write(reason.problem + "\n")
        sign_in(desk, stdin=sys.stdin, out=sys.stderr, browser=True)


def sign_in(desk: Desk, *, stdin: TextIO, out: TextIO, browser: bool) -> str:
    """Signs in: shows the address on a line of its own, listens, and takes a paste.

    Args:
        desk: Opens the sign-in.
        stdin: Where a paste is read; one that is silent or closed leaves the listener alone.
        out: Where the address and the messages go, flushed line by line.
        browser: Whether to open a browser on this computer as well.

    Returns:
        The last message, such as who signed in.

    Raises:
        ConfigError: There is no application to sign in to.
        SignInError: How it ended otherwise.
    """
    if not desk.credentials.config.client_id:
        raise ConfigError(*messages.NO_APPLICATION)
    signin = desk.open()
    if signin.status.state is State.BLOCKED:
        raise SignInError(*messages.in_two(signin.status.text))

    def say(text: str) -> None:
        out.write(text + "\n")
        out.flush()

    address = signin.authorization_address()  # a frame of a traceback must not show its state
    say("Open this address in a browser and allow access:")
    say(address.reveal())
    say("If the page after that cannot open, copy its whole address and paste it here.")
    if browser:
        _open_browser(address.reveal())
    signin.watch(lambda status: _tell(status, signin, say))
    with _typing(stdin) as listen:

        def until_declined(seconds: float) -> str | None:
            wrong = signin.status.settings_wrong
            if wrong is not None:
                desk.close()
                raise ConfigError(*wrong.args)
            if signin.status.state is State.DECLINED:
                desk.close()
                raise SignInDeclined("You didn't allow access, so nothing was saved.", "Run it again to sign in.")
            return listen(seconds)

        desk.wait(until_declined)
    return signin.status.text


def _tell(status: Status, signin: SignIn, say: Callable[[str], None]) -> None:
    if status.final or status.settings_wrong or status.state in (State.READY, State.DECLINED):
        return  # the caller says how it ended
    text = status.text
    if status.state is State.FAILED:
        say(text.replace("link above", "address below"))
        say(signin.authorization_address().reveal())
    else:
        say(text)


@contextlib.contextmanager
def _typing(stdin: TextIO) -> Iterator[Callable[[float], str | None]]:
    """Lines of the terminal, waited for beside the listener, and not shown while they are typed."""
    with _silent(stdin):
        yield _from_a_thread(stdin) if os.name == "nt" else _from_select(stdin)


def _from_select(stdin: TextIO) -> Callable[[float], str | None]:
    """Reads the descriptor itself: what `readline` keeps of several lines that come at once, select does not see."""
    typed, ended = bytearray(), threading.Event()

    def listen(seconds: float) -> str | None:
        if ended.is_set():  # a pipe that was closed: the listener alone goes on
            threading.Event().wait(seconds)
        elif b"\n" not in typed and select.select([stdin], [], [], seconds)[0]:
            more = os.read(stdin.fileno(), 65536)
            typed.extend(more or b"\n")
            if not more:
                ended.set()
        line, end, rest = bytes(typed).partition(b"\n")
        if not end:
            return None
        typed[:] = rest
        return line.decode(errors="replace").strip() or None

    return listen


def _from_a_thread(stdin: TextIO) -> Callable[[float], str | None]:
    """Windows cannot select on a console."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in stdin:
            lines.put(line)

    def listen(seconds: float) -> str | None:
        with contextlib.suppress(queue.Empty):  # nothing was typed
            return lines.get(timeout=seconds).strip() or None
        return None

    threading.Thread(target=read, name="outgrow-nb paste", daemon=True).start()
    return listen


@contextlib.contextmanager
def _silent(stdin: TextIO) -> Iterator[None]:
    if os.name == "nt" or not stdin.isatty():
        yield
        return
    import termios

    descriptor = stdin.fileno()
    before = termios.tcgetattr(descriptor)
    quiet = [*before]
    quiet[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _open_browser(address: str) -> None:
    """Opens a graphical browser, if there is one; a text browser would take the terminal over."""
    with contextlib.suppress(webbrowser.Error):  # no browser here: the address stands above
        found = webbrowser.get()
        if type(found) is not webbrowser.GenericBrowser:
            threading.Thread(target=found.open, args=(address,), name="outgrow-nb browser", daemon=True).start()
