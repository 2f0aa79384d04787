"""Encryption at rest (K01-K04, K06, K07): when a sign-in is sealed, what opens it, and that nothing is downgraded."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyrings.alt.file
import pytest

from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.auth.vault import HEAD, KEYRING_SECONDS, KeyUnavailable, Vault
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from tests.helpers_auth import assert_clean
from tests.keyrings import FileKeyring, LockedKeyring, SilentKeyring

CONFIG = Config(client_id="app", base_url="https://outgrow.test")
ENTRY = Entry(
    config=CONFIG,
    token=Token(
        access=Secret("AT-CANARY-1"), refresh=Secret("RT-CANARY-1"), obtained_at=1e9, lifetime=3600.0, scope=None
    ),
)
Use = Callable[[keyring.backend.KeyringBackend], None]


@pytest.fixture
def use() -> Iterator[Use]:
    """Makes a backend the user's keyring until the test ends."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def safe(tmp_path: Path, use: Use) -> FileKeyring:
    """A keyring that works."""
    backend = FileKeyring(tmp_path / "keyring.json")
    use(backend)
    return backend


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    """A cache of its own."""
    return FileCache(tmp_path / "config")


def renewed(cache: FileCache, number: int = 2) -> Entry:
    """Writes the next token pair as a renewal does."""
    assert ENTRY.token is not None
    with cache.exclusive("default") as held:
        kept = held.read()
        assert kept is not None
        held.reserve()
        entry = replace(kept, token=replace(ENTRY.token, access=Secret(f"AT-CANARY-{number}")))
        held.write(entry)
    return entry


def sealed(cache: FileCache) -> bytes:
    """The file, which holds no secret in the clear."""
    data = cache.path("default").read_bytes()
    assert data.startswith(b"outgrow-nb sealed 1 ")
    assert b"CANARY" not in data
    return data


def plain(cache: FileCache) -> dict[str, Any]:
    """The file, which is plain JSON."""
    found: dict[str, Any] = json.loads(cache.path("default").read_bytes())
    return found


def test_k01_no_keyring(cache: FileCache, use: Use) -> None:
    """Without a keyring the sign-in is a private file, and its protection says so."""
    use(keyring.backends.fail.Keyring())
    keep_in(cache, "default", ENTRY)
    assert plain(cache)["version"] == 1
    assert cache.path("default").stat().st_mode & 0o777 == 0o600
    assert cache.protection("default") == "not encrypted"
    assert cache.read("default") == ENTRY


def test_k01_nothing_is_kept_yet(cache: FileCache, safe: FileKeyring) -> None:
    """Looking at nothing asks no keyring."""
    assert (cache.read("default"), cache.protection("default"), safe.names()) == (None, "not encrypted", [])


def test_k02_a_keyring_that_swallows(cache: FileCache, use: Use) -> None:
    """The null backend takes every key and gives none back: found out by a round trip."""
    use(keyring.backends.null.Keyring())
    keep_in(cache, "default", ENTRY)
    assert plain(cache)["version"] == 1
    assert cache.protection("default") == "not encrypted"


def test_k03_a_keyring_that_hangs(cache: FileCache, use: Use, tmp_path: Path) -> None:
    """After 3 seconds the sign-in is kept as without a keyring; that is decided once."""
    use(SilentKeyring(tmp_path / "keyring.json"))
    began = time.monotonic()
    keep_in(cache, "default", ENTRY)
    took = time.monotonic() - began
    assert KEYRING_SECONDS == 3.0
    assert KEYRING_SECONDS <= took < KEYRING_SECONDS + 2
    assert cache.protection("default") == "not encrypted"
    began = time.monotonic()
    keep_in(cache, "default", ENTRY)
    assert time.monotonic() - began < 1


def test_k03_a_sealed_file_and_a_keyring_that_hangs(
    cache: FileCache, safe: FileKeyring, use: Use, tmp_path: Path
) -> None:
    """The key does not come: an error that says so, and the file is whole once it comes."""
    keep_in(cache, "default", ENTRY)
    use(SilentKeyring(tmp_path / "keyring.json"))
    began = time.monotonic()
    with pytest.raises(KeyUnavailable, match="did not answer within 3 s") as caught:
        cache.read("default")
    assert time.monotonic() - began < KEYRING_SECONDS + 2
    assert str(cache.path("default")) in caught.value.problem
    assert_clean(caught.value)
    use(safe)
    assert cache.read("default") == ENTRY


