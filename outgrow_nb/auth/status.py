"""Where a sign-in stands, and the one message the person reads about it."""

from dataclasses import dataclass, field
from enum import StrEnum

from outgrow_nb.config import Secret
from outgrow_nb.errors import ConfigError


class State(StrEnum):
    """Where a sign-in stands. The last five are final."""

    READY = "ready"
    EXCHANGING = "exchanging"
    DECLINED = "declined"
    FAILED = "failed"
    SIGNED_IN = "signed in"
    ADOPTED = "adopted"
    BLOCKED = "blocked"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"


FINAL = frozenset({State.SIGNED_IN, State.ADOPTED, State.BLOCKED, State.TIMED_OUT, State.CANCELLED})


@dataclass(frozen=True)
class Status:
    """What the person reads now.

    Attributes:
        state: Where the sign-in stands.
        text: One message, which names the next step.
        address: An authorization URL to open instead, where the kernel is on another computer.
        settings_wrong: What is wrong with the settings, which another try cannot mend.
    """

    state: State
    text: str
    address: Secret | None = field(default=None, repr=False)
    settings_wrong: ConfigError | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more can happen."""
        return self.state in FINAL
