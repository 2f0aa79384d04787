"""Several accounts on one computer: `profiles()`, and what `outgrow-nb logout` says of each kind."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

import outgrow_nb
from outgrow_nb import cli
from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.vault import KeyUnavailable
from outgrow_nb.errors import ConfigError
from tests.keyrings import FileKeyring
from tests.wire.clients import signed_in, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

COLUMNS = [
    "profile",
    "who",
    "email",
    "name",
    "company",
    "signed_in_with",
    "kept_in",
    "protection",
    "access_until",
    "renews",
    "problem",
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place of its own."""
    return Place(tmp_path, monkeypatch)


@pytest.fixture
def safe(tmp_path: Path) -> Iterator[FileKeyring]:
    """A keyring that works, until the test says otherwise."""
    before = keyring.get_keyring()
    made = FileKeyring(tmp_path / "keyring.json")
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def logout(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    """What `outgrow-nb logout` ends with and says."""
    status = cli.main(["logout", *more])
    return status, *capsys.readouterr()


def test_nothing_is_kept(place: Place) -> None:
    """No profile, and no folder is made: a frame of the same columns and types."""
    frame = outgrow_nb.profiles()
    assert list(frame.columns) == COLUMNS
    assert len(frame) == 0
    assert not place.config.exists()


def test_every_kind_of_profile(place: Place, sandbox: Sandbox, safe: FileKeyring) -> None:
    """Sign-ins and keys, sealed and not, and one that cannot be read here: a row each, by name, no secret in any."""
    place.save(signed_in(sandbox, who=1), "zoe")
    keyring.set_keyring(keyring.backends.fail.Keyring())
    place.save(with_key(sandbox), "a key")
    broken, spoilt = FileCache(place.config).path("of tomorrow"), FileCache(place.config).path("spoilt")
    for path, text in ((broken, '{"version": 99}'), (spoilt, "{")):
        path.touch(0o600)
        path.write_text(text)
    keyring.set_keyring(safe)
    sandbox.control(reset_stats=True)
    with pytest.warns(UserWarning, match="spoilt.json was damaged"):
        frame = outgrow_nb.profiles().set_index("profile")
    assert list(frame.index) == ["a key", "of tomorrow", "zoe"]
    assert frame["signed_in_with"].fillna("?").to_list() == ["API key", "?", "sign-in"]
    assert frame.loc["zoe", "protection"] == "encrypted"
    assert frame.loc["zoe", "company"] == "Fjordlys Solar"
    assert frame.loc["a key", "protection"] == "not encrypted"
    assert "newer version of outgrow-nb" in str(frame.loc["of tomorrow", "problem"])
    assert frame.loc["of tomorrow", "kept_in"] == str(broken)
    assert frame["problem"].isna().to_list() == [True, False, True]
    assert sandbox.stats()["requests"] == {}
    text = frame.to_csv()
    assert sandbox.api_key not in text
    empty = FileCache(place.config / "empty")
    place.environment.setenv("OUTGROW_CONFIG_DIR", str(empty.folder))
    assert outgrow_nb.profiles().dtypes.equals(frame.reset_index().dtypes)


def test_a_folder_that_is_none(place: Place) -> None:
    """A relative folder is refused as `connect` refuses it."""
    place.set(OUTGROW_CONFIG_DIR="here")
    with pytest.raises(ConfigError, match="not an absolute path"):
        outgrow_nb.profiles()


def test_o03_k06_logout_of_a_sign_in_that_nobody_can_open(
    place: Place, sandbox: Sandbox, safe: FileKeyring, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way out that the error names works: forgotten here, and the server could not be told."""
    keep_in(FileCache(place.config), "default", signed_in(sandbox))
    keyring.set_keyring(keyring.backends.fail.Keyring())
    with pytest.raises(KeyUnavailable, match="there is no keyring here") as caught:
        outgrow_nb.connect()
    assert "outgrow-nb logout" in caught.value.next_step
    status, said, _ = logout(capsys)
    assert (status, place.saved()) == (0, None)
    assert said.startswith("Signed out on this computer. Outgrow did not confirm")
    assert logout(capsys) == (0, "Profile 'default' was not signed in.\n", "")


def test_logout_with_a_key_in_the_environment(place: Place, sandbox: Sandbox) -> None:
    """The saved sign-in is given back and forgotten; told that the key goes before it and stays."""
    place.save(signed_in(sandbox))
    place.set(OUTGROW_API_KEY=sandbox.api_key)
    command = [sys.executable, "-m", "outgrow_nb", "logout"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "Signed out; Outgrow has ended the access.\n")
    assert done.stderr == "Note: OUTGROW_API_KEY is set in the environment, and connect() uses that first.\n"
    assert place.saved() is None
