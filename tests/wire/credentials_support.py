"""Shared by the tests of one profile's sign-in against the sandbox: credentials, tokens, a clock set by hand."""

from collections.abc import Callable
from pathlib import Path

from outgrow_nb.auth.cache import TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.records import Account
from outgrow_nb.wire import Bearer
from tests.wire.sandbox_fixtures import Sandbox

ANA = Account(id="ana", email="ana.silva@example.com", company="Northwind Gardens")
BEA = Account(id="bea", email="bea@example.org")


class Clock:
    """A clock that is set by hand, and goes on by a step at each look."""

    def __init__(self) -> None:
        self.now, self.step = 1_000_000.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def hand_set_clock() -> Clock:
    """Use it as a fixture: `clock = pytest.fixture(hand_set_clock)`."""
    return Clock()


def nobody(reason: OutgrowError) -> None:
    raise reason


def credentials_of_one_profile(sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Credentials]:
    """Credentials in one cache; call it again for another kernel's. Use it as a fixture: `make`."""

    def made(cache: TokenCache | None = None, **changes: object) -> Credentials:
        settings: dict[str, object] = {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "base_url": sandbox.base_url,
            **changes,
        }
        config = Config(**settings)  # type: ignore[arg-type]
        kept = cache or FileCache(tmp_path / "kept")
        return Credentials(profile="default", config=config, cache=kept, ask=nobody, clock=clock)

    return made


def token_of(sandbox: Sandbox, clock: Clock, **answer: object) -> Token:
    given = sandbox.sign_in()
    return Token(
        access=Secret(given["access_token"]),
        refresh=Secret(given["refresh_token"]),
        obtained_at=clock.now,
        lifetime=3600.0,
        scope="profile contents leads",
    )


def signed_in(sandbox: Sandbox, clock: Clock, credentials: Credentials, account: Account | None = ANA) -> Entry:
    entry = Entry(config=credentials.config, token=token_of(sandbox, clock), account=account)
    credentials.accept(entry)
    return entry


def bearer(credentials: Credentials) -> Bearer:
    held = credentials.authorization()
    assert isinstance(held, Bearer)
    return held
