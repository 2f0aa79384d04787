"""The sign-in at a pseudo-terminal: what is written, what is typed and not echoed, how it ends."""

import io
import os
import re
import threading
import webbrowser
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from outgrow_nb import terminal
from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.config import Config
from outgrow_nb.errors import ConfigError, OutgrowError, SignInDeclined, SignInError, SignInRequired
from outgrow_nb.records import Account
from tests.helpers_auth import CODE, TokenEndpoint, pair, says, swept, token_endpoint

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)


def desk_for(config: Config) -> Desk:
    def nobody(reason: OutgrowError) -> None:
        raise reason

    credentials = Credentials(profile="p", config=config, cache=MemoryCache(), ask=nobody)
    completion = Completion(
        credentials,
        identify=lambda config, token: Account(email="ana@example.com"),
        check_key=lambda config, key: [],
        permit=lambda source: None,
    )
    return Desk(completion, before_open=lambda desk: None)


class Sitting:
    """A sign-in at a terminal in a thread of its own, and the hands of whoever sits there."""

    def __init__(self, desk: Desk, keyboard: int, stdin: Any, *, browser: bool = False) -> None:
        self.desk, self.keyboard = desk, keyboard
        self.out = io.StringIO()
        self.ended: list[str | BaseException] = []
        self.thread = threading.Thread(target=self._sit, args=(stdin, browser), daemon=True)
        self.thread.start()

    def _sit(self, stdin: Any, browser: bool) -> None:
        try:
            self.ended.append(terminal.sign_in(self.desk, stdin=stdin, out=self.out, browser=browser))
        except OutgrowError as error:
            self.ended.append(error)

    def addresses(self, at_least: int = 1) -> list[str]:
        """The lines that are addresses."""
        for _ in range(200):
            found = [line for line in self.out.getvalue().splitlines() if re.match("https?://", line)]
            if len(found) >= at_least and self.desk.signin is not None:
                return found
            self.thread.join(0.05)
        raise AssertionError(self.out.getvalue())

    def answer(self, **query: str) -> str:
        """Where the browser would end up."""
        asked = parse_qs(urlsplit(self.addresses()[0]).query)
        pairs = {"state": asked["state"][0], **query}
        return f"{asked['redirect_uri'][0]}?" + "&".join(f"{name}={value}" for name, value in pairs.items())

    def type(self, text: str) -> None:
        os.write(self.keyboard, text.encode())

    @property
    def end(self) -> str | BaseException:
        self.thread.join(10)
        return self.ended[0]


@pytest.fixture
def keyboard() -> Iterator[tuple[int, Any]]:
    """A pseudo-terminal: its keyboard and screen, and the stdin behind it."""
    hands, behind = os.openpty()
    stdin = os.fdopen(behind, "r")
    yield hands, stdin
    stdin.close()
    os.close(hands)


@pytest.fixture
def sit(endpoint: TokenEndpoint, keyboard: tuple[int, Any]) -> Iterator[Callable[..., Sitting]]:
    endpoint.answers = [says(pair())]
    begun: list[Sitting] = []

    def begin(*, browser: bool = False, **changes: Any) -> Sitting:
        config = Config(**{"client_id": "app", "base_url": endpoint.url, **changes})
        begun.append(Sitting(desk_for(config), *keyboard, browser=browser))
        return begun[-1]

    yield begin
    for one in begun:
        one.desk.close()
        one.thread.join(5)


def test_a_paste_that_is_not_echoed(sit: Callable[..., Sitting], keyboard: tuple[int, Any]) -> None:
    """The address stands on a line of its own and is the provider's; what is typed is not shown; then it says who."""
    sitting = sit()
    first, address, third = sitting.addresses() and sitting.out.getvalue().splitlines()
    assert (first, third) == (
        "Open this address in a browser and allow access:",
        "If the page after that cannot open, copy its whole address and paste it here.",
    )
    assert "/oauth/authorize?" in address
    sitting.type(sitting.answer(code=CODE) + "\n")
    assert sitting.end == "Signed in to Outgrow as ana@example.com · for this kernel only"
    assert CODE not in sitting.out.getvalue()
    os.set_blocking(keyboard[0], False)
    with pytest.raises(BlockingIOError):
        os.read(keyboard[0], 4096)


