"""Hiding who people are: contact details to keyed hashes, so that the same person keeps the same hash."""

import hmac
import unicodedata
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa

from outgrow_nb.frames.arrays import encoded
from outgrow_nb.frames.tables import LARGE

HASHED_KINDS = frozenset({"e-mail", "phone"})
HASHED_COLUMNS = frozenset({"email", "phone", "company"})
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


def without_query(values: Any) -> pa.Array:
    """Addresses without query and fragment, where people's details travel."""
    codes, texts = encoded(values)
    made = [bare(text) for text in texts]
    return pa.array(made, LARGE).take(pa.array(codes, mask=codes < 0))


def bare(address: str) -> str | None:
    """An address without query, fragment and password; None for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
