"""Faults on request: what can be made to go wrong, from the start (`--fault NAME=VALUE`) or later (control endpoint).

Settings (a value stays until it is set again or cleared):

================  =====================================  ===========================================================
name              values (first = normal)                effect
================  =====================================  ===========================================================
access_ttl        seconds                                lifetime of new access tokens
refresh_grace     seconds                                how long a rotated refresh token still works
rotation          on, off, omit                          off: the same refresh token again; omit: none in the answer
reuse_detection   on, off                                off: a reused token is refused but its grant lives on
expires_in        (empty), a JSON value                    what token answers say instead of the true lifetime
clock_skew        seconds                                the server's clock against the real one (Date, expiry)
latency_ms        milliseconds                           wait before every answer
retry_after       (empty), any text                      Retry-After header of `status` answers
window_24h        off, on                                get_leads shows the last 24 hours before the last lead, or
                                                         before `present`, only
present           (empty), an ISO instant                the API's present: leads after it have not arrived yet
total             (empty), +N, -N, N                     `total` of /leads lies
drift             off, fields, options, kinds, all       records and questions hold what nobody announced
created_at        iso, epoch, epoch_ms, naive, mixed, bad    how times are written
repeat_ids        off, on                                every 97th lead comes twice
numbers_as_text   off, on                                numbers in answers are text
answers           list, map                              answers as one object, question text to answer
bad_key           401, code, empty                       how a wrong API key is answered (code: 200 with a code in it)
================  =====================================  ===========================================================

Rules hit requests: ``NAME=[ARG][*COUNT][@PREFIX]``, the next COUNT requests (all, if none is given) whose path starts
with PREFIX (any, if none is given). Several rules stand in a queue; ``NAME=off`` removes those of that name.

=========  ====================  ====================================================================================
name       ARG                   effect
=========  ====================  ====================================================================================
status     401, 403, 429, 503…   that status with an error body
drop       -                     the connection ends before anything is done
lose       -                     everything is done, then the connection ends without an answer
truncate   -                     headers promise the whole body, half of it comes
drip       seconds a byte        the body comes byte by byte
html       -                     200 with a captive portal's page
redirect   address               307 to that address
delay      milliseconds          that request waits
=========  ====================  ====================================================================================
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.settings import Settings

RULES = ("status", "drop", "lose", "truncate", "drip", "html", "redirect", "delay")
_CHOICES = {
    "rotation": ("on", "off", "omit"),
    "reuse_detection": ("on", "off"),
    "window_24h": ("off", "on"),
    "drift": ("off", "fields", "options", "kinds", "all"),
    "created_at": ("iso", "epoch", "epoch_ms", "naive", "mixed", "bad"),
    "repeat_ids": ("off", "on"),
    "numbers_as_text": ("off", "on"),
    "answers": ("list", "map"),
    "bad_key": ("401", "code", "empty"),
}
_MOST_SECONDS = 1e9
_NUMBERS = ("access_ttl", "refresh_grace", "clock_skew", "latency_ms")
_TEXTS = {
    "expires_in": r"|null|true|false|-?[0-9]+(?:\.[0-9]+)?(?:e[0-9]+)?|\"[^\"\\]*\"|\[\]|\{\}",
    "retry_after": r"[ -~]{0,200}",
    "total": r"|[+-]?[0-9]{1,9}",
    "present": r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
}
_RULE = re.compile(r"(?P<arg>[^*]*?)(?:\*(?P<count>[0-9]+))?(?:@(?P<prefix>/.*))?")
_ARGUMENT = {"status": r"[45][0-9][0-9]", "drip": r"[0-9]+(?:\.[0-9]+)?", "redirect": r"\S+", "delay": r"[0-9]+"}


@dataclass
class Rule:
    """One rule of the queue.

    Attributes:
        name: One of `RULES`.
        argument: Its ARG, "" where none is needed.
        left: Requests it will still hit; None = all.
        prefix: Paths it hits.
    """

    name: str
    argument: str
    left: int | None
    prefix: str


class Faults:
    """What is wrong right now. One per server; only the server's event loop touches it.

    Args:
        settings: Where the normal values and the first faults come from.
        clock: The clock that `clock_skew` sets.

    Raises:
        ConfigError: An unknown name or value.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._values: dict[str, str] = {}
        self.rules: list[Rule] = []
        self.clear()
        self.update(settings.faults)

    def clear(self) -> None:
        """Back to how a server without faults behaves."""
        self._values = {name: choices[0] for name, choices in _CHOICES.items()}
        self._values |= dict.fromkeys(_TEXTS, "")
        self._values |= {
            "access_ttl": str(self._settings.access_ttl),
            "refresh_grace": str(self._settings.refresh_grace),
            "latency_ms": str(self._settings.latency_ms),
            "clock_skew": "0",
        }
        self._clock.skew = 0.0
        self.rules = []

    def update(self, wanted: Mapping[str, str]) -> None:
        """Set several by name.

        Raises:
            ConfigError: An unknown name or value; nothing after it was set.
        """
        for name, value in wanted.items():
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        if name in RULES:
            self._add_rule(name, value)
        elif name in _CHOICES:
            if value not in _CHOICES[name]:
                raise ConfigError(
                    f"The sandbox knows no fault {name}={value!r}.", f"Choose one of {', '.join(_CHOICES[name])}."
                )
            self._values[name] = value
        elif name in _NUMBERS:
            number = _number(name, value)
            self._values[name] = value
            if name == "clock_skew":
                self._clock.skew = number
        elif name in _TEXTS:
            if not re.fullmatch(_TEXTS[name], value):
                raise ConfigError(f"The sandbox cannot use the fault {name}={value!r}.", "See its list of faults.")
            self._values[name] = value
        else:
            known = sorted((*RULES, *_CHOICES, *_NUMBERS, *_TEXTS))
            raise ConfigError(f"The sandbox knows no fault named {name!r}.", f"Choose one of {', '.join(known)}.")

    def _add_rule(self, name: str, value: str) -> None:
        if value == "off":
            self.rules = [rule for rule in self.rules if rule.name != name]
            return
        match = _RULE.fullmatch(value)
        if match is None or not re.fullmatch(_ARGUMENT.get(name, "(?:on)?"), match["arg"]):
            raise ConfigError(
                f"The sandbox cannot read the fault {name}={value!r}.", "Write it as [ARG][*COUNT][@/PREFIX]."
            )
        count = None if match["count"] is None else int(match["count"])
        self.rules.append(Rule(name, match["arg"], count, match["prefix"] or "/"))

    def take(self, path: str) -> Rule | None:
        """The rule that hits a request to that path, counted down; None if none does."""
        for rule in self.rules:
            if path.startswith(rule.prefix) and (rule.left is None or rule.left > 0):
                if rule.left is not None:
                    rule.left -= 1
                return rule
        return None

    def __getitem__(self, name: str) -> str:
        """The value set for a name, as text."""
        return self._values[name]

    @property
    def present_ms(self) -> int | None:
        """The API's present in milliseconds since 1970; None where every lead has arrived."""
        text = self._values["present"]
        return int(datetime.fromisoformat(text).timestamp() * 1000) if text else None

    @property
    def access_ttl(self) -> float:
        """Lifetime of new access tokens in seconds."""
        return float(self._values["access_ttl"])

    @property
    def refresh_grace(self) -> float:
        """Seconds a rotated refresh token still works."""
        return float(self._values["refresh_grace"])

    @property
    def latency(self) -> float:
        """Seconds every answer waits."""
        return float(self._values["latency_ms"]) / 1000

    @property
    def rotation(self) -> str:
        """One of on, off and omit."""
        return self._values["rotation"]

    @property
    def reuse_detection(self) -> bool:
        """Whether a reused refresh token revokes its grant."""
        return self._values["reuse_detection"] == "on"


def _number(name: str, value: str) -> float:
    low = -_MOST_SECONDS if name == "clock_skew" else 0.0
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not low <= number <= _MOST_SECONDS:
        raise ConfigError(f"The sandbox fault {name} is not a number it can use: {value!r}.", "Give a smaller number.")
    return number
