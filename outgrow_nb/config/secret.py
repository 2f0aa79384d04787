"""A secret text that shows itself to nobody by accident."""

import hmac
from typing import NoReturn

from outgrow_nb.errors import ConfigError


class Secret:
    """Holds a token, key or client secret; only `reveal` gives it out.

    Its repr, str and format say ``Secret(…)``; it cannot be pickled or copied into a file by mistake.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one call that sends or saves it."""
        return self._value

    def _bytes(self) -> bytes:
        return self._value.encode("utf-8", "surrogatepass")  # the environment may hold bytes that are no UTF-8

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "A secret of outgrow_nb is not pickled or copied; call outgrow_nb.connect() where it is needed."
        )


def cleaned_key(key: Secret, source: str) -> Secret:
    """An API key without its spaces.

    Raises:
        ConfigError: It cannot be one: a key stands in a header and in a path, where not every character may.
    """
    cleaned = Secret("".join(key.reveal().split()))
    if not _may_be_key(cleaned):
        raise ConfigError(f"The API key from {source} can't be one.", "Copy it again; spaces don't matter.")
    return cleaned


def _may_be_key(cleaned: Secret) -> bool:
    text = cleaned.reveal()
    return bool(text) and "/" not in text and text.isascii() and text.isprintable()
