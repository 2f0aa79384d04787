"""The tries of one sign-in: PKCE, states, cookies, issuers (L10, L11, L18, L25, L26)."""

import base64
import hashlib
import threading
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.attempts import MOST, Attempt, Attempts, begin, cookie_name
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ConfigError

CONFIG = Config(client_id="nb")
REDIRECT = "http://127.0.0.1:43123/callback"


def made(*, cookie: str | None = None) -> Attempt:
    return begin(CONFIG, REDIRECT, cookie=Secret(cookie) if cookie else None)


def asked(attempt: Attempt) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(attempt.url.reveal()).query).items()}


def test_the_authorization_url() -> None:
    """L11: the address asks for a code with an S256 challenge of this attempt's verifier, and its state."""
    attempt = begin(replace(CONFIG, scope="read leads"), REDIRECT)
    verifier = attempt.verifier.reveal()
    digest = hashlib.sha256(verifier.encode()).digest()
    assert attempt.url.reveal().startswith("https://app.outgrow.co/oauth/authorize?")
    assert asked(attempt) == {
        "response_type": "code",
        "client_id": "nb",
        "redirect_uri": REDIRECT,
        "scope": "read leads",
        "state": attempt.state.reveal(),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert verifier not in attempt.url.reveal()
    assert attempt.token_endpoint == "https://app.outgrow.co/oauth/token"


def test_every_attempt_is_fresh() -> None:
    """L11: verifiers have 43 to 128 unreserved characters; no verifier or state comes twice."""
    attempts = [made() for _ in range(50)]
    unreserved = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    assert all(43 <= len(attempt.verifier.reveal()) <= 128 for attempt in attempts)
    assert all(set(attempt.verifier.reveal()) <= unreserved for attempt in attempts)
    assert all(len(attempt.state.reveal()) >= 32 for attempt in attempts)
    assert len({attempt.verifier for attempt in attempts}) == len({attempt.state for attempt in attempts}) == 50


def test_plain_http_stays_on_this_computer() -> None:
    """The sandbox's plain address is kept as it is, with what it already asks."""
    attempt = begin(replace(CONFIG, authorize_url="http://127.0.0.1:8000/authorize?tenant=1"), REDIRECT)
    assert attempt.url.reveal().startswith("http://127.0.0.1:8000/authorize?tenant=1&")
    assert asked(attempt)["tenant"] == "1"


def test_nobody_to_sign_in_as() -> None:
    """Without a client id no address is made, and the error says what to set."""
    with pytest.raises(ConfigError, match="OUTGROW_CLIENT_ID"):
        begin(Config(), REDIRECT)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//evil.example/authorize",
        "http://evil.example/authorize",
        "https://ana:pw@evil.example/",
        "https://app.outgrow.co\\@evil.example/",
        "https://app.outgrow.co/\n",
        "https://[",
        "https://app.outgrow.co:0/",
        "https:///authorize",
        "",
    ],
)
def test_hostile_authorization_urls(url: str) -> None:
    """L18: an address that is no https one never becomes a Config, so never a link."""
    with pytest.raises(ConfigError, match="authorize_url"):
        Config(client_id="nb", authorize_url=url)


def test_nothing_secret_is_shown() -> None:
    """L19: an attempt's repr holds neither state, verifier, address nor cookie."""
    attempt = made(cookie="c00kie-value")
    shown = repr(attempt)
    for secret in (attempt.state, attempt.verifier, attempt.url, Secret("c00kie-value")):
        assert secret.reveal() not in shown
    assert attempt.state.reveal() not in cookie_name(attempt)


def test_an_unconfigured_issuer() -> None:
    """L10: not advertised, it may be absent; named, it must be the base address."""
    attempt = made()
    assert attempt.accepts_issuer(None)
    assert attempt.accepts_issuer("https://app.outgrow.co")
    assert attempt.accepts_issuer("https://app.outgrow.co/")
    assert not attempt.accepts_issuer("https://evil.example")
    assert not attempt.accepts_issuer("")


