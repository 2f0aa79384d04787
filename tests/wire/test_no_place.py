"""Nowhere to save the next token: that shows before the old one is spent, or costs nothing after it (F13, F14)."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint, pair, says, swept, token_endpoint
from tests.unit.kept_support import ENTRY, Kernel, nobody, posix, room, shared_folder

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
shared = pytest.fixture(shared_folder)
Trouble = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def read_only_folder(folder: Path) -> Iterator[None]:
    """EACCES: another user's rights, and a folder that may not be written."""
    with nobody(folder):
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)


@contextmanager
def read_only_disk(folder: Path) -> Iterator[None]:
    """EROFS: what the folder holds, on a disk that was mounted read-only."""
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", str(folder)], capture_output=True)
    if mount.returncode:
        pytest.skip("this user may not mount")
    try:
        for name, data in kept.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(data)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def small_files(folder: Path) -> AbstractContextManager[None]:
    """EFBIG after a short write: a hundred bytes go in, the rest does not."""
    return room(100)


@posix
@pytest.mark.parametrize("trouble", [read_only_folder, read_only_disk, small_files])
def test_f13_shows_before_the_post(shared: Path, endpoint: TokenEndpoint, trouble: Trouble) -> None:
    """No request, the old token is whole, nothing lies beside it, the error names the path; afterwards it works."""
    config = Config(client_id="nb", token_url=endpoint.url)
    files = FileCache(shared / "cache")
    kernel = Kernel(files, config)
    endpoint.answers = [says(pair(2))]
    kernel.accept(replace(ENTRY, config=config))
    kernel.now += 3600
    before = files.path("default").read_bytes()
    shared.chmod(0o755)
    with trouble(files.folder):
        with pytest.raises(CacheError) as caught:
            kernel.authorization()
        assert endpoint.bodies == []
        assert files.path("default").read_bytes() == before
        assert {path.suffix for path in files.folder.iterdir()} == {".json", ".lock"}
    assert str(files.path("default")) in caught.value.problem
    assert "OUTGROW_CONFIG_DIR" in caught.value.next_step
    kernel.now += 11  # after a failure it is left alone for a while
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000002"))
    assert len(endpoint.bodies) == 1


@posix
@pytest.mark.parametrize("trouble", [read_only_folder, small_files])
def test_f14_shows_after_the_post(shared: Path, endpoint: TokenEndpoint, trouble: Trouble) -> None:
    """The call succeeds from memory with one warning that names the path; the next save succeeds, nothing is re-sent.

    The trouble begins while the server answers. (A disk cannot become read-only while a file on it is being written.)
    """
    config = Config(client_id="nb", token_url=endpoint.url)
    files = FileCache(shared / "cache")
    kernel = Kernel(files, config)
    kernel.accept(replace(ENTRY, config=config))
    kernel.now += 3600
    shared.chmod(0o755)
    with ExitStack() as stack:

        def begins(handler: BaseHTTPRequestHandler) -> None:
            stack.enter_context(trouble(files.folder))
            says(pair(2))(handler)

        endpoint.answers = [begins, says(pair(3))]
        with pytest.warns(UserWarning, match="for this kernel only") as told:
            assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000002"))
        assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000002"))
        assert len(told) == 1
        assert str(files.path("default")) in str(told[0].message)
        assert not kernel.saved
    kernel.now += 3600
    assert kernel.authorization() == Bearer(Secret("AT-CANARY-00000003"))
    assert kernel.saved
    assert files.read("default") == kernel.entry
    assert [body["refresh_token"] for body in endpoint.bodies] == ["RT-CANARY-1", "RT-CANARY-00000002"]
