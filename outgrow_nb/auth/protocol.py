"""OAuth 2.0 on the wire: the code and refresh exchanges, and revocation. Knows no cache and no person."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote_plus, urlsplit

import requests
from oauthlib.common import urldecode
from oauthlib.oauth2 import WebApplicationClient
from requests_oauthlib import OAuth2Session

from outgrow_nb.auth import token as tokens
from outgrow_nb.auth.attempts import Attempt
from outgrow_nb.auth.token import RefusedByServer, Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiUnavailable, ConfigError, UnexpectedAnswer
from outgrow_nb.wire import harden, stoppable, unreachable, was_sent

DEADLINE_SECONDS = READ_SECONDS = 15.0  # a renewal asks twice at most: its 30 s end before others tire of its lock
_SIGN_IN_AGAIN = (
    "Sign in again with the link above; if it stays, check the network or proxy of the computer this kernel runs on."
)
_NOT_THE_PERSON = {
    "invalid_client",
    "unauthorized_client",
    "invalid_scope",
    "unsupported_grant_type",
    "invalid_request",
}
_OVER = {"invalid_grant", "invalid_token", "expired_token", "access_denied"}


class ReplyLost(Exception):
    """The request went out and no answer came back: the server may have acted on it."""

    def __init__(self, unavailable: ApiUnavailable) -> None:
        super().__init__()
        self._unavailable = unavailable

    def as_unavailable(self) -> ApiUnavailable:
        """The error for the person."""
        return self._unavailable


class _Exchange(OAuth2Session):
    """One throw-away session per exchange.

    The parent's `request` refuses plain http on this computer unless an environment variable lifts the rule
    everywhere, and logs codes and tokens at DEBUG; our own rule stands in the adapter, and nothing is logged.
    """

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        return requests.Session.request(self, method, url, **kwargs)


def exchange(config: Config, made: Attempt, code: Secret, *, clock: Callable[[], float] = time.time) -> Token:
    """Exchanges a code for a token, once; never retried, since a code lives once (RFC 6749 section 4.1.3).

    Raises:
        RefusedByServer: The code is used, too old or not ours.
        ConfigError: The client is unknown or its secret is wrong.
        ApiUnavailable: The token endpoint was not reached or fails.
        UnexpectedAnswer: The answer is not a token.
    """

    def body() -> str:
        return WebApplicationClient(config.client_id or "").prepare_request_body(
            code=code.reveal(),
            redirect_uri=made.redirect_uri,
            code_verifier=made.verifier.reveal(),
            include_client_id=False,
        )

    try:
        return _post(config, made.token_endpoint, body, secrets=(code, made.verifier, made.state), clock=clock)
    except ReplyLost as lost:
        trouble = lost.as_unavailable().problem
    except ApiUnavailable as error:
        trouble = error.problem
    raise ApiUnavailable(trouble, _SIGN_IN_AGAIN)


def refresh(config: Config, old: Token, *, clock: Callable[[], float] = time.time) -> Token:
    """Exchanges a refresh token for a new pair (RFC 6749 section 6); the caller holds the lock.

    Raises:
        RefusedByServer: ``invalid_grant``: the sign-in has ended.
        ReplyLost: The request went out and no answer came back.
        ConfigError: The client is unknown or its secret is wrong.
        ApiUnavailable: The token endpoint was not reached or fails.
        UnexpectedAnswer: The answer is not a token.
    """
    held = old.refresh
    if held is None:
        raise RefusedByServer("invalid_grant", "the server gave no refresh token")

    def body() -> str:
        client = WebApplicationClient(config.client_id or "")
        return client.prepare_refresh_body(refresh_token=held.reveal(), scope=config.scope)

    return _post(config, config.token_endpoint, body, secrets=(held, old.access), clock=clock, previous=old)


def revoke(config: Config, old: Token) -> bool:
    """Gives the tokens back (RFC 7009), the refresh token first.

    Returns:
        Whether the server confirmed; False where it may still know them.
    """
    confirmed = True
    for kind, secret in (("refresh_token", old.refresh), ("access_token", old.access)):
        if secret is None:
            continue
        status = stoppable(partial(_give_back, config, kind, secret))
        if status is None:
            return False  # told to the person by the caller; who waits for the lock is not kept for a second try
        confirmed = confirmed and status == 200
    return confirmed


def _give_back(config: Config, kind: str, secret: Secret) -> int | None:
    """The status of the answer; None where there was none."""
    with _session(config) as session:
        try:
            answer = session.post(
                config.revocation_endpoint,
                data={"token": secret.reveal(), "token_type_hint": kind, **_client_fields(config)},
                auth=_client_auth(config),
            )
        except requests.exceptions.RequestException:
            return None
    return answer.status_code


def _session(config: Config) -> _Exchange:
    session = _Exchange(client=WebApplicationClient(config.client_id or ""))
    harden(session, seconds=DEADLINE_SECONDS, read_seconds=READ_SECONDS, max_bytes=tokens.MAX_ANSWER)
    session.headers["Accept"] = "application/json"
    return session


def _client_fields(config: Config) -> dict[str, str]:
    if config.client_auth == "basic" and config.secret is not None:
        return {}
    secret = {"client_secret": config.secret.reveal()} if config.secret is not None else {}
    return {"client_id": config.client_id or "", **secret}


def _client_auth(config: Config) -> Any:
    if config.client_auth == "basic" and config.secret is not None:
        # form-encoded first, as RFC 6749 section 2.3.1 has it
        return requests.auth.HTTPBasicAuth(quote_plus(config.client_id or ""), quote_plus(config.secret.reveal()))
    return None


def _post(
    config: Config,
    endpoint: str,
    body: Callable[[], str],
    *,
    secrets: tuple[Secret, ...],
    clock: Callable[[], float],
    previous: Token | None = None,
) -> Token:
    outcome = _ask(config, endpoint, body, secrets=secrets, clock=clock, previous=previous)
    if isinstance(outcome, Token):
        return outcome
    raise outcome


def _ask(
    config: Config,
    endpoint: str,
    body: Callable[[], str],
    *,
    secrets: tuple[Secret, ...],
    clock: Callable[[], float],
    previous: Token | None,
) -> Token | Exception:
    """One request to the token endpoint; what went wrong is a value, since this frame holds secrets in the clear."""
    secrets = (*secrets, *((config.secret,) if config.secret is not None else ()))
    host, asked_at = urlsplit(endpoint).hostname, clock()
    with _session(config) as session:
        try:
            fields = {**dict(urldecode(body())), **_client_fields(config)}
            answer = session.post(endpoint, data=fields, auth=_client_auth(config))
        except requests.exceptions.RequestException as error:
            trouble = unreachable(host, error)
            return ReplyLost(trouble) if was_sent(error) else trouble
    try:
        return tokens.parse(answer.content, status=answer.status_code, now=asked_at, previous=previous, secrets=secrets)
    except RefusedByServer as refusal:
        return _explain(refusal, answer.status_code, host)
    except UnexpectedAnswer as error:
        return _explain_unreadable(error, answer.status_code, host)


def _explain(refusal: RefusedByServer, status: int, host: str | None) -> Exception:
    if status >= 500 or status == 429 or refusal.code not in _NOT_THE_PERSON | _OVER:
        return _failing(host, status)
    if refusal.code in _NOT_THE_PERSON:
        words = f" ({refusal.description})" if refusal.description else ""
        return ConfigError(
            f"Outgrow refused this application: {refusal.code}{words}.",
            "Compare OUTGROW_CLIENT_ID, its secret and OUTGROW_REDIRECT_URI with your application in Outgrow.",
        )
    return RefusedByServer(refusal.code, refusal.description)


def _explain_unreadable(error: UnexpectedAnswer, status: int, host: str | None) -> Exception:
    if status >= 500 or status == 429:
        return _failing(host, status)
    return UnexpectedAnswer(error.problem, error.next_step)


def _failing(host: str | None, status: int) -> ApiUnavailable:
    return ApiUnavailable(
        f"{host} fails at the moment (status {status}).", "Run the cell again in a minute; nothing is lost."
    )
