"""The grammar of numbers: what people and calculators write, round trips, and never a crash."""

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames.numbers import Amount, amount, plain, style_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("−3", -3),
        ("+4", 4),
        (".5", 0.5),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1'234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("12,5", 12.5),
        ("1,234", 1234),
        ("1.234", 1.234),
        ("0.125", 0.125),
        ("0,125", 0.125),
        (" 7 ", 7),
        ("1e+3", 1000),
        ("1.5E3", 1500),
        ("1e-07", 1e-07),
        ("1 234.50", 1234.5),
        ("1\u00a0234", 1234),
        ("0", 0),
        ("0.30000000000000004", 0.1 + 0.2),
        ("123456789012345", 123456789012345),
        ("+1234.5", 1234.5),
    ],
)
def test_plain_numbers(text: str, value: float) -> None:
    """Thousands and decimals by either mark; an ambiguous one by the column's style."""
    assert plain(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "12%",
        "$5",
        "1,23,4",
        "1.2.3",
        "12-13",
        "1 2",
        "--1",
        "1..2",
        "nan",
        "inf",
        "1e999",
        "+",
        "٣x",
        "1,2345,678",
        "007",
        "02139",
        "-05",
        "00.5",
        "1234567890123456",
        "12345678901234567890",
        "9007199254740993.5",
        "1E5",
        "2e03",
        "555 123 456",
        "1 234",
        "+491701234567",
        "030 12345",
        "+49 170 1234567",
    ],
)
def test_what_is_no_plain_number(text: str) -> None:
    """Units, ranges, dates and broken groups are no plain number."""
    assert plain(text) is None


def test_a_columns_style_decides_what_is_ambiguous() -> None:
    """1.234 is a thousand where another value of the column can only be read with a decimal comma."""
    assert style_of(["1.234", "1.234,50"]) == "comma"
    assert style_of(["1.234", "12.5"]) == "point"
    assert style_of(["1.234,50", "1,234.50"]) == "point"
    assert style_of([]) == "point"
    assert plain("1.234", "comma") == 1234
    assert plain("1,234", "comma") == 1.234


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$95 to $105", Amount(95, 105, "$")),
        ("$1,095 to $1,205", Amount(1095, 1205, "$")),
        ("12%", Amount(12, 12, "%")),
        ("12 %", Amount(12, 12, "%")),
        ("1.234,50", Amount(1234.5, 1234.5, "")),
        ("57.0 m²", Amount(57, 57, "m²")),
        ("3 years", Amount(3, 3, "years")),
        ("5-7 kg", Amount(5, 7, "kg")),
        ("5 kg – 7 kg", Amount(5, 7, "kg")),
        ("€1.500 bis €2.000,50", Amount(1500, 2000.5, "€")),
        ("95 €", Amount(95, 95, "€")),
        ("EUR 95", Amount(95, 95, "EUR")),
        ("US$ 95", Amount(95, 95, "US$")),
        ("-$5", Amount(-5, -5, "$")),
        ("$-5", Amount(-5, -5, "$")),
        ("Under $50", Amount(None, 50, "$")),
        ("up to 3 h", Amount(None, 3, "h")),
        ("$200 or more", Amount(200, None, "$")),
        ("65+", Amount(65, None, "")),
        ("over 9 km/h", Amount(9, None, "km/h")),
        ("about 3 h", Amount(3, 3, "h")),
        ("10 to 20", Amount(10, 20, "")),
        ("3 kWh per year", Amount(3, 3, "kWh per year")),
        ("21 °C", Amount(21, 21, "°C")),
        ("1 234 €", Amount(1234, 1234, "€")),
        ("1 000 - 2 000 €", Amount(1000, 2000, "€")),
        ("$1 234", Amount(1234, 1234, "$")),
    ],
)
def test_amounts(text: str, found: Amount) -> None:
    """Currency before or after, units, ranges and open ends."""
    assert amount(text, "comma" if "1.500" in text else "point") == found


@pytest.mark.parametrize(
    "text",
    [
        "Math Error",
        "",
        "under a year",
        "$",
        "to",
        "$5 to",
        "to $5",
        "$105 to $95",
        "$5 to 7 kg",
        "2026-05-01",
        "a 5",
        "NaN",
        "02139",
        "555 123 456",
        "1 000 - 2 000",
        "12345678901234567890",
        "1E5",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    """Words, half ranges, dates, falling ranges and two units are left as text."""
    assert amount(text) is None


NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 2))


@settings(deadline=None)
@given(NUMBERS)
def test_both_styles_read_back(value: float) -> None:
    """A number written with two decimals in either style is read back exactly."""
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert plain(english) == float(f"{value:.2f}")
    assert plain(german) == float(f"{value:.2f}")


@settings(deadline=None)
@given(
    NUMBERS.map(abs),
    NUMBERS.map(abs),
    st.sampled_from(["$", "€", "US$", "EUR "]),
    st.sampled_from([" to ", "–", " - "]),
)
def test_ranges_read_back(first: float, second: float, unit: str, between: str) -> None:
    """A range of two amounts gives its ends and its unit."""
    low, high = sorted((first, second))
    assert amount(f"{unit}{low:,.2f}{between}{unit}{high:,.2f}") == Amount(low, high, unit.strip())


@settings(deadline=None)
@given(st.from_regex(r"[+−-]?[0-9]{0,4}([ .,'\u00a0]?[0-9]{1,3}){0,6}([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_what_becomes_a_number_prints_as_that_number(text: str) -> None:
    """A converted text and the number made of it have the same digits, so nothing was lost on the way."""
    found = plain(text)
    if found is None:
        return
    readings = set()
    for mark, group in ((".", ","), (",", ".")):
        bare = re.sub(rf"[{group}' \u00a0]", "", text).replace("−", "-").replace(mark, ".")
        if re.fullmatch(r"[+-]?([0-9]*\.)?[0-9]+([eE][+-]?[0-9]+)?", bare):
            readings.add(Decimal(bare))
    assert Decimal(repr(found)) in readings
    assert not re.match(r"[+−-]?0[0-9]", text)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_machines_print_is_read_back(value: float) -> None:
    """A number as Python and JSON print it is that number again, short of 16 digits before the point."""
    text = repr(value)
    whole = text.lstrip("-").partition(".")[0]
    if "e" in text or len(whole) <= 15:
        assert plain(text) == value


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text: str) -> None:
    """No text crashes the grammar; what it finds is finite and not falling."""
    found = plain(text)
    assert found is None or math.isfinite(found)
    both = amount(text)
    if both is not None and both.low is not None and both.high is not None:
        assert both.low <= both.high
