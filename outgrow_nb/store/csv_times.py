"""Times as tools and people write them, to UTC; which of day and month stands first is never guessed."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.times import instant

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?|UTC|GMT)(?:\s*\([^()]*\))?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    rf"(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*{_ZONE})?"
)
_AFTER = rf"(?:(?:\s*,\s*|\s+at\s+|\s+|T){_CLOCK})?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTH = r"(?P<word>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_FORMS = tuple(
    re.compile(form + _AFTER, re.IGNORECASE)
    for form in (
        rf"{_YEAR}[/.\-](?P<month>\d{{1,2}})[/.\-]{_DAY}",
        rf"{_WEEKDAY}{_DAY}[\s\-]{_MONTH},?[\s\-]{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}\s{_DAY},?\s{_YEAR}",
    )
)
_EITHER = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.\-])(?P<then>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_AFTER}", re.IGNORECASE
)
_DIGITS = re.compile(r"\d{9,16}")


class DayOrder:
    """Learns from a file's times whether ``03/04/2026`` is the 3rd of April."""

    def __init__(self) -> None:
        self._day_first = self._month_first = self._either = ""

    def see(self, text: str) -> None:
        """One time of the file."""
        match = _EITHER.fullmatch(text.strip())
        if match is None or match["mark"] == ".":
            return
        first, then = int(match["first"]), int(match["then"])
        if first > 12:
            self._day_first = self._day_first or text
        elif then > 12:
            self._month_first = self._month_first or text
        elif first != then:
            self._either = self._either or text

    def day_first(self, told: bool | None) -> bool:
        """Whether the day stands first.

        Args:
            told: What the caller knows; None: the times have to tell.

        Raises:
            ConfigError: They do not, or they contradict each other.
        """
        if told is not None:
            return told
        way_out = "Say which: day_first=True or day_first=False."
        if self._day_first and self._month_first:
            raise ConfigError(
                f"In {self._day_first!r} the day stands first, in {self._month_first!r} the month.", way_out
            )
        if self._either and not self._day_first and not self._month_first:
            raise ConfigError(
                f"{self._either!r} can be read as day/month and as month/day, and no time of the file tells which.",
                way_out,
            )
        return not self._month_first


def utc(text: str, *, place: tzinfo, day_first: bool) -> datetime | None:
    """The instant that a text means, or None.

    Understood: ISO 8601; seconds or milliseconds since 1970; ``2026/1/5 10:30``; ``5 Jan 2026``; ``January 5, 2026 at
    10:30 AM``; ``Mon, 05 Jan 2026 10:30:00 GMT``; ``Mon Jan 05 2026 10:30:00 GMT+0000 (…)``; ``05.01.2026`` (day
    first); ``1/5/2026`` and ``01-05-26`` as `day_first` says.

    Args:
        text: As written.
        place: The zone of times that name none.
        day_first: Whether the day stands before the month where both are numbers.
    """
    text = " ".join(text.split())
    if _DIGITS.fullmatch(text):
        return instant(text)
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        found = _written(text, day_first=day_first)
        if found is None:
            return None
        made = found
    try:
        return instant((made if made.tzinfo else made.replace(tzinfo=place)).astimezone(UTC).isoformat())
    except OverflowError:
        return None


def _written(text: str, *, day_first: bool) -> datetime | None:
    match = next((m for m in (form.fullmatch(text) for form in _FORMS) if m), None)
    if match is not None:
        parts = match.groupdict()
        return _made(int(parts["year"]), _month(parts), int(parts["day"]), parts)
    match = _EITHER.fullmatch(text)
    if match is None:
        return None
    first, then, year = int(match["first"]), int(match["then"]), int(match["year"])
    day, month = (first, then) if day_first or match["mark"] == "." else (then, first)
    return _made(year + 2000 if year < 100 else year, month, day, match.groupdict())


def _month(parts: dict[str, str | None]) -> int:
    if "word" not in parts:
        return int(parts["month"] or 0)
    word = (parts["word"] or "").lower()
    return next((number for number, name in enumerate(_MONTHS, start=1) if name.startswith(word)), 0)


def _made(year: int, month: int, day: int, clock: dict[str, str | None]) -> datetime | None:
    hour = int(clock["hour"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (clock["half"].lower() == "p")
    micro = int((clock["part"] or "0").ljust(6, "0")[:6])
    try:
        return datetime(
            year, month, day, hour, int(clock["minute"] or 0), int(clock["second"] or 0), micro, _zone(clock["zone"])
        )
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    match = re.search(r"([+\-−])(\d{1,2}):?(\d{2})?$", text)
    if match is None:
        return UTC
    shift = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(shift if match[1] == "+" else -shift)
