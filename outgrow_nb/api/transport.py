"""One request to Outgrow's API, from an authorization to a decoded answer: renews on a 401, retries, explains."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from outgrow_nb.api.decode import EnvelopeProblem
from outgrow_nb.api.endpoints import Endpoint
from outgrow_nb.api.patience import LONGEST_WAIT, RETRIES, Patience
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.config import Config
from outgrow_nb.errors import ApiError, ApiUnavailable, Forbidden, RateLimited, UnexpectedAnswer, UnknownContent
from outgrow_nb.wire import ApiKey, Authorization, Credential, TooLarge, plain, stoppable, unreachable

BUDGET_SECONDS = 300.0
_PASSING = frozenset({429, 502, 503, 504})
_LASTING = (
    requests.exceptions.TooManyRedirects,
    requests.exceptions.SSLError,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    TooLarge,
)
T = TypeVar("T")


class Transport:
    """Reads from Outgrow's API as whoever the credential says; safe to use from several threads.

    Args:
        config: Where the API is.
        credential: Who reads.
        sessions: Connections to reuse.
        clock: POSIX seconds.
        sleep: Waits so many seconds.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self,
        config: Config,
        credential: Credential,
        *,
        sessions: Sessions | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._config, self._credential, self._clock = config, credential, clock
        self._patience = Patience(clock, sleep, jitter)
        self._sessions = sessions or Sessions(config.workers)

    def dialect(self) -> str:
        """``"key"`` or ``"bearer"``: which calls this sign-in may make."""
        return "key" if isinstance(self._credential.authorization(), ApiKey) else "bearer"

    def read(
        self,
        endpoint: Endpoint,
        decode: Callable[[bytes], T],
        *,
        parts: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> T:
        """One GET, decoded.

        Args:
            endpoint: What is asked.
            decode: Bytes to records; an error told inside a 200 counts like its status.
            parts: What fills the endpoint's path, the API key excepted.
            params: The query.

        Raises:
            ApiUnavailable, RateLimited, Forbidden, UnknownContent, UnexpectedAnswer: What went wrong, and what to do.
            SignInRequired, SignInExpired: Nobody is signed in any more.
        """
        held = self._credential.authorization()
        answer = self._patiently(endpoint, held, decode, parts or {}, params or {})
        if isinstance(answer, _Told):
            held = self._credential.authorization(rejected=held)
            answer = self._patiently(endpoint, held, decode, parts or {}, params or {})
        if isinstance(answer, _Told):
            raise Forbidden(
                "Outgrow refuses a sign-in that it has just renewed.",
                "Sign out with og.sign_out(), then run connect() again.",
            )
        return answer

    def _patiently(
        self,
        endpoint: Endpoint,
        held: Authorization,
        decode: Callable[[bytes], T],
        parts: Mapping[str, str],
        params: Mapping[str, str | int],
    ) -> "T | _Told":
        """Tries again where that may help, within bounds; 401 is the caller's to handle."""
        trouble: ApiError
        ends = self._clock() + BUDGET_SECONDS
        for turn in range(RETRIES + 1):
            if turn and self._clock() > ends:
                break  # each slow answer may have taken minutes
            self._patience.pause(turn)
            try:
                response = stoppable(partial(self._get, endpoint, held, parts, params))
            except requests.exceptions.RequestException as error:
                trouble = unreachable(self._host(held), error)
                if isinstance(error, _LASTING):
                    break
                continue
            answer = _understood(response, held, decode)
            if not isinstance(answer, _Told) or answer.status in (401, "401"):
                return answer
            wait = self._patience.heed(response.headers) if answer.status in _PASSING else None
            trouble = answer.odd or self._explain(endpoint, answer, wait, parts)
            if answer.odd or answer.status not in _PASSING or (wait is not None and wait > LONGEST_WAIT):
                break
        raise trouble

    def _get(
        self, endpoint: Endpoint, held: Authorization, parts: Mapping[str, str], params: Mapping[str, str | int]
    ) -> requests.Response:
        url, headers = self._address(endpoint, held, parts), {}
        if isinstance(held, ApiKey):
            headers = {"API-KEY": held.key.reveal()} if "{api_key}" not in endpoint.path else {}
        else:
            headers = {"Authorization": f"Bearer {held.token.reveal()}"}
        try:
            return self._sessions.for_endpoint(endpoint).get(url, params=dict(params), headers=headers)
        finally:
            del url, headers  # no secret stays in a frame that a traceback shows

    def _address(self, endpoint: Endpoint, held: Authorization, parts: Mapping[str, str]) -> str:
        filled = dict(parts)
        if "{api_key}" in endpoint.path and isinstance(held, ApiKey):
            filled["api_key"] = held.key.reveal()
        return self._root(held) + endpoint.fill(filled)

    def _root(self, held: Authorization) -> str:
        return self._config.key_api if isinstance(held, ApiKey) else self._config.bearer_api

    def _host(self, held: Authorization) -> str | None:
        return urlsplit(self._root(held)).hostname

    def _explain(self, endpoint: Endpoint, told: "_Told", wait: float | None, parts: Mapping[str, str]) -> ApiError:
        status, said = told.status, f": {told.words}" if told.words else ""
        if wait is not None and (status == 429 or wait > LONGEST_WAIT):
            until = datetime.fromtimestamp(min(self._clock() + wait, 4e9), UTC)
            return RateLimited(
                f"Outgrow asks to wait for {timedelta(seconds=round(wait))}.",
                f"Run the cell again after {until:{'%H:%M' if wait < 86400 else '%Y-%m-%d %H:%M'}} UTC.",
                timedelta(seconds=wait),
            )
        if status == 429:
            return RateLimited("Outgrow asks to slow down.", "Run the cell again in a minute.")
        if status in (403, "403"):
            return Forbidden(
                f"This account may not read {endpoint.path}{said}.", "Ask the owner of the Outgrow account for access."
            )
        if status in (404, "404"):
            return UnknownContent(
                f"Outgrow knows no {parts.get('content_id', endpoint.path)!r}{said}.",
                "See og.contents() for what there is.",
            )
        if isinstance(status, int) and status >= 500:
            return ApiUnavailable(
                f"Outgrow fails at the moment (status {status}){said}.",
                "Run the cell again in a minute; nothing is lost.",
            )
        return UnexpectedAnswer(
            f"Outgrow did not accept {endpoint.path} (status {plain(str(status), (), 40)}){said}.",
            "Check the arguments; if they are right, report this.",
        )


@dataclass(frozen=True)
class _Told:
    """What an answer tells in place of records.

    Attributes:
        status: Its status, or the code in a 200.
        words: The server's words, made fit to be shown.
        odd: The error for what is no answer of the API at all.
    """

    status: int | str
    words: str = ""
    odd: UnexpectedAnswer | None = None


def _understood(response: requests.Response, held: Authorization, decode: Callable[[bytes], T]) -> T | _Told:
    """An answer's records, or what it tells in their place."""
    status = response.status_code
    try:
        decoded = decode(response.content)
        return decoded if status < 400 else _Told(status)
    except EnvelopeProblem as problem:
        code = status if status >= 400 or problem.code is None else problem.code
        return _Told(code, plain(problem.message, held.secrets(), 120).rstrip("."))
    except UnexpectedAnswer as error:
        kind = plain(response.headers.get("Content-Type", "").partition(";")[0], held.secrets(), 40) or "no named type"
        shown = f"{plain(error.problem, held.secrets())} It came with status {status} as {kind}."
        return _Told(status, odd=UnexpectedAnswer(shown, error.next_step) if status < 400 else None)
