"""Every error path, one fault each: no secret in the error, what stands behind it, or any frame of its traceback."""

from pathlib import Path
from typing import Any

import pytest

import outgrow_nb
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ConfigError, OutgrowError
from tests.helpers_auth import ACCESS, CLIENT_SECRET, REFRESH
from tests.helpers_secrets import assert_clean
from tests.wire.clients import client
from tests.wire.fault_server import FaultServer, fault_server, hang_up, raw, send
from tests.wire.places import Place

KEY = "KEY-CANARY-0123456789"
fault = pytest.fixture(fault_server)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


# --- connect: settings


SETTINGS: dict[str, dict[str, Any]] = {
    "key with a slash": {"api_key": "KEY-CANARY/x"},
    "key that is no ASCII": {"api_key": "КЛЮЧ-CANARY-"},
    "key with a NUL": {"api_key": "KEY\0-CANARY-1"},
    "key that is no text": {"api_key": b"KEY-CANARY-1"},
    "key of the environment": {"OUTGROW_API_KEY": "KEY-CANARY-/x"},
    "half a character in the secret": {"OUTGROW_CLIENT_SECRET": "SECRET-CANARY-\udcff"},
    "half a character in the id": {"OUTGROW_CLIENT_SECRET": CLIENT_SECRET, "OUTGROW_CLIENT_ID": "\udcff"},
    "address of the environment": {"OUTGROW_API_KEY": KEY, "OUTGROW_API_URL": "http://evil.example"},
    "address with a password": {"OUTGROW_API_KEY": KEY, "OUTGROW_API_URL": "https://ana:pw@h.example"},
    "redirect": {"OUTGROW_CLIENT_SECRET": CLIENT_SECRET, "OUTGROW_REDIRECT_URI": "ftp://h.example"},
    "seed that can be none": {"OUTGROW_REFRESH_TOKEN": "RT-CANARY- 1", "OUTGROW_CLIENT_ID": "app"},
    "seed without an application": {"OUTGROW_REFRESH_TOKEN": REFRESH},
    "seed and a cache in memory": {
        "OUTGROW_REFRESH_TOKEN": REFRESH,
        "OUTGROW_CLIENT_ID": "app",
        "config": Config(cache=MemoryCache()),
    },
    "config folder": {"OUTGROW_API_KEY": KEY, "OUTGROW_CONFIG_DIR": "relative"},
    "the sandbox's profile": {"OUTGROW_API_KEY": KEY, "profile": "sandbox"},
    "zone": {"OUTGROW_API_KEY": KEY, "tz": "Mars/Olympus"},
    "pii": {"OUTGROW_API_KEY": KEY, "pii": "hide"},
    "key for a host of .env": {"api_key": KEY, ".env": {"OUTGROW_API_URL": "https://collector.example"}},
    "secret for a host of .env": {
        "OUTGROW_CLIENT_SECRET": CLIENT_SECRET,
        ".env": {"OUTGROW_BASE_URL": "https://collector.example"},
    },
    "nobody to ask": {"OUTGROW_CLIENT_SECRET": CLIENT_SECRET, "OUTGROW_CLIENT_ID": "app"},
}


@pytest.mark.parametrize("case", SETTINGS)
def test_s02_settings(place: Place, case: str) -> None:
    """connect(): a setting that cannot be used, beside secrets that can."""
    given = dict(SETTINGS[case])
    place.dotenv(**given.pop(".env", {}))
    place.environment.delenv("OUTGROW_CONFIG_DIR") if "OUTGROW_CONFIG_DIR" in given else None
    place.set(**{name: given.pop(name) for name in list(given) if name.startswith("OUTGROW_")})
    with pytest.raises((OutgrowError, TypeError)) as caught:
        outgrow_nb.connect(given.pop("profile", None), **given)
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [{"base_url": "http://evil.example"}, {"redirect_uri": "x"}, {"client_auth": "x"}, {"workers": 0}, {"scope": 7}],
    ids=str,
)
def test_s02_a_config_that_is_wrong(wrong: dict[str, Any]) -> None:
    """Config(client_secret="…"): a field beside it that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        Config(client_secret=CLIENT_SECRET, **wrong)
    assert_clean(caught.value)


# --- what the API answers to a key or a token


def answers(words: str) -> dict[str, Any]:
    """What the API may answer; it quotes what it was sent."""
    told, quoted = f'{{"message": "no {words}"}}'.encode(), words.encode()
    return {
        **{str(status): send(told, status) for status in (400, 401, 403, 404, 422, 429, 500, 503)},
        "a refusal in a 200": send(b'{"success": false, "code": 401, "message": "no %b"}' % quoted),
        "html": send(b"<html><title>No %b</title>" % quoted, content_type=f"text/{words}"),
        "empty": send(b""),
        "no JSON": send(quoted),
        "another shape": send(b'{"data": {"%b": [1]}}' % quoted),
        "gzip garbage": send(quoted, content_encoding="gzip"),
        "redirect": send(b"", 302, location=f"https://collector.example/{words}"),
        "hangs up": hang_up,
        "cut short": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + quoted),
        "no HTTP": raw(b"SSH-2.0-%b\r\n\r\n" % quoted),
        "bad header": raw(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % quoted),
        "asks to wait": send(told, 429, retry_after="100"),
        "refused": hang_up,
    }


TRIED_AGAIN = {
    "429",
    "503",
    "gzip garbage",
    "hangs up",
    "cut short",
    "no HTTP",
    "refused",
}  # the next test has these too


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody really waits between two tries."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.mark.parametrize("answer", [name for name in answers("") if name not in TRIED_AGAIN])
def test_s02_check_of_a_key(place: Place, fault: FaultServer, answer: str) -> None:
    """connect(api_key=…): the key stands in the address, and nowhere in what goes wrong."""
    fault.answers[f"/get_cal/{KEY}"] = answers(KEY)[answer]
    with pytest.raises(OutgrowError) as caught:
        outgrow_nb.connect(api_key=KEY, config=Config(api_url=fault.url))
    assert_clean(caught.value)


def signed_in(url: str) -> Entry:
    token = Token(access=Secret(ACCESS), refresh=Secret(REFRESH), obtained_at=4e9, lifetime=3600.0)
    return Entry(config=Config(client_id="app", client_secret=CLIENT_SECRET, base_url=url, workers=1), token=token)


@pytest.mark.parametrize("with_key", [False, True])
@pytest.mark.parametrize("answer", answers(""))
def test_s02_read(fault: FaultServer, no_pauses: None, answer: str, with_key: bool) -> None:
    """contents() by token and by key."""
    for path in ("/api/v1/calculator", "/calculator"):
        fault.answers[path] = answers(KEY if with_key else ACCESS)[answer]
    key = Entry(config=Config(api_url=fault.url), api_key=Secret(KEY))
    og = client(key if with_key else signed_in(fault.url))
    if answer == "refused":
        fault.end()
    with pytest.raises(OutgrowError) as caught:
        og.contents()
    assert_clean(caught.value)
