"""The panel's words as HTML: every foreign word escaped (X01), every message announced, nothing secret kept."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.config import Config, Secret
from outgrow_nb.notebook import view

APP = {"client_id": "app", "base_url": "https://outgrow.example"}


@pytest.fixture
def begin() -> Iterator[Callable[..., SignIn]]:
    begun: list[SignIn] = []

    def sign_in(*, remote: bool = False, **settings: Any) -> SignIn:
        begun.append(SignIn(config=Config(**settings), on_token=lambda token: "", on_key=lambda key: "", remote=remote))
        return begun[-1]

    yield sign_in
    for one in begun:
        one.cancel()


class Tags(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._style = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._style else data


def test_the_button_is_a_link(begin: Callable[..., SignIn]) -> None:
    """It opens in a new tab, tells the page nothing of the notebook, and stays readable when hovered."""
    signin = begin(**APP)
    found = Tags(view.head(signin, "outgrow-nb on HOST"))
    (link,) = [attributes for tag, attributes in found.tags if tag == "a"]
    assert signin.link is not None
    assert link["href"] == signin.link.reveal()
    assert (link["target"], link["rel"], link["style"]) == ("_blank", "noopener noreferrer", "color:#fff")
    assert "asking: outgrow-nb on HOST" in found.text
    assert not [tag for tag, _ in found.tags if tag == "script"]


def test_the_address_of_a_remote_link_is_escaped(begin: Callable[..., SignIn]) -> None:
    """Every character of the address comes through as itself."""
    signin = begin(remote=True, **APP, scope='a&b "c" <d>')
    (link,) = [attributes for tag, attributes in Tags(view.head(signin, "me")).tags if tag == "a"]
    assert signin.link is not None
    assert link["href"] == signin.link.reveal()


def test_the_key_stands_first_without_an_application(begin: Callable[..., SignIn]) -> None:
    """A title instead of a button; after the end nobody asks any more."""
    signin = begin()
    assert "Connect to Outgrow" in view.head(signin, "me")
    assert "<a" not in view.head(signin, "me")
    signin.time_out()
    assert "asking" not in view.head(signin, "me")


@example("<img src=x onerror=alert(1)>", State.FAILED)
@example("</div><script>alert(1)</script>", State.READY)
@given(st.text(st.characters() | st.sampled_from("<>&\"'`/="), max_size=100), st.sampled_from(list(State)))
def test_x01_any_words(text: str, state: State) -> None:
    """Whatever a server said is text, never markup but the few marks of our own."""
    found = Tags(view.line(Status(state, text)))
    assert {tag for tag, _ in found.tags} <= {"style", "div", "b", "code"}
    assert [attributes.get("role") for tag, attributes in found.tags if tag == "div"] == ["status"]
    assert found.text == re.sub(r"`(\w+)`", r"\1", text)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.SIGNED_IN, "good"),
        (State.ADOPTED, "good"),
        (State.FAILED, "bad"),
        (State.DECLINED, "bad"),
        (State.BLOCKED, "bad"),
        (State.TIMED_OUT, "bad"),
        (State.READY, ""),
        (State.EXCHANGING, ""),
        (State.CANCELLED, ""),
    ],
)
def test_every_state_has_its_colour(state: State, kind: str) -> None:
    """Good news green, bad news red."""
    (line,) = [attributes for tag, attributes in Tags(view.line(Status(state, "x"))).tags if tag == "div"]
    assert (line["class"] or "").split() == ["outgrow-nb-status", *([kind] if kind else [])]


def test_while_a_cell_waits() -> None:
    """The line sends to the cell's box, by what stands first; other messages stay."""
    ready = Status(State.READY, messages.READY)
    assert Tags(view.line(ready, waiting=True)).text == messages.WAITING_BELOW
    assert Tags(view.line(ready, waiting=True, key_first=True)).text == messages.WAITING_BELOW_KEY
    ended = view.line(ready, waiting=True, because=messages.ENDED[0])
    assert Tags(ended).text == f"{messages.ENDED[0]} {messages.WAITING_BELOW}"
    failed = Status(State.FAILED, messages.OLD_TAB)
    assert Tags(view.line(failed, waiting=True)).text == messages.OLD_TAB


def test_marks_and_an_address() -> None:
    """The button's name is bold, `code` is code, an address is a link that can be selected."""
    status = Status(State.READY, f"{messages.READY} The `code`.", Secret("https://outgrow.example/?a=1&b=<"))
    shown = view.line(status)
    assert "<b>Sign in to Outgrow</b>" in shown
    assert "<code>code</code>" in shown
    (link,) = [attributes for tag, attributes in Tags(shown).tags if tag == "a"]
    assert link["href"] == "https://outgrow.example/?a=1&b=<"


def test_s05_what_is_saved() -> None:
    """Static text: escaped, without a link, and the same in plain text."""
    saved = view.saved("Signed in as <ana> & co.")
    found = Tags(saved["text/html"])
    assert {tag for tag, _ in found.tags} <= {"div", "span", "br"}
    assert "Signed in as <ana> & co." in found.text
    assert messages.SAVED_TEXT in found.text
    assert saved["text/plain"] == f"Signed in as <ana> & co.\n{messages.SAVED_TEXT}"
