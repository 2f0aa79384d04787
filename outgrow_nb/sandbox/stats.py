"""What the server has been asked: the counts that tests call hits."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stats:
    """Counts since the start or the last reset.

    Attributes:
        requests: By "METHOD /path", keys and ids replaced by their names.
        token: Token requests that reached the server, by grant type, answered or not.
        at_once: Requests being answered right now.
        most_at_once: Most that ever were.
    """

    requests: Counter[str] = field(default_factory=Counter)
    token: Counter[str] = field(default_factory=Counter)
    refreshed: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def enter(self, method: str, path: str) -> None:
        """Count a request that arrived."""
        self.requests[f"{method} {_template(path)}"] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)

    def leave(self) -> None:
        """Note that a request has ended."""
        self.at_once -= 1

    def reset(self) -> None:
        """Start counting anew."""
        self.requests.clear()
        self.token.clear()
        self.refreshed = 0
        self.most_at_once = self.at_once

    def as_json(self) -> dict[str, Any]:
        """Plain values for the control endpoint. `hits` = refresh requests seen."""
        return {
            "requests": dict(self.requests),
            "api_requests": sum(count for name, count in self.requests.items() if " /api/" in name),
            "token": dict(self.token),
            "hits": self.token["refresh_token"],
            "refreshed": self.refreshed,
            "most_at_once": self.most_at_once,
        }


def _template(path: str) -> str:
    parts = path.split("/")
    if parts[1:3] == ["api", "v1"] and len(parts) > 4:
        names = {"get_cal": ["{api_key}"], "get_leads": ["{api_key}", "{id}"], "calculator": ["{id}"]}.get(parts[3], [])
        parts[4 : 4 + len(names)] = names[: len(parts) - 4]
    return "/".join(parts)
