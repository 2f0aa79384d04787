"""`harden`: makes a `requests.Session` safe for secrets: https, deadlines, caps, no netrc, cookies or redirects."""

import http.cookiejar
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from outgrow_nb.config import is_loopback
from outgrow_nb.config.urls import checked
from outgrow_nb.wire.deadline import keep_deadline

CONNECT_SECONDS = 5.0
_CHUNK = 1 << 18
_KEY_IN_PATH = re.compile(r"/(get_leads|get_cal)/[^/?\s\"]+")


class TooLarge(requests.exceptions.RequestException):
    """An answer exceeded its cap, before or after decompression."""


class _NoCookies(http.cookiejar.DefaultCookiePolicy):
    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False

    def return_ok(self, cookie: Any, request: Any) -> bool:
        return False


class _NoNetrc(requests.auth.AuthBase):
    """Stands where requests would look into ~/.netrc, and adds nothing."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _KeylessLog(logging.Filter):
    """urllib3 logs the paths of requests, some as warnings, and an API key stands in the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _KEY_IN_PATH.sub(r"/\1/{api_key}", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        return True


_KEYLESS_LOG = _KeylessLog()
_LOGS_OF_PATHS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")


class _BoundedAdapter(HTTPAdapter):
    """Sends only where a secret may go, and reads the whole answer within a deadline and a size.

    Args:
        seconds: Deadline for the whole answer, headers and body.
        read_seconds: Longest silence.
        max_bytes: Largest body after decompression.
        max_ratio: Largest body as a multiple of what came over the wire, once past 1 MiB; None for no ratio.
    """

    def __init__(
        self, *, seconds: float, read_seconds: float, max_bytes: int, max_ratio: int | None, pool: int
    ) -> None:
        self._seconds, self._read_seconds = seconds, read_seconds
        self._max_bytes, self._max_ratio = max_bytes, max_ratio
        super().__init__(pool_connections=2, pool_maxsize=pool, max_retries=0)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Connections that keep the deadline."""
        super().init_poolmanager(*args, **more)
        keep_deadline(self.poolmanager, self._seconds)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Connections through a proxy keep it too."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **more)
        if not known:
            keep_deadline(manager, self._seconds)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Sends one request; the answer comes back whole, or an exception of requests does."""
        address = urlsplit(request.url or "")
        checked("This address", f"{address.scheme}://{address.netloc}")
        if is_loopback(address.hostname):
            proxies = {}  # a proxy elsewhere cannot reach this computer, and must not see what it would be sent
        response = super().send(
            request,
            stream=True,
            timeout=(CONNECT_SECONDS, self._read_seconds),
            verify=verify,
            cert=cert,
            proxies=proxies,
        )
        try:
            body = self._body(response)
        except BaseException:
            response.close()
            raise
        response._content = body
        response._content_consumed = True  # type: ignore[attr-defined]  # requests has no public way to hand in a body
        return response

    def _body(self, response: requests.Response) -> bytes:
        parts, size, raw = [], 0, response.raw
        try:
            while chunk := raw.read(_CHUNK, decode_content=True):
                size += len(chunk)
                if size > self._max_bytes:
                    raise TooLarge("body")
                if self._max_ratio and size > 1 << 20 and size > self._max_ratio * max(raw.tell(), 1):
                    raise TooLarge("ratio")
                parts.append(chunk)
        except ReadTimeoutError:
            raise requests.exceptions.ReadTimeout("deadline, or silence") from None
        except DecodeError:
            raise requests.exceptions.ContentDecodingError("not what its Content-Encoding says") from None
        except (HTTPError, OSError) as error:
            if isinstance(error, requests.exceptions.RequestException):
                raise
            raise requests.exceptions.ConnectionError("the answer was cut off") from None
        raw.release_conn()
        return parts[0] if len(parts) == 1 else b"".join(parts)


def harden(
    session: requests.Session,
    *,
    seconds: float,
    read_seconds: float,
    max_bytes: int,
    max_ratio: int | None = None,
    pool: int = 10,
) -> None:
    """Makes a session safe to carry a secret; proxies and CA bundles of the environment still count.

    Args:
        session: Any `requests.Session`, an `OAuth2Session` included.
        seconds: Deadline for a whole answer.
        read_seconds: Longest silence while reading.
        max_bytes: Largest body after decompression.
        max_ratio: Largest expansion of a compressed body past 1 MiB; None for no limit.
        pool: Connections kept open per host.
    """
    adapter = _BoundedAdapter(
        seconds=seconds, read_seconds=read_seconds, max_bytes=max_bytes, max_ratio=max_ratio, pool=pool
    )
    session.adapters.clear()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(_NoCookies())
    session.auth = _NoNetrc()
    session.max_redirects = 0
    session.headers["Accept-Encoding"] = "gzip"
    for name in _LOGS_OF_PATHS:
        logging.getLogger(name).addFilter(_KEYLESS_LOG)
