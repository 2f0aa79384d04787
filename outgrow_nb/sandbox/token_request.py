"""Reads a token or revocation request, form-encoded (RFC 6749) or JSON (as Outgrow's guide posts it)."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class FormBody:
    """What a request body said.

    Attributes:
        pairs: Names and values in order.
        problem: Why it could not be read; "" = it could.
    """

    pairs: list[tuple[str, str]] = field(default_factory=list, repr=False)
    problem: str = ""


def form_body(body: bytes, content_type: str) -> FormBody:
    """Names and values of a body; a parameter that stands twice is a problem (RFC 6749 section 3.2)."""
    kind = content_type.partition(";")[0].strip().casefold()
    if len(body) > MOST_BYTES:
        return FormBody(problem="The request is too large.")
    try:
        text = body.decode()
        if kind == "application/json":
            pairs = _json_pairs(text)
        elif kind in ("application/x-www-form-urlencoded", ""):
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
        else:
            return FormBody(problem="Send application/x-www-form-urlencoded or application/json.")
    except (ValueError, RecursionError):
        return FormBody(problem="The request cannot be read.")
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        return FormBody(problem="A parameter stands twice.")
    return FormBody([(name, value) for name, value in pairs if value])


def _json_pairs(text: str) -> list[tuple[str, str]]:
    pairs = json.loads(text, object_pairs_hook=list)
    if not text.lstrip().startswith("{"):
        raise ValueError("not a JSON object")
    if not all(isinstance(value, str) or value is None for _, value in pairs):
        raise ValueError("a value is not text")
    return [(name, value) for name, value in pairs if value is not None]
