"""The folder of the saved sign-ins: made private, or refused where others may write; the session goes on (F01, F03)."""

import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.files import private_folder
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint, pair, says, swept, token_endpoint
from tests.unit.kept_support import ENTRY, NOBODY, Kernel, as_root, mode, posix, put, umask

endpoint = pytest.fixture(token_endpoint)
no_canary = pytest.fixture(autouse=True)(swept)


@posix
@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_f01_a_new_folder_is_private(tmp_path: Path, mask: int) -> None:
    """The folder and those made above it are 0700 whatever the umask."""
    with umask(mask):
        private_folder(tmp_path / "above" / "new")
    assert {mode(tmp_path / name) for name in ("above", "above/new")} == {0o700}
    private_folder(tmp_path / "above" / "new")


def test_c14_a_folder_made_by_several_at_once(tmp_path: Path) -> None:
    """Kernels that make the folder at the same moment do not stumble over each other."""
    start, failed = threading.Barrier(6), []

    def make() -> None:
        for number in range(30):
            start.wait()
            try:
                private_folder(tmp_path / f"{number}" / "a" / "b")
            except CacheError as error:
                failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@posix
@pytest.mark.parametrize("name", ["outgrow-nb", "outgrow_nb"])
def test_f01_a_readable_folder_of_our_name(tmp_path: Path, name: str) -> None:
    """A folder of our name that others may look into is made 0700."""
    (tmp_path / name).mkdir()
    (tmp_path / name).chmod(0o755)
    private_folder(tmp_path / name)
    assert mode(tmp_path / name) == 0o700


@posix
@pytest.mark.parametrize("bits", [0o755, 0o711, 0o750])
def test_f01_somebodys_own_folder(tmp_path: Path, bits: int) -> None:
    """A home or project folder given as the place keeps its mode, linked by our name too; what is in it is private."""
    home, link = tmp_path / "home", tmp_path / "outgrow-nb"
    home.mkdir()
    link.symlink_to(home)
    home.chmod(bits)
    with umask(0):
        put(FileCache(home))
        put(FileCache(link), "other")
    assert mode(home) == bits
    assert {mode(path) for path in home.iterdir()} == {0o600}
    assert len(list(home.iterdir())) == 4


@posix
@pytest.mark.parametrize("bits", [0o777, 0o720, 0o702, 0o1777])
@pytest.mark.parametrize("name", ["open", "outgrow-nb"])
def test_f03_a_folder_that_others_may_write(tmp_path: Path, bits: int, name: str) -> None:
    """It is refused by its path, whatever its name, and left as it is."""
    open_to_others = tmp_path / name
    open_to_others.mkdir()
    open_to_others.chmod(bits)
    with pytest.raises(CacheError, match="written by other users") as caught:
        private_folder(open_to_others)
    assert str(open_to_others) in caught.value.problem
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step
    assert mode(open_to_others) == bits


@as_root
def test_f03_another_users_folder(tmp_path: Path) -> None:
    """It is refused by its path, private or not."""
    os.chown(tmp_path, NOBODY, NOBODY)
    for bits in (0o700, 0o755):
        tmp_path.chmod(bits)
        with pytest.raises(CacheError, match="belongs to another user") as caught:
            private_folder(tmp_path)
        assert str(tmp_path) in caught.value.problem


def open_to_all(folder: Path) -> None:
    folder.chmod(0o777)


def given_away(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)


@posix
@pytest.mark.parametrize("spoil", [open_to_all, pytest.param(given_away, marks=as_root)])
def test_f03_the_session_works_in_memory(
    tmp_path: Path, endpoint: TokenEndpoint, spoil: Callable[[Path], None]
) -> None:
    """A sign-in whose folder is refused is used and renewed in this kernel; nothing is written, and it says so."""
    folder = tmp_path / "cache"
    folder.mkdir()
    spoil(folder)
    kernel = Kernel(FileCache(folder), Config(client_id="nb", token_url=endpoint.url))
    endpoint.answers = [says(pair(2)), says(pair(3))]
    assert not kernel.accept(replace(ENTRY, config=kernel.config))
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-1"))
    for number in (2, 3):
        kernel.now += 3600
        assert kernel.authorization() == Bearer(Secret(f"AT-CANARY-{number:08}"))
    assert [body["refresh_token"] for body in endpoint.bodies] == ["RT-CANARY-1", "RT-CANARY-00000002"]
    known = facts(kernel)
    assert known is not None
    assert (known.kept_in, known.protection, kernel.saved, kernel.asked) == (
        "this kernel's memory", "in memory", False, 0,
    )  # fmt: skip
    assert not list(folder.iterdir())


@posix
def test_f03_a_kept_sign_in_is_not_renewed_there(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    """A folder that was opened to others later: the path is named, no token is spent, and a new sign-in works."""
    cache, entry = FileCache(tmp_path / "cache"), replace(ENTRY, config=Config(client_id="nb", token_url=endpoint.url))
    put(cache, entry=entry)
    before = cache.path("default").read_bytes()
    cache.folder.chmod(0o777)
    endpoint.answers = [says(pair(2))]
    kernel = Kernel(cache)
    kernel.now += 3600
    with pytest.raises(CacheError, match="written by other users") as caught:
        kernel.authorization()
    assert str(cache.folder) in caught.value.problem
    assert (endpoint.bodies, cache.path("default").read_bytes()) == ([], before)
    assert not kernel.accept(entry)
    kernel.now -= 3600
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-1"))


def test_f13_no_folder_possible(tmp_path: Path) -> None:
    """Where a file stands in the way, or the name is too long, the folder is refused by its path."""
    (tmp_path / "file").touch()
    for wanted in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(CacheError, match=r"cannot be used|is not a folder") as caught:
            private_folder(wanted)
        assert str(wanted) in caught.value.problem
    assert stat.S_ISREG((tmp_path / "file").stat().st_mode)
