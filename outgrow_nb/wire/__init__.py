"""How this package speaks HTTP: one hardened `requests.Session`, one credential protocol, one redactor."""

from outgrow_nb.wire.credential import ApiKey, Authorization, Bearer, Credential, Fixed
from outgrow_nb.wire.failures import unreachable, was_sent
from outgrow_nb.wire.redact import plain, redact
from outgrow_nb.wire.session import TooLarge, harden
from outgrow_nb.wire.stopping import stoppable

__all__ = [
    "ApiKey",
    "Authorization",
    "Bearer",
    "Credential",
    "Fixed",
    "TooLarge",
    "harden",
    "plain",
    "redact",
    "stoppable",
    "unreachable",
    "was_sent",
]
