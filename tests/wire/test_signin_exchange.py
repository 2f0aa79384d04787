"""One sign-in's answer and code: whose they must be, what PKCE does for them, and what a failing exchange says."""

import base64
import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.config import Config
from tests import person
from tests.helpers_auth import CLIENT_SECRET, CODE, TokenEndpoint, pair, says, token_endpoint
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.signin_support import Ends, a_sign_in, begin, config_of, link, what_it_ends_with

ends = pytest.fixture(what_it_ends_with)
signin = pytest.fixture(a_sign_in)
endpoint = pytest.fixture(token_endpoint)


@pytest.fixture
def scripted(endpoint: TokenEndpoint, ends: Ends) -> Iterator[SignIn]:
    """A sign-in whose token endpoint answers as told."""
    made = begin(Config(client_id="app", client_secret=CLIENT_SECRET, base_url=endpoint.url), ends)
    yield made
    made.cancel()


def asked(signin: SignIn) -> dict[str, str]:
    """What a new try asks the provider for."""
    return dict(parse_qsl(urlsplit(signin.authorization_address().reveal()).query))


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def test_l11_pkce(scripted: SignIn, endpoint: TokenEndpoint) -> None:
    """S256 of a verifier of 43 to 128 characters; verifier and state are new at every try."""
    endpoint.answers = [says({"error": "invalid_grant"}, 400)]
    tries = [asked(scripted) for _ in range(5)]
    for one in tries:
        scripted.paste(f"?code={CODE}&state={one['state']}")
    verifiers = [body["code_verifier"] for body in endpoint.bodies]
    assert [s256(verifier) for verifier in verifiers] == [one["code_challenge"] for one in tries]
    assert {one["code_challenge_method"] for one in tries} == {"S256"}
    assert all(re.fullmatch(r"[\w.~-]{43,128}", verifier) for verifier in verifiers)
    assert len(set(verifiers)) == len({one["state"] for one in tries}) == 5


def test_l12_a_server_that_compares_plainly(scripted: SignIn, endpoint: TokenEndpoint, ends: Ends) -> None:
    """It takes the challenge for the verifier: ours is another, so the exchange is refused and nothing is stored."""
    one = asked(scripted)

    def plain(handler: Any) -> None:
        same = endpoint.bodies[-1]["code_verifier"] == one["code_challenge"]
        says(*((pair(), 200) if same else ({"error": "invalid_grant"}, 400)))(handler)

    endpoint.answers = [plain]
    assert scripted.paste(f"?code={CODE}&state={one['state']}") == Status(State.FAILED, messages.USED_CODE)
    assert ends.tokens == []


def test_l12_a_server_that_refuses_s256(scripted: SignIn, endpoint: TokenEndpoint, ends: Ends) -> None:
    """RFC 7636 section 4.4.1: its refusal is told, no code is exchanged, and the next try asks for S256 again."""
    words = quote("transform algorithm not supported")
    text = scripted.paste(f"?error=invalid_request&error_description={words}&state={asked(scripted)['state']}").text
    assert "transform algorithm not supported" in text
    assert (endpoint.bodies, ends.tokens) == ([], [])
    assert asked(scripted)["code_challenge_method"] == "S256"


def pasted(signin: SignIn, wanted: str, right: str) -> None:
    signin.paste(wanted)


def followed(signin: SignIn, wanted: str, right: str) -> None:
    person.person_cookies[wanted] = person.person_cookies.pop(right)
    person.follow(wanted)


@pytest.mark.parametrize("come", [pasted, followed])
def test_l13_a_code_of_another_session(
    sandbox: Sandbox, signin: SignIn, ends: Ends, come: Callable[[SignIn, str, str], None]
) -> None:
    """Put into the right answer: the exchange fails for want of its verifier, nothing is stored, the next try works."""
    right = person.decide(link(signin))
    come(signin, re.sub(r"code=[^&]+", f"code={sandbox.code()}", right), right)
    assert signin.status == Status(State.FAILED, messages.USED_CODE)
    assert sandbox.stats()["requests"]["POST /oauth/token"] == 1
    assert ends.tokens == []
    assert signin.paste(person.decide(link(signin))).state is State.SIGNED_IN


