"""Numbers as people and calculators write them: ``1.234,50``, ``$95 to $105``, ``12%``; what is none stays text.

What looks like a number and would lose by becoming one is none: a zip code or number with leading zeros (``02139``), an
id of more than 15 digits or anything else that a float would not give back, a code such as ``1E5`` (machines write a
sign or a point: ``1e+5``, ``1.0E5``), a phone number (``+491701234567``), and digits grouped by ordinary blanks where
neither decimals nor a unit tell that it is an amount (``555 123 456``).
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

Style = Literal["point", "comma"]

_DIGITS = r"[0-9](?:[0-9.,'’\u00a0\u202f ]*[0-9])?"
_NUMBER = re.compile(rf"[+\-−]?\s?(?:{_DIGITS}|[.,][0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?")
_CODE = re.compile(r"[+\-−]?[0-9]+[eE][0-9]+")
_BLANKS = re.compile(r"[0-9] [0-9]")
_MOST_DIGITS = 15  # of a whole number; a float holds any of so many
_PHONE_DIGITS = 7
_SIGN = re.compile(r"[+\-−]")
_WORDS_BETWEEN = re.compile(r"\s*(?:to|and|bis|à|a|until|through|\.\.\.?|…|-|–|—|−)\s*", re.IGNORECASE)
_AT_MOST = re.compile(r"(?:(?:under|up to|less than|below|at most|max|bis zu|unter)\b\.?|<=?|≤)\s*", re.IGNORECASE)
_AT_LEAST = re.compile(r"(?:(?:over|more than|above|at least|from|min|über|ab)\b\.?|>=?|≥)\s*", re.IGNORECASE)
_OR_MORE = re.compile(r"\s*(?:\+|or more|and more|and above|and over|or over|and up|oder mehr)", re.IGNORECASE)
_OR_LESS = re.compile(r"\s*(?:or less|or under|and below|or fewer|oder weniger)", re.IGNORECASE)
_APPROXIMATE = re.compile(r"(?:about|around|approx\.?|ca\.?|circa|~|≈)\s*", re.IGNORECASE)
_BEFORE = re.compile(r"(?:[A-Z]{2,3}|[A-Z]{0,3}\s?[$€£¥₹₽₺₩₪฿₫₴₦₱R])\s?(?=[+\-−]?\s?[0-9.,])")
_AFTER = re.compile(r"\s?(?:[%‰°]\s?[CF]?|[^\W\d_][^\W\d_²³./]*(?:[./ ][^\W\d_²³]+){0,3}[²³]?|[$€£¥₹₽₺₩₪฿₫₴₦₱])")


class Amount(NamedTuple):
    """A number or range: `low` or `high` is None where it is open, both are equal for one number; `unit` "" if none."""

    low: float | None
    high: float | None
    unit: str


def style_of(texts: Iterable[str]) -> Style:
    """Whether a column writes decimals with a comma: some value can only be read so, and none only with a point."""
    comma = point = False
    for text in texts:
        for match in _NUMBER.finditer(text):
            found = _decisive(match[0])
            comma |= found == "comma"
            point |= found == "point"
    return "comma" if comma and not point else "point"


def _decisive(number: str) -> Style | None:
    mantissa = re.split("[eE]", number)[0]
    dot, comma = mantissa.rfind("."), mantissa.rfind(",")
    if dot >= 0 and comma >= 0:
        return "comma" if comma > dot else "point"
    place = max(dot, comma)
    if place < 0:
        return None
    mark, other = ("point", "comma") if dot >= 0 else ("comma", "point")
    style: Style | None
    if mantissa.count(mantissa[place]) > 1:
        style = other  # type: ignore[assignment]  # 1.234.567: the mark groups thousands
    elif len(mantissa) - place - 1 == 3 and re.fullmatch(r"[+\-−]?\s?[1-9][0-9]{0,2}", mantissa[:place]):
        style = None  # 1.234 or 1,234: either
    else:
        style = mark  # type: ignore[assignment]
    return style


def plain(text: str, style: Style = "point") -> float | None:
    """The number that the whole text is, or None.

    Thousands may be grouped by ``,`` ``.`` ``'`` or a blank (an ordinary one only before decimals), in groups of three.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text) or _unclear(text, style):
        return None
    return _value(text, style)


def _unclear(number: str, style: Style) -> bool:
    """Whether blanks group digits that have no decimals: an amount without a unit, or a phone number."""
    mark = "." if (_decisive(number) or style) == "point" else ","
    return mark not in number and bool(_BLANKS.search(number))


