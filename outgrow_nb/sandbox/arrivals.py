"""When the leads of one content arrive: from an index to a time, in order, without making the leads."""

import calendar
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from outgrow_nb.sandbox import effects
from outgrow_nb.sandbox.draw import mix, running_totals

DAY_MS = 86_400_000
MONTHS = 18
_HOUR_TOTALS = running_totals(effects.HOURS)


def first_day(until: date) -> date:
    """First day of the 18 months that end with `until`'s month."""
    month = until.year * 12 + until.month - MONTHS
    return date(month // 12, month % 12 + 1, 1)


@dataclass(frozen=True)
class Arrivals:
    """The arrival times of `count` leads between two days, both included.

    Attributes:
        start: First day with leads.
        until: Last day; the last lead always arrives on it.
        count: Number of leads.
        chance: 64 bits that make this content's days differ from another's.
    """

    start: date
    until: date
    count: int
    chance: int

    @cached_property
    def start_ms(self) -> int:
        """Midnight before the first lead, in milliseconds since 1970 UTC."""
        return calendar.timegm(self.start.timetuple()) * 1000

    @cached_property
    def day_edges(self) -> tuple[int, ...]:
        """Index of the first lead of each day, and `count` at the end."""
        days = (self.until - self.start).days + 1
        weights = []
        for day in range(days):
            weekday = (self.start + timedelta(days=day)).weekday()
            growth = 600 + 800 * day // days
            wobble = 75 + mix(self.chance, day) % 51
            weights.append(effects.WEEKDAYS[weekday] * growth * wobble)
        totals = running_totals(weights)
        spread = max(self.count - 1, 0)
        return (0, *(spread * total // totals[-1] for total in totals[:-1]), self.count)

    def at(self, index: int) -> int:
        """Arrival of lead `index` in milliseconds since 1970 UTC; never earlier than the lead before it."""
        day = bisect_right(self.day_edges, index) - 1
        first, after = self.day_edges[day], self.day_edges[day + 1]
        steps = 1 << 20
        place = ((index - first) * steps + mix(self.chance, index, 1) % steps) // (after - first)
        goal = place * _HOUR_TOTALS[-1]
        hour = bisect_right(_HOUR_TOTALS, goal // steps)
        before = _HOUR_TOTALS[hour - 1] if hour else 0
        within = (goal - before * steps) * 3_600_000 // (effects.HOURS[hour] * steps)
        return self.start_ms + day * DAY_MS + hour * 3_600_000 + within

    def day_of(self, index: int) -> int:
        """Days between `start` and the arrival of lead `index`."""
        return (self.at(index) - self.start_ms) // DAY_MS

    def first_at_or_after(self, moment_ms: int) -> int:
        """Index of the first lead that arrives at or after a moment; `count` if none does."""
        return bisect_left(range(self.count), moment_ms, key=self.at)
