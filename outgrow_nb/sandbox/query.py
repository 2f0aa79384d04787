"""Reads the API's query parameters strictly: what is wrong is said, never guessed."""

from collections.abc import Mapping
from datetime import UTC, datetime

MOST_PER_PAGE = 1000


class BadParameter(Exception):
    """A parameter that cannot be used; the message is for the API's error body."""


def instant_ms(query: Mapping[str, str], name: str) -> int | None:
    """A date or an instant (ISO 8601; UTC where it names no zone) in milliseconds since 1970; None if absent.

    Raises:
        BadParameter: It is neither.
    """
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        whole = moment.timestamp() * 1000
    except (ValueError, OverflowError, OSError):
        raise BadParameter(f"{name} is not a date or an instant in ISO 8601.") from None
    return -int(-whole // 1)  # an instant inside a millisecond counts from the next one on


def page_size(query: Mapping[str, str], default: int) -> int:
    """`limit`, 1 to 1000.

    Raises:
        BadParameter: It is not.
    """
    text = query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_PER_PAGE):
        raise BadParameter(f"limit is not a number from 1 to {MOST_PER_PAGE}.")
    return int(text)
