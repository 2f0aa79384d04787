"""One request to Outgrow's API, from an authorization to a decoded answer: renews on a 401, retries, explains."""

import math
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from outgrow_nb.api.decode import EnvelopeProblem
from outgrow_nb.api.endpoints import Endpoint
from outgrow_nb.api.sessions import Sessions
from outgrow_nb.config import Config
from outgrow_nb.errors import ApiError, ApiUnavailable, Forbidden, RateLimited, UnexpectedAnswer, UnknownContent
from outgrow_nb.wire import ApiKey, Authorization, Credential, plain, unreachable

RETRIES = 3
LONGEST_WAIT = 60.0
_FIRST_PAUSE, _LAST_PAUSE = 0.25, 8.0
_PASSING = frozenset({429, 502, 503, 504})
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
        self._config, self._credential = config, credential
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._sessions = sessions or Sessions(config.workers)
        self._lock = threading.Lock()
        self._quiet_until = 0.0

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
        if isinstance(answer, _Refused):
            held = self._credential.authorization(rejected=held)
            answer = self._patiently(endpoint, held, decode, parts or {}, params or {})
        if isinstance(answer, _Refused):
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
    ) -> "T | _Refused":
        """Tries again where that may help, within bounds; 401 is the caller's to handle."""
        trouble: ApiError
        for turn in range(RETRIES + 1):
            self._keep_quiet()
            pause = self._jitter() * min(_LAST_PAUSE, _FIRST_PAUSE * 2 ** (turn + 1))
            try:
                response = self._get(endpoint, held, parts, params)
            except requests.exceptions.RequestException as error:
                trouble = unreachable(self._host(held), error)
                if isinstance(error, requests.exceptions.TooManyRedirects | requests.exceptions.SSLError):
                    break
            else:
                status: int | str | None = response.status_code
                words = ""
                try:
                    if response.status_code < 400:
                        return decode(response.content)
                    decode(response.content)
                except EnvelopeProblem as problem:
                    status = problem.code if response.status_code < 400 else status
                    words = plain(problem.message, held.secrets(), 120).rstrip(".")
                except UnexpectedAnswer as error:
                    if response.status_code < 400:
                        raise UnexpectedAnswer(*error.args) from None
                if status in (401, "401"):
                    return _Refused()
                wait = _retry_after(response.headers.get("Retry-After"), self._clock()) if status == 429 else None
                trouble = self._explain(endpoint, status, words, wait, parts)
                if status not in _PASSING or (wait is not None and wait > LONGEST_WAIT):
                    break
                if wait is not None:
                    with self._lock:
                        self._quiet_until = max(self._quiet_until, self._clock() + wait)
            if turn < RETRIES:
                self._sleep(pause)
        raise trouble

    def _keep_quiet(self) -> None:
        """Every thread honours a Retry-After that one of them was given."""
        with self._lock:
            wait = self._quiet_until - self._clock()
        if wait > 0:
            self._sleep(min(wait, LONGEST_WAIT))

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

    def _explain(
        self, endpoint: Endpoint, status: Any, words: str, wait: float | None, parts: Mapping[str, str]
    ) -> ApiError:
        said = f": {words}" if words else ""
        if status == 429:
            if wait is None:
                return RateLimited("Outgrow asks to slow down.", "Run the cell again in a minute.")
            until = datetime.fromtimestamp(min(self._clock() + wait, 4e9), UTC).strftime("%H:%M UTC")
            return RateLimited(
                f"Outgrow asks to wait for {timedelta(seconds=round(wait))}.", f"Run the cell again after {until}.",
                timedelta(seconds=wait),
            )  # fmt: skip
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


class _Refused:
    """A 401, by status or told inside a 200."""


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait (RFC 9110 section 10.2.3: a number or a date); None where it says nothing usable."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), 10 * 365 * 86400.0)