def test_a_configured_issuer() -> None:
    """L10: once configured it must be named, and be that very one."""
    attempt = begin(replace(CONFIG, issuer="https://login.outgrow.co"), REDIRECT)
    assert attempt.accepts_issuer("https://login.outgrow.co")
    assert not attempt.accepts_issuer(None)
    assert not attempt.accepts_issuer("https://app.outgrow.co")
    assert not attempt.accepts_issuer("https://login.outgrow.co.evil.example")


@given(text=st.text() | st.text(st.sampled_from("\ud800\udfffa")))
def test_answers_of_any_text(text: str) -> None:
    """L03, L10: a pasted state, issuer or cookie of any characters is refused, not a crash."""
    attempts = Attempts()
    attempt = attempts.add(made(cookie="right"))
    assert not attempt.accepts_issuer(text)
    assert attempts.take(text, None) is None
    assert attempts.take(attempt.state.reveal(), {cookie_name(attempt): text}) is None


def test_each_is_taken_once() -> None:
    """A state is answered once; a wrong or empty one takes nothing away."""
    attempts = Attempts()
    first, second = attempts.add(made()), attempts.add(made())
    assert attempts.newest() is second
    assert attempts.take("wrong", None) is None
    assert attempts.take("", {}) is None
    assert attempts.take(first.state.reveal(), None) is first
    assert attempts.take(first.state.reveal(), None) is None
    assert attempts.take(second.state.reveal(), None) is second
    assert attempts.newest() is None


def test_taken_once_by_many_threads() -> None:
    """Of eight threads that bring the same state at once, one gets the attempt."""
    attempts = Attempts()
    attempt = attempts.add(made())
    start, taken = threading.Barrier(8), []

    def take() -> None:
        start.wait()
        taken.append(attempts.take(attempt.state.reveal(), None))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(None) == 7
    assert attempt in taken


def test_the_cookie_is_needed() -> None:
    """L25: a callback without its attempt's cookie, or with another's, is refused and uses nothing up."""
    attempts = Attempts()
    attempt, other = attempts.add(made(cookie="right")), made(cookie="right")
    state, name = attempt.state.reveal(), cookie_name(attempt)
    assert attempts.take(state, {}) is None
    assert attempts.take(state, {name: "wrong"}) is None
    assert attempts.take(state, {cookie_name(other): "right"}) is None
    assert attempts.take(state, {name: "right", "another": "x"}) is attempt


def test_a_paste_needs_no_cookie() -> None:
    """L25: the person who pastes vouches; a link without a cookie is answered without one."""
    attempts = Attempts()
    with_cookie, without = attempts.add(made(cookie="right")), attempts.add(made())
    assert attempts.take(with_cookie.state.reveal(), None) is with_cookie
    assert attempts.take(without.state.reveal(), {}) is without


def test_eight_at_most() -> None:
    """L26: the ninth attempt takes the place of the oldest."""
    attempts = Attempts()
    added = [attempts.add(made()) for _ in range(MOST + 2)]
    assert MOST == 8
    assert attempts.newest() is added[-1]
    found = [attempts.take(attempt.state.reveal(), None) for attempt in added]
    assert found == [None, None, *added[2:]]


def test_the_drawn_link_stays() -> None:
    """L26: the attempt whose link stands in the notebook is never the one that makes room."""
    attempts = Attempts()
    drawn = attempts.add(made())
    others = [attempts.add(made(), keep=drawn) for _ in range(3 * MOST)]
    assert attempts.take(drawn.state.reveal(), None) is drawn
    assert attempts.take(others[-MOST].state.reveal(), None) is None
    assert attempts.take(others[-MOST + 1].state.reveal(), None) is others[-MOST + 1]


def test_cleared() -> None:
    """After the end of a sign-in no state is answered."""
    attempts = Attempts()
    attempt = attempts.add(made())
    attempts.clear()
    assert attempts.newest() is None
    assert attempts.take(attempt.state.reveal(), None) is None
