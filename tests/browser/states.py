"""Every state of the panel, reached in a kernel by what a person does; run by the gallery's notebook, cell by cell."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError, SignInExpired
from outgrow_nb.notebook.environment import Place
from outgrow_nb.notebook.panel import Panel
from outgrow_nb.records import Account
from tests.helpers_auth import ACCESS, Answer, TokenEndpoint, hangs_up, says

ANA = Account(id="u1", email="ana.silva@example.com", name="Ana Silva", company="Northwind Gardens")
BOB = Account(id="u2", email="bob@example.com", name="Bob", company="Northwind Gardens")
GOOD = says({"access_token": ACCESS, "token_type": "bearer", "expires_in": 3600})
GUEST = Place("this computer")
FAR = Place("JupyterHub", remote=True)
KEY = "a-key-of-nobody-0123456789"

_kept: list[Any] = []  # endpoints and panels live as long as the kernel


def _never(config: Config, token: Token) -> Account:
    threading.Event().wait()
    return ANA


def _ids(config: Config, key: Secret) -> Sequence[str]:
    if key.reveal() != KEY:
        raise SignInExpired("Outgrow refused the sign-in.", "Sign in again.")
    return [f"content-{number}" for number in range(14)]


class Person:
    """Somebody at one panel.

    Args:
        place: Where the kernel runs.
        answer: How the token endpoint answers.
        identify: Whose the token is.
        settings: Of the application; no client id leaves the API key.
    """

    def __init__(
        self,
        *,
        place: Place = GUEST,
        answer: Answer = GOOD,
        identify: Callable[[Config, Token], Account] = lambda _config, _token: ANA,
        **settings: Any,
    ) -> None:
        endpoint = TokenEndpoint()
        endpoint.answers = [answer]
        config = Config(**{"client_id": "gallery", "base_url": endpoint.url, "pkce_enforced": False, **settings})
        credentials = Credentials(profile="default", config=config, cache=MemoryCache(), ask=self._ask)
        completion = Completion(credentials, identify=identify, check_key=_ids, permit=lambda _source: None)
        self.desk = Desk(completion, before_open=lambda _desk: None, remote=place.remote)
        self.panel = Panel(self.desk, place)
        self.panel.show()
        _kept.extend([self, endpoint])

    @staticmethod
    def _ask(reason: OutgrowError) -> None:
        raise reason

    def comes_back(self, **fields: str) -> None:
        """The address after Allow, or after another answer, pasted."""
        signin = self.panel.signin
        state = parse_qs(urlsplit(signin.authorization_address().reveal()).query)["state"][0]
        answer = {"code": "CODE-0123456789", **fields}
        query = "&".join(f"{name}={value}" for name, value in answer.items() if value)
        signin.paste(f"{signin.redirect_uri}?{query}&state={state}")


def checking() -> None:
    """A code is exchanged, and the server is slow."""
    person = Person(identify=_never)
    threading.Thread(target=person.comes_back, daemon=True).start()
    _until(lambda: person.panel.signin.status.state == "exchanging")


def signed_out() -> None:
    """Signed in, then the button Sign out."""
    person = Person()
    person.comes_back()
    person.panel._sign_out.click()


def signed_out_unheard() -> None:
    """Signed out while Outgrow does not answer."""
    person = Person(revoke_url="http://127.0.0.1:9/revoke")
    person.comes_back()
    person.panel._sign_out.click()


def by_key(key: str) -> None:
    """The way with a key: the box, or what came of it."""
    person = Person(client_id=None)
    if key:
        person.panel.signin.key(key)


def port_taken() -> None:
    """The registered port is another program's."""
    import socket

    taken = socket.create_server(("127.0.0.1", 0))
    _kept.append(taken)
    Person(redirect_uri=f"http://127.0.0.1:{taken.getsockname()[1]}/callback")


def go_address() -> None:
    """The button's own address, pasted, since the browser is on another computer."""
    person = Person()
    link = person.panel.signin.link
    assert link is not None
    person.panel.signin.paste(link.reveal())


def other_account() -> None:
    """Bob signs in where Ana is kept."""
    person = Person()
    person.comes_back()
    person.desk.completion._identify = lambda _config, _token: BOB
    person.panel._bind(person.desk.open())
    person.comes_back()


STATES: dict[str, Callable[[], object]] = {
    "ready": Person,
    "ready, kernel elsewhere": lambda: Person(place=FAR),
    "ready, API key": lambda: by_key(""),
    "waiting": lambda: Person().panel.waiting(True),
    "waiting, API key": lambda: Person(client_id=None).panel.waiting(True),
    "expired": lambda: Person().panel.waiting(True, messages.ENDED[0]),
    "exchanging": checking,
    "signed in": lambda: Person().comes_back(),
    "signed in by key": lambda: by_key(KEY),
    "adopted": lambda: Person().panel.signin.adopted("Signed in from another notebook as ana.silva@example.com."),
    "declined": lambda: Person().comes_back(code="", error="access_denied"),
    "not a code": lambda: Person().panel.signin.paste("what you asked for"),
    "a go address": go_address,
    "used code": lambda: Person(answer=says({"error": "invalid_grant"}, 400)).comes_back(),
    "key refused": lambda: by_key("another-key-0123456789"),
    "unreachable": lambda: Person(answer=hangs_up).comes_back(),
    "wrong application": lambda: Person(answer=says({"error": "invalid_client"}, 401)).comes_back(),
    "other account": other_account,
    "port taken": port_taken,
    "timed out": lambda: Person().panel.signin.time_out(),
    "stopped": lambda: Person().panel.signin.cancel(),
    "signed out": signed_out,
    "signed out, unheard": signed_out_unheard,
}


def show(name: str) -> None:
    """Draws the panel in that state."""
    STATES[name]()


def _until(true: Callable[[], bool]) -> None:
    with _patience() as tick:
        while not true():
            tick()


@contextmanager
def _patience() -> Iterator[Callable[[], None]]:
    tries = iter(range(500))

    def tick() -> None:
        next(tries)
        threading.Event().wait(0.02)

    yield tick
