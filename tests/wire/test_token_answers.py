"""What odd token answers do to a saved sign-in: kept whole, renewed in its time, never in a loop (T01-T05)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint, pair, says, swept, token_endpoint
from tests.unit.kept_support import ENTRY, Kernel

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
YEAR = 365 * 86400.0
NEW = Bearer(Secret("AT-CANARY-00000002"))


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache")


@pytest.fixture
def kernel(files: FileCache, endpoint: TokenEndpoint) -> Kernel:
    """Somebody is signed in, and the token is due."""
    config = Config(client_id="nb", token_url=endpoint.url)
    made = Kernel(files, config)
    made.accept(replace(ENTRY, config=config))
    made.now += 3600
    return made


def raw(expires_in: str | None) -> bytes:
    """A new pair with that JSON for `expires_in`, be it JSON or not."""
    plain = json.dumps({name: value for name, value in pair(2).items() if name != "expires_in"})
    return plain.encode() if expires_in is None else f'{plain[:-1]},"expires_in":{expires_in}}}'.encode()


UNKNOWN = [None, "null", "0", '"0"', "-5", "true", '"abc"', "[]", "NaN"]
KNOWN = {'"3600"': 3600.0, "3600.9": 3600.9, "1": 1.0, "1e30": 10 * YEAR, "1" + "0" * 400: 10 * YEAR}


@pytest.mark.parametrize("expires_in", UNKNOWN)
def test_t01_unknown_is_used_until_refused(
    kernel: Kernel, files: FileCache, endpoint: TokenEndpoint, expires_in: str | None
) -> None:
    """Without a usable lifetime: one renewal, no more however many calls and years pass, another after a 401."""
    endpoint.answers = [says(raw(expires_in)), says(pair(3))]
    for _ in range(20):
        assert kernel.authorization() == NEW
        kernel.now += YEAR / 4
    assert len(endpoint.bodies) == 1
    assert Kernel(files, kernel.config).authorization() == NEW
    assert kernel.authorization(rejected=NEW) == Bearer(Secret("AT-CANARY-00000003"))
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("expires_in", KNOWN)
def test_t01_known_is_used_until_it_is_due(
    kernel: Kernel, files: FileCache, endpoint: TokenEndpoint, expires_in: str
) -> None:
    """A number from 1 on is a lifetime, be it a text or absurd: used until shortly before its end, then renewed."""
    lifetime = KNOWN[expires_in]
    endpoint.answers = [says(raw(expires_in)), says(pair(3))]
    leeway = min(60.0, 0.2 * lifetime)
    begun = kernel.now
    for moment in (0, (lifetime - leeway) / 2, lifetime - leeway - 0.01):
        kernel.now = begun + moment
        assert kernel.authorization() == NEW
    assert len(endpoint.bodies) == 1
    saved = files.read("default")
    assert saved is not None
    assert saved.token is not None
    assert saved.token.lifetime == lifetime
    kernel.now = begun + lifetime
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000003"))
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("moment", [0, ENTRY.token and ENTRY.token.obtained_at, 4e9, "soon"])
def test_t02_expires_at_is_ignored(kernel: Kernel, endpoint: TokenEndpoint, moment: object) -> None:
    """A moment that the server names neither ends a token nor makes it live on."""
    endpoint.answers = [says(pair(2, expires_at=moment)), says(pair(3))]
    for _ in range(5):
        assert kernel.authorization() == NEW
    kernel.now += 3600
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000003"))


BAD_TOKENS: list[Any] = [123, "", None, "AT-CANARY\r\nX: 1", "AT CANARY", "a" * 200_000, "AT-CANARY-é", ["AT-CANARY"]]


@pytest.mark.parametrize("value", BAD_TOKENS, ids=range(len(BAD_TOKENS)))
def test_t03_nothing_is_stored(kernel: Kernel, files: FileCache, endpoint: TokenEndpoint, value: object) -> None:
    """An impossible access token is an error; the file keeps the old one, byte by byte, and nothing lies beside it."""
    before = files.path("default").read_bytes()
    endpoint.answers = [says(pair(2, access_token=value))]
    with pytest.raises(OutgrowError, match="access_token"):
        kernel.authorization()
    assert files.path("default").read_bytes() == before
    assert {path.suffix for path in files.folder.iterdir()} == {".json", ".lock"}
    assert kernel.entry is not None
    assert kernel.entry.token == ENTRY.token


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token":"AT-CANARY-2","access_token":"AT-CANARY-3","token_type":"Bearer"}',
        b'{"access_token":"AT-CANARY-2","refresh_token":"RT-CANARY-2","refresh_token":"RT-CANARY-3"}',
        b"access_token=AT-CANARY-2&refresh_token=RT-CANARY-2&token_type=Bearer",
        b'{"access_token":"AT-CANARY-2","refresh_token":"RT-CANARY-2","error":"invalid_scope"}',
    ],
    ids=["access token twice", "refresh token twice", "form", "error too"],
)
def test_t04_t05_refused_answers(kernel: Kernel, files: FileCache, endpoint: TokenEndpoint, body: bytes) -> None:
    """Twice the same secret, a form, or an error beside a token: refused, and the saved sign-in stays."""
    before = files.path("default").read_bytes()
    endpoint.answers = [says(body)]
    with pytest.raises(OutgrowError):
        kernel.authorization()
    assert files.path("default").read_bytes() == before


@pytest.mark.parametrize("extra", [{"scope": "read \ud800"}, {"id_token": "x", "x": {"access_token": "y"}}])
def test_t04_extra_fields_lose_no_token(
    kernel: Kernel, files: FileCache, endpoint: TokenEndpoint, extra: dict[str, Any]
) -> None:
    """Further fields are ignored, and a scope that cannot be saved too: the new pair is saved."""
    endpoint.answers = [says(b"\xef\xbb\xbf" + json.dumps(pair(2, **extra)).encode())]
    assert kernel.authorization() == NEW
    assert kernel.saved
    assert files.read("default") == kernel.entry
