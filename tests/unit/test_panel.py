"""The sign-in panel: what is drawn in each state, and what a click does. Real widgets, no kernel, no browser."""

import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ipywidgets
import pytest

from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import Held, MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.status import State, Status
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, SignInExpired
from outgrow_nb.notebook import view
from outgrow_nb.notebook.environment import Place
from outgrow_nb.notebook.panel import Panel
from tests.person import decide, follow
from tests.wire.sandbox_fixtures import Sandbox

HERE = Place("this computer")
COLAB = Place("Google Colab", remote=True, shared=True)
APP = Config(client_id="app-1", base_url="https://outgrow.example")
GOOD_KEY = "KEY-CANARY-good"


def check_key(config: Config, key: Secret) -> Sequence[str]:
    """Stands for Outgrow, as `Completion` takes it by argument: one key is good, one finds a bug."""
    if key.reveal() == "KEY-CANARY-bug":
        raise ZeroDivisionError("KEY-CANARY-bug")
    if key.reveal() != GOOD_KEY:
        raise SignInExpired("refused")
    return ["1", "2"]


@dataclass
class Drawn:
    """A panel, and the eyes and hands of a person."""

    desk: Desk
    panel: Panel

    @property
    def boxes(self) -> list[Any]:
        def walk(widget: Any) -> Iterator[Any]:
            yield widget
            for child in getattr(widget, "children", ()):
                yield from walk(child)

        return list(walk(self.panel._frame))

    def of(self, kind: type) -> list[Any]:
        return [box for box in self.boxes if isinstance(box, kind)]

    @property
    def buttons(self) -> list[str]:
        return [button.description for button in self.of(ipywidgets.Button)]

    @property
    def passwords(self) -> list[Any]:
        return self.of(ipywidgets.Password)

    @property
    def html(self) -> str:
        return "".join(box.value for box in self.of(ipywidgets.HTML))

    @property
    def line(self) -> str:
        """The message, as read."""
        found = re.search(r'role="status">(.*?)</div>', self.html, re.DOTALL)
        assert found is not None
        return re.sub(r"<[^>]+>", "", found[1]).replace("&#x27;", "'").replace("&gt;", ">").replace("&amp;", "&")

    @property
    def links(self) -> list[str]:
        return re.findall(r'href="([^"]*)"', self.html)

    def click(self, description: str) -> None:
        button = next(button for button in self.of(ipywidgets.Button) if button.description == description)
        button.click()

    def type(self, text: str, button: str) -> None:
        self.passwords[0].value = text
        self.click(button)


@pytest.fixture
def draw() -> Iterator[Callable[..., Drawn]]:
    """Draws a panel; its listener is closed afterwards."""
    drawn: list[Drawn] = []

    def make(config: Config = APP, place: Place = HERE, cache: MemoryCache | None = None) -> Drawn:
        desk: Desk

        def ask(reason: Exception) -> None:
            raise reason

        credentials = Credentials(profile="default", config=config, cache=cache or MemoryCache(), ask=ask)
        completion = Completion(
            credentials, identify=lambda _config, _token: None, check_key=check_key, permit=lambda _source: None
        )
        desk = Desk(completion, before_open=lambda _desk: None, remote=place.remote)
        made = Drawn(desk, Panel(desk, place))
        drawn.append(made)
        return made

    yield make
    for made in drawn:
        made.desk.close()


def test_ready(draw: Callable[..., Drawn]) -> None:
    """Ready: a link that opens a new tab, the paste box, who asks, and the ways out of it."""
    drawn = draw()
    (link,) = drawn.links
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/go/[\w-]{20,}", link)
    assert 'target="_blank" rel="noopener noreferrer"' in drawn.html
    assert drawn.line == messages.READY
    assert f"asking: outgrow-nb on {socket.gethostname()}" in drawn.html
    assert messages.ONLY_YOURS in drawn.html
    assert drawn.buttons == ["Submit", "Use an API key instead", "Start again"]


def test_ready_on_another_computer(draw: Callable[..., Drawn]) -> None:
    """A remote kernel: the link is Outgrow's own address, since the browser cannot reach the kernel."""
    drawn = draw(place=COLAB)
    (link,) = drawn.links
    assert link.startswith("https://outgrow.example/oauth/authorize?")
    assert drawn.line == messages.READY_REMOTE


