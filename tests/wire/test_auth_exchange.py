"""The token endpoint as it may be: bodies, refusals, lost replies, redirects, garbage; nothing leaks on any path."""

import base64
import json
from typing import Any, Literal
from urllib.parse import quote_plus

import pytest

from outgrow_nb.auth import protocol
from outgrow_nb.auth.attempts import begin
from outgrow_nb.auth.protocol import ReplyLost
from outgrow_nb.auth.token import RefusedByServer, Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiUnavailable, ConfigError, UnexpectedAnswer
from tests.helpers_auth import (
    ACCESS,
    CLIENT_SECRET,
    CODE,
    REFRESH,
    TokenEndpoint,
    assert_clean,
    hangs_up,
    pair,
    says,
    swept,
    token_endpoint,
)

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
OLD = Token(access=Secret(ACCESS), refresh=Secret(REFRESH), obtained_at=0.0, lifetime=3600.0, scope="leads profile")


def config_of(endpoint: TokenEndpoint, **changes: Any) -> Config:
    return Config(**{"client_id": "an app", "client_secret": CLIENT_SECRET, "base_url": endpoint.url, **changes})


@pytest.fixture
def config(endpoint: TokenEndpoint) -> Config:
    return config_of(endpoint)


def refresh(config: Config) -> Token:
    return protocol.refresh(config, OLD, clock=lambda: 1000.0)


@pytest.mark.parametrize("scope", [None, "leads profile"])
@pytest.mark.parametrize("way", ["post", "basic", "public"])
def test_r14_the_refresh_body(endpoint: TokenEndpoint, way: str, scope: str | None) -> None:
    """Exactly the grant, the refresh token, the client, and the scope if one is configured."""
    endpoint.answers = [says(pair())]
    client_auth: Literal["post", "basic"] = "basic" if way == "basic" else "post"
    secret = None if way == "public" else CLIENT_SECRET
    refresh(config_of(endpoint, client_auth=client_auth, client_secret=secret, scope=scope))
    expected = {"grant_type": "refresh_token", "refresh_token": REFRESH}
    expected |= {"scope": scope} if scope else {}
    expected |= {"client_id": "an app"} if way != "basic" else {}
    expected |= {"client_secret": CLIENT_SECRET} if way == "post" else {}
    (sent,) = endpoint.bodies
    assert sent.pop(":path") == "/oauth/token"
    assert bool(sent.pop(":authorization")) == (way == "basic")
    assert sent == expected


def test_basic_authentication_is_form_encoded(endpoint: TokenEndpoint) -> None:
    """RFC 6749 section 2.3.1: id and secret are encoded before they are joined."""
    endpoint.answers = [says(pair())]
    refresh(config_of(endpoint, client_auth="basic"))
    scheme, _, encoded = endpoint.bodies[0][":authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == f"{quote_plus('an app')}:{quote_plus(CLIENT_SECRET)}"


def test_l11_the_code_exchange_body(endpoint: TokenEndpoint, config: Config) -> None:
    """The code with its own verifier and redirect; the token is dated when it was asked for, not when it came."""
    endpoint.answers = [says(pair())]
    made = begin(config, "http://127.0.0.1:4711/callback")
    times = iter([500.0, 900.0])
    token = protocol.exchange(config, made, Secret(CODE), clock=lambda: next(times))
    (sent,) = endpoint.bodies
    assert sent["code"] == CODE
    assert sent["code_verifier"] == made.verifier.reveal()
    assert sent["redirect_uri"] == made.redirect_uri
    assert sent["grant_type"] == "authorization_code"
    assert set(sent) - {":path", ":authorization"} == {
        "grant_type", "code", "code_verifier", "redirect_uri", "client_id", "client_secret",
    }  # fmt: skip
    assert token.obtained_at == 500.0


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_r07_r11_h07_a_failing_server(endpoint: TokenEndpoint, config: Config, status: int) -> None:
    """Told as such, asked once, and a body that looks like a token is not taken."""
    endpoint.answers = [says(pair(), status)]
    with pytest.raises(ApiUnavailable, match=str(status)) as caught:
        refresh(config)
    assert len(endpoint.bodies) == 1
    assert_clean(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"message": "a firewall"}),
        (407, {}),
        (404, {"error": "not_found"}),
        (400, {"error": "temporarily_unavailable"}),
        (200, {"error": ["odd"], "access_token": ACCESS}),
    ],
)
def test_r07_refusals_that_are_not_about_the_sign_in(
    endpoint: TokenEndpoint, config: Config, status: int, body: dict[str, Any]
) -> None:
    """Whatever stands between us and the server may refuse; that ends nobody's sign-in."""
    endpoint.answers = [says(body, status)]
    with pytest.raises(ApiUnavailable, match=str(status)) as caught:
        refresh(config)
    assert_clean(caught.value)


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"])
def test_r06_a_wrong_application(endpoint: TokenEndpoint, config: Config, code: str) -> None:
    """A configuration error, in the server's words without our secrets."""
    words = f"unknown client {CLIENT_SECRET} with {REFRESH} \x1b[31m<b>\r\nred"
    endpoint.answers = [says({"error": code, "error_description": words}, 401)]
    with pytest.raises(ConfigError, match=code) as caught:
        refresh(config)
    assert "unknown client […] with […]" in caught.value.problem
    assert_clean(caught.value)


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_token", "expired_token"])
def test_r04_t06_the_sign_in_is_over(endpoint: TokenEndpoint, config: Config, code: str) -> None:
    """A refusal of the token itself; the server's words are redacted and short."""
    endpoint.answers = [says({"error": code, "error_description": REFRESH * 1000}, 400)]
    with pytest.raises(RefusedByServer) as caught:
        refresh(config)
    assert caught.value.code == code
    assert len(caught.value.description) <= 300
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        says(b"<html>Please sign in to the hotel's network</html>", Content_Type="text/html"),
        says(b""),
        says(b"access_token=AT-CANARY-1&token_type=bearer"),
        says(pair(token_type="mac")),
        says(pair(access_token="AT-CANARY-\r\n")),
        says(b'{"access_token": "AT-CANARY-1", "access_token": "AT-CANARY-2"}'),
        says(json.dumps(pair()).encode(), 307),
    ],
)
def test_r10_r12_no_token(endpoint: TokenEndpoint, config: Config, answer: Any) -> None:
    """A captive portal, nothing, another format, another kind of token: our error, and nothing of it is shown."""
    endpoint.answers = [answer]
    with pytest.raises((UnexpectedAnswer, ApiUnavailable)) as caught:
        refresh(config)
    assert len(endpoint.bodies) == 1
    assert_clean(caught.value)


