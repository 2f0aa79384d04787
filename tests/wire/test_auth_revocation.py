"""Signing out: which tokens are given back, in which order, under which lock, and what stays (O01, O02)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth import protocol
from outgrow_nb.auth.cache import Held
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.errors import CacheError
from tests.helpers_auth import CLIENT_SECRET, TokenEndpoint, hangs_up, pair, says, swept, token_endpoint
from tests.wire.renewal_support import Kernels, access

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
BOTH = [(pair(0)["refresh_token"], "refresh_token"), (access(0), "access_token")]


class Counting(FileCache):
    """Counts how often its lock is taken."""

    locked = 0

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        self.locked += 1
        with super().exclusive(profile) as held:
            yield held


@pytest.fixture
def kernels(endpoint: TokenEndpoint, tmp_path: Path) -> Kernels:
    return Kernels(endpoint, Counting(tmp_path / "kept"))


def given_back(endpoint: TokenEndpoint) -> list[tuple[str, str]]:
    assert {(body[":path"], body["client_secret"]) for body in endpoint.bodies} == {("/oauth/revoke", CLIENT_SECRET)}
    return [(body["token"], body["token_type_hint"]) for body in endpoint.bodies]


def test_o01_in_order_and_under_the_lock(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The refresh token, then the access token, then the file; the lock is taken once, and nobody else gets it."""
    cache = kernels.cache
    assert isinstance(cache, Counting)
    there: list[bool] = []

    def look(handler: Any) -> None:
        there.append(cache.path("p").exists())
        with (
            pytest.raises(CacheError, match="Another kernel"),
            FileCache(cache.folder, lock_seconds=0.05).exclusive("p"),
        ):
            there.append(False)
        says(b"")(handler)

    endpoint.answers = [look]
    credentials = kernels.signed_in()
    before = cache.locked
    assert credentials.sign_out()
    assert cache.locked == before + 1
    assert given_back(endpoint) == BOTH
    assert there == [True, True]
    assert not cache.path("p").exists()
    assert not credentials.signed_in


@pytest.mark.parametrize(
    ("answer", "hits"),
    [
        *((says(b"", status), 2) for status in (400, 404, 405, 429, 500, 503)),
        (says(b"", 307, Location="/elsewhere"), 1),
        (hangs_up, 1),
    ],
)
def test_o02_a_server_that_does_not_confirm(kernels: Kernels, endpoint: TokenEndpoint, answer: Any, hits: int) -> None:
    """What is kept here goes anyway, the caller is told, and who cannot be reached is not waited for twice."""
    endpoint.answers = [answer]
    credentials = kernels.signed_in()
    assert not credentials.sign_out()
    assert given_back(endpoint) == BOTH[:hits]
    assert kernels.cache.read("p") is None
    assert not credentials.signed_in


def test_o02_nobody_listens(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Likewise without any server."""
    credentials = kernels.signed_in()
    endpoint.close()
    assert not credentials.sign_out()
    assert kernels.cache.read("p") is None


def test_a_token_without_refresh_token(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """What there is is given back."""
    endpoint.answers = [says(b"")]
    token = kernels.entry().token
    assert token is not None
    assert protocol.revoke(kernels.config, type(token)(access=token.access, obtained_at=0.0))
    assert given_back(endpoint) == BOTH[1:]
