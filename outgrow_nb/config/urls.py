"""Which addresses a secret may travel to: https everywhere, plain http on this computer alone."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from outgrow_nb.errors import ConfigError


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this computer: ``localhost``, 127.0.0.0/8 or ::1, nothing that merely looks like it."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split(name: str, url: str) -> SplitResult:
    """Takes an address apart, refusing what no browser or server should be sent to.

    Args:
        name: The setting the address came from, for the message.
        url: The address.

    Raises:
        ConfigError: Not http(s), no host, user:password in it, control characters, or an impossible port.
    """
    problem = None
    parts = None
    if any(ord(char) <= 32 or ord(char) == 127 for char in url) or "\\" in url:
        problem = "has spaces or control characters"
    else:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            problem = "is not an address"
        else:
            if parts.scheme not in ("https", "http"):
                problem = "is not an http(s) address"
            elif not parts.hostname:
                problem = "names no host"
            elif "@" in parts.netloc:
                problem = "holds a user name or password"
            elif port == 0:
                problem = "names port 0"
    if problem or parts is None:
        raise ConfigError(f"{name} {problem}.", f"Set {name} to an address such as https://app.outgrow.co.")
    return parts


def checked(name: str, url: str) -> str:
    """The address, without a trailing slash, once a secret may travel to it.

    Raises:
        ConfigError: As `split`; or plain http to another computer.
    """
    parts = split(name, url)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigError(
            f"{name} is plain http to {parts.hostname}, where a password could be read on the way.",
            f"Use https for {name}; plain http is for this computer alone (127.0.0.1).",
        )
    return url.rstrip("/")


def origin(url: str) -> str:
    """Scheme, host and port of an address, the way RFC 6454 compares them."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
