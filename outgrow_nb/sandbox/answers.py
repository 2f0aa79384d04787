"""What one invented visitor answers: a value and a score for each kind of question."""

from bisect import bisect_right
from datetime import date, timedelta
from random import Random
from typing import Any

from outgrow_nb.sandbox.catalog import Option, Question
from outgrow_nb.sandbox.draw import running_totals
from outgrow_nb.sandbox.people import Visitor

_REMARKS = (
    "The hedge is older than the house.",
    "We have two dogs and a very determined mole 🐾",
    'My neighbour says "let it grow", I say no.',
    "Only weekends, please; I work shifts.",
    "Budget: 1.500 € or so\nbut not before May",
    "<b>Please call before you come</b>",
    "Das Beet liegt im Schatten, geht das trotzdem?",
    "日当たりが悪いです",
    'No; thanks, "all" good',
    "=SUM(what I spent last year)",
    "n/a",
    "Nothing special, just less work.",
)
_WORDS = (
    "wild, wet, wonderful",
    "small but mine",
    "green green green",
    "un peu fatigué",
    "still a puddle",
    "Löwenzahn, Löwenzahn, Moos",
)
_CITIES = ("Portland", "Leeds", "Köln", "Lyon", "Łódź", "北京", "Άθηνα", "Adelaide", "São Paulo", "Київ")
_PLACES = ("45.5152, -122.6784", "51.3397, 12.3731", "48.8566, 2.3522", "-34.9285, 138.6007", "35.6895, 139.6917")


def most_score(questions: tuple[Question, ...]) -> float:
    """The highest score the questions can add up to."""
    most = 0.0
    for question in questions:
        scores = [option.score or 0 for option in question.options]
        if question.kind == "multiple choice":
            most += sum(score for score in scores if score > 0)
        elif scores:
            most += max(scores)
        elif question.scored:
            most += question.high
    return most


def pick(question: Question, draw: float) -> Option:
    """The option at `draw` (0 to 1) of the weights."""
    totals = running_totals([option.weight for option in question.options])
    return question.options[min(bisect_right(totals, draw * totals[-1]), len(totals) - 1)]


def answer(question: Question, *, chance: Random, quality: float, who: Visitor, day: date) -> tuple[Any, float | None]:
    """One answer and its score (None where the question is not scored).

    Args:
        question: What is asked.
        chance: Where luck comes from.
        quality: 0 to 1; a better visitor scores higher.
        who: The visitor, for contact questions.
        day: The day of the visit.
    """
    draw = chance.random()
    kind = question.kind
    if kind == "single choice":
        if question.scored:
            draw = 0.55 * draw + 0.45 * quality
            if (question.options[0].score or 0) > (question.options[-1].score or 0):
                draw = 1 - draw
        taken = pick(question, draw)
        return taken.text, taken.score
    if kind == "multiple choice":
        return _several(question, chance, draw, quality)
    if kind == "ranking":
        order = sorted(question.options, key=lambda _: chance.random())
        return [option.text for option in order], None
    if kind in ("rating", "opinion scale"):
        span = question.high - question.low + 1
        value = question.low + min(int((0.5 * draw + 0.5 * quality) * span), span - 1)
        return value, float(value) if question.scored else None
    if kind == "slider":
        return question.low + int(draw * (question.high - question.low + 1)), None
    if kind == "number":
        value = question.low + int(draw * draw * (question.high - question.low + 1))
        return (value + 0.5 if question.style == "half" and chance.random() < 0.3 else value), None
    return _written(question.style, draw, chance, who, day), None


def _several(question: Question, chance: Random, draw: float, quality: float) -> tuple[list[str], float | None]:
    total = sum(option.weight for option in question.options)
    taken = []
    for option in question.options:
        likely = min(0.9, 1.6 * option.weight / total) * (0.7 + 0.6 * quality if option.score else 1.0)
        if chance.random() < likely:
            taken.append(option)
    taken = taken or [pick(question, draw)]
    score = float(sum(option.score or 0 for option in taken)) if question.scored else None
    return [option.text for option in taken], score


def _written(style: str, draw: float, chance: Random, who: Visitor, day: date) -> str:
    if style == "zip":
        return f"{501 + int(draw * 99_400):05d}"
    if style == "remark":
        return _REMARKS[int(draw * len(_REMARKS))]
    if style == "words":
        return _WORDS[int(draw * len(_WORDS))]
    if style == "city":
        return _CITIES[int(draw * len(_CITIES))]
    if style == "location":
        return _PLACES[int(draw * len(_PLACES))]
    if style == "reference":
        return f"{int(draw * 1000):03d}"
    if style == "date":
        return (day + timedelta(days=3 + int(draw * 90))).isoformat()
    if style == "e-mail":
        return who.email
    if style == "phone":
        return who.phone or f"+1 202-555-01{int(draw * 100):02d}"
    if style == "file":
        return f"https://files.example.com/uploads/{int(chance.random() * 16**8):08x}.jpg"
    raise ValueError(f"no such style of text: {style!r}")
