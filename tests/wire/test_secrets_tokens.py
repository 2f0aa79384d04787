"""Every error path of code, refresh and revocation, one fault each: nothing in errors, frames, messages or pages."""

import io
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from outgrow_nb import terminal
from outgrow_nb.auth import protocol
from outgrow_nb.auth.attempts import begin
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.protocol import ReplyLost
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.token import RefusedByServer, Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from tests.helpers_auth import (
    ACCESS,
    CLIENT_SECRET,
    CODE,
    REFRESH,
    TokenEndpoint,
    hangs_up,
    pair,
    says,
    token_endpoint,
)
from tests.helpers_secrets import Secrets, assert_clean, assert_faceless
from tests.wire.clients import Asked, client

endpoint = pytest.fixture(token_endpoint)
OLD = Token(access=Secret(ACCESS), refresh=Secret(REFRESH), obtained_at=0.0, lifetime=3600.0, scope="leads")


def faults(words: str) -> dict[str, Any]:
    """What a token endpoint may answer, and quote of what it was sent."""
    return {
        **{f"status {status}": says({}, status) for status in (400, 401, 403, 404, 429, 500, 503)},
        **{
            code: says({"error": code, "error_description": words}, 400)
            for code in ("invalid_grant", "invalid_client", "invalid_scope", "odd")
        },
        "quoted": says({"error": words}, 400),
        "a token in an error": says(pair(9), 500),
        "html": says(b"<html>" + words.encode()),
        "empty": says(b""),
        "urlencoded": says(f"access_token={ACCESS}&token_type=bearer".encode()),
        "no bearer": says(pair(9, token_type="mac")),
        "impossible": says(pair(9, access_token=f"{ACCESS}\r\nX: 1")),
        "twice": says(f'{{"access_token": "{ACCESS}", "access_token": "{ACCESS}"}}'.encode()),
        "too large": says(b'{"access_token": "' + ACCESS.encode() * 20_000 + b'"}'),
        "gzip garbage": says(words.encode(), Content_Encoding="gzip"),
        "redirect": says(b"", 307, Location="https://collector.example/token"),
        "hangs up": hangs_up,
        "refused": hangs_up,
    }


OF_CODES = faults(f"no: {CODE} {CLIENT_SECRET}")
OF_TOKENS = faults(f"no: {ACCESS} {REFRESH} {CLIENT_SECRET}")
UNRETRIED = ["status 401", "invalid_grant", "odd", "html", "redirect", "hangs up"]


def at(url: str, **changes: Any) -> Config:
    return Config(**{"client_id": "app", "client_secret": CLIENT_SECRET, "base_url": url, **changes})


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}"


@pytest.mark.parametrize("way", ["post", "basic"])
@pytest.mark.parametrize("fault", OF_CODES)
def test_s02_l19_exchange(endpoint: TokenEndpoint, nobody: str, fault: str, way: str) -> None:
    """A code that is exchanged: code, verifier, state, client secret."""
    endpoint.answers = [OF_CODES[fault]]
    config = at(nobody if fault == "refused" else endpoint.url, client_auth=way)
    made = begin(config, "http://127.0.0.1:4711/callback")
    with pytest.raises((OutgrowError, RefusedByServer)) as caught:
        protocol.exchange(config, made, Secret(CODE))
    assert_clean(caught.value, Secrets(more=[made.verifier.reveal(), made.state.reveal()]))


@pytest.mark.parametrize("way", ["post", "basic"])
@pytest.mark.parametrize("fault", OF_TOKENS)
def test_s02_refresh(endpoint: TokenEndpoint, nobody: str, fault: str, way: str) -> None:
    """A refresh, on the wire, and as whoever reads meets it."""
    endpoint.answers = [OF_TOKENS[fault]]
    config = at(nobody if fault == "refused" else endpoint.url, client_auth=way)
    with pytest.raises((OutgrowError, RefusedByServer, ReplyLost)) as caught:
        protocol.refresh(config, OLD)
    assert_clean(caught.value)
    og = client(Entry(config=config, token=OLD))
    with pytest.raises(OutgrowError) as told:
        og.contents()
    assert_clean(told.value)
    assert_faceless(og)


