"""Places where nothing can be locked or written (C15): real ones, by the operating system's own refusals."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.filecache import FileCache
from tests.helpers_auth import TokenEndpoint, pair, says, token_endpoint
from tests.wire.kernel_without_a_lock import FLOCK
from tests.wire.renewal_support import Kernels

endpoint = pytest.fixture(token_endpoint)
needs_flock = pytest.mark.skipif(FLOCK is None, reason="the number of this machine's system call is not known")
REFUSALS = pytest.mark.parametrize("refusal", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP], ids=errno.errorcode.get)


def outcome(folder: Path, endpoint: TokenEndpoint, *before: str, number: int = 0, sign_in: bool) -> dict[str, Any]:
    """What a kernel tells that runs in that folder, behind these commands."""
    asked = {"folder": str(folder), "url": endpoint.url, "errno": number, "sign_in": sign_in}
    command = [*before, sys.executable, "-m", "tests.wire.kernel_without_a_lock", json.dumps(asked)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert child.returncode == 0, child.stderr
    told: dict[str, Any] = json.loads(child.stdout)
    return told


def in_memory_only(told: dict[str, Any], folder: Path, endpoint: TokenEndpoint) -> None:
    assert f"Signed in for this kernel only: can't write {folder}" in told["says"]
    assert told["says"].endswith("You'll be asked again after a restart.")
    assert (told["calls"], told["later"], told["saved"]) == (["0", "0"], ["1", "1"], False)
    assert [body["refresh_token"] for body in endpoint.bodies] == [pair(0)["refresh_token"]]


def left_as_it_is(told: dict[str, Any], folder: Path, endpoint: TokenEndpoint) -> None:
    assert told["calls"] == ["0", "0"]
    for problem in told["later"]:
        assert problem.startswith("CacheError: ")
        assert str(folder) in problem
        assert "OUTGROW_CONFIG_DIR" in problem
    assert endpoint.bodies == []


@needs_flock
@REFUSALS
def test_c15_a_file_system_without_flock(endpoint: TokenEndpoint, tmp_path: Path, refusal: int) -> None:
    """A sign-in lasts for this kernel, renewals included, and says so; no file that stands for a lock is written."""
    endpoint.answers = [says(pair(1)), says(pair(2))]
    folder = tmp_path / "kept"
    in_memory_only(outcome(folder, endpoint, number=refusal, sign_in=True), folder, endpoint)
    left = list(folder.iterdir())
    assert all(path.suffix == ".lock" and path.read_bytes() == b"" for path in left), left


@needs_flock
@REFUSALS
def test_c15_kept_where_flock_has_gone(endpoint: TokenEndpoint, tmp_path: Path, refusal: int) -> None:
    """A sign-in kept before is used while it lives; then nothing is sent or changed, and the way out is told."""
    cache = FileCache(tmp_path / "kept")
    Kernels(endpoint, cache, client_secret=None).now().signed_in()
    before = cache.path("p").read_bytes()
    left_as_it_is(outcome(cache.folder, endpoint, number=refusal, sign_in=False), cache.folder, endpoint)
    assert cache.path("p").read_bytes() == before


_WITH_A_KEY = """
import sys
from pathlib import Path
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.config import Config, Secret
from tests.wire.kernel_without_a_lock import without_flock
without_flock(int(sys.argv[2]))
cache = FileCache(Path(sys.argv[1]))
made = Credentials(profile="p", config=Config(), cache=cache, ask=lambda reason: None)
print(made.accept(Entry(config=Config(), api_key=Secret("KEY-CANARY-0123"), content_ids=("f",))), len(mask_key(made)))
kept = cache.read("p")
print(kept.api_key == Secret("KEY-CANARY-0123"), cache.path("p").stat().st_mode & 0o777 == 0o600)
print(made.sign_out(), cache.path("p").exists())
"""


@needs_flock
@REFUSALS
def test_a03_a_key_without_flock(tmp_path: Path, refusal: int) -> None:
    """Nothing of a key is ever spent, so it is kept without a lock, as carefully otherwise, and forgotten again."""
    command = [sys.executable, "-c", _WITH_A_KEY, str(tmp_path / "kept"), str(refusal)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])
    assert done.stderr == ""
    assert done.stdout.split() == ["True", "32", "True", "True", "True", "False"]


def read_only(folder: Path) -> list[str]:
    """What a command runs behind for the folder to be on a read-only disk; skips where this user may not mount."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    mount = f"mount --bind '{folder}' '{folder}' && mount -o remount,bind,ro '{folder}'"
    before = ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    if subprocess.run([*before, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount")
    return before


@pytest.mark.parametrize("below", ["", "config/outgrow-nb"])
def test_c15_a_read_only_home(endpoint: TokenEndpoint, tmp_path: Path, below: str) -> None:
    """A sign-in lasts for this kernel, renewals included, and says so, be the folder there already or not."""
    endpoint.answers = [says(pair(1)), says(pair(2))]
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    told = outcome(home / below, endpoint, *read_only(home), sign_in=True)
    in_memory_only(told, home / below, endpoint)
    assert list(home.iterdir()) == []


def test_c15_kept_in_a_home_that_is_read_only_now(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    """A sign-in kept before is used while it lives; then nothing is sent, and the way out is told."""
    cache = FileCache(tmp_path / "kept")
    Kernels(endpoint, cache, client_secret=None).now().signed_in()
    told = outcome(cache.folder, endpoint, *read_only(cache.folder), sign_in=False)
    left_as_it_is(told, cache.folder, endpoint)