def test_k04_only_the_key_lives_in_the_keyring(cache: FileCache, safe: FileKeyring) -> None:
    """A sign-in far beyond what Windows' vault holds (2,560 bytes) is sealed in the file; the keyring has 32 bytes."""
    assert ENTRY.token is not None
    large = replace(ENTRY, token=replace(ENTRY.token, access=Secret("AT-CANARY-" + "x" * 20_000)))
    keep_in(cache, "default", large)
    assert len(sealed(cache)) > 20_000
    assert cache.path("default").stat().st_mode & 0o777 == 0o600
    assert cache.protection("default") == "encrypted"
    assert cache.read("default") == large
    assert "CANARY" not in safe.path.read_text()
    assert len(safe.path.read_text()) < 150


def test_k04_every_write_looks_different(cache: FileCache, safe: FileKeyring) -> None:
    """A renewal keeps the key and never a nonce."""
    keep_in(cache, "default", ENTRY)
    before = sealed(cache)
    entry = renewed(cache)
    after = sealed(cache)
    assert before[:HEAD] == after[:HEAD]
    assert before[HEAD : HEAD + 12] != after[HEAD : HEAD + 12]
    assert cache.read("default") == entry
    assert len(safe.names()) == 1


@pytest.mark.filterwarnings("ignore:The saved sign-in:UserWarning")
def test_f07_a_sealed_file_cut_at_every_byte(cache: FileCache, safe: FileKeyring) -> None:
    """Cut anywhere, it is moved aside and counts as none."""
    keep_in(cache, "default", ENTRY)
    whole = sealed(cache)
    for length in range(len(whole)):
        cache.path("default").write_bytes(whole[:length])
        cache.path("default").chmod(0o600)
        assert cache.read("default") is None, length
        assert not cache.path("default").exists()
    aside = list(cache.folder.glob("*.corrupt-*"))
    assert [path.stat().st_mode & 0o777 for path in aside] == [0o600] * 3


def test_f11_a_sealed_file_of_another_profile(cache: FileCache, safe: FileKeyring) -> None:
    """One profile's file in the place of another's opens nothing."""
    keep_in(cache, "default", ENTRY)
    cache.path("default").rename(cache.path("other"))
    with pytest.warns(UserWarning, match="damaged"):
        assert cache.read("other") is None
    assert len(list(cache.folder.glob("*.corrupt-*"))) == 1


@pytest.mark.parametrize("byte", [HEAD, HEAD + 12, -1])
def test_k06_a_sealed_file_changed_by_a_bit(cache: FileCache, safe: FileKeyring, byte: int) -> None:
    """What was not sealed so is no sign-in: moved aside."""
    keep_in(cache, "default", ENTRY)
    data = bytearray(sealed(cache))
    data[byte] ^= 1
    cache.path("default").write_bytes(data)
    with pytest.warns(UserWarning, match="damaged"):
        assert cache.read("default") is None


def test_k06_a_new_sign_in_moves_to_the_keyring(cache: FileCache, use: Use, tmp_path: Path) -> None:
    """A plain sign-in stays plain while it is renewed; signing in anew, with a keyring by now, seals it."""
    keep_in(cache, "default", ENTRY)
    use(FileKeyring(tmp_path / "keyring.json"))
    later = FileCache(cache.folder)
    entry = renewed(later)
    assert plain(cache)["version"] == 1
    keep_in(later, "default", entry)
    sealed(cache)
    assert FileCache(cache.folder).read("default") == entry
    assert sorted(path.name for path in cache.folder.iterdir()) == ["profile-default.json", "profile-default.lock"]


@pytest.mark.parametrize(
    "other",
    [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, LockedKeyring, keyrings.alt.file.PlaintextKeyring],
)
def test_k06_no_silent_downgrade(
    cache: FileCache, safe: FileKeyring, use: Use, tmp_path: Path, other: Callable[..., Any]
) -> None:
    """Sealed and without its key, the file is neither read nor written, renewed or replaced; the reason is told."""
    keep_in(cache, "default", ENTRY)
    before = sealed(cache)
    use(other(tmp_path / "keyring.json") if other is LockedKeyring else other())
    for tried in (cache, FileCache(cache.folder)):
        with pytest.raises(KeyUnavailable) as caught:
            tried.read("default")
        assert_clean(caught.value)
        assert "outgrow-nb logout" in caught.value.next_step
        with pytest.raises(KeyUnavailable):
            keep_in(tried, "default", ENTRY)
        with pytest.raises(KeyUnavailable), tried.exclusive("default") as held:
            held.reserve()
        with pytest.raises(KeyUnavailable), tried.exclusive("default") as held:
            held.write(ENTRY, anew=True)
        assert tried.protection("default") == "encrypted"
    assert cache.path("default").read_bytes() == before
    assert not list(cache.folder.glob(".new-*"))


