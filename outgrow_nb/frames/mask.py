"""Hiding who people are: contact details to keyed hashes, so that the same person keeps the same hash."""

import hmac
import html
import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pyarrow as pa

from outgrow_nb.frames import schema
from outgrow_nb.frames.arrays import encoded
from outgrow_nb.frames.tables import LARGE

HASHED_KINDS = frozenset({"e-mail", "phone"})
HASHED_COLUMNS = frozenset({"email", "phone", "company"})
_PERHAPS = re.compile("[@%&]|mailto", re.IGNORECASE)  # most texts are passed over
_LENGTH = 32  # hex digits: 128 bits, no two people in one hash


def person_id(value: str, key: bytes) -> str:
    """HMAC-SHA256 of an e-mail address, phone number or company name, 32 hex digits.

    Case, outer blanks and, in phone numbers, marks between digits make no difference.

    Args:
        value: As written.
        key: The account's mask key; with another key the same person gets another hash.
    """
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    if "@" not in plain and sum(c.isdigit() for c in plain) >= 6 and not any(c.isalpha() for c in plain):
        plain = "".join(c for c in plain if c.isdigit() or c == "+")
    return hmac.new(key, plain.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:_LENGTH]


def hashed(values: Any, key: bytes) -> pa.Array:
    """Arrow texts to their hashes; null and blank give null."""
    codes, texts = encoded(values)
    made = [person_id(text, key) if text.strip() else None for text in texts]
    return pa.array(made, LARGE).take(pa.array(codes, mask=codes < 0))


def is_contact(kind: str, texts: Sequence[str]) -> bool:
    """Whether answers to a question are hashed: its kind says so, or it asks for a phone number as a number.

    Args:
        kind: As `schema.kind_name` writes it.
        texts: Every wording of the question.
    """
    counted = schema.shape_of(kind, has_options=False) in ("float", "integer", "result")
    return kind in HASHED_KINDS or (counted and any(map(schema.asks_phone, texts)))


def nameless(texts: Sequence[str]) -> list[str]:
    """Texts that links carry, such as campaigns; "" for those that hold an e-mail address."""
    return ["" if _has_address(text) else text for text in texts]


def without_query(values: Any) -> pa.Array:
    """Addresses without query and fragment, where people's details travel, and without a path that has them."""
    codes, texts = encoded(values)
    made = [bare(text) for text in texts]
    return pa.array(made, LARGE).take(pa.array(codes, mask=codes < 0))


def bare(address: str) -> str | None:
    """An address without query, fragment and password; None for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if _has_address(host) or (parts.scheme and not host):  # mailto:, tel:
        return None
    return urlunsplit((parts.scheme, host, "" if _has_address(parts.path) else parts.path, "", "")) or None


def _has_address(text: str) -> bool:
    """Whether an e-mail address stands in it, also percent-encoded up to twice."""
    if text.isascii() and not _PERHAPS.search(text):
        return False
    text = unicodedata.normalize("NFKC", unquote(unquote(html.unescape(text)))).casefold()
    return "@" in text or "mailto:" in text
