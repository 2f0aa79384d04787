"""One invented company's account: its contents, their leads, and the questions and counts the API shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from outgrow_nb.sandbox import fjordlys, northwind
from outgrow_nb.sandbox.arrivals import Arrivals, first_day
from outgrow_nb.sandbox.catalog import TYPE_CODES, Content, Question, shares_of
from outgrow_nb.sandbox.draw import mix, number_of
from outgrow_nb.sandbox.leads import Leads
from outgrow_nb.sandbox.settings import Settings

_CATALOGS: dict[str, Callable[[], tuple[Content, ...]]] = {
    "northwind": northwind.contents,
    "fjordlys": fjordlys.contents,
}
_SITES = {"northwind": "https://northwind-gardens.example.com", "fjordlys": "https://fjordlys-solar.example.org"}


@dataclass(frozen=True)
class Company:
    """An account of the sandbox.

    Attributes:
        key: "northwind" or "fjordlys".
        pieces: Content id to that content's leads.
    """

    key: str
    pieces: dict[str, Leads] = field(repr=False)

    def item(self, leads: Leads) -> dict[str, Any]:
        """A content as `GET /calculator` lists it, in the bearer dialect."""
        content = leads.content
        page = f"{_SITES[self.key]}/{content.key}"
        born = datetime(leads.arrivals.start.year, leads.arrivals.start.month, leads.arrivals.start.day, 9, tzinfo=UTC)
        item: dict[str, Any] = {
            "id": content.id,
            "parentapp": content.parentapp,
            "name": content.title,
            "type": content.type,
            "status": content.status,
            "calc_url": page + "{?sLead,utm_source}",
            "short_url": f"https://go.example.com/{content.id[-6:]}",
            "created_at": (born - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "leads_count": leads.count,
        }
        if content.described:
            item["meta_data"] = {"title": content.title, "url": page, "image_url": f"{page}/cover.png"}
        return item


def type_matches(content: Content, wanted: str) -> bool:
    """Whether a content is of a type, by its long name or its code, in any case."""
    return wanted.casefold() in ("all", content.type.casefold(), TYPE_CODES[content.type].casefold())


def question_item(question: Question) -> dict[str, Any]:
    """A question as `GET /calculator/{id}/questions` lists it."""
    return {
        "id": question.id,
        "text": question.text,
        "kind": question.kind,
        "required": question.required,
        "options": [{"id": option.id, "text": option.text, "score": option.score} for option in question.options],
    }


def companies(settings: Settings) -> dict[str, Company]:
    """Both accounts, by key; nothing is generated yet."""
    made = {}
    for key, catalog in _CATALOGS.items():
        everyone = settings.leads if key == "northwind" else settings.leads // 10
        contents = catalog()
        pieces = {}
        for content, count in zip(contents, shares_of(contents, everyone), strict=True):
            start = _months_later(first_day(settings.until), content.from_month)
            arrivals = Arrivals(start, settings.until, count, mix(settings.seed, number_of(content.key), 0xDA7E))
            pieces[content.id] = Leads(content, arrivals, settings.seed, everyone, _SITES[key])
        made[key] = Company(key, pieces)
    return made


def analytics(leads: Leads, first: date, last: date) -> list[dict[str, Any]]:
    """Views, starts, completions and leads of each day from `first` to `last`, both included.

    `leads` counts the completed submissions of the day; views >= starts >= completions >= leads always holds.
    """
    arrivals, days = leads.arrivals, []
    offset = (max(first, arrivals.start) - arrivals.start).days
    for day in range(offset, (min(last, arrivals.until) - arrivals.start).days + 1):
        span = range(arrivals.day_edges[day], arrivals.day_edges[day + 1])
        finished = sum(leads.facts(index).status == "completed" for index in span)
        luck = mix(arrivals.chance, day, 0xCAFE)
        completions = finished + finished * (6 + luck % 9) // 100
        starts = completions + (len(span) - finished) + len(span) * (10 + (luck >> 8) % 20) // 100
        views = starts + starts * (90 + (luck >> 16) % 80) // 100 + (luck >> 24) % 4
        days.append(
            {
                "date": (arrivals.start + timedelta(days=day)).isoformat(),
                "views": views,
                "starts": starts,
                "completions": completions,
                "leads": finished,
            }
        )
    return days


def _months_later(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)
