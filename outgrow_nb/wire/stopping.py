"""Stop while a request is under way: the interrupt goes on without the frames that hold secrets in the clear."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def stoppable(call: Callable[[], T]) -> T:
    """Does what holds a secret in the clear; a Stop meanwhile is raised anew, since a traceback shows frames."""
    try:
        return call()
    except KeyboardInterrupt:
        pass  # raised again below: from here it would drag the old one along
    raise KeyboardInterrupt
