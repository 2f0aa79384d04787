"""Renewal against a token endpoint that answers as told, and caches that fail where they must not be trusted."""

import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.cache import Held, MemoryCache, TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiUnavailable, CacheError, ConfigError, OutgrowError, SignInExpired, UnexpectedAnswer
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer
from tests.helpers_auth import (
    CLIENT_SECRET,
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
ANA, BOB = Account(id="1", email="ana@example.com"), Account(id="2", email="bob@example.org")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Troubled(FileCache):
    """A cache of files on a disk that fails when told to.

    Attributes:
        fails: What raises, and what it raises: "write", "delete", "exclusive".
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.fails: dict[str, Exception] = {}

    def trouble(self, at: str) -> None:
        if at in self.fails:
            raise self.fails[at]

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        self.trouble("exclusive")
        with super().exclusive(profile) as held:
            yield _TroubledHeld(self, held)


class _TroubledHeld:
    def __init__(self, cache: Troubled, held: Held) -> None:
        self._cache, self._held = cache, held

    def read(self) -> Entry | None:
        return self._held.read()

    def reserve(self) -> None:
        self._held.reserve()

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        self._cache.trouble("write")
        self._held.write(entry, anew=anew)

    def delete(self) -> None:
        self._cache.trouble("delete")
        self._held.delete()


class Kernels:
    """Kernels that share a cache and a clock, and an endpoint they renew at."""

    def __init__(self, endpoint: TokenEndpoint, cache: TokenCache) -> None:
        self.endpoint, self.cache, self.clock = endpoint, cache, Clock()
        self.config = Config(client_id="app", client_secret=CLIENT_SECRET, base_url=endpoint.url)

    def kernel(self, **changes: Any) -> Credentials:
        def nobody(reason: OutgrowError) -> None:
            raise reason

        settings = {"profile": "p", "config": self.config, "cache": self.cache, "ask": nobody, "clock": self.clock}
        return Credentials(**{**settings, **changes})

    def entry(self, number: int = 0, account: Account | None = ANA, **more: Any) -> Entry:
        held = pair(number)
        token = Token(
            access=Secret(held["access_token"]),
            refresh=Secret(held["refresh_token"]),
            obtained_at=self.clock.now,
            lifetime=3600.0,
            scope="contents leads",
        )
        return Entry(config=self.config, token=token, account=account, **more)

    def signed_in(self, number: int = 0, **more: Any) -> Credentials:
        made = self.kernel()
        made.accept(self.entry(number, **more))
        return made

    @property
    def sent(self) -> list[str]:
        """The refresh tokens that were sent, in order."""
        return [body["refresh_token"] for body in self.endpoint.bodies if body.get("grant_type") == "refresh_token"]


@pytest.fixture
def kernels(endpoint: TokenEndpoint, tmp_path: Path) -> Kernels:
    return Kernels(endpoint, Troubled(tmp_path / "kept"))


def shown(credentials: Credentials, rejected: Bearer | None = None) -> str:
    held = credentials.authorization(rejected)
    assert isinstance(held, Bearer)
    return held.token.reveal()


def access(number: int) -> str:
    return str(pair(number)["access_token"])


def test_c01_one_renewal_for_many_threads(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """32 threads and an expired token: one request, one outcome."""
    endpoint.answers = [says(pair(1)), says(pair(2))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    barrier = threading.Barrier(32)

    def ask(_: int) -> str:
        barrier.wait(10)
        return shown(credentials)

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(ask, range(32))) == {access(1)}
    assert len(kernels.sent) == 1


@pytest.mark.parametrize(
    ("scope", "warned"),
    [("leads", True), ("leads contents", False), ("leads contents profile", False), (None, False)],
)
def test_r03_scope(kernels: Kernels, endpoint: TokenEndpoint, scope: str | None, warned: bool) -> None:
    """Whatever the scope becomes, the token is kept; less of it is told once."""
    endpoint.answers = [says(pair(1, **({"scope": scope} if scope else {})))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert [shown(credentials) for _ in range(3)] == [access(1)] * 3
    assert [("without contents" in str(warning.message)) for warning in told] == [True] * warned
    kept = kernels.cache.read("p")
    assert kept is not None
    assert kept.authorization() == Bearer(Secret(access(1)))


@pytest.mark.parametrize(
    "answer", [says({}, 503), says({"m": 1}, 403), says(b"<html>"), says({"error": "invalid_client"}, 401), hangs_up]
)
def test_s02_nothing_in_any_frame(kernels: Kernels, endpoint: TokenEndpoint, answer: Any) -> None:
    """R06, R07, R10: the token is kept, a clear error, and no secret in any frame behind it."""
    endpoint.answers = [answer]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with pytest.raises((ApiUnavailable, UnexpectedAnswer, ConfigError)) as caught:
        credentials.authorization()
    assert_clean(caught.value)
    assert kernels.cache.read("p") is not None
    endpoint.answers = [says(pair(1))]
    assert shown(credentials) == access(1)


def test_r09_no_third_try(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Lost once, refused once: the sign-in is over, and the text says that the reply was lost."""
    endpoint.answers = [hangs_up, says({"error": "invalid_grant"}, 400)]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    for _ in range(3):
        with pytest.raises(SignInExpired, match="reply") as caught:
            credentials.authorization()
        assert_clean(caught.value)
    assert len(kernels.sent) == 2


def test_r05_a_sibling_was_faster(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """C08: what a sibling renewed is adopted without a request."""
    endpoint.answers = [says(pair(1)), says({"error": "invalid_grant"}, 400)]
    first, second = kernels.signed_in(), kernels.kernel()
    shown(second)
    kernels.clock.now += 3600
    assert (shown(first), shown(second)) == (access(1), access(1))
    assert shown(second, Bearer(Secret(access(0)))) == access(1)
    assert len(kernels.sent) == 1


@pytest.mark.parametrize("deletable", [True, False])
def test_f14_the_save_fails_after_the_request(kernels: Kernels, endpoint: TokenEndpoint, deletable: bool) -> None:
    """From memory, one warning, and once the disk works the newest token is saved; no spent one is ever sent."""
    endpoint.answers = [says(pair(number)) for number in range(1, 9)]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    trouble = CacheError("Can't write the file.", "Free some space.")
    kernels.cache.fails = {"write": trouble} if deletable else {"write": trouble, "delete": trouble}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        assert shown(credentials) == access(1)
    assert shown(credentials) == access(1)
    assert not credentials.saved
    assert (kernels.cache.read("p") is None) == deletable
    kernels.cache.fails = {}
    kernels.clock.now += 3600
    assert shown(credentials) == access(2)
    assert credentials.saved
    assert shown(kernels.kernel()) == access(2)
    assert kernels.sent == [pair(0)["refresh_token"], pair(1)["refresh_token"]]


def test_f14_a_mask_key_does_not_bring_the_spent_token_back(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """What is written after a failed save is the newest sign-in, not what the disk still held."""
    endpoint.answers = [says(pair(1, refresh_token="RT-CANARY-00000000"))]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"write": CacheError("Can't write.", "")}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        shown(credentials)
    kernels.cache.fails = {}
    assert len(mask_key(credentials)) == 32
    assert shown(credentials) == access(1)
    assert shown(kernels.kernel()) == access(1)
    assert len(kernels.sent) == 1


def test_a_sign_out_after_a_failed_save_gives_the_newest_back(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The tokens in memory are revoked, not the spent ones on disk."""
    endpoint.answers = [says(pair(1, refresh_token="RT-CANARY-00000000")), says(b"")]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"write": CacheError("Can't write.", "")}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        shown(credentials)
    assert credentials.sign_out()
    assert endpoint.bodies[-1]["token"] == access(1)
    assert kernels.cache.read("p") is None


@pytest.mark.parametrize("problem", [CacheError("Can't lock.", "Wait."), RuntimeError("RT-CANARY-in-a-bug")])
def test_c03_a_renewal_that_raises_releases_everybody(
    kernels: Kernels, endpoint: TokenEndpoint, problem: Exception
) -> None:
    """Waiters are told, no secret of a bug is shown, and the next call tries again."""
    endpoint.answers = [says(pair(1))]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"exclusive": problem}
    kernels.clock.now += 3600
    barrier = threading.Barrier(8)

    def ask(_: int) -> bool:
        barrier.wait(10)
        with pytest.raises(OutgrowError) as caught:
            credentials.authorization()
        assert_clean(caught.value)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8), timeout=20))
    assert kernels.sent == []
    kernels.cache.fails = {}
    assert shown(credentials) == access(1)


def test_l20_users_in_memory_are_not_mixed(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Not kept, renewed, then somebody else, not kept either: the second person's token is the one that is renewed."""
    endpoint.answers = [says(pair(1)), says(pair(6))]
    credentials = kernels.kernel()
    assert not credentials.accept(kernels.entry(0), keep=False)
    kernels.clock.now += 3600
    assert shown(credentials) == access(1)
    assert not credentials.accept(kernels.entry(5, account=BOB), keep=False)
    assert shown(credentials) == access(5)
    kernels.clock.now += 3600
    assert shown(credentials) == access(6)
    assert kernels.sent == [pair(0)["refresh_token"], pair(5)["refresh_token"]]
    assert kernels.cache.read("p") is None


def test_a02_kept_after_one_that_was_not(kernels: Kernels) -> None:
    """The box "Keep on this computer" counts for each sign-in, not for all that follow."""
    credentials = kernels.kernel()
    credentials.accept(kernels.entry(0), keep=False)
    assert credentials.accept(kernels.entry(1), keep=True)
    assert credentials.saved
    assert kernels.cache.read("p") is not None


def test_a01_signing_out_of_an_environment_key(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The sign-in that somebody keeps in the same profile is not touched."""
    kernels.signed_in()
    key = Entry(config=kernels.config, api_key=Secret("KEY-CANARY-1"))
    by_key = kernels.kernel(entry=key, kept=False)
    assert by_key.authorization() == ApiKey(Secret("KEY-CANARY-1"))
    assert by_key.sign_out()
    assert endpoint.bodies == []
    assert shown(kernels.kernel()) == access(0)


def test_c13_signing_out_of_what_another_person_replaced(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Mine is given back; somebody else's saved sign-in stays."""
    endpoint.answers = [says(b"")]
    mine = kernels.signed_in(0)
    kernels.signed_in(5, account=BOB)
    assert mine.sign_out()
    assert {body["token"] for body in endpoint.bodies} == {access(0), pair(0)["refresh_token"]}
    assert shown(kernels.kernel()) == access(5)


def test_f11_signing_out_elsewhere_sends_no_token_there(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """A profile of another server is given back to its own server, and forgotten."""
    endpoint.answers = [says(b"")]
    kernels.signed_in()
    for other in token_endpoint():
        elsewhere = kernels.kernel(config=Config(client_id="app", client_secret="s" * 12, base_url=other.url))
        assert elsewhere.sign_out()
        assert other.bodies == []
    assert [body["client_secret"] for body in endpoint.bodies] == [CLIENT_SECRET] * 2
    assert kernels.cache.read("p") is None


def test_o03_twice_and_with_nothing(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Signing out where nobody is signed in, or again, is fine; a torn file and its copies go as well."""
    endpoint.answers = [says(b"")]
    credentials = kernels.signed_in()
    cache = kernels.cache
    assert isinstance(cache, FileCache)
    cache.path("p").write_bytes(b"{torn")
    assert cache.read("p") is None
    assert list(cache.folder.glob("*.corrupt-*"))
    for _ in range(3):
        assert credentials.sign_out()
    assert [path.suffix for path in cache.folder.iterdir()] == [".lock"]


def test_s02_a_cache_of_a_newer_version(kernels: Kernels) -> None:
    """F10: the error names the file; no frame holds its bytes."""
    kernels.signed_in()
    cache = kernels.cache
    assert isinstance(cache, FileCache)
    path = cache.path("p")
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    with pytest.raises(CacheError, match="newer version") as caught:
        kernels.kernel().authorization()
    assert_clean(caught.value)


def test_s02_a_place_that_cannot_be_written(kernels: Kernels, tmp_path: Path) -> None:
    """F13: no frame behind the error holds what was to be written."""
    cache = FileCache(tmp_path / "kept2")
    with cache.exclusive("p") as held:
        held.reserve()
        cache.path("p").mkdir()
        with pytest.raises(CacheError) as caught:
            held.write(kernels.entry())
    assert_clean(caught.value)


def test_memory_alone(endpoint: TokenEndpoint) -> None:
    """A `MemoryCache` renews and signs out like any other."""
    endpoint.answers = [says(pair(1)), says(b"")]
    kernels = Kernels(endpoint, MemoryCache())
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    assert shown(credentials) == access(1)
    assert not credentials.saved
    assert credentials.sign_out()
    assert kernels.cache.read("p") is None