def _value(number: str, style: Style) -> float | None:
    own = _decisive(number) or style
    mark, group = (".", ",") if own == "point" else (",", ".")
    number = number.replace("−", "-").replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    sign, body = (number[0], number[1:].strip()) if number[0] in "+-" else ("", number)
    head, _, exponent = body.replace("E", "e").partition("e")
    whole, _, decimals = head.partition(mark)
    parts = re.split(rf"[{re.escape(group)}' ]", whole)
    grouped = len(parts) == 1 or (len(parts[0]) in (1, 2, 3) and all(len(part) == 3 for part in parts[1:]))
    digits = "".join(parts)
    if not grouped or (decimals and not decimals.isdecimal()) or (not digits.isdecimal() and whole):
        return None
    code = (digits.startswith("0") and len(digits) > 1) or _CODE.fullmatch(number)
    phone = sign == "+" and len(digits) >= _PHONE_DIGITS and len(parts) == 1
    if code or (not decimals and (phone or len(digits) > _MOST_DIGITS)):
        return None
    written = f"{sign}{digits or '0'}.{decimals or '0'}e{exponent or '0'}"
    found = float(written)
    return found if abs(found) != float("inf") and Decimal(repr(found)) == Decimal(written) else None


def amount(text: str, style: Style = "point") -> Amount | None:
    """A number with or without a unit, or a range of two; None for anything else.

    A number without a unit is read as `plain` reads it.

    Understood: ``95``, ``$95``, ``95 €``, ``12%``, ``57.0 m²``, ``3 years``, ``$95 to $105``, ``5-7 kg``,
    ``under $50``, ``$200 or more``, ``about 3 h``.
    """
    found = _amount(text.strip(), style)
    alone = found is not None and not found.unit
    return None if alone and any(_unclear(one[0], style) for one in _NUMBER.finditer(text)) else found


def _amount(text: str, style: Style) -> Amount | None:
    low_open = high_open = False
    if start := _AT_MOST.match(text):
        low_open, text = True, text[start.end() :]
    elif start := _AT_LEAST.match(text):
        high_open, text = True, text[start.end() :]
    elif start := _APPROXIMATE.match(text):
        text = text[start.end() :]
    first = _one(text, style)
    if first is None:
        return None
    value, unit, rest = first
    if end := _OR_MORE.match(rest):
        high_open, rest = True, rest[end.end() :]
    elif end := _OR_LESS.match(rest):
        low_open, rest = True, rest[end.end() :]
    if not rest.strip():
        return (
            None if low_open and high_open else Amount(None if low_open else value, None if high_open else value, unit)
        )
    between = _WORDS_BETWEEN.match(rest)
    if low_open or high_open or between is None:
        return None
    second = _one(rest[between.end() :], style)
    if second is None or second[2].strip() or (unit and second[1] and unit != second[1]) or second[0] < value:
        return None
    return Amount(value, second[0], unit or second[1])


def _one(text: str, style: Style) -> tuple[float, str, str] | None:
    """A number with its unit at the start of a text, and the rest."""
    sign = ""
    if _SIGN.match(text) and _BEFORE.match(text[1:]):
        sign, text = text[0], text[1:]
    before = _BEFORE.match(text)
    unit = before[0].strip() if before else ""
    text = text[before.end() :] if before else text
    number = _NUMBER.match(text)
    if number is None:
        return None
    value = _value(sign + number[0].strip(), style) if not (sign and number[0][0] in "+-−") else None
    if value is None:
        return None
    rest = text[number.end() :]
    if _WORDS_BETWEEN.match(rest) and _one(rest[_WORDS_BETWEEN.match(rest).end() :], style):  # type: ignore[union-attr]
        return value, unit, rest
    if not unit and not _OR_MORE.match(rest) and not _OR_LESS.match(rest) and (after := _AFTER.match(rest)):
        unit, rest = _cut(after[0], rest)
    return value, unit, rest


def _cut(found: str, rest: str) -> tuple[str, str]:
    """Give back the part of a unit that belongs to what follows: ``kg to`` is ``kg``, ``kg or more`` is ``kg``."""
    following = re.search(r"\s+(?:to|and|bis|or|oder|à|a|until|through)\b", found, re.IGNORECASE)
    unit = found[: following.start()] if following else found
    return unit.strip(), rest[len(unit) :]
