"""A sign-in to bytes and back: nothing is lost, and nothing is written that could not be read again (F09)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.entry import MAX_BYTES, VERSION, Entry, pack, unpack
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.records import Account
from tests.helpers_auth import assert_clean
from tests.unit.kept_support import ENTRY, FULL, KEYED

WHERE = "profile-default.json"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
maybe = st.none() | texts
tokens = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60).map(Secret)
urls = st.none() | st.sampled_from(["https://app.outgrow.co", "http://127.0.0.1:8000/x", "https://a.example:444/b?c=d"])
configs = st.builds(
    Config,
    client_id=maybe,
    client_secret=maybe,
    redirect_uri=st.sampled_from([None, "http://127.0.0.1/callback", "http://[::1]:8080/"]),
    base_url=urls,
    api_url=urls,
    authorize_url=urls,
    token_url=urls,
    revoke_url=urls,
    issuer=maybe,
    scope=maybe,
    client_auth=st.sampled_from(["post", "basic"]),
    pkce_enforced=st.booleans(),
)
common = {
    "config": configs,
    "account": st.none() | st.builds(Account, id=maybe, email=maybe, name=maybe, company=maybe),
    "contents": st.none() | st.integers(0, 2**40),
    "content_ids": st.lists(st.text(max_size=5), max_size=3).map(tuple),
    "mask_key": st.none() | st.just(FULL.mask_key),
}
entries = st.builds(
    Entry,
    token=st.builds(
        Token,
        access=tokens,
        refresh=st.none() | tokens,
        obtained_at=st.floats(0, 1e11),
        lifetime=st.none() | st.floats(1, 3.2e8),
        scope=maybe,
    ),
    **common,
) | st.builds(Entry, api_key=tokens, **common)


@given(entry=entries)
def test_round_trip(entry: Entry) -> None:
    """What is packed is unpacked the same, whatever characters and numbers it holds."""
    assert unpack(pack(entry), WHERE) == entry


def test_what_is_saved() -> None:
    """Everything a renewal in another folder needs is saved (correction 6); this kernel's own settings are not."""
    entry = replace(FULL, config=replace(FULL.config, workers=3, cache=object()), exposed=True)
    stored = json.loads(pack(entry))
    assert stored["version"] == VERSION
    assert stored["config"]["client_secret"] == "SECRET-CANARY-1"
    assert not {"workers", "cache", "exposed"} & {*stored, *stored["config"]}
    found = unpack(pack(entry), WHERE)
    assert (found.config, found.exposed) == (FULL.config, False)


def test_files_of_the_first_version() -> None:
    """What the first version wrote is read for ever: these very bytes, whatever they leave out."""
    least = b'{"version":1,"config":{},"token":{"access_token":"AT-CANARY-1","obtained_at":1.0}}'
    assert unpack(least, WHERE) == Entry(config=Config(), token=Token(access=Secret("AT-CANARY-1"), obtained_at=1.0))
    whole = (
        b'{"version":1,"config":{"client_id":"nb","client_secret":"SECRET-CANARY-1","base_url":"https://app.outgrow.co",'
        b'"authorize_url":"https://app.outgrow.co/oauth/authorize","scope":"read","client_auth":"basic",'
        b'"pkce_enforced":true},"token":{"access_token":"AT-CANARY-1","obtained_at":1700000000.0,'
        b'"refresh_token":"RT-CANARY-1","lifetime":3600.5,"scope":"read"},"account":{"id":"7",'
        b'"email":"ana@acme.example","name":"Ana","company":"Acm\xc3\xa9"},"mask_key":"' + b"0f" * 32 + b'"}'
    )
    assert unpack(whole, WHERE) == FULL
    assert pack(FULL) == whole


@pytest.mark.parametrize("entry", [FULL, KEYED])
def test_nothing_secret_is_shown(entry: Entry) -> None:
    """An entry's repr holds no token, key, client secret or mask key."""
    assert "CANARY" not in repr(entry)
    assert "0f0f" not in repr(entry)


strange = st.text(st.characters(), max_size=5) | st.sampled_from(["a\udcff", "two words", "é", "", "\n"])


@given(
    api_key=strange,
    account=st.none() | st.builds(Account, id=st.none() | strange, name=st.none() | strange),
    content_ids=st.lists(strange, max_size=2).map(tuple),
    mask_key=st.none() | strange,
)
def test_what_is_packed_can_be_unpacked(
    api_key: str, account: Account | None, content_ids: tuple[str, ...], mask_key: str | None
) -> None:
    """Whatever an entry holds, it is packed so that it can be read again, or refused before anything is written."""
    secret = Secret(mask_key) if mask_key is not None else None
    entry = Entry(config=Config(), api_key=Secret(api_key), account=account, content_ids=content_ids, mask_key=secret)
    try:
        data = pack(entry)
    except CacheError as error:
        assert error.problem.startswith("This sign-in can't be saved (")  # noqa: PT017 - either outcome is right
    else:
        assert unpack(data, WHERE) == entry


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (replace(KEYED, api_key=Secret("KEY CANARY")), "$.api_key"),
        (replace(KEYED, api_key=Secret("KEY-CANARY-é")), "$.api_key"),
        (replace(KEYED, api_key=Secret("KEY-CANARY-\udcff")), "half a character"),
        (replace(FULL, account=Account(id="7", name="x\ud800")), "half a character"),
        (replace(FULL, account=Account(id="7", name="x" * MAX_BYTES)), "too large"),
        (replace(FULL, token=Token(access=Secret("AT-CANARY 1"), obtained_at=1.0)), "$.token.access_token"),
        (replace(FULL, token=Token(access=Secret("A"), obtained_at=1.0, scope="\udcff")), "half a character"),
        (replace(FULL, token=Token(access=Secret("A"), obtained_at=float("nan"))), "$.token.obtained_at"),
        (replace(FULL, mask_key=Secret("CANARY")), "$.mask_key"),
        (replace(FULL, config=Config(pkce_enforced="no")), "$.config.pkce_enforced"),  # type: ignore[arg-type]
        (replace(FULL, api_key=Secret("KEY-CANARY")), "neither a token nor a key"),
        (Entry(config=Config()), "neither a token nor a key"),
    ],
    ids=range(12),
)
def test_f09_what_cannot_be_saved(tmp_path: Path, entry: Entry, named: str) -> None:
    """It is a clear error that names the field and no value; what was kept before is whole."""
    cache = FileCache(tmp_path)
    keep_in(cache, "default", ENTRY)
    with pytest.raises(CacheError) as caught:
        keep_in(cache, "default", entry)
    assert caught.value.problem == f"This sign-in can't be saved ({named})."
    assert caught.value.next_step
    assert_clean(caught.value)
    assert cache.read("default") == ENTRY
    assert not list(tmp_path.glob("*.corrupt-*"))


def test_the_largest_that_can_be_saved() -> None:
    """An entry of exactly the largest size is packed; one byte more is refused."""
    room = MAX_BYTES - len(pack(replace(FULL, account=Account(name=""))))
    largest = replace(FULL, account=Account(name="x" * room))
    assert len(pack(largest)) == MAX_BYTES
    with pytest.raises(CacheError, match="too large"):
        pack(replace(FULL, account=Account(name="x" * (room + 1))))