@pytest.mark.parametrize("fault", OF_TOKENS)
def test_s02_revocation(endpoint: TokenEndpoint, nobody: str, fault: str, recwarn: pytest.WarningsRecorder) -> None:
    """Signing out ends well whatever the server says; the sweep looks through its warning and the logs."""
    endpoint.answers = [OF_TOKENS[fault]]
    og = client(Entry(config=at(nobody if fault == "refused" else endpoint.url), token=OLD))
    og.sign_out()
    assert not og._credentials.signed_in
    assert all("did not confirm" in str(warning.message) for warning in recwarn)
    assert_faceless(og)


PASTES: dict[str, str] = {
    "another sign-in": f"http://127.0.0.1/callback?code={CODE}&state=STATE-CANARY-1",
    "declined elsewhere": "http://127.0.0.1/callback?error=access_denied&state=STATE-CANARY-1",
    "no state": f"http://127.0.0.1/callback?code={CODE}",
    "twice": f"http://127.0.0.1/callback?code={CODE}&code={CODE}&state=STATE-CANARY-1",
    "bare code": CODE,
    "two words": f"{CODE} {CODE}",
    "a token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiItQ0FOQVJZLSJ9.",
    "a link of go": "http://127.0.0.1:1/go/NONCE-CANARY-1",
    "no address": f"https://[-CANARY-/?code={CODE}",
    "another scheme": f"javascript:{CODE}",
    "right state, code and error": "{redirect}?code=" + CODE + "&error=x&state={state}",
    "right state, other issuer": "{redirect}?code=" + CODE + "&iss=https://-CANARY-.example&state={state}",
    "right state, an error": "{redirect}?error=server_error&error_description=for+{state}&state={state}",
    **{f"right state, {name}": "{redirect}?code=" + CODE + "&state={state}" for name in UNRETRIED},
}


@pytest.mark.parametrize("paste", PASTES)
@pytest.mark.parametrize("remote", [False, True])
def test_s02_l16_l19_paste(endpoint: TokenEndpoint, paste: str, remote: bool) -> None:
    """Whatever is pasted: the message, the sign-in and its address show nothing of it."""
    endpoint.answers = [OF_CODES.get(paste.partition(", ")[2], says(pair()))]
    signin = SignIn(config=at(endpoint.url), on_token=lambda _: "", on_key=lambda _: "", remote=remote)
    try:
        state = parse_qs(urlsplit(signin.authorization_address().reveal()).query)["state"][0]
        verifier = signin._attempts._open[state].verifier.reveal()
        status = signin.paste(PASTES[paste].format(redirect=signin.redirect_uri, state=state))
        known = Secrets(more=[state, verifier])
        assert not known.shown_in(status.text)
        assert not known.shown_in(repr(status))
        for thing in (signin, status):
            assert_faceless(thing, known)
    finally:
        signin.cancel()


@pytest.fixture
def desk(endpoint: TokenEndpoint) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**changes: Any) -> Desk:
        config = at(endpoint.url, **changes)
        held = Credentials(profile="p", config=config, cache=MemoryCache(), ask=Asked())
        completion = Completion(
            held, identify=lambda config, token: None, check_key=lambda config, key: [], permit=lambda source: None
        )
        made.append(Desk(completion, before_open=lambda desk: None))
        return made[-1]

    yield make
    for one in made:
        with suppress(OutgrowError):
            one.close()


@pytest.mark.parametrize("ends", ["access_denied", "invalid_client", "invalid_scope"])
def test_s02_terminal(endpoint: TokenEndpoint, desk: Callable[..., Desk], ends: str) -> None:
    """A paste at the terminal that ends it: declined, or an application that Outgrow does not know."""
    endpoint.answers = [OF_CODES.get(ends, hangs_up)]
    reading, writing = os.pipe()
    states: list[str] = []

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            if text.startswith(endpoint.url):
                states.extend(parse_qs(urlsplit(text.strip()).query)["state"])
                query = f"error={ends}" if ends == "access_denied" else f"code={CODE}"
                os.write(writing, f"http://127.0.0.1/callback?{query}&state={states[-1]}\n".encode())
            return super().write(text)

    with os.fdopen(reading) as stdin, pytest.raises(OutgrowError) as caught:
        terminal.sign_in(desk(), stdin=stdin, out=Screen(), browser=False)
    os.close(writing)
    assert_clean(caught.value, Secrets(more=states))
