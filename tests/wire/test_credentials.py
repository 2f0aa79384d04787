"""One profile's sign-in over its life, against the real sandbox: adopted, renewed once, ended."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import (
    CacheError,
    SignInExpired,
    SignInRequired,
)
from outgrow_nb.wire import Bearer
from tests.wire.credentials_support import (
    ANA,
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


def test_nobody_is_signed_in(make: Callable[..., Credentials]) -> None:
    """No sign-in: the error names the ways out, and `wait` asks."""
    credentials = make()
    with pytest.raises(SignInRequired, match="OUTGROW_API_KEY"):
        credentials.authorization()
    with pytest.raises(SignInRequired):
        credentials.wait()
    assert facts(credentials) is None
    assert "not signed in" in repr(credentials)


def test_a_sibling_kernel_adopts(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """What one kernel saves the other uses, without a request, with settings of its own left blank (correction 6)."""
    first = make()
    entry = signed_in(sandbox, clock, first)
    blank = Credentials(profile="default", config=Config(), cache=first.cache, ask=nobody, clock=clock)
    assert bearer(blank) == entry.authorization()
    assert blank.config.secret == Secret(sandbox.client_secret)
    clock.now += 3600
    assert bearer(blank) != entry.authorization()
    assert sandbox.stats()["hits"] == 1
    known = facts(blank)
    assert known is not None
    assert known.who == "ana.silva@example.com (Northwind Gardens)"
    assert known.renews


def test_f11_a_sign_in_of_another_server_is_not_used(
    make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock
) -> None:
    """Settings that name another server or application do not get the saved token."""
    signed_in(sandbox, clock, make())
    for changes in ({"base_url": "https://other.example"}, {"client_id": "other"}, {"api_url": "https://x.example"}):
        with pytest.raises(SignInRequired):
            make(**changes).authorization()


def at_once(credentials: list[Credentials], rejected: Bearer | None = None) -> set[Bearer]:
    """What each of them gives out when all are asked in the same moment."""
    barrier = threading.Barrier(len(credentials))

    def ask(one: Credentials) -> Bearer:
        barrier.wait(20)
        held = one.authorization(rejected)
        assert isinstance(held, Bearer)
        return held

    with ThreadPoolExecutor(len(credentials)) as pool:
        return set(pool.map(ask, credentials))


def test_c01_r18_one_refresh_for_all_threads(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """32 threads meet an expired token: one request, one new token; likewise when 50 get a 401 for the same one."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    (now,) = at_once([credentials] * 32)
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (1, 0)
    (new,) = at_once([credentials] * 50, rejected=now)
    assert new != now
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (2, 0)
    assert sandbox.get("/me", new.token.reveal()).status_code == 200


def test_c02_sixteen_clients(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """16 clients of one process share the cache: one refresh, no reuse, one new token for all."""
    first = make()
    entry = signed_in(sandbox, clock, first)
    clients = [make(first.cache) for _ in range(16)]
    assert {bearer(client) for client in clients} == {entry.authorization()}
    clock.now += 3600
    assert len(at_once(clients)) == 1
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (1, 0)


def test_c09_a_401_reads_the_file_first(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A kernel that was asleep adopts what its sibling renewed, and asks nothing."""
    first, second = make(), make()
    signed_in(sandbox, clock, first)
    old = bearer(second)
    new = first.authorization(old)
    assert second.authorization(old) == new
    assert sandbox.stats()["hits"] == 1


def test_r02_saved_before_it_is_used(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """The rotated pair stands on disk when the caller gets it."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    held = bearer(credentials)
    kept = credentials.cache.read("default")
    assert kept is not None
    assert kept.authorization() == held
    assert kept.account == ANA


def test_r01_an_answer_without_refresh_token(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A server that does not rotate: the old refresh token is kept."""
    sandbox.control(rotation="omit")
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    clock.now += 3600
    bearer(credentials)
    assert entry.token is not None
    assert credentials.entry is not None
    assert credentials.entry.token is not None
    assert credentials.entry.token.refresh == entry.token.refresh


def test_r04_ended_is_asked_once(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A revoked sign-in: one request, then the same answer a hundred times without another; the file stays."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(revoke="all")
    clock.now += 3600
    for _ in range(100):
        with pytest.raises(SignInExpired, match="ended"):
            credentials.authorization()
    assert sandbox.stats()["hits"] == 1
    assert credentials.cache.read("default") is not None
    signed_in(sandbox, clock, credentials)
    bearer(credentials)


@pytest.mark.parametrize("jump", [7200, -7200, 8 * 3600])
def test_r20_the_clock_jumps(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock, jump: float) -> None:
    """Two hours forth or back, eight of sleep, and back: one refresh each at worst, no token past its lifetime."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    for hits, seconds in ((1, jump), (2, -jump)):
        clock.now += seconds
        for _ in range(3):
            bearer(credentials)
            assert credentials.entry is not None
            token = credentials.entry.token
            assert token is not None
            assert not token.is_over(clock.now)
            assert 0 <= clock.now - token.obtained_at < 3600
        assert sandbox.stats()["hits"] <= hits
    assert sandbox.stats()["reuses"] == 0


def test_f13_a_place_that_cannot_be_written(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Before the POST: the old token is not spent, the error names the path; a valid one is used on meanwhile."""
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    assert isinstance(credentials.cache, FileCache)
    folder = credentials.cache.folder
    folder.chmod(0o777)
    clock.now += 3600 - 30
    assert bearer(credentials) == entry.authorization()
    clock.now += 60
    with pytest.raises(CacheError, match=str(folder)):
        credentials.authorization()
    assert sandbox.stats()["hits"] == 0
    folder.chmod(0o700)
    assert bearer(credentials) != entry.authorization()
