"""How long a reader waits before it asks again: as Outgrow asks of all its threads, and a random while more."""

import math
import threading
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 60.0
_SPREAD = (0.25, 0.5, 2.0, 8.0)  # the longest random while before each try, the first included
RETRIES = len(_SPREAD) - 1
_LONGEST_ASKED = 10 * 365 * 86400.0


class Patience:
    """When the next try may be; shared by every thread of one transport.

    Args:
        clock: POSIX seconds.
        sleep: Waits so many seconds.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self, clock: Callable[[], float], sleep: Callable[[float], object], jitter: Callable[[], float]
    ) -> None:
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._lock = threading.Lock()
        self._quiet_until = 0.0

    def pause(self, turn: int) -> None:
        """Waits before a try, counted from 0: out a Retry-After, whoever got it, and not all threads equally long."""
        with self._lock:
            asked = min(max(self._quiet_until - self._clock(), 0.0), LONGEST_WAIT)
        if turn or asked:
            self._sleep(asked + self._jitter() * _SPREAD[turn])

    def heed(self, headers: Mapping[str, str]) -> float | None:
        """Takes note of an answer's Retry-After, unless it is longer than anybody waits.

        Returns:
            How many seconds Outgrow asks for; None where it does not say.
        """
        theirs = _moment(headers.get("Date"))  # a date of theirs is meant by their clock
        wait = retry_after(headers.get("Retry-After"), self._clock() if theirs is None else theirs)
        if wait is not None and wait <= LONGEST_WAIT:
            with self._lock:
                self._quiet_until = max(self._quiet_until, self._clock() + wait)
        return wait


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait (RFC 9110 section 10.2.3: a number or a date); None where it says nothing usable.

    Args:
        value: The header.
        now: POSIX seconds, by the clock of who wrote it.
    """
    try:
        seconds = float(value or "")
    except ValueError:
        moment = _moment(value)
        if moment is None:
            return None
        seconds = moment - now
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_ASKED)


def _moment(value: str | None) -> float | None:
    """POSIX seconds of a date of HTTP."""
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
