"""Says why a request did not get through, in words that lead on; foreign exceptions end here."""

import ssl

import requests
from urllib3.exceptions import NameResolutionError

from outgrow_nb.errors import ApiUnavailable
from outgrow_nb.wire.session import TooLarge


def _cause(error: BaseException) -> str:
    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 8:
        chain.append(seen)
        inner = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None)
        seen = inner if isinstance(inner, BaseException) else None
    if any(isinstance(link, NameResolutionError) for link in chain):
        return "its name cannot be looked up"
    if any(isinstance(link, ConnectionRefusedError) or "refused" in str(link)[-40:] for link in chain):
        return "the connection was refused"
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain):
        return "its certificate is not trusted here"
    if isinstance(error, requests.exceptions.SSLError):
        return "no encrypted connection came about"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the request through"
    if isinstance(error, requests.exceptions.InvalidSchema):
        return 'the proxy speaks SOCKS, which needs "pip install pysocks"'
    if isinstance(error, requests.exceptions.InvalidURL):
        return "the proxy's address is none"
    if isinstance(error, requests.exceptions.Timeout):
        return "it took too long to answer"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it answered with a redirect, which is not followed with a secret in hand"
    if isinstance(error, TooLarge):
        return "its answer was larger than any it should give"
    return "the connection broke off"


def unreachable(host: str | None, error: Exception) -> ApiUnavailable:
    """The error for a request that did not get through; says the cause, never the address or the body."""
    return ApiUnavailable(
        f"Can't reach {host} from this kernel: {_cause(error)}.",
        "Check the network or proxy of the computer this kernel runs on, then run the cell again; "
        "the saved sign-in is untouched.",
    )


def was_sent(error: Exception) -> bool:
    """Whether the server may have received the request that failed."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return False
    never = ("the connection was refused", "its name cannot be looked up", "its certificate is not trusted here")
    broke_off = isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.Timeout)
    return broke_off and _cause(error) not in never
