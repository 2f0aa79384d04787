"""No secret stands in what is shown, however it was written (S07)."""

import base64
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.config import Secret
from outgrow_nb.wire import plain, redact

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)
AROUND = st.text(max_size=20)


@given(SECRETS, AROUND, AROUND)
def test_s07_every_way_of_writing(secret: str, before: str, after: str) -> None:
    """Raw, percent-encoded once and twice, JSON-escaped, and as Basic authentication."""
    basic = base64.b64encode(f"client-id:{secret}".encode()).decode()
    encoded_basic = base64.b64encode(f"{quote_plus('client id')}:{quote_plus(secret)}".encode()).decode()
    ways = [secret, quote(secret, safe=""), quote_plus(secret), quote(quote(secret, safe=""), safe="")]
    ways += [quote_plus(quote_plus(secret)), json.dumps(secret)[1:-1]]
    for way in ways:
        shown = redact(f"{before} {way} {after}", [Secret(secret)])
        assert way not in shown.replace(before, "").replace(after, "") or way in (before, after)
    for way in (basic, encoded_basic):
        shown = redact(f"{before} {way} {after}", [Secret(secret)])
        kept = next((part for part in shown.split() if part.startswith(way[:8])), "")
        assert secret.encode() not in base64.b64decode(kept.partition("[")[0][: len(kept) // 4 * 4] + "=" * 4)


def test_short_texts_are_no_secrets() -> None:
    """Under 8 characters nothing is replaced: every text would be full of holes."""
    assert redact("a-b-c", [Secret("b")]) == "a-b-c"


def test_an_api_key_inside_a_path() -> None:
    """A key in an address counts."""
    assert redact("/get_leads/abcdef123456/77", [Secret("abcdef123456")]) == "/get_leads/[…]/77"


@given(st.text(max_size=2000))
def test_t06_a_servers_words(text: str) -> None:
    """One line, no control characters, at most 300 characters."""
    shown = plain(text)
    assert len(shown) <= 300
    assert all(char.isprintable() for char in shown)
    assert "\n" not in shown


def test_t06_escapes_and_secrets() -> None:
    """ANSI escapes, direction marks and our own token are gone."""
    assert plain("\x1b[31mred\x1b[0m \u202eevil my-secret-token", [Secret("my-secret-token")]) == "red evil […]"


@given(st.text(min_size=8, max_size=60), st.lists(st.sampled_from(["raw", "once", "twice", "json"]), min_size=60))
def test_s07_characters_written_in_different_ways(secret: str, ways: list[str]) -> None:
    """A server may encode some characters and leave others; none of ours is left as it was."""
    writers: dict[str, Callable[[str], str]] = {
        "raw": lambda char: char,
        "once": lambda char: quote(char, safe=""),
        "twice": lambda char: quote(quote(char, safe=""), safe=""),
        "json": lambda char: json.dumps(char)[1:-1],
    }
    # a character that begins the way another is written makes a text that may be read in two ways: left out here
    plain_secret = secret.replace("%", "x").replace("\\", "y").replace("+", "z")
    written = "".join(writers[way](char) for way, char in zip(ways, plain_secret, strict=False))
    assert redact(f"<{written}>", [Secret(plain_secret)]) == "<[…]>"


@given(st.text(min_size=8, max_size=60))
def test_s07_any_text_raw_or_encoded_throughout(secret: str) -> None:
    """Whatever characters a secret has, half ones of the environment included."""
    for odd in (secret, f"{secret}\udcff"):
        quoted = quote(odd, safe="", errors="surrogatepass")
        lower = re.sub("%..", lambda found: found[0].lower(), quoted)
        for way in (odd, quoted, lower, quote(quoted, safe=""), json.dumps(odd)[1:-1]):
            assert redact(f"<{way}>", [Secret(odd)]) == "<[…]>"


def test_s07_a_secret_at_the_edge_of_what_is_shown() -> None:
    """Cutting comes after redaction: no part of a secret is left where a long text ends."""
    for length in range(5990, 6010):
        shown = plain(" " * length + "RT-CANARY-0123456789", [Secret("RT-CANARY-0123456789")])
        assert "CANARY" not in shown


@pytest.mark.parametrize("secret", ["ab%25cdefgh", "%41%42%43%44", "ab+cd%2Befgh", "ab\\u0041cdefgh"])
def test_s07_a_secret_that_looks_encoded_itself(secret: str) -> None:
    """It is found however often it was encoded on its way."""
    once = quote(secret, safe="")
    for way in (secret, once, quote(once, safe=""), quote_plus(secret), once.lower(), json.dumps(secret)[1:-1]):
        assert redact(f"<{way}>", [Secret(secret)]) == "<[…]>"


def test_s07_no_text_makes_it_slow() -> None:
    """Texts made to be read in many ways are searched in one pass."""
    for secret, text in (
        ("\\" * 60 + "a", "\\" * 20_000),
        ("%" * 60 + "b", "%25" * 10_000),
        (" " * 60 + "b", "+" * 30_000),
    ):
        assert redact(text, [Secret(secret)]) == text
