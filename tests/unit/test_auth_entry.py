"""What a profile keeps: to bytes and back, damaged bytes, other servers' sign-ins (F07-F11)."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.entry import VERSION, Corrupt, Entry, pack, unpack
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer

WHERE = "profile-default.json"
MASK = Secret("0f" * 32)
FULL = Entry(
    config=Config(
        client_id="nb",
        client_secret="cl1ent-s3cret",
        base_url="https://app.outgrow.co",
        authorize_url="https://app.outgrow.co/oauth/authorize",
        scope="read",
        client_auth="basic",
        pkce_enforced=True,
    ),
    token=Token(access=Secret("acc3ss"), refresh=Secret("r3fresh"), obtained_at=1.7e9, lifetime=3600.5, scope="read"),
    account=Account(id="7", email="ana@acme.com", name="Ana", company="Acmé"),
    mask_key=MASK,
)
KEYED = Entry(config=Config(), api_key=Secret("k3y-value"), contents=12, fingerprint="ab" * 32)

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
    "fingerprint": maybe,
    "mask_key": st.none() | st.just(MASK),
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


def changed(path: str, value: object, entry: Entry = FULL) -> bytes:
    """The entry's bytes with another value at a path such as ``token.scope``."""
    stored: dict[str, Any] = json.loads(pack(entry))
    inner = stored
    *folders, name = path.split(".")
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    return json.dumps(stored).encode()


@given(entry=entries)
def test_round_trip(entry: Entry) -> None:
    """What is packed is unpacked the same, whatever characters and numbers it holds."""
    assert unpack(pack(entry), WHERE) == entry


def test_what_is_saved() -> None:
    """Everything a renewal in another folder needs is saved (correction 6); this kernel's own settings are not."""
    entry = replace(FULL, config=replace(FULL.config, workers=3, cache=object()), exposed=True)
    stored = json.loads(pack(entry))
    assert stored["version"] == VERSION
    assert stored["config"]["client_secret"] == "cl1ent-s3cret"
    assert not {"workers", "cache", "exposed"} & {*stored, *stored["config"]}
    found = unpack(pack(entry), WHERE)
    assert (found.config, found.exposed) == (FULL.config, False)


@pytest.mark.parametrize("entry", [FULL, KEYED])
def test_nothing_secret_is_shown(entry: Entry) -> None:
    """An entry's repr holds no token, key, client secret or mask key."""
    shown = repr(entry)
    for secret in ("acc3ss", "r3fresh", "k3y-value", "cl1ent-s3cret", MASK.reveal()):
        assert secret not in shown


@pytest.mark.parametrize("entry", [FULL, KEYED])
def test_cut_at_every_byte(entry: Entry) -> None:
    """F07: a file cut anywhere, or with anything behind it, is no entry."""
    data = pack(entry)
    for length in range(len(data)):
        with pytest.raises(Corrupt):
            unpack(data[:length], WHERE)
    with pytest.raises(Corrupt):
        unpack(data + b"}", WHERE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4096,
        bytes(range(256)),
        pack(FULL).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + pack(FULL),
        b"[]",
        b"null",
        b"1",
        b"{}",
        b"[" * 100_000,
        b'{"version":1,"x":' + b"[" * 100_000,
        b'{"version":' + b"9" * 5000 + b"}",
        pack(FULL).replace(b'"Ana"', b'"\\ud800"'),
        pack(FULL).replace(b'"Ana"', b'"\xff"'),
        b" " * 50_000_000,
    ],
    ids=range(15),
)
def test_what_is_no_entry(data: bytes) -> None:
    """F08: nothing, noise, other encodings, other JSON, endless nesting and huge numbers are no entry."""
    with pytest.raises(Corrupt):
        unpack(data, WHERE)


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """F08: no bytes but an entry's make an entry, and none makes another error."""
    with pytest.raises((Corrupt, CacheError)):
        unpack(data, WHERE)


@given(start=st.integers(0, 600), noise=st.binary(min_size=1, max_size=4))
def test_noise_inside(start: int, noise: bytes) -> None:
    """F08: noise inside an entry leaves an entry or none, never another error."""
    data = pack(FULL)
    try:
        found = unpack(data[:start] + noise + data[start + len(noise) :], WHERE)
    except (Corrupt, CacheError) as error:
        assert "acc3ss" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert found.token is not None


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("version", "v4lue", "$.version"),
        ("version", True, "$.version"),
        ("config", ["v4lue"], "$.config"),
        ("config.client_id", 7, "$.config.client_id"),
        ("config.client_auth", "v4lue", "$.config.client_auth"),
        ("config.client_auth", "pa$$v4lue", "$.config.client_auth"),
        ("config.pkce_enforced", "v4lue", "$.config.pkce_enforced"),
        ("config.base_url", "http://v4lue.example", "config"),
        ("config.redirect_uri", "v4lue:", "config"),
        ("token", "v4lue", "$.token"),
        ("token.access_token", 5, "$.token.access_token"),
        ("token.access_token", "", "$.token.access_token"),
        ("token.access_token", "v4lue\r\nX: 1", "$.token.access_token"),
        ("token.refresh_token", "v4lue é", "$.token.refresh_token"),
        ("token.obtained_at", "v4lue", "$.token.obtained_at"),
        ("token.obtained_at", -1, "$.token.obtained_at"),
        ("token.lifetime", 1e300, "$.token.lifetime"),
        ("token.scope", ["v4lue"], "$.token.scope"),
        ("account.email", {"v4lue": 1}, "$.account.email"),
        ("contents", "v4lue", "$.contents"),
        ("api_key", "", "$.api_key"),
        ("fingerprint", 1.5, "$.fingerprint"),
        ("mask_key", "v4lue", "$.mask_key"),
        ("mask_key", "0F" * 32, "$.mask_key"),
        ("mask_key", "0f" * 32 + "\n", "$.mask_key"),
    ],
)
def test_wrong_types(path: str, value: object, named: str) -> None:
    """F09: a value of the wrong kind is refused; the message names the field alone."""
    with pytest.raises(Corrupt) as caught:
        unpack(changed(path, value), WHERE)
    assert str(caught.value) == named


