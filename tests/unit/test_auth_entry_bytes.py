"""Bytes that are no sign-in: cut, noise, other shapes, of a newer version (F07-F10)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.entry import VERSION, Corrupt, Entry, pack, unpack
from outgrow_nb.errors import CacheError
from tests.helpers_auth import assert_clean
from tests.unit.kept_support import FULL, KEYED

WHERE = "profile-default.json"


def changed(path: str, value: object, entry: Entry = FULL) -> bytes:
    """The entry's bytes with another value at a path such as ``token.scope``."""
    stored: dict[str, Any] = json.loads(pack(entry))
    inner = stored
    *folders, name = path.split(".")
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    return json.dumps(stored).encode()


@pytest.mark.parametrize("entry", [FULL, KEYED])
def test_f07_cut_at_every_byte(entry: Entry) -> None:
    """Bytes cut anywhere, or with anything behind them, are no entry."""
    data = pack(entry)
    for length in range(len(data)):
        with pytest.raises(Corrupt):
            unpack(data[:length], WHERE)
    for wrong in (data + b"}", b"{"):
        with pytest.raises(Corrupt, match=r"^not JSON$"):
            unpack(wrong, WHERE)


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
def test_f08_what_is_no_entry(data: bytes) -> None:
    """Nothing, noise, other encodings, other JSON, endless nesting and huge numbers are no entry."""
    with pytest.raises(Corrupt):
        unpack(data, WHERE)


@given(data=st.binary(max_size=200))
def test_f08_any_bytes(data: bytes) -> None:
    """No bytes but an entry's make an entry, and none makes another error."""
    with pytest.raises((Corrupt, CacheError)):
        unpack(data, WHERE)


@given(start=st.integers(0, 600), noise=st.binary(min_size=1, max_size=4))
def test_f08_noise_inside(start: int, noise: bytes) -> None:
    """Noise inside an entry leaves an entry or none, never another error."""
    data = pack(FULL)
    try:
        found = unpack(data[:start] + noise + data[start + len(noise) :], WHERE)
    except (Corrupt, CacheError) as error:
        assert "CANARY" not in str(error)  # noqa: PT017 - either outcome is right
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
        ("content_ids", 1.5, "$.content_ids"),
        ("mask_key", "v4lue", "$.mask_key"),
        ("mask_key", "0F" * 32, "$.mask_key"),
        ("mask_key", "0f" * 32 + "\n", "$.mask_key"),
    ],
)
def test_f09_wrong_types(path: str, value: object, named: str) -> None:
    """A value of the wrong kind is refused; the message names the field alone."""
    with pytest.raises(Corrupt) as caught:
        unpack(changed(path, value), WHERE)
    assert str(caught.value) == named


@pytest.mark.parametrize(
    ("path", "value", "entry"),
    [("token", None, FULL), ("api_key", None, KEYED), ("api_key", "k3y", FULL), ("version", 0, FULL)],
)
def test_f09_neither_or_both(path: str, value: object, entry: Entry) -> None:
    """An entry holds a token or a key: never none, never both; and no version is older than the first."""
    with pytest.raises(Corrupt, match="neither"):
        unpack(changed(path, value, entry), WHERE)


def test_f09_missing_and_unknown_fields() -> None:
    """What is missing is named; what is unknown does no harm."""
    with pytest.raises(Corrupt, match=r"^\$\.token$"):
        unpack(changed("token", {}), WHERE)
    assert unpack(changed("hint", ["x"]), WHERE) == FULL


@pytest.mark.parametrize("body", [pack(FULL), b'{"config":"of another shape"}'])
def test_f10_a_newer_version(body: bytes) -> None:
    """A newer version's file is neither corrupt nor ours; the place and the way out are named."""
    data = json.dumps({**json.loads(body), "version": VERSION + 1}).encode()
    with pytest.raises(CacheError, match=WHERE) as caught:
        unpack(data, WHERE)
    assert "newer version" in caught.value.problem
    assert_clean(caught.value)
    assert "Update" in caught.value.next_step