def test_lines_that_come_at_once(sit: Callable[..., Sitting]) -> None:
    """A wrong paste and the right one in one go: a new address is offered, and both lines are read."""
    sitting = sit()
    sitting.type("two words\n\n" + sitting.answer(code=CODE) + "\n")
    assert "Signed in" in str(sitting.end)
    assert "doesn't look like a code" in sitting.out.getvalue()
    assert len(sitting.addresses()) == 2


def test_declined(sit: Callable[..., Sitting]) -> None:
    """Deny ends it, and says so."""
    sitting = sit()
    sitting.type(sitting.answer(error="access_denied") + "\n")
    assert isinstance(sitting.end, SignInDeclined)


def test_a_wrong_application(sit: Callable[..., Sitting], endpoint: TokenEndpoint) -> None:
    """What another try cannot mend ends it."""
    endpoint.answers = [says({"error": "invalid_client"}, 401)]
    sitting = sit()
    sitting.type(sitting.answer(code=CODE) + "\n")
    assert isinstance(sitting.end, ConfigError)


def test_a_closed_pipe_leaves_the_listener(endpoint: TokenEndpoint) -> None:
    """Without a keyboard the redirect alone ends it; a last line without its end is read."""
    endpoint.answers = [says(pair())]
    reading, writing = os.pipe()
    desk = desk_for(Config(client_id="app", base_url=endpoint.url))
    with os.fdopen(reading) as stdin:
        sitting = Sitting(desk, writing, stdin)
        sitting.type("no line end")
        sitting.addresses()
        os.close(writing)
        sitting.addresses(2)
        assert desk.signin is not None
        desk.signin.paste(sitting.answer(code=CODE))
        assert "Signed in" in str(sitting.end)


def test_a_port_in_use(endpoint: TokenEndpoint) -> None:
    """L21: no address is written."""
    taken = endpoint.url.rpartition(":")[2]
    config = Config(client_id="app", base_url=endpoint.url, redirect_uri=f"http://127.0.0.1:{taken}/callback")
    out = io.StringIO()
    with pytest.raises(SignInError, match=f"Port {taken} is in use"):
        terminal.sign_in(desk_for(config), stdin=io.StringIO(), out=out, browser=False)
    assert out.getvalue() == ""


def test_no_application() -> None:
    """A key is not asked for at a terminal."""
    with pytest.raises(ConfigError, match="OUTGROW_CLIENT_ID"):
        terminal.sign_in(desk_for(Config()), stdin=io.StringIO(), out=io.StringIO(), browser=False)
    asker = terminal.TerminalAsker()
    reason = SignInRequired(*messages.NOBODY)
    with pytest.raises(SignInRequired) as caught:
        asker.ask(desk_for(Config()), reason)
    assert caught.value is reason


class Browser(webbrowser.BaseBrowser):
    """Remembers what it was asked to open."""

    def __init__(self) -> None:
        super().__init__("tests")
        self.opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        return True


def test_a_browser_is_opened_where_there_is_one(sit: Callable[..., Sitting]) -> None:
    """The same address; a text browser, which would take the terminal over, is left alone."""
    graphical = Browser()
    webbrowser.register("outgrow-nb-tests", None, graphical, preferred=True)
    try:
        sitting = sit(browser=True)
        address = sitting.addresses()[0]
        sitting.thread.join(0.2)
        assert graphical.opened == [address]
    finally:
        _forget("outgrow-nb-tests")
    webbrowser.register("outgrow-nb-text", None, webbrowser.GenericBrowser("false"), preferred=True)
    try:
        terminal._open_browser("http://127.0.0.1/")
    finally:
        _forget("outgrow-nb-text")


def _forget(name: str) -> None:
    webbrowser._tryorder.remove(name)  # type: ignore[attr-defined]  # the library has no way to unregister
    del webbrowser._browsers[name]  # type: ignore[attr-defined]


def test_a_console_without_select() -> None:
    """Windows: lines come from a thread."""
    listen = terminal._from_a_thread(io.StringIO("first\n\nsecond\n"))
    assert [listen(2), listen(2), listen(2), listen(0.05)] == ["first", None, "second", None]