def test_key_first_without_client_id(draw: Callable[..., Drawn]) -> None:
    """Without an application the key box stands alone, with the words that say where the key is."""
    drawn = draw(Config())
    assert drawn.line == messages.READY_KEY
    assert drawn.links == []
    assert "Connect to Outgrow" in drawn.html
    assert drawn.buttons == ["Connect"]
    assert [box.placeholder for box in drawn.passwords] == ["Outgrow API key"]


def test_a_bare_code_is_asked_for_only_where_it_is_safe(draw: Callable[..., Drawn]) -> None:
    """L27: the box asks for the whole address, unless PKCE is known to be enforced."""
    assert draw().passwords[0].placeholder == "The page's whole address"
    enforced = Config(client_id="app-1", base_url="https://outgrow.example", pkce_enforced=True)
    assert draw(enforced).passwords[0].placeholder == "The code, or the page's whole address"


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        (Status(State.EXCHANGING, messages.EXCHANGING), ["Submit", "Use an API key instead", "Start again"]),
        (Status(State.DECLINED, messages.DECLINED), ["Submit", "Use an API key instead", "Start again"]),
        (Status(State.FAILED, messages.USED_CODE), ["Submit", "Use an API key instead", "Start again"]),
        (Status(State.SIGNED_IN, "Signed in to Outgrow as ana"), ["Switch account", "Sign out"]),
        (Status(State.ADOPTED, "Signed in from another notebook as ana."), ["Switch account", "Sign out"]),
        (Status(State.TIMED_OUT, messages.TIMED_OUT), ["Start again"]),
        (Status(State.CANCELLED, messages.CANCELLED), ["Start again"]),
    ],
    ids=lambda value: value.state.value if isinstance(value, Status) else "",
)
def test_every_state(draw: Callable[..., Drawn], status: Status, buttons: list[str]) -> None:
    """Each state shows its one message and its ways on; a final one shows no link (L26)."""
    drawn = draw()
    drawn.panel.signin._end(status) if status.final else drawn.panel.signin._say(status)
    assert drawn.line == status.text
    assert drawn.buttons == buttons
    assert len(drawn.links) == (0 if status.final else 1)
    for box in drawn.passwords:
        assert box.disabled is (status.state is State.EXCHANGING)


def test_foreign_words_are_escaped(draw: Callable[..., Drawn]) -> None:
    """X01: what a server said is text, not HTML."""
    drawn = draw()
    drawn.panel.signin._say(Status(State.FAILED, "<img src=x onerror=alert(1)>"))
    assert "<img" not in drawn.html
    assert "&lt;img" in drawn.html


def test_blocked_port_draws_no_link(draw: Callable[..., Drawn]) -> None:
    """L21: a registered port in other hands: no address at all, the way out in words; Start again when it is free."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        drawn = draw(Config(client_id="app-1", redirect_uri=f"http://127.0.0.1:{port}/callback"))
        assert drawn.links == []
        assert "authorize" not in drawn.html
        assert drawn.line == messages.port_taken(port)
        assert drawn.buttons == ["Start again"]
        drawn.click("Start again")
        assert drawn.links == []
    drawn.click("Start again")
    assert drawn.links[0].startswith(f"http://127.0.0.1:{port}/go/")


def test_pasted_text_stays_nowhere(draw: Callable[..., Drawn]) -> None:
    """S09: the box is emptied before the text is used, never echoed, and no widget state holds it afterwards."""
    drawn = draw()
    box = drawn.passwords[0]
    assert box.trait_metadata("value", "echo_update") is False
    held: list[str] = []
    drawn.panel.signin.watch(lambda _status: held.append(box.value))
    drawn.type("http://127.0.0.1:1/callback?code=CODE-CANARY&state=STATE-CANARY", "Submit")
    assert drawn.line == messages.OLD_TAB
    assert held == [""]
    saved = str(ipywidgets.Widget.get_manager_state())  # what nbclient writes into a notebook
    assert "PasswordModel" in saved
    assert "CANARY" not in saved


def test_enter_submits(draw: Callable[..., Drawn]) -> None:
    """Enter in a box does what its button does."""
    drawn = draw()
    box = drawn.passwords[0]
    box.value = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."
    box._handle_custom_msg({"event": "submit"}, [])
    assert drawn.line == messages.NOT_FOR_HERE
    assert box.value == ""
    box._handle_custom_msg({"event": "something else"}, [])
    drawn.click("Use an API key instead")
    drawn.passwords[0].value = GOOD_KEY
    drawn.passwords[0]._handle_custom_msg({"event": "submit"}, [])
    assert drawn.line.startswith("Connected with an API key")


def test_an_empty_submit_does_nothing(draw: Callable[..., Drawn]) -> None:
    """A click on Submit with nothing typed leaves the message as it is."""
    drawn = draw()
    drawn.click("Submit")
    assert drawn.line == messages.READY


def test_to_the_key_and_back(draw: Callable[..., Drawn]) -> None:
    """The key box takes the paste box's place and gives it back; the sign-in goes on listening all the while."""
    drawn = draw()
    link = drawn.links
    drawn.click("Use an API key instead")
    assert drawn.line == messages.READY_KEY
    assert drawn.buttons == ["Connect", "Sign in instead", "Start again"]
    assert drawn.links == link
    drawn.click("Sign in instead")
    assert drawn.line == messages.READY
    assert drawn.buttons == ["Submit", "Use an API key instead", "Start again"]


