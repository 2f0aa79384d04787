"""`Config`: how to reach Outgrow and as which application; frozen, and checked as it is made."""

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from outgrow_nb.config.secret import Secret
from outgrow_nb.config.urls import checked, is_loopback, split
from outgrow_nb.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BASE_URL = "https://app.outgrow.co"
"""Outgrow's application (guide: the OAuth integration guide's host)."""
KEY_API_URL = "https://api-calc.outgrow.co/api/v1"
"""Where API keys are used (confirmed: Outgrow's own current clients)."""
REDIRECT_URI = "http://127.0.0.1/callback"
"""A loopback redirect; without a port any free one is taken (RFC 8252 section 7.3)."""
_ADDRESSES = ("base_url", "api_url", "authorize_url", "token_url", "revoke_url")
_HALF = re.compile("[\ud800-\udfff]")  # what the environment gives for bytes that are no UTF-8


def _is_text(value: object) -> bool:
    text = value.reveal() if isinstance(value, Secret) else value
    return text is None or (isinstance(text, str) and not _HALF.search(text))


@dataclass(frozen=True, kw_only=True)
class Config:
    """How to reach Outgrow and as which application.

    Every argument is optional: an API key needs none, a sign-in needs `client_id`.
    What is left out comes from the environment, then from ``.env``, then from the saved sign-in, then the default.

    Args:
        client_id: The OAuth application's id (guide).
        client_secret: Its secret; leave it out for a public client, PKCE protects the sign-in.
        redirect_uri: The redirect registered for the application. Default ``http://127.0.0.1/callback``: no port
            means any free port. An address that is not on this computer leaves the paste route alone.
        base_url: Outgrow's application. Default ``https://app.outgrow.co`` (guide).
        api_url: The API. Default for a sign-in ``<base_url>/api/v1`` (guide), for an API key
            ``https://api-calc.outgrow.co/api/v1`` (confirmed).
        authorize_url: Default ``<base_url>/oauth/authorize`` (guide).
        token_url: Default ``<base_url>/oauth/token`` (guide).
        revoke_url: Default ``<base_url>/oauth/revoke`` (assumed, RFC 7009).
        issuer: When set, the redirect must name it (RFC 9207); else a named issuer must equal `base_url`.
        scope: Scopes to ask for, separated by spaces. Default: none asked.
        client_auth: How the client secret is sent: ``"post"`` (guide) or ``"basic"``.
        pkce_enforced: True where the server is known to refuse a code without its verifier; only then a bare
            pasted code is accepted, else the whole address is asked for.
        workers: How many requests may be under way at once.
        cache: Where sign-ins are kept: a `FileCache` (the default) or a `MemoryCache`.

    Raises:
        ConfigError: An address that is not https (plain http is for this computer alone), an unknown word, or half a
            character or another thing that is no text, which can be neither sent nor saved.
    """

    client_id: str | None = None
    client_secret: str | Secret | None = field(default=None, repr=False)
    redirect_uri: str | None = None
    base_url: str | None = None
    api_url: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None
    issuer: str | None = None
    scope: str | None = None
    client_auth: Literal["post", "basic"] = "post"
    pkce_enforced: bool = False
    workers: int = 8
    cache: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("client_id", "client_secret", "redirect_uri", *_ADDRESSES, "issuer", "scope"):
            if not _is_text(getattr(self, name)):
                raise ConfigError(f"{name} is not a text.", f"Give {name} again, in quotes and as UTF-8.")
        for name in _ADDRESSES:
            value = getattr(self, name)
            if value is not None:
                address = checked(name, value)  # paths are put behind these two; the others are used as they stand
                object.__setattr__(self, name, address if name in ("base_url", "api_url") else value)
        if self.redirect_uri is not None:
            split("redirect_uri", self.redirect_uri)
            if "?" in self.redirect_uri or "#" in self.redirect_uri:
                raise ConfigError(
                    "redirect_uri holds a query or a fragment.", "Give the registered redirect without what follows."
                )
        if self.client_auth not in ("post", "basic"):
            raise ConfigError("client_auth is neither 'post' nor 'basic'.", "Leave it out unless Outgrow told you so.")
        if self.workers < 1:
            raise ConfigError("workers is less than 1.", "Give a whole number from 1 on, or leave it out.")

    @property
    def secret(self) -> Secret | None:
        """The client secret, None for a public client."""
        return self.client_secret if isinstance(self.client_secret, Secret) else None

    @property
    def base(self) -> str:
        """Outgrow's application."""
        return self.base_url or BASE_URL

    @property
    def redirect(self) -> str:
        """The registered redirect; its port is missing where any free one will do."""
        return self.redirect_uri or REDIRECT_URI

    @property
    def redirect_port(self) -> int | None:
        """The port the registered redirect fixes; None where any free one will do."""
        return urlsplit(self.redirect).port

    @property
    def redirect_is_loopback(self) -> bool:
        """Whether a listener on this computer can receive the redirect."""
        parts = urlsplit(self.redirect)
        return parts.scheme == "http" and is_loopback(parts.hostname)

    @property
    def authorization_endpoint(self) -> str:
        """Where the person allows access (guide)."""
        return self.authorize_url or f"{self.base}/oauth/authorize"

    @property
    def token_endpoint(self) -> str:
        """Where codes and refresh tokens are exchanged (guide)."""
        return self.token_url or f"{self.base}/oauth/token"

    @property
    def revocation_endpoint(self) -> str:
        """Where tokens are given back (assumed, RFC 7009)."""
        return self.revoke_url or f"{self.base}/oauth/revoke"

    @property
    def expected_issuer(self) -> str:
        """The issuer a redirect may name (RFC 9207)."""
        return self.issuer or self.base

    @property
    def bearer_api(self) -> str:
        """The API for a sign-in (guide)."""
        return self.api_url or f"{self.base}/api/v1"

    @property
    def key_api(self) -> str:
        """The API for a key (confirmed); a key is never sent to the sign-in's default."""
        return self.api_url or KEY_API_URL

    def with_missing(self, values: "Mapping[str, Any]") -> "Config":
        """This config with the fields that were left out taken from `values`."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        blank = Config()
        filled = {name: value for name, value in values.items() if given[name] == getattr(blank, name)}
        return Config(**{**given, **filled})


def _wrapping(plain_init: "Callable[..., None]") -> "Callable[..., None]":
    """The same, but no frame of it that a traceback shows holds the client secret in the clear."""

    @functools.wraps(plain_init)
    def init(self: Config, **given: Any) -> None:
        if isinstance(given.get("client_secret"), str):
            given["client_secret"] = Secret(given["client_secret"]) if given["client_secret"] else None
        plain_init(self, **given)

    return init


Config.__init__ = _wrapping(Config.__init__)  # type: ignore[method-assign]
