"""The file while others look, processes are killed, and readers and writers race (F01, F02, F12, F15)."""

import contextlib
import json
import os
import pwd
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from outgrow_nb.auth.filecache import FileCache
from tests.processes.kernels import ROOT, SECONDS, Profile
from tests.processes.writers import PROFILE, number_of, numbered
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = pytest.mark.xdist_group("processes")
ROUNDS = 200


class Watcher:
    """Polls the mode of everything below a folder until told to stop."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen, self.looks = folder, set[tuple[str, int]](), 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self._thread.start()

    def _poll(self) -> None:
        while not self._stop.is_set():
            self.looks += 1
            self._look(self.folder)

    def _look(self, folder: Path) -> None:
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as found:
            for one in found:
                with contextlib.suppress(FileNotFoundError):
                    mode = one.stat(follow_symlinks=False).st_mode
                    kind = "temporary" if one.name.startswith(".new-") else Path(one.name).suffix or "folder"
                    self.seen.add((kind, stat.S_IMODE(mode)))
                    if stat.S_ISDIR(mode):
                        self._look(Path(one.path))

    def stop(self) -> set[tuple[str, int]]:
        self._stop.set()
        self._thread.join()
        return self.seen


def test_f01_never_readable_by_others_under_umask_000(sandbox: Sandbox, tmp_path: Path) -> None:
    """A fresh sign-in and 60 saves under umask 000: a watcher sees folders 0700 and files 0600, never another mode."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    profile = Profile(home / "config" / "outgrow-nb", sandbox)
    (kernel,) = profile.start(1)
    kernel.ask("umask", mask=0)
    watcher = Watcher(home)
    try:
        assert kernel.ask("accept", **profile.person(), times=60).more["saved"]
        profile.expire()
        assert kernel.ask("call").fine
    finally:
        seen = watcher.stop()
        profile.end()
    print(f"F01: {watcher.looks} looks, {sorted((kind, oct(mode)) for kind, mode in seen)}")
    assert {mode for kind, mode in seen if kind != "folder"} == {0o600}
    assert {mode for kind, mode in seen if kind == "folder"} == {0o700}
    assert {kind for kind, _ in seen} >= {"folder", ".json", ".lock", "temporary"}


def test_f02_a_readable_file_is_tightened_and_rotated(sandbox: Sandbox) -> None:
    """An existing 0644 file, used by somebody who is not root: a warning with the path, 0600, renewed at next use."""
    home = Path(tempfile.mkdtemp())
    profile = Profile(home / "config", sandbox)
    try:
        profile.sign_in()
        (kernel,) = profile.start(1)
        assert kernel.ask("call").fine  # everything that is imported late is imported now
        profile.expire()
        assert kernel.ask("call").fine
        before = profile.refresh_token()
        profile.file.chmod(0o644)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in (home, *home.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
            kernel.ask("become", name="nobody")
        kernel.ask("open", folder=str(profile.folder), config=profile.config)
        sandbox.control(reset_stats=True)
        kernel.ask("at", step="reserved", action="freeze")
        kernel.order("call")
        kernel.freezes("reserved")
        assert stat.S_IMODE(profile.file.stat().st_mode) == 0o600  # at once, before the renewed one is there
        kernel.send(signal.SIGCONT)
        answer = kernel.answer()
        assert answer.fine
        assert [warning for warning in answer.warnings if str(profile.file) in warning] != []
        assert stat.S_IMODE(profile.file.stat().st_mode) == 0o600
        assert before not in profile.file.read_text()
        assert kernel.ask("call").warnings == ()
        stats = sandbox.stats()
        assert (stats["hits"], stats["reuses"]) == (1, 0)
    finally:
        profile.end()
        shutil.rmtree(home)


def test_f12_killed_at_any_moment_of_the_write(tmp_path: Path) -> None:
    """SIGKILL at a random moment, 200 rounds: the file is the old or the new one, and stale rests are swept."""
    draw = random.Random(12)
    cache = FileCache(tmp_path)
    with cache.exclusive(PROFILE) as held:
        held.write(numbered(0))
    command = [sys.executable, "-m", "tests.processes.writers", "zygote", str(tmp_path)]
    saved, in_the_middle, made_it = 0, 0, 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(ROUNDS):
            process.stdin.write(f"{saved + 1}\n")
            process.stdin.flush()
            begun, child = saved, 0
            lines = (json.loads(line) for line in process.stdout)
            for word, number in lines:
                if word == "child":
                    child = number
                if word == "begins":
                    begun = number
                if child and begun > saved:
                    break
            time.sleep(draw.uniform(0.0, 0.012))
            os.kill(child, signal.SIGKILL)
            for word, number in lines:
                if word == "ended":
                    break
                begun, saved = (number, saved) if word == "begins" else (begun, number)
            found = number_of(cache.read(PROFILE))
            assert found in (saved, begun)
            in_the_middle += begun > saved
            made_it += found == begun > saved
            saved = found
        process.stdin.close()
        assert process.wait(timeout=SECONDS) == 0
    assert list(tmp_path.glob("*.corrupt-*")) == []
    rests = list(tmp_path.glob(".new-*"))
    print(f"F12: {ROUNDS} kills, {in_the_middle} within a save ({made_it} after its replace), {len(rests)} rests")
    assert in_the_middle >= ROUNDS / 4
    assert len(rests) >= 2
    young, *old = rests
    for path in old:
        os.utime(path, (time.time() - 3700, time.time() - 3700))
    # the next start only reads: its token is still good
    assert number_of(FileCache(tmp_path).read(PROFILE)) == saved
    assert list(tmp_path.glob(".new-*")) == [young]


def test_f15_readers_and_writers_never_meet_a_torn_file(tmp_path: Path) -> None:
    """2 readers and 2 writers for 10 s: 0 torn reads, no write lost, nothing quarantined."""
    cache, seconds = FileCache(tmp_path), "10"
    with cache.exclusive(PROFILE) as held:
        held.write(numbered(0))
    command = [sys.executable, "-m", "tests.processes.writers"]
    four = [
        subprocess.Popen([*command, role, str(tmp_path), seconds], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for role in ("read", "write", "read", "write")
    ]
    told = [json.loads(process.communicate(timeout=SECONDS)[0]) for process in four]
    sums = {name: sum(one.get(name, 0) for one in told) for name in ("reads", "writes", "torn")}
    print("F15: " + ", ".join(f"{name} {value}" for name, value in sums.items()))
    assert sums["torn"] == 0
    assert sums["reads"] > 100
    assert sums["writes"] > 20
    assert number_of(cache.read(PROFILE)) == sums["writes"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".lock"]
