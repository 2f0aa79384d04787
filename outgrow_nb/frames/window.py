"""`since` and `until` as a person writes them to one span of time, both ends aware UTC instants, the end excluded."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outgrow_nb.errors import ConfigError

When = str | date | datetime | None
_AGO = re.compile(r"\s*([0-9]{1,6})\s*(min|h|d|w)\s*", re.IGNORECASE)
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_HOW = 'Write a date ("2026-05-31"), a datetime, or a span such as "30d", "12h" or "8w".'


@dataclass(frozen=True)
class Window:
    """A span of time, ``start <= t < end``; None is open.

    Attributes:
        start: First instant, UTC.
        end: First instant after it, UTC.
    """

    start: datetime | None = None
    end: datetime | None = None

    def covers(self, other: "Window") -> bool:
        """Whether the other lies within this one."""
        starts = self.start is None or (other.start is not None and other.start >= self.start)
        ends = self.end is None or (other.end is not None and other.end <= self.end)
        return starts and ends

    def days(self, tz: str) -> tuple[date | None, date | None]:
        """First and last day in that zone, both included."""
        place, moment = zone(tz), timedelta(microseconds=1)
        first = self.start.astimezone(place).date() if self.start is not None else None
        return first, (self.end - moment).astimezone(place).date() if self.end is not None else None


def zone(tz: str) -> ZoneInfo:
    """The time zone of that name.

    Raises:
        ConfigError: No such zone, or no name.
    """
    if not isinstance(tz, str):
        raise ConfigError(f"tz={tz!r} is no name.", f'Write its name: tz="{getattr(tz, "key", None) or "UTC"}".')
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"{tz!r} is no time zone.", 'Write a name such as "Europe/Berlin" or "UTC".') from None


def window(since: When = None, until: When = None, *, tz: str, now: datetime) -> Window:
    """The span between two times as a person writes them.

    Args:
        since: A date (its first instant in `tz`), a datetime (without zone: in `tz`), ISO text of either, or "30d",
            "12h", "8w", "90min" before `now`. None is open.
        until: The same; a date is meant with its whole day, a datetime (pandas' Timestamp too) as that instant.
        tz: Zone of dates, and of datetimes without one.
        now: The present, aware.

    Raises:
        ConfigError: Not a time, or `until` is not after `since`.
    """
    place = zone(tz)
    start = _instant(since, place, now, whole_day=False, name="since")
    end = _instant(until, place, now, whole_day=True, name="until")
    if start is not None and end is not None and end < start:
        raise ConfigError("until= is before since=.", "Exchange the two, or leave one out.")
    if start is not None and end == start:
        raise ConfigError(
            "since= and until= are the same instant, and nothing lies between.",
            f'To mean the whole day, write until= as a date: until="{start.astimezone(place):%Y-%m-%d}".',
        )
    return Window(start, end)


def _instant(value: When, place: ZoneInfo, now: datetime, *, whole_day: bool, name: str) -> datetime | None:
    try:
        return _utc(value, place, now, whole_day=whole_day, name=name)
    except OverflowError:
        raise ConfigError(f"{name}={value!r} lies beyond the calendar.", _HOW) from None


def _utc(value: When, place: ZoneInfo, now: datetime, *, whole_day: bool, name: str) -> datetime | None:
    if value is None:
        return None
    if value != value:  # pandas' NaT, which is a datetime
        raise ConfigError(f"{name}= is a missing time.", _HOW)
    if isinstance(value, str):
        ago = _AGO.fullmatch(value)
        value = now - int(ago[1]) * _UNITS[ago[2].lower()] if ago else _read(value, name)
    if isinstance(value, datetime):
        return (value.replace(tzinfo=place) if value.tzinfo is None else value).astimezone(UTC)
    if not isinstance(value, date):
        raise ConfigError(f"{name}={value!r} is no time.", _HOW)
    day = value + timedelta(days=1) if whole_day else value
    return datetime.combine(day, time(), place).astimezone(UTC)


def _read(text: str, name: str) -> date | datetime:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{name}={text!r} is no time.", _HOW) from None
