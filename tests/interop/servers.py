"""An authorization server that nobody here wrote, as a process of its own, and our client as its user has it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests

from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State
from outgrow_nb.auth.token import Token
from outgrow_nb.client import Outgrow
from outgrow_nb.config import Config, Settings
from outgrow_nb.connection import open_desk
from outgrow_nb.errors import OutgrowError
from tests.interop.browser import Browser

SHORT_SECONDS = 2.0
SECRETS = {
    "post": "a secret of plain letters and blanks",
    "basic": "another-secret_of.plain~letters",
    "basic-awkward": "50%+1:/?&=%41 and blanks",  # what application/x-www-form-urlencoded is for
    "short-lived": "the tokens of this one live two seconds",
}


@dataclass(frozen=True)
class Server:
    """A running authorization server.

    Attributes:
        told: Its addresses, as fields of a `Config`.
        browser: A new browser of a person who has an account there.
    """

    told: dict[str, str]
    browser: Callable[[], Browser]

    def config(self, client: str = "post", **changes: Any) -> Config:
        """How to reach it as one of its applications."""
        way: Literal["post", "basic"] = "basic" if client.startswith("basic") else "post"
        fields = {"client_id": client, "client_secret": SECRETS.get(client), "client_auth": way, **self.told}
        return Config(**{**fields, **changes})

    def me(self, token: Token) -> int:
        """The status its API gives for an access token."""
        bearer = {"Authorization": f"Bearer {token.access.reveal()}"}
        return requests.get(f"{self.told['base_url']}/api/v1/me", headers=bearer, timeout=30).status_code

    def refresh(self, token: Token, *, client: str = "post") -> tuple[int, Any]:
        """Somebody else's use of a refresh token: the status and the error of the answer."""
        assert token.refresh is not None
        body = {"grant_type": "refresh_token", "refresh_token": token.refresh.reveal(), "client_id": client}
        body |= {"client_secret": SECRETS[client]} if client in SECRETS else {}
        answer = requests.post(self.told["token_url"], data=body, timeout=30)
        return answer.status_code, answer.json().get("error")


@contextmanager
def running(command: list[str], *, cwd: Path, log: Path, browser: Callable[[], Browser]) -> Iterator[Server]:
    """Starts a server that says on one line of JSON where it is; it is ended with the block."""
    with log.open("wb") as trouble:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "SECRETS": json.dumps(SECRETS)},
            stdout=subprocess.PIPE,
            stderr=trouble,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, log.read_text()
        yield Server(json.loads(line), browser)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class Person:
    """Who is asked to sign in, and does so if willing; counts how often."""

    remote, progress = False, None

    def __init__(self, server: Server, *, willing: bool = False) -> None:
        self._server, self.willing = server, willing
        self.asked: list[OutgrowError] = []

    def greet(self, client: Outgrow) -> None:
        """Nothing to show."""

    def offer(self, desk: Desk) -> None:
        """Nothing to show."""

    def ask(self, desk: Desk, reason: OutgrowError) -> None:
        """Signs in at the server's pages, or lets it be."""
        self.asked.append(reason)
        if not self.willing:
            raise reason
        signin = sign_in(desk, self._server.browser())
        assert signin.status.state is State.SIGNED_IN, signin.status.text


@dataclass(frozen=True)
class Kernel:
    """One kernel's client: `connect()` without a front end."""

    desk: Desk
    og: Outgrow
    person: Person

    @property
    def token(self) -> Token:
        """What it holds."""
        entry = self.desk.credentials.entry
        assert entry is not None
        assert entry.token is not None
        return entry.token

    def renew(self) -> Token:
        """What a 401 leads to."""
        credentials = self.desk.credentials
        credentials.authorization(rejected=credentials.authorization())
        return self.token


def start(server: Server, config: Config, folder: Path) -> Kernel:
    """A kernel with its sign-ins in `folder`; signed in if a sibling has saved one there."""
    person = Person(server)
    desk = open_desk(Settings(config=config, profile="default", folder=folder), person)
    desk.credentials.look()
    return Kernel(desk, Outgrow(desk.credentials), person)


def sign_in(desk: Desk, browser: Browser) -> SignIn:
    """The redirect route: the button, the server's pages, our listener."""
    signin = desk.open()
    assert signin.link is not None
    page = browser.open(browser.walk(signin.link.reveal(), until=signin.redirect_uri))
    assert ("You're signed in" in page.text.replace("&#x27;", "'")) == (signin.status.state is State.SIGNED_IN)
    return signin
