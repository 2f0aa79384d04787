"""Shared by the tests of sign-ins: what takes their end, and how they are begun."""

from collections.abc import Iterator

import requests

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import SignInError
from tests.wire.sandbox_fixtures import Sandbox


class Ends:
    """Takes what a sign-in ends with."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.keys: list[Secret] = []

    def token(self, token: Token) -> str:
        self.tokens.append(token)
        return "Signed in."

    def key(self, key: Secret) -> str:
        if key.reveal() == "refused-key":
            raise SignInError(messages.KEY_REFUSED)
        self.keys.append(key)
        return "Connected."


def what_it_ends_with() -> Ends:
    """Use it as a fixture: `ends = pytest.fixture(what_it_ends_with)`."""
    return Ends()


def config_of(sandbox: Sandbox, **changes: object) -> Config:
    settings: dict[str, object] = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.base_url,
        **changes,
    }
    return Config(**settings)  # type: ignore[arg-type]


def begin(config: Config, ends: Ends, *, remote: bool = False, known: tuple[Secret, ...] = ()) -> SignIn:
    return SignIn(config=config, on_token=ends.token, on_key=ends.key, remote=remote, known=known)


def a_sign_in(sandbox: Sandbox, ends: Ends) -> Iterator[SignIn]:
    """A sign-in with the button's link drawn, on a server known to enforce PKCE; use it as a fixture."""
    made = begin(config_of(sandbox, pkce_enforced=True), ends)
    yield made
    made.cancel()


def link(signin: SignIn) -> str:
    found = signin.link
    assert found is not None
    return found.reveal()


def refused(address: str) -> int | None:
    """The status of a GET; None where nobody listens any more."""
    try:
        return requests.get(address, timeout=10).status_code
    except requests.ConnectionError:
        return None
