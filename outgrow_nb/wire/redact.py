"""Makes a foreign text fit to be shown: no secret in it, no control characters, not too long."""

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from outgrow_nb.config import Secret

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\x1b\[[0-9;]*[A-Za-z]")
_SHORTEST = 8


def _forms(secret: str) -> set[str]:
    once, plus = quote(secret, safe=""), quote_plus(secret)
    forms = {secret, once, plus, quote(once, safe=""), quote(plus, safe=""), json.dumps(secret)[1:-1]}
    forms |= {form.replace("%", "%25") for form in (once, plus)}
    forms |= {re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in (*forms,)}
    for text in {secret, f":{secret}", plus, f":{plus}"}:
        for offset in range(3):  # base64 of the secret wherever it starts inside the encoded bytes
            encoded = base64.b64encode(b"\0" * offset + text.encode("utf-8", "surrogatepass")).decode()
            core = encoded[[0, 2, 3][offset] :].rstrip("=")
            forms |= {core[:-1], core[:-1].replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SHORTEST}


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """The text with every secret of 8 or more characters replaced by ``[…]``.

    Found raw, percent-encoded up to twice, JSON-escaped, and inside base64 (Basic authentication).
    """
    forms: set[str] = set()
    for secret in secrets:
        value = secret.reveal()
        if len(value) >= _SHORTEST:
            forms |= _forms(value)
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "[…]")
    return text


def plain(text: str, secrets: Iterable[Secret] = (), limit: int = 300) -> str:
    """A server's own words on one line: redacted, control characters stripped, at most `limit` characters."""
    shown = " ".join(_CONTROL.sub(" ", redact(text[: 20 * limit], secrets)).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
