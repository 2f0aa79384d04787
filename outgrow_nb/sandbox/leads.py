"""Leads of one content, made on demand in runs of 500; the same seed gives the same records on every Python."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from outgrow_nb.sandbox import effects
from outgrow_nb.sandbox.answers import answer, most_score
from outgrow_nb.sandbox.arrivals import Arrivals
from outgrow_nb.sandbox.catalog import Content, band
from outgrow_nb.sandbox.draw import mix, number_of, object_id, running_totals
from outgrow_nb.sandbox.people import visitor
from outgrow_nb.sandbox.results import results_of

RUN = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOURCE_TOTALS = running_totals([share for _, _, share, _, _ in effects.SOURCES])


class Facts(NamedTuple):
    """What is settled about a lead before it answers anything."""

    source: int
    campaign: str | None
    status: str
    quality: float


def stamp(ms: int) -> str:
    """ISO 8601 with milliseconds and Z."""
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")[:-6] + "Z"


@dataclass(frozen=True)
class Leads:
    """Every lead of one content, by position in order of arrival.

    Attributes:
        content: The content.
        arrivals: When they arrive.
        seed: Of the server.
        everyone: Leads of the whole company; sets how many regulars there are.
        site: Address of the company's pages.
    """

    content: Content
    arrivals: Arrivals
    seed: int
    everyone: int
    site: str

    @property
    def count(self) -> int:
        """Number of leads."""
        return self.arrivals.count

    def arrived(self, present_ms: int | None) -> int:
        """Number of leads by a moment; None is after all of them."""
        return self.count if present_ms is None else self.arrivals.first_at_or_after(present_ms)

    @cached_property
    def _key(self) -> int:
        return mix(self.seed, number_of(self.content.key))

    @cached_property
    def _most(self) -> float:
        return most_score(self.content.questions)

    @cached_property
    def _call_place(self) -> int:
        return len(self.content.questions) - 1 if self.content.call_matters is not None else -1

    def facts(self, index: int) -> Facts:
        """Source, campaign, status and quality of lead `index`; cheap, makes no record."""
        bits = mix(self._key, index)
        share = (bits & 0xFFFF) * 1000 >> 16
        source = next(place for place, total in enumerate(_SOURCE_TOTALS) if share < total)
        name, medium, _, finishing, quality = effects.SOURCES[source]
        chance = ((bits >> 16) & 0xFFFF) * 1000 >> 16
        campaign = None
        if name == "newsletter":
            campaign = "monthly-letter"
        elif medium in ("cpc", "paid-social"):
            campaign = effects.CAMPAIGNS[chance % len(effects.CAMPAIGNS)]
            before_end = (self.arrivals.until - self.arrivals.start).days - self.arrivals.day_of(index)
            runs = effects.NOVELTY_TO_DAY_BEFORE_END <= before_end <= effects.NOVELTY_FROM_DAY_BEFORE_END
            if runs and chance < effects.NOVELTY_SHARE:
                campaign = effects.NOVELTY_CAMPAIGN
                age = effects.NOVELTY_FROM_DAY_BEFORE_END - before_end
                finishing += effects.NOVELTY_LIFT * max(effects.NOVELTY_FADE_DAYS - age, 0) // effects.NOVELTY_FADE_DAYS
        luck = ((bits >> 32) & 0xFFFF) * 1000 >> 16
        limit = 700 + finishing
        status = "completed"
        if luck >= limit:
            some = len(self.content.questions) > 1 and luck < limit + (1000 - limit) * 65 // 100
            status = "partial" if some else "started"
        worth = min(max(((bits >> 48) * 1000 >> 16) * 85 // 100 + 75 + quality, 0), 1000)
        return Facts(source, campaign, status, worth / 1000)

    def run(
        self, number: int, spoil: Callable[[dict[str, Any], int], dict[str, Any]] | None = None
    ) -> list[dict[str, Any]]:
        """The records of run `number` (positions number*500 and on), oldest first.

        Args:
            number: Which run.
            spoil: What a fault does to a record, given the record and its position.
        """
        chance = Random(mix(self._key, 0xA11, number))
        first = number * RUN
        records = [self._record(index, chance) for index in range(first, min(first + RUN, self.count))]
        return records if spoil is None else [spoil(record, first + place) for place, record in enumerate(records)]

    def _record(self, index: int, chance: Random) -> dict[str, Any]:
        content = self.content
        facts = self.facts(index)
        at = self.arrivals.at(index)
        regulars = max(self.everyone // 15, 20)
        regular = chance.random() * 1000 < effects.REGULARS_SHARE
        draw = chance.random()
        who = visitor(int(draw * regulars) if regular else content.number * 1_000_000 + index, self.seed)
        known = facts.status == "completed" or (facts.status == "partial" and chance.random() < 0.35)
        email = who.email.capitalize() if regular and chance.random() < 0.08 else who.email
        day = (_EPOCH + timedelta(milliseconds=at)).date()
        answers, score = self._answers(facts, index, chance, who, day)
        done = facts.status == "completed"
        spent = int((20 + 460 * chance.random()) * 1000) if answers or done else 0
        source, medium, *_ = effects.SOURCES[facts.source]
        device_draw = chance.random()
        outcome = None
        if done and content.outcomes:
            place = chance.random() if not self._most else 0.0
            outcome = band(score if self._most else place, self._most or 1.0, content.outcomes)
        values = {str(place): given["answer"] for place, given in enumerate(answers)}
        return {
            "id": object_id(at // 1000, self._key, 0x1D, index),
            "created_at": stamp(at),
            "updated_at": stamp(at + spent),
            "calculator_id": content.id,
            "status": facts.status,
            "email": email if known else None,
            "first_name": who.first if known else None,
            "last_name": who.last if known else None,
            "phone": who.phone if known and chance.random() < 0.4 else None,
            "company": who.company if known else None,
            "country": who.country,
            "device": "mobile" if device_draw < 0.58 else "desktop" if device_draw < 0.94 else "tablet",
            "referrer": f"https://{source}.example.net/" if source and source != "newsletter" else None,
            "landing_page": f"{self.site}/{content.key}",
            "utm_source": source,
            "utm_medium": medium,
            "utm_campaign": facts.campaign,
            "utm_term": "garden help" if source == "google" and device_draw < 0.3 else None,
            "utm_content": ("ad-a", "ad-b")[index % 2] if facts.campaign else None,
            "score": score if self._most and answers else None,
            "outcome": outcome,
            "results": results_of(content.results, values, chance.random()) if done else [],
            "answers": answers,
        }

    def _answers(
        self, facts: Facts, index: int, chance: Random, who: Any, day: date
    ) -> tuple[list[dict[str, Any]], float]:
        questions = self.content.questions
        stop = len(questions)
        if facts.status == "started":
            stop = 0
        elif facts.status == "partial":
            totals = running_totals([question.leak for question in questions[1:]])
            goal = chance.random() * totals[-1]
            stop = 1 + next(place for place, total in enumerate(totals) if goal < total)
        given: list[dict[str, Any]] = []
        score = 0.0
        for place, question in enumerate(questions[:stop]):
            if not question.required and chance.random() < 0.45:
                continue
            if place == self._call_place:
                value: Any = "Yes" if chance.random() * 1000 < self._call_chance(score) else "No"
                points: float | None = None
            else:
                value, points = answer(question, chance=chance, quality=facts.quality, who=who, day=day)
            score += points or 0.0
            text = question.text
            if question.old_text is not None and index * 1000 < self.count * question.renamed_at:
                text = question.old_text
            given.append(
                {"question_id": question.id, "question": text, "kind": question.kind, "answer": value, "score": points}
            )
        return given, score

    def _call_chance(self, score: float) -> float:
        if not self.content.call_matters:
            return effects.CALL_BASE
        place = min(max((score / self._most - effects.CALL_FROM) / effects.CALL_SPAN, 0.0), 1.0)
        return effects.CALL_LOW + (effects.CALL_HIGH - effects.CALL_LOW) * place
