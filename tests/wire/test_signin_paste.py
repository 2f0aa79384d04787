"""One sign-in against the real sandbox: what a person pastes or types, right or wrong."""

import re

import pytest

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.config import Config, Secret
from tests import person
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.signin_support import Ends, a_sign_in, begin, config_of, link, what_it_ends_with

ends = pytest.fixture(what_it_ends_with)
signin = pytest.fixture(a_sign_in)


def test_l16_paste_of_the_dead_address(signin: SignIn, ends: Ends) -> None:
    """The whole address, wrapped and broken as mail programs do, signs in."""
    right = person.decide(link(signin))
    assert "code=" not in f"{signin!r} {vars(signin)!r}"
    assert signin.paste(f' "<{right[:40]}\n{right[40:]}>" ').state is State.SIGNED_IN
    assert len(ends.tokens) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two words", "doesn't look like a code"),
        ("https://example.com/nothing", "doesn't look like a code"),
        ("?code=abcdef&state=other", messages.OLD_TAB),
        ("http://127.0.0.1:9/callback?code=abcdef&state=other", messages.OLD_TAB),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", messages.NOT_FOR_HERE),
        ("the-saved-key", messages.NOT_FOR_HERE),
        ("   ", "doesn't look like a code"),
    ],
)
def test_l16_wrong_pastes(sandbox: Sandbox, ends: Ends, text: str, message: str) -> None:
    """Each wrong paste gets its hint, without a word of it, and is kept nowhere; the next one may be right."""
    signin = begin(config_of(sandbox), ends, known=(Secret("the-saved-key"),))
    status = signin.paste(text)
    assert message in status.text
    words = [word for word in re.split(r"\s", text) if len(word) > 3]
    assert not [word for word in words if word in f"{status.text} {signin!r} {vars(signin)!r}"]
    assert "POST /oauth/token" not in sandbox.stats()["requests"]
    assert signin.paste(person.decide(link(signin))).state is State.SIGNED_IN


def test_l16_the_sign_in_pages_own_address(signin: SignIn) -> None:
    """The authorization address itself is recognized."""
    address = signin.authorization_address().reveal()
    assert signin.paste(address).text == messages.OWN_ADDRESS


def test_a_pasted_go_link_means_another_computer(signin: SignIn) -> None:
    """Correction 5: the authorization address is given, and what follows it is taken."""
    status = signin.paste(link(signin))
    assert status.text == messages.kernel_elsewhere()
    assert status.address is not None
    assert signin.paste(person.decide(status.address.reveal())).state is State.SIGNED_IN


def test_l27_a_bare_code_needs_enforced_pkce(sandbox: Sandbox, ends: Ends, signin: SignIn) -> None:
    """Where PKCE is not known to be enforced the whole address is asked for; where it is, the code is enough."""
    careful = begin(config_of(sandbox), ends)
    assert careful.paste("a-bare-code").text == messages.USE_LINK_FIRST
    code = re.search(r"code=([^&]+)", person.decide(link(careful)))
    assert code is not None
    assert careful.paste(code[1]).text == messages.whole_address(careful.redirect_uri)
    careful.cancel()
    code = re.search(r"code=([^&]+)", person.decide(link(signin)))
    assert code is not None
    assert signin.paste(code[1]).state is State.SIGNED_IN


def test_a_remote_kernel_draws_the_address_itself(sandbox: Sandbox, ends: Ends) -> None:
    """The link is the provider's address and survives many other tries; a redirect elsewhere leaves the paste alone."""
    signin = begin(config_of(sandbox), ends, remote=True)
    drawn = link(signin)
    assert drawn.startswith(sandbox.base_url)
    for _ in range(12):
        signin.authorization_address()
    assert signin.paste(person.decide(drawn)).state is State.SIGNED_IN
    elsewhere = begin(config_of(sandbox, redirect_uri="https://notebooks.example.com/callback"), ends)
    assert elsewhere.status.text == messages.READY_REMOTE
    assert elsewhere.redirect_uri == "https://notebooks.example.com/callback"
    elsewhere.time_out()
    assert elsewhere.status == Status(State.TIMED_OUT, messages.TIMED_OUT)


@pytest.mark.parametrize("how", ["declined", "a wrong code"])
def test_a_remote_link_is_renewed_once_its_try_is_used(sandbox: Sandbox, ends: Ends, how: str) -> None:
    """Whoever watches sees a new link with the outcome; it signs in, and the used one's answer is an earlier try."""
    signin = begin(config_of(sandbox, pkce_enforced=True), ends, remote=True)
    seen: list[tuple[State, str]] = []
    signin.watch(lambda status: seen.append((status.state, link(signin) if not status.final else "")))
    first = link(signin)
    late = person.decide(first)
    signin.paste(person.decide(first, "Deny") if how == "declined" else "not-the-right-code")
    state, renewed = seen[-1]
    assert state is (State.DECLINED if how == "declined" else State.FAILED)
    assert renewed != first
    assert signin.paste(late).text == messages.OLD_TAB
    assert link(signin) == renewed, "an earlier try uses nothing up"
    assert signin.paste(person.decide(renewed)).state is State.SIGNED_IN
    assert len(ends.tokens) == 1


def test_a_key(ends: Ends) -> None:
    """Without an application the key stands first: blanks do not matter, a refused one may be typed again."""
    signin = begin(Config(), ends)
    assert signin.key_first
    assert signin.status.text == messages.READY_KEY
    assert signin.link is None
    assert signin.key("").text == messages.READY_KEY
    assert signin.key("not/a key").text == messages.KEY_REFUSED
    assert signin.key("refused-key").text == messages.KEY_REFUSED
    assert signin.key(" a good\nkey ").state is State.SIGNED_IN
    assert ends.keys == [Secret("agoodkey")]
    assert signin.key("another").state is State.SIGNED_IN
    assert len(ends.keys) == 1
