"""A file of another server or application put in a profile's place: its token goes nowhere (F11)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from outgrow_nb.auth import renewal
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import SignInExpired, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer
from tests.helpers_auth import TokenEndpoint, pair, says, swept, token_endpoint
from tests.unit.kept_support import ENTRY, NOW, OTHER, Kernel, forget, put

no_canary = pytest.fixture(autouse=True)(swept)
endpoint, foreign = pytest.fixture(token_endpoint), pytest.fixture(token_endpoint)
CHANGES: dict[str, Callable[[str], dict[str, str]]] = {
    "issuer": lambda url: {"issuer": url},
    "client": lambda url: {"client_id": "other"},
    "token endpoint": lambda url: {"token_url": url},
    "revocation endpoint": lambda url: {"revoke_url": url},
    "server": lambda url: {"base_url": url, "token_url": url},
    "API": lambda url: {"api_url": url},
}


def settings(endpoint: TokenEndpoint, **changes: str) -> Config:
    """Settings that name every address."""
    named = {
        "client_id": "nb",
        "issuer": endpoint.url,
        "base_url": endpoint.url,
        "api_url": f"{endpoint.url}/api/v1",
        "token_url": f"{endpoint.url}/oauth/token",
        "revoke_url": f"{endpoint.url}/oauth/revoke",
    }
    return Config(**{**named, **changes})  # type: ignore[arg-type]


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache")


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("running", [False, True], ids=["at the start", "meanwhile"])
def test_f11_swapped_in(
    files: FileCache, endpoint: TokenEndpoint, foreign: TokenEndpoint, name: str, running: bool
) -> None:
    """Before a kernel starts or while it runs, due or refused: no server hears of it, and the sign-in is asked for."""
    endpoint.answers, foreign.answers = [says(pair(8))], [says(pair(9))]
    mine = replace(ENTRY, config=settings(endpoint))
    kernel = Kernel(files, settings(endpoint), person=mine)
    if running:
        kernel.accept(mine)
        assert kernel.authorization() == Bearer(Secret("AT-CANARY-1"))
    theirs = replace(OTHER, config=settings(endpoint, **CHANGES[name](foreign.url)), account=None)
    put(files, entry=theirs)
    kernel.now += 3600
    for rejected in (None, Bearer(Secret("AT-CANARY-1")), Bearer(Secret("AT-CANARY-2"))):
        with pytest.raises(SignInExpired if running else SignInRequired):
            kernel.authorization(rejected)
    assert kernel.look() is None
    assert (endpoint.bodies, foreign.bodies) == ([], [])
    kernel.now -= 3600
    assert kernel.call() == Bearer(Secret("AT-CANARY-1"))
    assert kernel.asked == 1
    assert (files.read(kernel.profile), files.read("default")) == (mine, theirs)
    assert (endpoint.bodies, foreign.bodies) == ([], [])


def test_f11_swapped_in_under_the_lock(files: FileCache, endpoint: TokenEndpoint, foreign: TokenEndpoint) -> None:
    """A file that is swapped in while a kernel waits for the lock is neither sent anywhere nor written over."""
    mine, theirs = replace(ENTRY, config=settings(endpoint)), replace(OTHER, config=settings(foreign), account=None)
    put(files, entry=theirs)
    endpoint.answers, foreign.answers = [says(pair(8))], [says(pair(9))]
    with pytest.raises(SignInExpired, match="another server or application"):
        renewal.renew(
            "default", mine.config, files, mine,
            rejected=None, newer_than_kept=False, was_kept=True, clock=lambda: NOW + 3600,
        )  # fmt: skip
    assert (endpoint.bodies, foreign.bodies) == ([], [])
    assert files.read("default") == theirs


@pytest.mark.parametrize("change", ["https://other.example/api/v1", None])
def test_f11_a_key_for_another_api(files: FileCache, change: str | None) -> None:
    """A key that was checked at one address is not used at another."""
    kept = Entry(config=Config(api_url="https://one.example/api/v1"), api_key=Secret("KEY-CANARY-1"))
    put(files, entry=kept)
    kernel = Kernel(files, Config(api_url=change))
    if change is None:
        assert kernel.authorization() == ApiKey(Secret("KEY-CANARY-1"))
    else:
        with pytest.raises(SignInRequired):
            kernel.authorization()


def test_c13_somebody_else_after_a_sign_out(files: FileCache) -> None:
    """A kernel that was signed out elsewhere goes on as the same person alone, until somebody signs in in it."""
    mine, theirs = (replace(entry, account=Account(id=who)) for entry, who in ((ENTRY, "A"), (OTHER, "B")))
    kernel = Kernel(files)
    kernel.accept(mine)
    forget(files)
    with pytest.raises(SignInExpired, match="signed out"):
        kernel.authorization()
    put(files, entry=theirs)
    for _ in range(2):
        with pytest.raises(SignInExpired, match="Another notebook signed in to this profile"):
            kernel.authorization()
    put(files, entry=mine)
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-1"))
    forget(files)
    kernel.look()
    kernel.sign_out()
    put(files, entry=theirs)
    assert kernel.look() == theirs
