"""The two registered clients and the redirect addresses they may use."""

import hmac
import re
from dataclasses import dataclass, field

REGISTERED_REDIRECTS = ("http://127.0.0.1/callback", "http://localhost/callback")
# Exact but for the port (RFC 8252 section 7.3).
_REDIRECT = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::([0-9]{1,5}))?/callback")
CONFIDENTIAL_ID = "outgrow-nb-sandbox"
PUBLIC_ID = "outgrow-nb-public"


@dataclass(frozen=True)
class Client:
    """A registered client.

    Attributes:
        client_id: Its public name.
        name: As the consent page shows it.
        secret: None for a public client.
    """

    client_id: str
    name: str
    secret: str | None = field(repr=False)

    @property
    def confidential(self) -> bool:
        """Whether it has a secret to prove."""
        return self.secret is not None

    def proves(self, secret: str) -> bool:
        """Whether that is its secret, compared in constant time."""
        return self.secret is not None and hmac.compare_digest(self.secret.encode(), secret.encode())


def registered(secret: str) -> dict[str, Client]:
    """The confidential client with that secret, and the public one."""
    return {
        CONFIDENTIAL_ID: Client(CONFIDENTIAL_ID, "outgrow-nb", secret),
        PUBLIC_ID: Client(PUBLIC_ID, "outgrow-nb", None),
    }


def redirect_allowed(uri: str) -> bool:
    """Whether a redirect address is a registered one, with any port."""
    match = _REDIRECT.fullmatch(uri)
    return match is not None and (match[1] is None or 0 < int(match[1]) < 65536)
