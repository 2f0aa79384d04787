"""The server's own clock: real time plus a skew that a fault can set."""

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds since 1970 as this server believes.

    Attributes:
        skew: Seconds added to the real time.
    """

    skew: float = 0.0

    def now(self) -> float:
        """The server's time in seconds since 1970 UTC."""
        return time.time() + self.skew