def test_l13_a_code_of_another_try(sandbox: Sandbox, signin: SignIn, ends: Ends) -> None:
    """Each try has a verifier of its own: the code of one in the answer to another is refused by the server."""
    first, second = (person.decide(link(signin)) for _ in range(2))
    (code,) = re.findall(r"code=[^&]+", second)
    assert signin.paste(re.sub(r"code=[^&]+", code, first)) == Status(State.FAILED, messages.USED_CODE)
    assert ends.tokens == []


def test_l13_a_bare_code_of_another_session(sandbox: Sandbox, signin: SignIn, ends: Ends) -> None:
    """Likewise a code alone, which is taken where PKCE is enforced."""
    requests.get(link(signin), timeout=10, allow_redirects=False)
    assert signin.paste(sandbox.code()).text == messages.USED_CODE
    assert ends.tokens == []


def test_l14_a_failing_exchange_is_not_retried(sandbox: Sandbox, signin: SignIn, ends: Ends) -> None:
    """The token endpoint fails after the code was sent: asked once, told to sign in again, and the next try works."""
    for count, fault, told in ((1, "status", "fails at the moment"), (2, "lose", "Can't reach")):
        sandbox.control(**{fault: f"{503 if fault == 'status' else ''}*1@/oauth/token"})
        status = signin.paste(person.decide(link(signin)))
        assert status.state is State.FAILED
        assert told in status.text
        assert "Sign in again with the link above" in status.text
        assert sandbox.stats()["requests"]["POST /oauth/token"] == count
    assert ends.tokens == []
    assert signin.paste(person.decide(link(signin))).state is State.SIGNED_IN


def test_a_wrong_client_secret(sandbox: Sandbox, ends: Ends) -> None:
    """A configuration error, not the person's fault, in one message that names the settings."""
    signin = begin(config_of(sandbox, client_secret="wrong-secret"), ends)
    status = signin.paste(person.decide(link(signin)))
    assert "OUTGROW_CLIENT_ID" in status.text
    assert "wrong-secret" not in status.text
    signin.cancel()


@pytest.mark.parametrize("known", [True, False])
def test_l10_issuers(sandbox: Sandbox, ends: Ends, known: bool) -> None:
    """Another server's redirect is never used; one that names none only where no issuer was set; the right one is."""
    signin = begin(config_of(sandbox, **({"issuer": sandbox.base_url} if known else {})), ends)
    right = person.decide(link(signin))
    assert "iss=" in right
    other = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", right)
    assert signin.paste(other).text == messages.OTHER_ISSUER
    assert "POST /oauth/token" not in sandbox.stats()["requests"]
    without = re.sub(r"&?iss=[^&]+", "", person.decide(link(signin)))
    if known:
        assert signin.paste(without).text == messages.OTHER_ISSUER
        without = person.decide(link(signin))
    assert signin.paste(without).state is State.SIGNED_IN


def of_the_browser(record: logging.LogRecord) -> bool:
    """This process is the browser, too: what its library logs of the redirect is none of ours."""
    return "/callback?" in record.getMessage()


def test_l19_nothing_shows_the_secrets(
    scripted: SignIn, endpoint: TokenEndpoint, ends: Ends, caplog: pytest.LogCaptureFixture
) -> None:
    """No state, challenge, code, verifier or link in a repr, status, page or log, be they repeated by the server."""
    caplog.set_level(logging.DEBUG)
    one = asked(scripted)

    def repeat(handler: Any) -> None:
        body = endpoint.bodies[-1]
        says({"error": "invalid_scope", "error_description": f"{body} {one['state']} {one}"}, 400)(handler)

    endpoint.answers = [repeat]
    page = requests.get(f"{scripted.redirect_uri}?code={CODE}&state={one['state']}", timeout=10)
    assert scripted.status.state is State.FAILED
    shown = [page.text, page.url, str(page.headers), scripted.status.text]
    shown += [repr(scripted), repr(scripted.status), repr(vars(scripted)), repr(ends.tokens)]
    shown += [f"{made.getMessage()} {made.__dict__}" for made in caplog.records if not of_the_browser(made)]
    secrets = [one["state"], one["code_challenge"], CODE, link(scripted), endpoint.bodies[-1]["code_verifier"]]
    assert not [secret for secret in secrets for text in shown if secret in text]
