"""The tries of one sign-in: what each asked for, and which one an answer belongs to (RFC 6749 10.12, RFC 7636)."""

import hmac
import threading
from dataclasses import dataclass, field

from oauthlib.common import generate_token
from oauthlib.oauth2 import WebApplicationClient

from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ConfigError

MOST = 8


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one person: what was asked for, and what the answer must match. Lives in memory only.

    Attributes:
        state: Ties the redirect to this attempt (RFC 6749 section 10.12).
        verifier: PKCE's secret (RFC 7636); new every time.
        redirect_uri: The redirect this attempt asked for.
        url: The authorization URL to open.
        token_endpoint: Where its code goes, and nowhere else.
        issuer: Who must have answered.
        issuer_required: Whether the redirect must name the issuer (RFC 9207).
        cookie: What the browser that opened `/go` holds; None where the link was the authorization URL itself.
    """

    state: Secret = field(repr=False)
    verifier: Secret = field(repr=False)
    redirect_uri: str
    url: Secret = field(repr=False)
    token_endpoint: str
    issuer: str
    issuer_required: bool
    cookie: Secret | None = field(default=None, repr=False)

    def accepts_issuer(self, named: str | None) -> bool:
        """Whether the ``iss`` of a redirect is the server this attempt asked."""
        if named is None:
            return not self.issuer_required
        return hmac.compare_digest(_bytes(named.rstrip("/")), _bytes(self.issuer.rstrip("/")))


def _bytes(foreign: str) -> bytes:
    return foreign.encode("utf-8", "surrogatepass")  # a pasted text may hold half a character


def begin(config: Config, redirect_uri: str, *, cookie: Secret | None = None) -> Attempt:
    """Begins an attempt: fresh state and PKCE S256 verifier.

    Raises:
        ConfigError: There is no client id.
    """
    if not config.client_id:
        raise ConfigError(
            "No OUTGROW_CLIENT_ID is set, so there is nobody to sign in as.", "Set it, or use an API key."
        )
    endpoint = config.authorization_endpoint
    client = WebApplicationClient(config.client_id)
    state, verifier = generate_token(43), client.create_code_verifier(64)
    # oauthlib only builds https addresses; which plain http is allowed was decided when the Config was made
    scheme, rest = endpoint.split(":", 1)
    url = client.prepare_request_uri(
        f"https:{rest}",
        redirect_uri=redirect_uri,
        scope=config.scope,
        state=state,
        code_challenge=client.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
    )
    return Attempt(
        state=Secret(state),
        verifier=Secret(verifier),
        redirect_uri=redirect_uri,
        url=Secret(scheme + url[len("https") :]),
        token_endpoint=config.token_endpoint,
        issuer=config.expected_issuer,
        issuer_required=config.issuer is not None,
        cookie=cookie,
    )


def cookie_name(made: Attempt) -> str:
    """Cookies do not know ports, so the name tells attempts and notebooks apart; the state stays out of it."""
    return f"outgrow_nb_{hmac.new(made.state.reveal().encode(), b'cookie', 'sha256').hexdigest()[:12]}"


class Attempts:
    """The tries that may still be answered, at most `MOST`; each is taken once.

    Attributes:
        wrong: How many answers belonged to none of them.
    """

    def __init__(self) -> None:
        self.wrong = 0
        self._open: dict[str, Attempt] = {}
        self._lock = threading.Lock()

    def add(self, made: Attempt, *, keep: Attempt | None = None) -> Attempt:
        """Adds a try; the oldest makes room, but for the one whose link stands in the notebook."""
        with self._lock:
            while len(self._open) >= MOST:
                oldest = next(state for state, other in self._open.items() if other is not keep)
                del self._open[oldest]
            self._open[made.state.reveal()] = made
        return made

    def take(self, state: str, cookies: dict[str, str] | None) -> Attempt | None:
        """The try of that state, once.

        Args:
            state: What the answer named, compared in constant time.
            cookies: What the browser sent; None for a paste, which a person vouches for.
        """
        found = None
        with self._lock:
            for known, made in self._open.items():
                if hmac.compare_digest(known.encode(), _bytes(state)):
                    found = made
            if found is not None and cookies is not None and found.cookie is not None:
                held = cookies.get(cookie_name(found), "")
                if not hmac.compare_digest(_bytes(held), found.cookie.reveal().encode()):
                    found = None
            if found is None:
                self.wrong += 1
            else:
                del self._open[found.state.reveal()]
        return found

    def newest(self) -> Attempt | None:
        """The latest try."""
        with self._lock:
            return list(self._open.values())[-1] if self._open else None

    def clear(self) -> None:
        """No answer is expected any more."""
        with self._lock:
            self._open.clear()