def test_k06_the_keyring_locks_between_two_sign_ins(
    cache: FileCache, safe: FileKeyring, use: Use, tmp_path: Path
) -> None:
    """Decided once: a cache that has sealed does not keep the next sign-in in the clear."""
    keep_in(cache, "default", ENTRY)
    use(LockedKeyring(tmp_path / "keyring.json"))
    with pytest.raises(KeyUnavailable, match="KeyringLocked"):
        keep_in(cache, "other", ENTRY)
    assert not cache.path("other").exists()


def test_k06_a_full_disk_while_it_moves(cache: FileCache, safe: FileKeyring, use: Use) -> None:
    """The plain file stays readable where the sealed one cannot take its place."""
    use(keyring.backends.fail.Keyring())
    keep_in(cache, "default", ENTRY)
    use(safe)
    later = FileCache(cache.folder)
    with later.exclusive("default") as held:
        held.reserve()
        for half in cache.folder.glob(".new-*"):
            half.unlink()  # what cannot be put in place any more
        with pytest.raises(CacheError, match="Can't write"):
            held.write(ENTRY, anew=True)
    assert plain(cache)["version"] == 1
    assert later.read("default") == ENTRY


def test_o03_forgetting_forgets_the_key_too(cache: FileCache, safe: FileKeyring) -> None:
    """Nothing is left in the folder but the lock, and nothing in the keyring; the next sign-in has a new key."""
    keep_in(cache, "default", ENTRY)
    first = sealed(cache)[:HEAD]
    for _ in range(2):
        with cache.exclusive("default") as held:
            held.delete()
        assert safe.names() == []
    assert [path.name for path in cache.folder.iterdir()] == ["profile-default.lock"]
    keep_in(cache, "default", ENTRY)
    assert sealed(cache)[:HEAD] != first


@pytest.mark.parametrize("chained", [False, True])
def test_k07_a_keyring_of_plain_text(
    cache: FileCache, use: Use, tmp_path: Path, chained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backend that keeps plain text protects nothing: nothing is put there, and "not encrypted" is said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    backend = keyrings.alt.file.PlaintextKeyring()

    class Chain(keyring.backends.chainer.ChainerBackend):
        backends = (backend, FileKeyring(tmp_path / "keyring.json"))

    use(Chain() if chained else backend)  # type: ignore[no-untyped-call]
    keep_in(cache, "default", ENTRY)
    assert plain(cache)["version"] == 1
    assert cache.protection("default") == "not encrypted"
    assert str(tmp_path) in backend.file_path
    assert not Path(backend.file_path).exists() or "outgrow" not in Path(backend.file_path).read_text()


def test_a_keyring_with_another_key(cache: FileCache, safe: FileKeyring) -> None:
    """A key that was replaced or mangled opens nothing; the file stays for whoever has the right one."""
    keep_in(cache, "default", ENTRY)
    name = safe.names()[0].partition("/")[2]
    for wrong in ("", "no key", "Zm9v"):
        safe.set_password("outgrow-nb", name, wrong)
        with pytest.raises(KeyUnavailable, match="does not hold it"):
            cache.read("default")
    sealed(cache)


def test_nothing_shows_a_key(cache: FileCache, safe: FileKeyring) -> None:
    """No repr holds it."""
    key = Vault().new_key("here")
    assert key is not None
    assert key.secret.reveal() not in f"{key!r} {vars(key)!r} {Vault()!r}"
    assert key.secret.reveal() in safe.path.read_text()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_c10_a_forked_child_opens_it(cache: FileCache, safe: FileKeyring) -> None:
    """A child asks the keyring in a thread of its own."""
    keep_in(cache, "default", ENTRY)
    child = os.fork()
    if child == 0:
        os._exit(0 if cache.read("default") == ENTRY else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_k06_a_kernel_without_the_key_goes_on_until_it_renews(cache: FileCache, use: Use, tmp_path: Path) -> None:
    """A sibling signs in anew and seals the file: who cannot open it uses the token it has, and says why at its end."""
    now = [1e9]
    made = Credentials(profile="default", config=CONFIG, cache=cache, ask=lambda reason: None, clock=lambda: now[0])
    made.accept(ENTRY)
    use(FileKeyring(tmp_path / "keyring.json"))
    keep_in(FileCache(cache.folder), "default", ENTRY)
    use(keyring.backends.fail.Keyring())
    for _ in range(2):
        assert made.authorization() == ENTRY.authorization()
    now[0] += 7200
    with pytest.raises(CacheError, match="its key can't be had"):
        made.authorization()
    with pytest.raises(CacheError, match="its key can't be had"):
        Credentials(profile="default", config=CONFIG, cache=FileCache(cache.folder), ask=lambda reason: None).look()
