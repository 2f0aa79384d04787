"""Makes a foreign text fit to be shown: no secret in it, no control characters, not too long."""

import base64
import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from outgrow_nb.config import Secret

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SHORTEST = 8


def _whole(secret: str) -> Iterable[str]:
    """Patterns for the secret written in one way throughout: raw, percent-encoded once or twice, or by JSON."""
    once, plus = quote(secret, safe="", errors="surrogatepass"), quote_plus(secret, errors="surrogatepass")
    yield from map(re.escape, (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]))
    for form in (once, plus, quote(once, safe=""), quote(plus, safe="")):
        yield f"(?i:{re.escape(form)})"


def _mixed(char: str) -> str:
    """A pattern for one character in any of these ways; atomic, so that no text makes the search slow."""
    if char.isascii() and (char.isalnum() or char in "-._~"):
        return re.escape(char)
    once = "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
    ways = [f"(?i:{once.replace('%', '%25')})", f"(?i:{once})", f"(?i:{re.escape(json.dumps(char)[1:-1])})"]
    ways += {" ": ["%2[Bb]", r"\+"], "/": [r"\\/"]}.get(char, [])
    return f"(?>{'|'.join(ways)}|{re.escape(char)})"


def _basic(secret: str) -> Iterable[str]:
    """Patterns for base64 of the secret, wherever it starts inside the encoded bytes."""
    for text in {secret, quote_plus(secret, errors="surrogatepass")}:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + text.encode("utf-8", "surrogatepass")).decode()
            core = encoded[[0, 2, 3][offset] :].rstrip("=")[:-1]
            yield re.escape(core)
            yield re.escape(core.replace("+", "-").replace("/", "_"))


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """The text with every secret of 8 or more characters replaced by ``[…]``.

    Found raw, percent-encoded up to twice, JSON-escaped, or some of its characters so, and inside base64 (Basic
    authentication).
    """
    known = {value for secret in secrets if len(value := secret.reveal()) >= _SHORTEST}
    for value in sorted(known, key=len, reverse=True):
        patterns = (*_whole(value), "".join(map(_mixed, value)), *_basic(value))
        text = re.sub("|".join(patterns), "[…]", text)
    return text


def plain(text: str, secrets: Iterable[Secret] = (), limit: int = 300) -> str:
    """A server's own words on one line: redacted, control characters stripped, at most `limit` characters."""
    text = _ANSI.sub(" ", redact(text, secrets)[: 20 * limit])
    shown = " ".join("".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
