"""Calls inside calls of the same thread (C16): no deadlock of its own making, a clear error at worst."""

import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, OutgrowError, SignInRequired
from outgrow_nb.records import Account
from tests.helpers_auth import TokenEndpoint, pair, says, token_endpoint
from tests.unit.kept_support import within
from tests.wire.renewal_support import ANA, Kernels, access, shown

endpoint = pytest.fixture(token_endpoint)


@pytest.fixture
def kernels(endpoint: TokenEndpoint, tmp_path: Path) -> Kernels:
    return Kernels(endpoint, FileCache(tmp_path / "kept", lock_seconds=0.3))


@pytest.fixture
def with_each_warning(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[str], object]], None]]:
    """Calls a handler with each warning of the test, as a notebook's own may be called."""

    def handle_by(handler: Callable[[str], object]) -> None:
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda message, *more, **others: handler(str(message)))

    with warnings.catch_warnings():
        yield handle_by
        monkeypatch.undo()


def test_c16_a_call_inside_the_warning_of_a_renewal(
    kernels: Kernels, endpoint: TokenEndpoint, with_each_warning: Callable[[Callable[[str], object]], None]
) -> None:
    """Whoever handles the warning that a renewal narrowed the scope may read."""
    endpoint.answers = [says(pair(1, scope="leads")), says(pair(2))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    told: list[tuple[str, str]] = []
    with_each_warning(lambda message: told.append((message, shown(credentials))))
    assert within(5, lambda: shown(credentials)) == access(1)
    ((message, inside),) = told
    assert "less access than before" in message
    assert inside == access(1)
    assert len(kernels.sent) == 1


def test_c16_a_call_inside_the_warning_of_a_file(
    kernels: Kernels, endpoint: TokenEndpoint, with_each_warning: Callable[[Callable[[str], object]], None]
) -> None:
    """Whoever handles the warning that others could read the file may read: it comes while the file is looked at."""
    endpoint.answers = [says(pair(1))]
    kernels.signed_in()
    assert isinstance(kernels.cache, FileCache)
    kernels.cache.path("p").chmod(0o644)
    credentials, told = kernels.kernel(), list[str]()
    with_each_warning(lambda message: told.append(f"{message} {shown(credentials)}"))
    assert within(5, lambda: shown(credentials)) == access(1)
    assert len(kernels.sent) == 1
    assert "Other users could read" in told[0]


def test_c16_a_call_inside_the_question_whose_token_it_is(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Before a sign-in is kept there is nobody to read as: said at once; the sign-in itself goes on."""
    credentials, told = kernels.kernel(), list[str]()

    def identify(config: Config, token: Token) -> Account:
        with pytest.raises(SignInRequired) as caught:
            credentials.authorization()
        told.append(caught.value.problem)
        return ANA

    ending = Completion(credentials, identify=identify, check_key=lambda config, key: (), permit=lambda source: None)
    token = kernels.entry().token
    assert token is not None
    assert "ana@example.com" in within(5, lambda: ending.token(token))
    assert len(told) == 1
    assert shown(credentials) == access(0)


def test_c16_the_lock_twice_in_one_thread(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """A file's lock is not given twice: who asks again waits as long as for another kernel, and is then told."""

    def twice() -> None:
        with kernels.cache.exclusive("p"), kernels.cache.exclusive("p"):
            raise AssertionError("given twice")

    with pytest.raises(CacheError, match="Another kernel has been renewing"):
        within(5, twice)
    kernels.signed_in()
    assert kernels.cache.read("p") is not None


@pytest.mark.parametrize("inner", [shown, mask_key, lambda credentials: credentials.sign_out()])
def test_c16_a_call_inside_a_change(kernels: Kernels, endpoint: TokenEndpoint, inner: Callable[[Any], object]) -> None:
    """Under the lock anything that needs it is told so, in bounded time; what was being changed is whole afterwards."""
    endpoint.answers = [says(pair(1))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    told: list[OutgrowError] = []

    def change(entry: Entry) -> Entry:
        with pytest.raises(CacheError) as caught:
            inner(credentials)
        told.append(caught.value)
        return entry

    within(10, lambda: credentials.amend(change))
    assert [type(error) for error in told] == [CacheError]
    assert kernels.sent == []
    assert shown(credentials) == access(1)


@pytest.mark.parametrize("again", ["paste", "key", "time out", "cancel"])
def test_c16_a_watcher_that_acts(again: str) -> None:
    """Whoever watches a sign-in may use it from there, also in the midst of an exchange."""
    done: list[str] = []

    def watch(status: Status) -> None:
        if status.state is State.EXCHANGING and not done:
            done.append(again)
            {
                "paste": lambda: signin.paste("two words"),
                "key": lambda: signin.key("KEY-2-of-the-test"),
                "time out": signin.time_out,
                "cancel": signin.cancel,
            }[again]()

    signin = SignIn(config=Config(), on_token=lambda token: "", on_key=lambda key: "Connected.")
    signin.watch(watch)
    within(5, lambda: signin.key("KEY-1-of-the-test"))
    assert done == [again]
    assert signin.status.final


def test_c16_the_cache_in_memory(kernels: Kernels) -> None:
    """In one kernel the lock is the same thread's as often as it asks."""
    cache: TokenCache = MemoryCache()

    def twice() -> None:
        with cache.exclusive("p") as outer, cache.exclusive("p") as inner:
            inner.write(kernels.entry(1))
            outer.write(kernels.entry(2))

    within(5, twice)
    kept = cache.read("p")
    assert kept is not None
    assert kept.token == kernels.entry(2).token
    other = threading.Thread(target=lambda: cache.read("p"))
    other.start()
    other.join(5)
    assert not other.is_alive()


def test_c16_a_key_is_wanted_inside_a_wait(kernels: Kernels) -> None:
    """Who is asked to sign in may look whether somebody has: the question holds no lock."""
    asked: list[bool] = []

    def ask(reason: OutgrowError) -> None:
        asked.append(credentials.signed_in)
        assert credentials.look() is None
        credentials.accept(Entry(config=kernels.config, api_key=Secret("KEY-of-the-test")))

    credentials = kernels.kernel(ask=ask)
    within(5, credentials.wait)
    assert asked == [False]
    assert credentials.signed_in
