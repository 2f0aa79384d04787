"""Reads which client a token request claims to be from, and the secret it shows."""

import base64
import binascii
from urllib.parse import unquote_plus

from oauthlib.common import Request


def presented(request: Request) -> tuple[str | None, str | None, bool]:
    """Client id, secret, and whether the secret came in two ways at once (forbidden, RFC 6749 section 2.3)."""
    name, secret = request.client_id, request.client_secret
    header: str = request.headers.get("Authorization", "")
    if header[:6].casefold() != "basic ":
        return name, secret, False
    try:
        basic_name, _, basic_secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None, True
    basic_name, basic_secret = unquote_plus(basic_name), unquote_plus(basic_secret)
    clash = bool(secret and basic_secret) or (name is not None and name != basic_name)
    return basic_name, basic_secret or secret, clash
