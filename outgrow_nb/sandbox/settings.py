"""What one sandbox server is started with: a frozen value, equal for equal servers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from outgrow_nb.errors import ConfigError

Pkce = Literal["required", "optional"]
LAST_DAY = date(2026, 6, 30)
MOST_LEADS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One sandbox server.

    Attributes:
        port: TCP port on 127.0.0.1; 0 = any free one.
        leads: Leads of the first invented company; the second has a tenth of them.
        seed: Same seed (and `leads`, `until`) = same leads, byte for byte.
        access_ttl: Lifetime of an access token in seconds.
        refresh_grace: Seconds in which a rotated refresh token may be used again.
        latency_ms: Milliseconds every API and token answer waits.
        pkce: "required" for every client, or "optional" for a client with a secret.
        until: Day of the last lead (UTC).
        faults: Faults from the start, name to value (see `faults.py`).
    """

    port: int = 0
    leads: int = 20_000
    seed: int = 7
    access_ttl: int = 3600
    refresh_grace: int = 0
    latency_ms: int = 0
    pkce: Pkce = "required"
    until: date = LAST_DAY
    faults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        checks = {
            "port": (self.port, 0, 65535),
            "leads": (self.leads, 0, MOST_LEADS),
            "seed": (self.seed, 0, 2**63 - 1),
            "access_ttl": (self.access_ttl, 1, 10 * 365 * 86400),
            "refresh_grace": (self.refresh_grace, 0, 86400),
            "latency_ms": (self.latency_ms, 0, 600_000),
        }
        for name, (value, low, high) in checks.items():
            if not low <= value <= high:
                raise ConfigError(
                    f"The sandbox cannot start with {name} = {value}.", f"Choose a number from {low} to {high}."
                )
        if self.pkce not in ("required", "optional"):
            raise ConfigError(f"The sandbox cannot start with pkce = {self.pkce!r}.", "Choose required or optional.")

    def as_json(self) -> dict[str, Any]:
        """The same but for the port, as plain JSON values, for the state file."""
        plain = vars(self) | {"until": self.until.isoformat(), "faults": dict(self.faults)}
        plain.pop("port")
        return plain
