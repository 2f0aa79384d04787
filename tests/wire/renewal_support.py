"""Shared by the tests of renewals: kernels with one cache and one clock, and a cache that fails when it is told to."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outgrow_nb.auth.cache import Held, TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.records import Account
from outgrow_nb.wire import Bearer
from tests.helpers_auth import CLIENT_SECRET, TokenEndpoint, pair

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
        self.fails: dict[str, BaseException] = {}

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

    def __init__(self, endpoint: TokenEndpoint, cache: TokenCache, **config: Any) -> None:
        self.endpoint, self.cache, self.clock, self.asked = endpoint, cache, Clock(), 0
        given = {"client_id": "app", "client_secret": CLIENT_SECRET, "base_url": endpoint.url, **config}
        self.config = Config(**given)

    def now(self) -> "Kernels":
        """With the clock at the real time."""
        self.clock.now = time.time()
        return self

    def kernel(self, **changes: Any) -> Credentials:
        def nobody(reason: OutgrowError) -> None:
            self.asked += 1
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


def troubled_kernels(endpoint: TokenEndpoint, tmp_path: Path) -> Kernels:
    """Kernels whose disk fails when told to; use it as a fixture."""
    return Kernels(endpoint, Troubled(tmp_path / "kept"))


def shown(credentials: Credentials, rejected: Bearer | None = None) -> str:
    """The access token that a call would use."""
    held = credentials.authorization(rejected)
    assert isinstance(held, Bearer)
    return held.token.reveal()


def access(number: int) -> str:
    """The access token of that number's pair."""
    return str(pair(number)["access_token"])
