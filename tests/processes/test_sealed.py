"""Encryption at rest between processes: one refresh with the keyring on (K05), killed while it moves (K06)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from outgrow_nb.auth.filecache import FileCache
from tests.keyrings import PLACE, FileKeyring
from tests.processes.kernels import ROOT, Profile
from tests.processes.writers import PROFILE, number_of, numbered
from tests.wire.sandbox_fixtures import Sandbox

ROUNDS = 60
KERNELS, EXPIRIES = 4, 5


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileKeyring]:
    """A keyring that this process and those it starts share."""
    before = keyring.get_keyring()
    monkeypatch.setenv(PLACE, str(tmp_path / "keyring.json"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.keyrings.FileKeyring")
    made = FileKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_k05_one_refresh_with_the_keyring_on(keys: FileKeyring, sandbox: Sandbox, tmp_path: Path) -> None:
    """Kernels that share a sealed sign-in renew it once per expiry and lose nothing; it stays sealed with one key."""
    profile = Profile(tmp_path / "config", sandbox)
    profile.sign_in()
    sandbox.control(reset_stats=True)
    assert FileCache(profile.folder).protection("default") == "encrypted"
    try:
        kernels = profile.start(KERNELS)
        for _ in range(EXPIRIES):
            profile.expire()
            for kernel in kernels:
                kernel.order("call")
            answers = [kernel.answer() for kernel in kernels]
            assert all(answer.fine for answer in answers), answers
    finally:
        profile.end()
    seen = sandbox.stats()
    print(f"K05: {KERNELS} kernels x {EXPIRIES} expiries: {seen['hits']} refreshes, {seen['reuses']} reuse, 0 lost")
    assert (seen["hits"], seen["reuses"]) == (EXPIRIES, 0)
    assert FileCache(profile.folder).protection("default") == "encrypted"
    assert len(keys.names()) == 1


def test_k06_killed_while_it_moves(keys: FileKeyring, tmp_path: Path) -> None:
    """SIGKILL while a plain file becomes a sealed one: exactly one readable copy, the old or the new."""
    draw = random.Random(6)
    cache = FileCache(tmp_path / "config")
    command = [sys.executable, "-m", "tests.processes.writers", "zygote", str(cache.folder), "anew"]
    moved, stayed = 0, 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(0, 2 * ROUNDS, 2):
            keyring.set_keyring(keyring.backends.fail.Keyring())
            with FileCache(cache.folder).exclusive(PROFILE) as held:
                held.delete()
                held.write(numbered(number))
            keyring.set_keyring(keys)
            assert cache.protection(PROFILE) == "not encrypted"
            process.stdin.write(f"{number + 1}\n")
            process.stdin.flush()
            lines = (json.loads(line) for line in process.stdout)
            child = next(told for word, told in lines if word == "child")
            time.sleep(draw.uniform(0.0, 0.03) if number % 8 else 0.4)  # on a busy machine too, some get there
            os.kill(child, signal.SIGKILL)
            saved = [told for word, told in takewhile(lambda line: line[0] != "ended", lines) if word == "saved"]
            found = number_of(cache.read(PROFILE))
            assert found is not None
            assert found >= max([number, *saved])
            assert (cache.protection(PROFILE) == "encrypted") == (found > number)
            assert [path.name for path in cache.folder.glob("profile-*.json*")] == ["profile-default.json"]
            moved, stayed = moved + (found > number), stayed + (found == number)
        process.stdin.close()
        assert process.wait(timeout=30) == 0
    print(f"K06: {ROUNDS} kills, {moved} after the move, {stayed} before; 0 unreadable")
    assert moved >= 3
    assert stayed >= 3
