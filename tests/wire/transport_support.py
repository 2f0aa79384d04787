"""Shared by the transport's tests: a clock that only sleepers move, and transports of somebody who may read."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from outgrow_nb.api import pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.wire import ApiKey, Bearer, Fixed
from tests.wire.clients import bearer_config, credentials, key_config, signed_in
from tests.wire.sandbox_fixtures import Sandbox

CANARY = "KEY-CANARY-0123456789"


class Clock:
    """A clock that stands still but for whoever sleeps."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


def standing_clock() -> Clock:
    """Use it as a fixture: `clock = pytest.fixture(standing_clock)`."""
    return Clock()


def patient(config: Config, held: Any, clock: Clock, jitter: Callable[[], float] = lambda: 0.5) -> Transport:
    """A transport with which nobody really waits."""
    return Transport(config, held, clock=clock, sleep=clock.sleep, jitter=jitter)


def signed_in_transport(sandbox: Sandbox, clock: Clock) -> Transport:
    """Somebody signed in; use it as a fixture."""
    made = patient(bearer_config(sandbox), credentials(signed_in(sandbox)), clock)
    sandbox.control(reset_stats=True)
    return made


def key_transport(sandbox: Sandbox, clock: Clock) -> Callable[..., Transport]:
    """Somebody with an API key; use it as a fixture, which makes transports."""

    def make(key: str | None = None) -> Transport:
        return patient(key_config(sandbox), Fixed(ApiKey(Secret(key or sandbox.api_key))), clock)

    return make


def asking(url: str, clock: Clock, jitter: Callable[[], float] = lambda: 0.5) -> Transport:
    """Somebody with a bearer token, at a server of the test's own."""
    return patient(Config(base_url=url), Fixed(Bearer(Secret(CANARY))), clock, jitter)


def read(transport: Transport) -> str | None:
    """One call: who is signed in."""
    return pages.account(transport).email


def calls(sandbox: Sandbox) -> int:
    """How many calls the API has seen."""
    return int(sandbox.stats()["api_requests"])


def trouble(work: Callable[[], object], *kinds: type[OutgrowError]) -> Any:
    """The error of one of these kinds, which says what happened and what to do, and has nothing behind it."""
    with pytest.raises(kinds) as caught:
        work()
    assert caught.value.problem
    assert caught.value.next_step
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value
