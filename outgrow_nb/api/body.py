"""A body to plain JSON values: what is not JSON, or tells a problem inside a 200, is named without quoting it."""

import json
import re
import textwrap
from typing import Any

import msgspec

from outgrow_nb.errors import UnexpectedAnswer

_TITLE = re.compile(rb"<title[^>]*>(.{0,400}?)</title", re.IGNORECASE | re.DOTALL)
_AGAIN = "Run the cell again; if it stays, Outgrow's API may have changed: see the table of calls in the documentation."
_BOM = b"\xef\xbb\xbf"


class EnvelopeProblem(Exception):
    """An answer that tells a problem in its body, often with status 200; the transport makes one of our errors of it.

    Attributes:
        code: What the body gives as code, such as 401; None when it gives none.
        message: The service's words, not redacted: never show them as they are.
    """

    def __init__(self, code: int | str | None, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def stripped(body: bytes) -> bytes:
    """The body without byte order mark and outer white space.

    Raises:
        UnexpectedAnswer: Nothing is left.
    """
    body = body.removeprefix(_BOM).strip()
    if not body:
        raise UnexpectedAnswer("Outgrow's answer is empty.", _AGAIN)
    return body


def unexpected(body: bytes, wanted: str) -> UnexpectedAnswer:
    """The error for a body that is not what was asked for: its kind, length and, of a web page, the title."""
    start = body.lstrip()[:1]
    kind = "text"
    if start == b"<":
        found = _TITLE.search(body[:65536])
        title = found[1].decode("utf-8", "replace") if found else ""
        # never cut inside a word: whoever shows it takes secrets out, which must be whole for that
        title = textwrap.shorten("".join(c if c.isprintable() else " " for c in title), 80, placeholder="…")
        kind = f"a web page titled {title!r}" if title else "a web page"
    elif start in (b"{", b"["):
        kind = "JSON of another shape"
    return UnexpectedAnswer(f"Outgrow's answer is not {wanted}: it is {kind} ({len(body):,} bytes).", _AGAIN)


def _number(text: str) -> float | str:
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value


def parsed(body: bytes, wanted: str) -> Any:
    """Any JSON value; lone surrogates become U+FFFD and numbers beyond float64 stay text, as msgspec refuses both.

    Raises:
        UnexpectedAnswer: Not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        pass  # msgspec is stricter than JSON senders are; json.loads below has the last word
    try:
        return _scrubbed(
            json.loads(body.decode("utf-8", "replace"), strict=False, parse_float=_number, parse_constant=str)
        )
    except (ValueError, RecursionError):
        raise unexpected(body, wanted) from None


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    return value


def _as_int(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else None


def check(envelope: Any) -> None:
    """Raise what an envelope tells; a bare array or object without `success`, `code` and `error` tells nothing.

    Raises:
        EnvelopeProblem: `success` is not true, `code` is 400 or more, or `error` stands where data should.
    """
    if not isinstance(envelope, dict):
        return
    error = envelope.get("error")
    inner = error if isinstance(error, dict) else {}
    code = envelope.get("code", inner.get("code"))
    number = _as_int(code)
    success = envelope.get("success", True)
    said_no = success is not None and success not in (True, 1) and str(success).strip().lower() not in ("true", "1")
    if said_no or (number is not None and number >= 400) or (error and envelope.get("data") is None):
        message = inner.get("message") or envelope.get("message") or (error if isinstance(error, str) else "")
        shown = number if number is not None else code if isinstance(code, str) else None
        raise EnvelopeProblem(shown, message if isinstance(message, str) else "")


def items(body: bytes, wanted: str) -> list[Any]:
    """The list of an envelope, or of a bare array.

    Raises:
        EnvelopeProblem: The envelope tells a problem.
        UnexpectedAnswer: No list there.
    """
    body = stripped(body)
    value = parsed(body, wanted)
    check(value)
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, list):
        raise unexpected(body, wanted)
    return data
