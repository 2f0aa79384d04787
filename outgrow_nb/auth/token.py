"""`Token`, and the total parser of a token endpoint's answer: a Token or our error, nothing else."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from outgrow_nb.config import Secret
from outgrow_nb.errors import UnexpectedAnswer
from outgrow_nb.wire import plain

MAX_ANSWER = 256 * 1024
_TEN_YEARS = 10 * 365 * 86400.0
_LONGEST = 64 * 1024


class RefusedByServer(Exception):
    """The token endpoint answered with an OAuth error (RFC 6749 section 5.2).

    Attributes:
        code: The error code, such as ``invalid_grant``.
        description: The server's words, made fit to be shown.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token and what renews it.

    Attributes:
        access: The access token.
        refresh: The refresh token, None where the server gave none.
        obtained_at: When it was received, POSIX seconds.
        lifetime: Seconds it was said to live, None where the server did not say.
        scope: The scopes as the server named them.
    """

    access: Secret = field(repr=False)
    refresh: Secret | None = field(default=None, repr=False)
    obtained_at: float
    lifetime: float | None = None
    scope: str | None = None

    def leeway(self) -> float:
        """Seconds before its end at which a token counts as due: a minute, or a fifth of a short lifetime."""
        return min(60.0, 0.2 * self.lifetime) if self.lifetime is not None else 0.0

    def is_due(self, now: float) -> bool:
        """Whether it should be refreshed before it is used again; a clock set back counts as due."""
        if self.lifetime is None:
            return False
        return not (self.obtained_at - 300 <= now < self.obtained_at + self.lifetime - self.leeway())

    def is_over(self, now: float) -> bool:
        """Whether its lifetime has ended."""
        return self.lifetime is not None and now >= self.obtained_at + self.lifetime


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result and name in ("access_token", "refresh_token", "token_type", "error", "expires_in"):
            raise ValueError("twice the same field")
        result[name] = value
    return result


def _lifetime(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        seconds = math.inf if isinstance(value, int) and value > 0 else math.nan
    return min(seconds, _TEN_YEARS) if seconds >= 1 else None


def _secret(name: str, value: object) -> Secret:
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        raise UnexpectedAnswer(
            f"Outgrow's token answer has no usable {name}.", "Sign in again; tell Outgrow if it stays."
        )
    if any(not 33 <= ord(char) <= 126 for char in value):
        raise UnexpectedAnswer(
            f"Outgrow's token answer has an impossible {name}.", "Sign in again; tell Outgrow if it stays."
        )
    return Secret(value)


def parse(
    body: bytes, *, status: int, now: float, previous: Token | None = None, secrets: tuple[Secret, ...] = ()
) -> Token:
    """Reads a token endpoint's answer (RFC 6749 sections 5.1 and 5.2).

    Args:
        body: The answer.
        status: Its HTTP status.
        now: POSIX seconds.
        previous: The token that is being refreshed; its refresh token and scope are kept when the answer omits them.
        secrets: What the server's words must not show.

    Returns:
        The token.

    Raises:
        RefusedByServer: The server said no, with a code.
        UnexpectedAnswer: Anything else that is not a token.
    """
    answer: object = None
    try:
        if len(body) <= MAX_ANSWER:
            answer = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnexpectedAnswer(
            f"Outgrow's token endpoint answered with something that is not a token (status {status}).",
            "A sign-in page of the network may stand in between: open a website in a browser, then run the cell again.",
        )
    error = answer.get("error")
    if error is not None or not 200 <= status < 300:
        code = error if isinstance(error, str) else f"status {status}"
        words = answer.get("error_description")
        raise RefusedByServer(plain(code, secrets, 60), plain(words, secrets) if isinstance(words, str) else "")
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise UnexpectedAnswer("Outgrow's token is not a bearer token.", "Check the token_url of your Config.")
    refresh = answer.get("refresh_token")
    scope = answer.get("scope")
    if not isinstance(scope, str) or not scope.isprintable():
        scope = previous.scope if previous else None
    return Token(
        access=_secret("access_token", answer.get("access_token")),
        refresh=_secret("refresh_token", refresh) if refresh else (previous.refresh if previous else None),
        obtained_at=now,
        lifetime=_lifetime(answer.get("expires_in")),
        scope=scope,
    )
