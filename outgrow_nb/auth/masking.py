"""The key that an account's people are hashed with: 32 random bytes, made once, kept like a token."""

import hmac
import secrets
from dataclasses import replace

from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.config import Secret


def mask_key(credentials: Credentials) -> bytes:
    """The account's mask key; of an API key of the environment, which leaves nothing on a disk, one made from it.

    Raises:
        SignInRequired: Nobody is signed in.
        CacheError: It cannot be kept, so that the same person would get another hash next time.
    """

    def with_key(entry: Entry) -> Entry:
        return entry if entry.mask_key else replace(entry, mask_key=Secret(secrets.token_hex(32)))

    entry = credentials.look()
    if entry is not None and entry.api_key is not None and not credentials.keeps:
        return hmac.digest(entry.api_key.reveal().encode(), b"outgrow-nb mask key", "sha256")
    if entry is None or entry.mask_key is None:
        entry = credentials.amend(with_key)
    return bytes.fromhex(entry.mask_key.reveal()) if entry.mask_key else b""
