"""Whose a token or a key is, asked of Outgrow before it is kept."""

from outgrow_nb.api import pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiError, SignInError
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer, Fixed


def identify(config: Config, token: Token) -> Account | None:
    """Whose token it is; None where Outgrow does not say, since no document confirms that it does."""
    try:
        return pages.account(Transport(config, Fixed(Bearer(token.access))))
    except (ApiError, SignInError):
        return None  # the sign-in succeeds all the same; the guard against mixing accounts is off


def check_key(config: Config, key: Secret) -> list[str]:
    """The content ids that a key opens.

    Raises:
        SignInExpired: Outgrow refuses the key.
    """
    return pages.key_content_ids(Transport(config, Fixed(ApiKey(key))))