def test_r10_garbage_in_gzip(endpoint: TokenEndpoint, config: Config) -> None:
    """An answer that is not what its encoding says."""
    endpoint.answers = [says(b"AT-CANARY-no gzip", Content_Encoding="gzip")]
    with pytest.raises(ApiUnavailable) as caught:
        refresh(config)
    assert_clean(caught.value)


def test_t03_an_answer_beyond_256_kib(endpoint: TokenEndpoint, config: Config) -> None:
    """Reading stops at the cap."""
    endpoint.answers = [says(pair(padding="x" * 300_000))]
    with pytest.raises(ApiUnavailable, match="larger"):
        refresh(config)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_r13_redirects(endpoint: TokenEndpoint, config: Config, status: int) -> None:
    """Refused, to the same server and to another; neither sees a second request."""
    for other in token_endpoint():
        for target in (f"{other.url}/stolen", "/elsewhere", "http://outgrow.example/"):
            endpoint.answers = [says(b"", status, Location=target)]
            with pytest.raises(ApiUnavailable, match="redirect") as caught:
                refresh(config)
            assert_clean(caught.value)
        assert other.bodies == []
    assert {body[":path"] for body in endpoint.bodies} == {"/oauth/token"}


def test_r08_a_lost_reply_is_told_apart(endpoint: TokenEndpoint, config: Config) -> None:
    """The request went out: the server may have acted. A server that is not there has not."""
    endpoint.answers = [hangs_up]
    with pytest.raises(ReplyLost) as lost:
        refresh(config)
    assert_clean(lost.value)
    assert "127.0.0.1" in lost.value.as_unavailable().problem
    endpoint.close()
    with pytest.raises(ApiUnavailable, match="refused") as refused:
        refresh(config)
    assert_clean(refused.value)


@pytest.mark.parametrize("answer", [hangs_up, *(says({}, status) for status in (429, 500, 502, 503, 504))])
def test_h07_l14_the_code_exchange_is_not_retried(endpoint: TokenEndpoint, config: Config, answer: Any) -> None:
    """A code lives once: whatever came of it, it is not sent again, and the person is told to begin anew."""
    endpoint.answers = [answer]
    with pytest.raises(ApiUnavailable) as caught:
        protocol.exchange(config, begin(config, "http://127.0.0.1:1/callback"), Secret(CODE))
    assert caught.value.next_step.startswith("Sign in again")
    assert len(endpoint.bodies) == 1
    assert_clean(caught.value)


def test_r17_a_post_that_is_refused_is_not_replayed(endpoint: TokenEndpoint, config: Config) -> None:
    """A 401 to a code, a refresh or a revocation: a clear error or answer, and each body was sent once."""
    endpoint.answers = [says({"error": "invalid_client"}, 401)]
    with pytest.raises(ConfigError, match="OUTGROW_CLIENT_ID"):
        protocol.exchange(config, begin(config, "http://127.0.0.1:1/callback"), Secret(CODE))
    with pytest.raises(ConfigError, match="OUTGROW_CLIENT_ID"):
        refresh(config)
    assert not protocol.revoke(config, OLD)
    assert len({tuple(body.items()) for body in endpoint.bodies}) == len(endpoint.bodies) == 4


def test_l10_a_code_goes_to_the_server_that_was_asked(endpoint: TokenEndpoint, config: Config) -> None:
    """Each attempt keeps its token endpoint and issuer, whatever the settings have become since."""
    endpoint.answers = [says(pair())]
    made = begin(config, "http://127.0.0.1:4711/callback")
    for other in token_endpoint():
        changed = config_of(other, issuer=other.url)
        assert protocol.exchange(changed, made, Secret(CODE)).access.reveal() == pair()["access_token"]
        assert other.bodies == []
        assert made.accepts_issuer(endpoint.url)
        assert not made.accepts_issuer(other.url)


def test_no_refresh_token(endpoint: TokenEndpoint, config: Config) -> None:
    """A server that gave none: the sign-in is over when the access token is, without a request."""
    with pytest.raises(RefusedByServer):
        protocol.refresh(config, Token(access=Secret(ACCESS), obtained_at=0.0))
    assert endpoint.bodies == []


def test_h01_the_environment_changes_nothing(endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """OAUTHLIB_INSECURE_TRANSPORT neither opens plain http elsewhere nor is needed here."""
    endpoint.answers = [says(pair())]
    refresh(config_of(endpoint))
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with pytest.raises(ConfigError, match="plain http"):
        config_of(endpoint, token_url="http://outgrow.example/token")
