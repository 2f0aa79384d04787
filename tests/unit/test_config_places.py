"""Where settings and saved sign-ins are looked for on odd computers, and what an error about them shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from outgrow_nb.config import Config, Secret, config_folder, resolve
from outgrow_nb.config.dotenv_file import exposed, find
from outgrow_nb.errors import ConfigError
from tests.helpers_auth import assert_clean, swept
from tests.unit.kept_support import as_root, nobody, posix, shared_folder

ROOT = Path(__file__).parents[2]
shared = pytest.fixture(shared_folder)
no_canary = pytest.fixture(autouse=True)(swept)


@as_root
def test_e02_the_search_ends_at_a_file_systems_border(tmp_path: Path) -> None:
    """Nothing above a mount point is read; below it the search goes on as ever."""
    inner = tmp_path / "mounted"
    inner.mkdir()
    (tmp_path / ".env").touch()
    assert find(inner, None) == tmp_path / ".env"
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(inner)], capture_output=True).returncode:
        pytest.skip("this user may not mount")
    try:
        assert find(inner, None) is None
        (inner / "deep").mkdir()
        (inner / ".env").touch()
        assert find(inner / "deep", None) == inner / ".env"
    finally:
        subprocess.run(["umount", "-l", str(inner)], check=True)


@posix
def test_a_folder_that_may_not_be_searched(shared: Path) -> None:
    """The search ends there, without an error."""
    inner = shared / "closed" / "inner"
    inner.mkdir(parents=True)
    with nobody(shared):
        (shared / "closed").chmod(0o600)
        assert find(inner, None) is None
        (shared / "closed").chmod(0o700)


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


def test_f16_the_config_folder() -> None:
    """The user's own by default, an absolute path when set."""
    assert config_folder({"OUTGROW_CONFIG_DIR": "/a b/ü"}) == Path("/a b/ü")
    assert config_folder({}).name == "outgrow-nb"
    with pytest.raises(ConfigError, match="absolute"):
        config_folder({"OUTGROW_CONFIG_DIR": "relative/.."})


FOLDER = """
import os, sys
from pathlib import Path
from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import resolve
from outgrow_nb.errors import ConfigError
from tests.unit.kept_support import ENTRY
if sys.argv[1:]:
    os.setuid(int(sys.argv[1]))
try:
    folder = resolve().folder
except ConfigError as error:
    print(error)
else:
    keep_in(FileCache(folder), "default", ENTRY)
    print(folder, FileCache(folder).read("default") == ENTRY)
"""


def kept_in(at: Path, *arguments: str, **environ: str | None) -> str:
    """Where a process with that environment, at that place, keeps a sign-in, and whether it found it again."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    known = {name: value for name, value in given.items() if value is not None}
    command = [sys.executable, "-c", FOLDER, *arguments]
    done = subprocess.run(command, cwd=at, env=known, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip()


@posix
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "{}/not there yet"}, "{}/not there yet/.config/outgrow-nb True"),
        ({"HOME": "{}/a b/ü"}, "{}/a b/ü/.config/outgrow-nb True"),
        ({"XDG_CONFIG_HOME": "relative"}, "{}/home/.config/outgrow-nb True"),
        ({"XDG_CONFIG_HOME": ""}, "{}/home/.config/outgrow-nb True"),
        ({"XDG_CONFIG_HOME": "{}/xdg"}, "{}/xdg/outgrow-nb True"),
        ({"OUTGROW_CONFIG_DIR": "{}/own/../other place/ü"}, "{}/own/../other place/ü True"),
        ({"OUTGROW_CONFIG_DIR": "~/mine"}, "{}/home/mine True"),
        (
            {"OUTGROW_CONFIG_DIR": "relative/x"},
            "The config folder relative/x is not an absolute path.\nSet OUTGROW_CONFIG_DIR to one.",
        ),
    ],
    ids=str,
)
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no XDG folders")
def test_f16_odd_environments(tmp_path: Path, environ: dict[str, str], expected: str) -> None:
    """A home that is not there yet, a relative XDG folder, spaces and letters: it works, or one error says why."""
    (tmp_path / "own").mkdir()
    known: dict[str, str | None] = {"HOME": f"{tmp_path}/home", "XDG_CONFIG_HOME": None, "OUTGROW_CONFIG_DIR": None}
    known |= {name: value.format(tmp_path) for name, value in environ.items()}
    assert kept_in(tmp_path, **known) == expected.format(tmp_path)
    assert not list(tmp_path.glob("relative*"))


@posix
@pytest.mark.parametrize("home", [None, ""])
def test_f16_no_home(tmp_path: Path, home: str | None) -> None:
    """Without HOME the computer's list of users knows the home; the folder is absolute."""
    environ = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CONFIG_HOME")}
    environ |= {"HOME": home} if home is not None else {}
    code = "from outgrow_nb.config import resolve; print(resolve().folder)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    import pwd

    assert Path(done.stdout.rstrip()).is_relative_to(pwd.getpwuid(os.getuid()).pw_dir)


@as_root
def test_f16_nobodys_home(tmp_path: Path) -> None:
    """A user whom the computer does not know, without HOME, as in some containers: one error says what to set."""
    told = kept_in(tmp_path, "54321", HOME=None, XDG_CONFIG_HOME=None, OUTGROW_CONFIG_DIR=None)
    assert told == "The config folder ~/.config/outgrow-nb is not an absolute path.\nSet OUTGROW_CONFIG_DIR to one."


def test_e02_the_search_ends_at_home_without_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment that is given names no home, the computer knows it: nothing above is read."""
    (tmp_path / ".env").touch(0o600)
    (tmp_path / ".env").write_text("OUTGROW_CLIENT_ID=planted")
    (tmp_path / "home" / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = resolve(environ={"OUTGROW_CONFIG_DIR": str(tmp_path)}, start=tmp_path / "home" / "work")
    assert found.config.client_id is None
