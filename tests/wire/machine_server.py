"""An authorization server that rotates refresh tokens and ends a grant when an old one is used; predictable."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.helpers_auth import TokenEndpoint, hangs_up, says

LIFETIME = 3600.0


@dataclass
class Grant:
    """One sign-in as the server knows it.

    Attributes:
        user: Whose it is.
        number: Of the token pair that is current.
        revoked: It has ended.
        repeats: The reply of the last renewal was lost, and may be asked for again.
    """

    user: str
    number: int = 0
    revoked: bool = False
    repeats: bool = False


@dataclass
class Server:
    """The server and what it has seen.

    Attributes:
        endpoint: Its socket.
        now: Its clock, in seconds.
        grants: By name.
        hits: Refresh requests seen.
        reused: Grants of which an old refresh token was used.
        failing: Every request gets a 503.
        deaf: Every revocation does.
        lose: Replies to lose, next ones first; each with or without a grace period.
        lost: How many were.
    """

    endpoint: TokenEndpoint
    now: float = 0.0
    grants: dict[str, Grant] = field(default_factory=dict)
    issued: dict[str, tuple[str, float]] = field(default_factory=dict)
    hits: int = 0
    reused: list[str] = field(default_factory=list)
    failing: bool = False
    deaf: bool = False
    lose: list[bool] = field(default_factory=list)
    lost: int = 0

    def __post_init__(self) -> None:
        self.endpoint.answers = [self._answer]

    def sign_in(self, user: str) -> dict[str, Any]:
        """A new grant's first token answer."""
        name = f"g{len(self.grants)}"
        self.grants[name] = Grant(user)
        return self._pair(name)

    def whose(self, access: str) -> str | None:
        """What the API says to an access token: whose it is, or None for a 401."""
        name, ends = self.issued.get(access, ("", 0.0))
        return self.grants[name].user if name and not self.grants[name].revoked and self.now < ends else None

    def current(self, refresh: str) -> bool:
        """Whether a refresh token would be taken now."""
        name, _, number = refresh.removeprefix("RT-CANARY-").partition("-")
        grant = self.grants[name]
        repeats = grant.repeats and int(number) == grant.number - 1
        return not grant.revoked and (int(number) == grant.number or repeats)

    def grant_of(self, refresh: str) -> str:
        """The name of its grant."""
        return refresh.removeprefix("RT-CANARY-").partition("-")[0]

    def _pair(self, name: str) -> dict[str, Any]:
        grant = self.grants[name]
        access = f"AT-CANARY-{name}-{grant.number:04}"
        self.issued[access] = (name, self.now + LIFETIME)
        refresh = f"RT-CANARY-{name}-{grant.number:04}"
        return {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": LIFETIME}

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = self.endpoint.bodies[-1]
        if body[":path"].endswith("/revoke"):
            if self.failing or self.deaf:
                return says({"error": "server_error"}, 503)(handler)
            if body["token"].startswith("RT-"):
                self.grants[self.grant_of(body["token"])].revoked = True
            return says({})(handler)
        self.hits += 1
        if self.failing:
            return says({"error": "server_error"}, 503)(handler)
        refresh = body["refresh_token"]
        grant = self.grants[self.grant_of(refresh)]
        if not self.current(refresh):
            if not grant.revoked:
                self.reused.append(self.grant_of(refresh))
            grant.revoked = True
            return says({"error": "invalid_grant"}, 400)(handler)
        if int(refresh[-4:]) == grant.number:
            grant.number += 1
        grant.repeats = False
        answer = self._pair(self.grant_of(refresh))
        if self.lose:
            grant.repeats = self.lose.pop(0)
            self.lost += 1
            return hangs_up(handler)
        return says(answer)(handler)
