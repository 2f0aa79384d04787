"""No room for the new token, before and after the old one is spent (F13, F14): real limits, a disk that is full."""

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.kernels import Profile
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = pytest.mark.xdist_group("processes")


@contextlib.contextmanager
def small_disk(folder: Path, *, size: str = "64k") -> Iterator[bool]:
    """A file system of that size at the folder; False where this user may not mount one."""
    folder.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)], check=False, capture_output=True
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes all the room there is."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 512):
            pass
    return path


def test_f13_a_file_size_limit_shows_before_the_post(profile: Profile) -> None:
    """EFBIG before the POST: the server is not asked, the old token is intact, the error names the path."""
    (kernel,) = profile.start(1)
    profile.expire()
    before = profile.file.read_bytes()
    kernel.ask("limit", size=1024)
    refused_before_the_post(profile, kernel.ask("call").says)
    assert profile.file.read_bytes() == before
    kernel.ask("limit", size=None)
    assert kernel.ask("call").fine


def test_f13_a_full_disk_shows_before_the_post(sandbox: Sandbox, tmp_path: Path) -> None:
    """ENOSPC before the POST, on a disk that is really full: likewise."""
    with small_disk(tmp_path / "disk") as mounted:
        profile = Profile(tmp_path / "disk", sandbox)
        profile.sign_in()
        sandbox.control(reset_stats=True)
        (kernel,) = profile.start(1)
        try:
            profile.expire()
            before = profile.file.read_bytes()
            ballast = fill(profile.folder) if mounted else None
            if not mounted:
                kernel.ask("limit", size=0)
            refused_before_the_post(profile, kernel.ask("call").says)
            assert profile.file.read_bytes() == before
            assert list(profile.folder.glob(".new-*")) == []
            if ballast is not None:
                ballast.unlink()
            kernel.ask("limit", size=None)
            assert kernel.ask("call").fine
        finally:
            profile.end()


def refused_before_the_post(profile: Profile, says: str) -> None:
    assert str(profile.file) in says
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (0, 0)


def test_f14_a_disk_that_fills_after_the_post_has_the_room(sandbox: Sandbox, tmp_path: Path) -> None:
    """ENOSPC after the POST does not even show: the room was taken before."""
    with small_disk(tmp_path / "disk") as mounted:
        profile = Profile(tmp_path / "disk", sandbox)
        profile.sign_in()
        (kernel,) = profile.start(1)
        try:
            profile.expire()
            before = profile.refresh_token()
            kernel.ask("at", step="reserved", action="freeze")
            kernel.order("call")
            kernel.freezes("reserved")
            if mounted:
                fill(profile.folder)
            kernel.send(signal.SIGCONT)
            answer = kernel.answer()
            assert answer.fine
            assert answer.warnings == ()
            assert profile.refresh_token() != before
        finally:
            profile.end()


def test_f14_a_save_that_fails_after_the_post(profile: Profile) -> None:
    """EFBIG after the POST: served from memory, one warning with the path, saved later, the old token never re-sent."""
    (kernel,) = profile.start(1)
    profile.expire()
    before = profile.refresh_token()
    kernel.ask("at", step="posted", action="fill")
    answer = kernel.ask("call")
    assert answer.fine
    assert len(answer.warnings) == 1
    assert str(profile.file) in answer.warnings[0]
    again = kernel.ask("call")
    assert again.fine
    assert again.warnings == ()
    kernel.ask("limit", size=None)
    profile.expire()
    assert kernel.ask("call").fine
    assert profile.refresh_token() != before
    (sibling,) = profile.start(1)
    assert sibling.ask("call").fine
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (2, 0)


def test_f14_a_sibling_does_not_send_the_spent_token(profile: Profile) -> None:
    """After such a failure the file holds a spent token: no sibling sends it, and all adopt the new one once saved."""
    kernel, sibling = profile.start(2)
    assert sibling.ask("call").fine
    profile.expire()
    kernel.ask("at", step="posted", action="fill")
    assert kernel.ask("call").fine
    profile.expire()
    assert sibling.ask("call").error == "SignInExpired"
    kernel.ask("limit", size=None)
    assert kernel.ask("call").fine
    assert sibling.ask("call").fine
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (2, 0)
