"""What is told about a sign-in: the facts, the account's mask key, the states, the static pages."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outgrow_nb.auth import pages
from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.facts import Facts, facts
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.auth.status import FINAL, State, Status
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, OutgrowError, SignInRequired
from outgrow_nb.records import Account

NOW = 1_700_000_000.0
ENTRY = Entry(
    config=Config(client_id="nb"),
    token=Token(access=Secret("acc3ss"), refresh=Secret("r3fresh"), obtained_at=NOW, lifetime=3600),
    account=Account(id="7", email="ana@acme.com", name="Ana", company="Acme"),
)
KEYED = Entry(config=Config(), api_key=Secret("k3y-value"), contents=1, content_ids=("c1", "c2"))


def nobody(reason: OutgrowError) -> None:
    raise reason


def credentials(cache: TokenCache, entry: Entry | None = None) -> Credentials:
    made = Credentials(profile="default", config=Config(), cache=cache, ask=nobody, clock=lambda: NOW)
    if entry is not None:
        made.accept(entry)
    return made


def test_nobody_is_signed_in() -> None:
    """Without a sign-in there are no facts and no mask key."""
    empty = credentials(MemoryCache())
    assert facts(empty) is None
    with pytest.raises(SignInRequired):
        mask_key(empty)


def test_facts_of_a_saved_sign_in(tmp_path: Path) -> None:
    """A saved sign-in tells who, where, how protected and until when; none of its secrets."""
    cache = FileCache(tmp_path / "cache")
    told = facts(credentials(cache, ENTRY))
    assert told == Facts(
        who="ana@acme.com (Acme)",
        email="ana@acme.com",
        name="Ana",
        company="Acme",
        way="sign-in",
        profile="default",
        kept_in=str(cache.path("default")),
        protection="not encrypted",
        access_until=datetime.fromtimestamp(NOW + 3600, UTC),
        renews=True,
    )
    assert "acc3ss" not in repr(told)
    assert "r3fresh" not in repr(told)


def test_facts_of_a_sign_in_in_memory() -> None:
    """Where Outgrow says neither who nor how long, the facts say nothing of it."""
    token = Token(access=Secret("acc3ss"), obtained_at=NOW)
    told = facts(credentials(MemoryCache(), Entry(config=ENTRY.config, token=token)))
    assert told is not None
    assert (told.who, told.email, told.access_until, told.renews) == ("an Outgrow account", None, None, False)
    assert (told.kept_in, told.protection) == ("this kernel's memory", "in memory")


@pytest.mark.parametrize(
    ("contents", "who"),
    [
        (None, "Connected with an API key"),
        (1, "Connected with an API key · 1 content"),
        (12, "Connected with an API key · 12 contents"),
    ],
)
def test_facts_of_a_key(contents: int | None, who: str) -> None:
    """A key is known by how many contents it sees; it neither ends nor renews."""
    told = facts(credentials(MemoryCache(), replace(KEYED, contents=contents)))
    assert told is not None
    assert (told.who, told.way, told.email, told.access_until, told.renews) == (who, "API key", None, None, False)
    assert "k3y-value" not in repr(told)


def test_signed_out() -> None:
    """After signing out there are no facts."""
    mine = credentials(MemoryCache(), KEYED)
    assert facts(mine) is not None
    mine.sign_out()
    assert facts(mine) is None


def test_the_mask_key_is_made_once(tmp_path: Path) -> None:
    """A mask key is 32 random bytes, kept with the sign-in, the same in every kernel and after the next sign-in."""
    cache = FileCache(tmp_path / "cache")
    mine = credentials(cache, KEYED)
    made = mask_key(mine)
    assert len(made) == 32
    assert mask_key(mine) == made
    sibling = credentials(cache)
    assert mask_key(sibling) == made
    mine.accept(replace(KEYED, api_key=Secret("a-new-key")))
    assert mask_key(mine) == made
    kept = cache.read("default")
    assert kept is not None
    assert kept.api_key == Secret("a-new-key")
    assert made.hex() not in repr(kept)


def test_two_kernels_make_one_mask_key(tmp_path: Path) -> None:
    """Where a sibling kernel made the key meanwhile, that one is used."""
    cache = FileCache(tmp_path / "cache")
    one, two = credentials(cache, KEYED), credentials(cache)
    assert two.look() == KEYED
    assert mask_key(one) == mask_key(two)


def test_another_account_gets_another_mask_key() -> None:
    """The mask key belongs to the account: another one's people are hashed with another."""
    mine = credentials(MemoryCache(), KEYED)
    first = mask_key(mine)
    mine.accept(replace(KEYED, api_key=Secret("k4y-value"), content_ids=("d1",)))
    assert mask_key(mine) != first


def test_a_mask_key_that_cannot_be_kept(tmp_path: Path) -> None:
    """A mask key that could not be kept is not used: the same person would get another hash next time."""
    cache = FileCache(tmp_path / "cache")
    mine = credentials(cache, KEYED)
    cache.folder.chmod(0o777)
    with pytest.raises(CacheError):
        mask_key(mine)
    cache.folder.chmod(0o700)
    assert cache.read("default") == KEYED


def test_final_states() -> None:
    """Five states are final; an address is not shown by repr (L19)."""
    assert {state for state in State if Status(state, "text").final} == FINAL
    assert {state.value for state in State} - FINAL == {"ready", "exchanging", "declined", "failed"}
    assert "st4te" not in repr(Status(State.READY, "text", Secret("https://app.outgrow.co/?state=st4te")))


ALL = [pages.SIGNED_IN, pages.DECLINED, pages.FAILED, pages.OLD_TAB, pages.REFUSED, pages.NOT_FOUND]


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.path)
def test_pages(page: pages.Page) -> None:
    """L09: each page is static, has no script, link or form, and its one style is the one the policy allows."""
    text = page.render().decode()
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in pages.CONTENT_SECURITY_POLICY
    assert pages.CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert not re.search(r"<(script|form|a|img|iframe|link)\b|style=|\bon\w+=|https?:", text)
    assert text.startswith("<!doctype html>")
    assert text.count(page.title.replace("'", "&#x27;")) == 2
    assert page.status == 200 or page.path not in pages.STATIC


def test_words_of_a_page_are_escaped() -> None:
    """X01: what looks like HTML in a page's words is shown as it is."""
    text = pages.Page("/x", 200, "<b>title", "<script>1 & 2</script>").render().decode()
    assert "<b>" not in text
    assert "<script>" not in text
    assert "&lt;script&gt;1 &amp; 2" in text
