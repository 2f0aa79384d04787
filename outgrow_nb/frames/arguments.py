"""Arguments that choose what a frame holds, checked before anything is asked for."""

import operator
from typing import Any

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import schema

_CHOICES = {
    "status": ("all", *schema.STATUSES),
    "answers": ("wide", "none"),
    "by": ("day", "week", "month"),
    "pii": ("keep", "mask"),
}


def one_of(**chosen: Any) -> None:
    """Whether each argument, by its name, is one of the words it can be.

    Raises:
        ConfigError: One is not; the words are named.
    """
    for name, value in chosen.items():
        if value not in _CHOICES[name]:
            words = ", ".join(f'"{word}"' for word in _CHOICES[name])
            raise ConfigError(f"{name}={value!r} is unknown.", f"Write one of {words}.")


def limited(limit: Any) -> int | None:
    """The largest number of leads wanted; None for all.

    Raises:
        ConfigError: It is no whole number from 0.
    """
    if limit is None:
        return None
    try:
        number = -1 if isinstance(limit, bool) else operator.index(limit)
    except TypeError:
        number = -1
    if number < 0:
        raise ConfigError(
            f"limit={limit!r} is no number of leads.", "Give a whole number such as 100, or None for all."
        )
    return number