def test_a_key_is_checked_and_kept(draw: Callable[..., Drawn]) -> None:
    """A refused key says so and asks again; a good one, spaces and all, connects and is kept."""
    drawn = draw(Config())
    drawn.type("KEY-CANARY-wrong", "Connect")
    assert drawn.line == messages.KEY_REFUSED
    drawn.type(f" {GOOD_KEY[:5]} {GOOD_KEY[5:]}\n", "Connect")
    assert drawn.line.startswith("Connected with an API key · 2 contents")
    assert drawn.buttons == ["Switch account", "Sign out"]
    kept = drawn.desk.credentials.cache.read("default")
    assert kept is not None
    assert kept.api_key == Secret(GOOD_KEY)


def test_a_bug_in_a_check_is_told(draw: Callable[..., Drawn]) -> None:
    """An unforeseen error in a check stands in the panel by its name alone, and Start again works."""
    drawn = draw()
    drawn.click("Use an API key instead")
    drawn.type("KEY-CANARY-bug", "Connect")
    assert drawn.line == messages.unexpected("ZeroDivisionError")
    assert "CANARY" not in drawn.html
    drawn.click("Start again")
    assert drawn.line == messages.READY


class Failing(MemoryCache):
    """A cache that nobody can lock any more."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.later = error

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        if self.error is not None:
            raise self.error
        with super().exclusive(profile) as held:
            yield held


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (CacheError("The place is gone.", "Free it."), "The place is gone. Free it."),
        (
            ZeroDivisionError("CANARY"),
            "Something went wrong (ZeroDivisionError). Click Start again, or run the cell again.",
        ),
    ],
)
def test_an_error_in_a_click_is_shown(draw: Callable[..., Drawn], error: Exception, shown: str) -> None:
    """A click never raises at the reader: our errors are shown in their words, others by their name."""
    cache = Failing(error)
    drawn = draw(Config(), cache=cache)
    drawn.type(GOOD_KEY, "Connect")
    cache.error = cache.later
    for button in ("Sign out", "Switch account"):
        drawn.click(button)
        assert drawn.line == shown
        assert "CANARY" not in drawn.html


def test_a_late_start_again(draw: Callable[..., Drawn]) -> None:
    """A click on Start again that arrives after the sign-in changes nothing."""
    drawn = draw()
    drawn.click("Use an API key instead")
    again = next(button for button in drawn.of(ipywidgets.Button) if button.description == "Start again")
    drawn.type(GOOD_KEY, "Connect")
    said = drawn.line
    again.click()
    assert drawn.line == said
    assert drawn.desk.credentials.signed_in


def test_start_again(draw: Callable[..., Drawn]) -> None:
    """Start again draws a new link, and the old one is dead."""
    drawn = draw()
    before = drawn.links
    old = drawn.panel.signin
    drawn.click("Start again")
    assert old.status.state is State.CANCELLED
    assert drawn.links != before
    assert drawn.line == messages.READY
    old._say(Status(State.FAILED, "late"))
    assert drawn.line == messages.READY


@pytest.mark.parametrize(("place", "kept"), [(HERE, True), (COLAB, False)])
def test_keep_on_this_computer(draw: Callable[..., Drawn], place: Place, kept: bool) -> None:
    """A02: off on shared places, where nothing is saved then; the person may change it."""
    drawn = draw(Config(), place)
    (keep,) = drawn.of(ipywidgets.Checkbox)
    assert keep.value is kept
    drawn.type(GOOD_KEY, "Connect")
    assert drawn.line.startswith("Connected with an API key · 2 contents")
    assert (drawn.desk.credentials.cache.read("default") is not None) is kept
    assert drawn.desk.credentials.signed_in
    other = draw(Config(), place)
    (keep,) = other.of(ipywidgets.Checkbox)
    keep.value = not kept
    other.type(GOOD_KEY, "Connect")
    assert (other.desk.credentials.cache.read("default") is not None) is not kept


def test_sign_out_of_a_key_says_that_it_works_on(draw: Callable[..., Drawn]) -> None:
    """A01: signing out forgets the key here, and says that Outgrow still takes it."""
    drawn = draw(Config())
    drawn.type(GOOD_KEY, "Connect")
    drawn.click("Sign out")
    assert drawn.line == f"{messages.SIGNED_OUT} The API key itself still works: make a new one in Outgrow to end it."
    assert drawn.buttons == []
    assert drawn.desk.credentials.cache.read("default") is None
    assert not drawn.desk.credentials.signed_in


def test_switch_account(draw: Callable[..., Drawn]) -> None:
    """Switch account forgets this one and asks anew."""
    drawn = draw(Config())
    drawn.type(GOOD_KEY, "Connect")
    drawn.click("Switch account")
    assert drawn.line == messages.READY_KEY
    assert drawn.buttons == ["Connect"]
    assert not drawn.desk.credentials.signed_in


def test_waiting_disables_the_boxes(draw: Callable[..., Drawn]) -> None:
    """While a cell waits, typing goes into that cell's box: the panel's own are off and the message says so."""
    drawn = draw()
    drawn.panel.waiting(True)
    assert drawn.line == messages.WAITING_BELOW
    assert all(box.disabled for box in drawn.passwords)
    drawn.panel.waiting(False)
    assert drawn.line == messages.READY
    assert not any(box.disabled for box in drawn.passwords)
    by_key = draw(Config())
    by_key.panel.waiting(True)
    assert by_key.line == messages.WAITING_BELOW_KEY


def test_what_a_notebook_saves(draw: Callable[..., Drawn], capsys: pytest.CaptureFixture[str]) -> None:
    """The saved texts of the panel hold no address: an html fallback with the way on, and a repr of one line."""
    drawn = draw()
    bundle = drawn.panel._frame._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/html"] == view.FALLBACK
    assert data["text/plain"] == repr(drawn.panel._frame) == view.FALLBACK_TEXT
    assert "://" not in str({name: value for name, value in data.items() if name.startswith("text/")})
    assert len(repr(drawn.panel._frame)) <= 110
    drawn.panel.show()
    assert capsys.readouterr().out == view.FALLBACK_TEXT + "\n"


def test_signed_in_through_the_listener(draw: Callable[..., Drawn], sandbox: Sandbox) -> None:
    """The whole way with a server: the link, Allow, and the panel says who; Sign out gives the access back."""
    config = Config(client_id=sandbox.client_id, client_secret=sandbox.client_secret, base_url=sandbox.base_url)
    drawn = draw(config)
    done = threading.Event()
    drawn.panel.signin.watch(lambda status: done.set() if status.final else None)
    page = follow(decide(drawn.links[0]))
    assert "You&#x27;re signed in" in page.text
    assert done.wait(10)
    assert drawn.line.startswith("Signed in to Outgrow as an Outgrow account")
    assert drawn.buttons == ["Switch account", "Sign out"]
    drawn.click("Sign out")
    assert drawn.line == messages.SIGNED_OUT
    assert sandbox.stats()["requests"]["POST /oauth/revoke"] == 2


def test_sign_out_that_outgrow_does_not_confirm(draw: Callable[..., Drawn], sandbox: Sandbox) -> None:
    """O02: forgotten here all the same, and the panel says that the access may live on."""
    config = Config(client_id=sandbox.client_id, client_secret=sandbox.client_secret, base_url=sandbox.base_url)
    drawn = draw(config)
    drawn.type(decide(sandbox_link(drawn)), "Submit")
    sandbox.control(status="503@/oauth/revoke")
    drawn.click("Sign out")
    assert drawn.line == messages.SIGNED_OUT_HERE
    assert not drawn.desk.credentials.signed_in


def test_the_listeners_page_pasted(draw: Callable[..., Drawn]) -> None:
    """A pasted `/go/` address: the browser is elsewhere, so the panel gives Outgrow's own address."""
    drawn = draw()
    drawn.type(drawn.links[0], "Submit")
    assert drawn.line.startswith(messages.kernel_elsewhere())
    assert drawn.links[-1].startswith("https://outgrow.example/oauth/authorize?")


def sandbox_link(drawn: Drawn) -> str:
    return drawn.panel.signin.authorization_address().reveal()
