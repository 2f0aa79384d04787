"""One profile's sign-in while the real sandbox fails, loses replies, redirects, or gives tokens that are over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config
from outgrow_nb.errors import (
    ApiUnavailable,
    OutgrowError,
    SignInError,
    SignInExpired,
)
from tests.wire.credentials_support import (
    Clock,
    bearer,
    credentials_of_one_profile,
    hand_set_clock,
    nobody,
    signed_in,
)
from tests.wire.sandbox_fixtures import Sandbox

clock = pytest.fixture(hand_set_clock)
make = pytest.fixture(credentials_of_one_profile)


@pytest.mark.parametrize(
    "fault", [{"status": "503@/oauth/token"}, {"html": "@/oauth/token"}, {"drop": "@/oauth/token"}]
)
def test_r07_r10_a_failing_server_signs_nobody_out(
    make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock, fault: dict[str, str]
) -> None:
    """A still valid token is used on; a dead one gives an error that names the cause; afterwards all is well."""
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    sandbox.control(**fault)
    clock.now += 3600 - 30
    if "html" not in fault:
        assert bearer(credentials) == entry.authorization()
        hits = sandbox.stats()["requests"]["POST /oauth/token"]
        assert bearer(credentials) == entry.authorization()
        assert sandbox.stats()["requests"]["POST /oauth/token"] == hits
    clock.now += 60
    with pytest.raises(OutgrowError) as caught:
        credentials.authorization()
    assert not isinstance(caught.value, SignInError)
    sandbox.control(clear=True)
    assert bearer(credentials) != entry.authorization()


def test_r08_a_lost_reply_with_grace(
    start_sandbox: Callable[..., Sandbox], make: Callable[..., Credentials], tmp_path: Path, clock: Clock
) -> None:
    """The server commits and drops the connection; within its grace one retry gives the pair."""
    own = start_sandbox("--leads=20", "--refresh-grace=30")
    config = Config(client_id=own.client_id, client_secret=own.client_secret, base_url=own.base_url)
    cache = FileCache(tmp_path / "grace")
    credentials = Credentials(profile="default", config=config, cache=cache, ask=nobody, clock=clock)
    signed_in(own, clock, credentials)
    own.control(lose="*1@/oauth/token", reset_stats=True)
    clock.now += 3600
    bearer(credentials)
    assert own.stats()["hits"] == 2


def test_r09_a_lost_reply_without_grace(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Without grace: one retry, then a sign-in is needed and the text says why; no third try."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(lose="*1@/oauth/token")
    clock.now += 3600
    with pytest.raises(SignInExpired, match="reply"):
        credentials.authorization()
    with pytest.raises(SignInExpired):
        credentials.authorization()
    assert sandbox.stats()["hits"] == 2


def test_r13_a_redirect_is_not_followed(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """The token endpoint sends us elsewhere: refused, the token is kept."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(redirect=f"{sandbox.base_url}/stolen*1@/oauth/token")
    clock.now += 3600
    with pytest.raises(ApiUnavailable, match="redirect"):
        credentials.authorization()
    assert "POST /stolen" not in sandbox.stats()["requests"]
    bearer(credentials)


def test_r19_tokens_that_are_born_expired(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """At most one refresh a call."""
    sandbox.control(expires_in="1")
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    for count in range(1, 4):
        bearer(credentials)
        assert sandbox.stats()["hits"] == count
        clock.now += 1
    clock.step = 1.0  # by now each is over before anybody can look at it
    for count in range(4, 7):
        bearer(credentials)
        assert sandbox.stats()["hits"] == count