@pytest.mark.parametrize(
    ("path", "value", "entry"),
    [("token", None, FULL), ("api_key", None, KEYED), ("api_key", "k3y", FULL), ("version", 0, FULL)],
)
def test_neither_or_both(path: str, value: object, entry: Entry) -> None:
    """F09: an entry holds a token or a key: never none, never both; and no version is older than the first."""
    with pytest.raises(Corrupt, match="neither"):
        unpack(changed(path, value, entry), WHERE)


def test_missing_and_unknown_fields() -> None:
    """F09: what is missing is named; what is unknown does no harm."""
    with pytest.raises(Corrupt, match=r"^\$\.token$"):
        unpack(changed("token", {}), WHERE)
    assert unpack(changed("hint", ["x"]), WHERE) == FULL


@pytest.mark.parametrize("body", [pack(FULL), b'{"config":"of another shape"}'])
def test_a_newer_version(body: bytes) -> None:
    """F10: a newer version's file is neither corrupt nor ours; the place and the way out are named."""
    data = json.dumps({**json.loads(body), "version": VERSION + 1}).encode()
    with pytest.raises(CacheError, match=WHERE) as caught:
        unpack(data, WHERE)
    assert "newer version" in caught.value.problem
    assert "Update" in caught.value.next_step


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        (Config(), True),
        (FULL.config, True),
        (Config(client_id="nb"), True),
        (Config(token_url="https://app.outgrow.co/oauth/token"), True),
        (Config(scope="other", redirect_uri="http://127.0.0.1:9/x", workers=2), True),
        (Config(client_secret="another"), True),
        (Config(client_id="other"), False),
        (Config(base_url="https://evil.example"), False),
        (Config(token_url="https://evil.example/oauth/token"), False),
        (Config(revoke_url="https://evil.example/oauth/revoke"), False),
        (Config(issuer="https://evil.example"), False),
        (Config(api_url="https://evil.example/api/v1"), False),
    ],
)
def test_whom_a_sign_in_serves(settings: Config, served: bool) -> None:
    """F11: tokens serve the application, issuer, token, revocation and API addresses they were made for."""
    assert FULL.serves(settings) is served


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        (Config(), True),
        (Config(client_id="nb", base_url="https://other.example"), True),
        (Config(api_url="https://api-calc.outgrow.co/api/v1/"), True),
        (Config(api_url="https://evil.example/api/v1"), False),
    ],
)
def test_whom_a_key_serves(settings: Config, served: bool) -> None:
    """F11: a key serves the one API address it was checked at."""
    assert KEYED.serves(settings) is served


def test_settings_completed() -> None:
    """Correction 6: what settings leave out comes from the sign-in, the client secret too; what they say stays."""
    own = Config(scope="all", workers=3)
    assert FULL.complete(own) == replace(FULL.config, scope="all", workers=3)
    assert KEYED.complete(own) == own


def test_authorization() -> None:
    """A token authorizes as a bearer, a key as a key; with neither, somebody has to sign in."""
    assert FULL.authorization() == Bearer(Secret("acc3ss"))
    assert KEYED.authorization() == ApiKey(Secret("k3y-value"))
    with pytest.raises(SignInRequired):
        Entry(config=Config()).authorization()


@pytest.mark.parametrize(
    ("one", "two", "other"),
    [
        (FULL, FULL, False),
        (FULL, replace(FULL, account=Account(id="7", email="new@acme.com")), False),
        (FULL, replace(FULL, account=Account(id="8", email="ana@acme.com")), True),
        (FULL, replace(FULL, account=None), False),
        (FULL, replace(FULL, account=Account(email="bo@acme.com")), False),
        (FULL, KEYED, True),
        (KEYED, replace(KEYED, api_key=Secret("new")), False),
        (KEYED, replace(KEYED, fingerprint="cd" * 32), True),
    ],
)
def test_two_accounts(one: Entry, two: Entry, other: bool) -> None:
    """A04: accounts differ by id, keys by the contents they see; the unknown is no difference."""
    assert one.is_other_account(two) is other
    assert two.is_other_account(one) is other


def test_the_mask_key_stays_with_the_account() -> None:
    """The next sign-in of the same account keeps its mask key; another account never gets it."""
    again, other = replace(FULL, mask_key=None), replace(FULL, mask_key=None, account=Account(id="8"))
    assert again.after(FULL) == FULL
    assert other.after(FULL) is other
    assert again.after(None) is again
    assert again.after(again) is again
