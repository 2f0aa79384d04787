"""Reads what a person pasted: an address with a code, a bare code, or something else that deserves a hint."""

import re
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, urlsplit

from outgrow_nb.config import Secret, origin

_WRAPPING = "\"'`<>\u201c\u201d\u2018\u2019\u00ab\u00bb"
_JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_CODE = re.compile(r"[\x21-\x7e]{4,2048}")


class Hint(Enum):
    """What a paste was, where it was no answer."""

    EMPTY = "empty"
    OWN_ADDRESS = "the authorization page's own address"
    GO_LINK = "the button's address on the kernel's computer"
    CREDENTIAL = "a token or key"
    NOTHING = "nothing we know"


@dataclass(frozen=True)
class Redirect:
    """The parameters of a redirect, each once."""

    fields: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class BareCode:
    """A code without its state."""

    code: Secret = field(repr=False)


def parameters(query: str) -> dict[str, str] | None:
    """A redirect's parameters; None where one stands twice or there are too many (RFC 6749 section 3.1)."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return None
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def read(text: str, *, authorization_endpoint: str, known: tuple[Secret, ...] = ()) -> Redirect | BareCode | Hint:
    """Says what a pasted text is.

    Args:
        text: As it came, with quotes, brackets, line breaks around or inside.
        authorization_endpoint: To recognize our own authorization URL.
        known: Secrets that a person may mistake for a code, such as the saved key.
    """
    cleaned = "".join(char for char in text if char.isprintable() and not char.isspace()).strip(_WRAPPING)
    if not cleaned:
        return Hint.EMPTY
    if any(cleaned == secret.reveal() for secret in known) or _JWT.fullmatch(cleaned):
        return Hint.CREDENTIAL
    if "://" in cleaned[:12]:
        return _address(cleaned, authorization_endpoint)
    if "code=" in cleaned or "error=" in cleaned:
        found = parameters(cleaned[cleaned.find("?") + 1 :].partition("#")[0])
        return Redirect(found) if found and found.keys() & {"code", "error"} else Hint.NOTHING
    if "/" in cleaned and "." in cleaned.split("/")[0]:
        return Hint.NOTHING  # an address without its scheme and without a code
    one_word = len("".join(text.splitlines()).split()) == 1
    return BareCode(Secret(cleaned)) if one_word and _CODE.fullmatch(cleaned) else Hint.NOTHING


def _address(text: str, authorization_endpoint: str) -> Redirect | Hint:
    try:
        parts = urlsplit(text)
        same = origin(text) == origin(authorization_endpoint)
    except ValueError:
        return Hint.NOTHING
    if same and parts.path == urlsplit(authorization_endpoint).path:
        return Hint.OWN_ADDRESS
    found = parameters(parts.query or parts.fragment)
    if found and found.keys() & {"code", "error"}:
        return Redirect(found)
    return Hint.GO_LINK if parts.path.startswith("/go/") else Hint.NOTHING
