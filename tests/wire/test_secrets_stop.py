"""Stop while a request is under way: `%xmode Verbose` shows the frames of the KeyboardInterrupt."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import outgrow_nb
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from tests.helpers_auth import ACCESS, CLIENT_SECRET, CODE, REFRESH, TokenEndpoint, token_endpoint
from tests.helpers_secrets import Secrets, assert_clean
from tests.wire.clients import Asked, client
from tests.wire.fault_server import FaultServer, fault_server
from tests.wire.places import Place

KEY = "KEY-CANARY-0123456789"
endpoint = pytest.fixture(token_endpoint)
fault = pytest.fixture(fault_server)


def press_stop(handler: Any) -> None:
    """The person presses Stop while the answer is awaited."""
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(0.3)
    handler.close_connection = True


def stopped(work: Callable[[], object]) -> KeyboardInterrupt:
    """The interrupt that a cell would show."""
    with pytest.raises(KeyboardInterrupt) as caught:
        work()
    return caught.value


def signed_in(url: str) -> Entry:
    token = Token(access=Secret(ACCESS), refresh=Secret(REFRESH), obtained_at=4e9, lifetime=3600.0)
    return Entry(config=Config(client_id="app", client_secret=CLIENT_SECRET, base_url=url, workers=1), token=token)


@pytest.mark.parametrize("with_key", [False, True])
def test_s02_stop_while_reading(fault: FaultServer, with_key: bool) -> None:
    """Neither the token of the header nor the key."""
    fault.answers = dict.fromkeys(("/calculator", "/api/v1/calculator"), press_stop)
    og = client(Entry(config=Config(api_url=fault.url), api_key=Secret(KEY)) if with_key else signed_in(fault.url))
    assert_clean(stopped(og.contents))


def test_s02_stop_while_a_key_is_checked(fault: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key stands in the address."""
    Place(tmp_path, monkeypatch)
    fault.answers[f"/get_cal/{KEY}"] = press_stop
    assert_clean(stopped(lambda: outgrow_nb.connect(api_key=KEY, config=Config(api_url=fault.url))))


def test_s02_stop_while_signing_out(endpoint: TokenEndpoint) -> None:
    """Revocation sends both tokens and the client secret."""
    endpoint.answers = [press_stop]
    og = client(signed_in(endpoint.url))
    assert_clean(stopped(og.sign_out))


@pytest.fixture
def desk(endpoint: TokenEndpoint) -> Desk:
    config = Config(client_id="app", client_secret=CLIENT_SECRET, base_url=endpoint.url, api_url=endpoint.url)
    held = Credentials(profile="p", config=config, cache=MemoryCache(), ask=Asked())
    completion = Completion(
        held, identify=lambda config, token: None, check_key=lambda config, key: [], permit=lambda source: None
    )
    return Desk(completion, before_open=lambda desk: None)


def test_s02_stop_while_a_paste_is_exchanged(endpoint: TokenEndpoint, desk: Desk) -> None:
    """Code, verifier, state and client secret are under way; the pasted text is in hand."""
    endpoint.answers = [press_stop]
    address = desk.open().authorization_address().reveal()
    state = parse_qs(urlsplit(address).query)["state"][0]
    pasted = f"http://127.0.0.1/callback?code={CODE}&state={state}"
    typed = iter([pasted])
    assert_clean(stopped(lambda: desk.wait(lambda _seconds: next(typed))), Secrets(more=[state]))


def test_s02_stop_after_a_wrong_paste(desk: Desk) -> None:
    """The pasted text is not held while the next one is waited for."""
    desk.open()
    typed = iter([KEY])

    def listen(_seconds: float) -> str:
        for text in typed:
            return text
        raise KeyboardInterrupt

    assert_clean(stopped(lambda: desk.wait(listen)))
