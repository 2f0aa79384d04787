"""Where settings and saved sign-ins are looked for on odd computers, and what an error about them shows."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from outgrow_nb.config import Config, Secret, config_folder, resolve
from outgrow_nb.config.dotenv_file import exposed, find
from outgrow_nb.errors import ConfigError
from tests.helpers_auth import assert_clean, swept

no_canary = pytest.fixture(autouse=True)(swept)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system than its mount point's."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == shared.parent.stat().st_dev:
        pytest.skip("no second file system here")
    made = Path(tempfile.mkdtemp(dir=shared))
    yield made
    shutil.rmtree(made)


def test_e02_the_search_ends_at_a_file_systems_border(elsewhere: Path) -> None:
    """Nothing above a mount point is read."""
    assert find(elsewhere, None) is None
    (elsewhere / "deep").mkdir()
    (elsewhere / ".env").touch()
    assert find(elsewhere / "deep", None) == elsewhere / ".env"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_folder_that_may_not_be_searched(tmp_path: Path) -> None:
    """The search ends there, without an error."""
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o600)
    before = os.geteuid()
    try:
        if before == 0:  # root may search every folder
            os.seteuid(65534)
        assert find(inner, None) is None
    finally:
        os.seteuid(before)
        (tmp_path / "closed").chmod(0o700)


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, git publishes nothing."""
    path = tmp_path / ".env"
    path.touch(0o600)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert exposed(path) is None


def test_f16_a_folder_of_somebody_unknown() -> None:
    """`~` of nobody this computer knows is refused like any relative path."""
    with pytest.raises(ConfigError, match="~nobody-here"):
        config_folder({"OUTGROW_CONFIG_DIR": "~nobody-here-at-all/x"})


def test_blank_settings_count_as_none(tmp_path: Path) -> None:
    """Variables that are set to blanks, as some launchers do, hide nothing."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / ".env"
    path.touch(0o600)
    path.write_text("OUTGROW_CLIENT_ID=app\nOUTGROW_BASE_URL=\nOUTGROW_PROFILE=work\n")
    blank = {"OUTGROW_CLIENT_ID": " ", "OUTGROW_API_URL": "\t", "OUTGROW_API_KEY": "  ", "OUTGROW_PROFILE": ""}
    found = resolve(environ={"OUTGROW_CONFIG_DIR": str(tmp_path), **blank}, start=tmp_path)
    assert (found.config.client_id, found.config.base_url, found.api_key, found.profile) == ("app", None, None, "work")


@pytest.mark.parametrize(
    "lines",
    [
        "OUTGROW_BASE_URL=https://evil.example\n",
        "OUTGROW_API_URL=https://evil.example\nOUTGROW_REFRESH_TOKEN=RT-CANARY-2\n",
        "OUTGROW_API_URL=http://evil.example\nOUTGROW_CLIENT_SECRET=SECRET-CANARY-2\n",
        "OUTGROW_REDIRECT_URI=nonsense\nOUTGROW_API_KEY=KEY-CANARY-2\n",
    ],
)
@pytest.mark.parametrize("argument", [None, "KEY-CANARY-3"])
def test_s02_no_secret_behind_an_error(tmp_path: Path, lines: str, argument: str | None) -> None:
    """E01, H01: whatever is wrong with the settings, no frame of the error holds one in the clear."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / ".env"
    path.touch(0o600)
    path.write_text(lines)
    environment = {"OUTGROW_CONFIG_DIR": str(tmp_path), "OUTGROW_API_KEY": "KEY-CANARY-1"}
    environment["OUTGROW_CLIENT_SECRET"] = "SECRET-CANARY-1"
    with pytest.raises(ConfigError) as caught:
        resolve(environ=environment, start=tmp_path, api_key=argument)
    assert_clean(caught.value)


def test_s02_no_secret_behind_a_file_that_is_no_text(tmp_path: Path) -> None:
    """The decoding error, which holds the whole file, does not stand behind ours."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / ".env"
    path.touch(0o600)
    path.write_bytes(b"OUTGROW_API_KEY=KEY-CANARY-1\xff\n")
    with pytest.raises(ConfigError) as caught:
        resolve(environ={"OUTGROW_CONFIG_DIR": str(tmp_path)}, start=tmp_path)
    assert_clean(caught.value)


def test_s02_a_config_folder_that_cannot_be(tmp_path: Path) -> None:
    """The environment, secrets and all, stands in no frame."""
    environment = {"OUTGROW_CONFIG_DIR": "relative", "OUTGROW_API_KEY": "KEY-CANARY-1"}
    with pytest.raises(ConfigError) as caught:
        resolve(environ=environment, start=tmp_path)
    assert_clean(caught.value)


@pytest.mark.parametrize("redirect", ["http://127.0.0.1/callback?", "http://127.0.0.1/cb#x", "http://127.0.0.1/cb?a=1"])
def test_a_redirect_with_more_than_a_path(redirect: str) -> None:
    """RFC 6749 section 3.1.2: no fragment; a query would meet our own."""
    with pytest.raises(ConfigError, match="redirect_uri"):
        Config(redirect_uri=redirect)


def test_secrets_of_odd_bytes_compare() -> None:
    """The environment may hold bytes that are no UTF-8."""
    assert Secret("a\udcff") == Secret("a\udcff")
    assert Secret("a\udcff") != Secret("a\udcfe")
