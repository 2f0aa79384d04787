"""Settings: where each comes from, what may travel where, and what is refused before anything is sent."""

import contextlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.config import Config, Secret, is_loopback, origin
from outgrow_nb.config.urls import checked
from outgrow_nb.errors import ConfigError
from tests.helpers_auth import assert_clean


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_computer(host: str) -> None:
    """Loopback names and addresses."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", [None, "", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "1.1"])
def test_h01_look_alikes(host: str | None) -> None:
    """What merely looks like this computer is not."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://outgrow.example", "plain http to outgrow.example"),
        ("http://127.0.0.1.evil.example", "plain http to 127.0.0.1.evil.example"),
        ("https://user:pw@app.outgrow.co", "user name or password"),
        ("javascript:alert(1)", "not an http"),
        ("file:///etc/passwd", "not an http"),
        ("ftp://app.outgrow.co", "not an http"),
        ("app.outgrow.co", "not an http"),
        ("", "not an http"),
        ("https://", "names no host"),
        ("https://host:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://host:0", "port 0"),
        ("https://ho st", "spaces or control"),
        ("https://host/\x7f", "spaces or control"),
        ("https://host/\r\nX: 1", "spaces or control"),
        ("https://host\\@evil.example", "spaces or control"),
    ],
)
def test_h01_l18_addresses_refused(url: str, reason: str) -> None:
    """No secret goes to an address that is plain http elsewhere, or hides where it leads."""
    with pytest.raises(ConfigError, match=f"^base_url .*{reason}"):
        Config(base_url=url)


def test_addresses_accepted() -> None:
    """Plain http here, https anywhere; the two bases lose their final slash, endpoints stay as they are."""
    assert checked("x", "http://[::1]:8000/a/") == "http://[::1]:8000/a"
    config = Config(base_url="https://a.example/", token_url="https://a.example/o/token/")
    assert config.base == "https://a.example"
    assert config.token_endpoint == "https://a.example/o/token/"
    named = Config(authorize_url="https://b.example/a", revoke_url="https://b.example/r/", issuer="https://i.example")
    assert (named.authorization_endpoint, named.revocation_endpoint, named.expected_issuer) == (
        "https://b.example/a", "https://b.example/r/", "https://i.example",
    )  # fmt: skip
    assert origin("https://A.example/x") == "https://a.example:443"
    assert origin("http://a.example:8080") == "http://a.example:8080"
    assert origin("http://a.example/x") == "http://a.example:80"
    assert Config(token_url="https://a.example/!").token_endpoint == "https://a.example/!"


@given(st.text())
def test_any_address_is_taken_or_refused(text: str) -> None:
    """A total check: an address or a ConfigError, nothing else."""
    with contextlib.suppress(ConfigError):
        assert checked("base_url", text)


def test_defaults_by_credential() -> None:
    """Correction 1: a key is never sent to the sign-in's default, and one address set serves both."""
    plain = Config()
    assert plain.key_api == "https://api-calc.outgrow.co/api/v1"
    assert not plain.pkce_enforced
    assert plain.bearer_api == "https://app.outgrow.co/api/v1"
    assert plain.authorization_endpoint == "https://app.outgrow.co/oauth/authorize"
    assert plain.revocation_endpoint == "https://app.outgrow.co/oauth/revoke"
    assert Config(api_url="https://x.example/v1").key_api == Config(api_url="https://x.example/v1").bearer_api
    assert Config(base_url="https://b.example").key_api == "https://api-calc.outgrow.co/api/v1"
    assert Config(base_url="https://b.example").expected_issuer == "https://b.example"


def test_redirects() -> None:
    """A loopback redirect is listened to, its port is fixed or free; another is for the paste alone."""
    assert (Config().redirect, Config().redirect_port) == ("http://127.0.0.1/callback", None)
    assert Config().redirect_is_loopback
    assert not Config(redirect_uri="https://127.0.0.1/callback").redirect_is_loopback
    assert not Config(redirect_uri="http://notebooks.example/callback").redirect_is_loopback
    assert Config(redirect_uri="http://localhost:3000/callback").redirect_port == 3000
    assert not Config(redirect_uri="https://notebooks.example/callback").redirect_is_loopback
    with pytest.raises(ConfigError, match="query"):
        Config(redirect_uri="http://localhost/callback?a=b")


@pytest.mark.parametrize("wrong", [{"client_auth": "jwt"}, {"workers": 0}])
def test_other_words(wrong: dict[str, object]) -> None:
    """Unknown words and numbers are refused with the way out; one request at a time is a choice."""
    assert Config(workers=1).workers == 1
    with pytest.raises(ConfigError):
        Config(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["client_id", "client_secret", "redirect_uri", "base_url", "token_url", "scope"])
@pytest.mark.parametrize("value", ["https://a.example/SECRET-CANARY-\udcff", 7, b"SECRET-CANARY-1", True])
def test_what_is_no_text(name: str, value: object) -> None:
    """Bytes that are no UTF-8, as the environment may hold, and numbers could not be saved: the field is named."""
    with pytest.raises(ConfigError, match=f"^{name} is not a text") as caught:
        Config(**{name: value})  # type: ignore[arg-type]
    assert "CANARY" not in f"{caught.value!r} {caught.value}"
    secret = Secret("SECRET-CANARY-\udcff")
    with pytest.raises(ConfigError, match="client_secret") as caught:
        Config(client_secret=secret)
    assert_clean(caught.value)


def test_secrets_show_themselves_to_nobody() -> None:
    """No repr, str, format or pickle gives a secret out."""
    secret = Secret("canary-123456")
    config = Config(client_secret="canary-123456")
    for shown in (repr(secret), str(secret), f"{secret}", repr(config), repr({"a": secret}), str(vars(config))):
        assert "canary" not in shown
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert secret == Secret("canary-123456")
    assert secret != "canary-123456"
    assert len({secret, Secret("canary-123456")}) == 1
    assert not Secret("")
    assert Config(client_secret="").secret is None
    assert config.secret == secret
