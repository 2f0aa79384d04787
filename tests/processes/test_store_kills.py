"""A store under fire: kernels that are killed while they sync, two that sync at once, a disk that is full."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from outgrow_nb.auth.entry import pack
from outgrow_nb.errors import CacheError
from outgrow_nb.store import Store, read
from tests.processes.test_no_room import fill, small_disk
from tests.unit.kept_support import room
from tests.unit.store_support import files
from tests.wire.clients import client, signed_in
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.filterwarnings("ignore::outgrow_nb.errors.SchemaDrift"),
]
PLAN, CHECK = "Which plan fits you?", "Garden readiness check"
ROUNDS = 50


class Nursery:
    """Makes kernels that sync two contents into one store."""

    def __init__(self, store: Store, sign_in: Path) -> None:
        command = [sys.executable, "-m", "tests.processes.store_nursery", str(store.folder), str(sign_in), PLAN, CHECK]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self) -> int:
        """Begins a sync; its process."""
        return self._order("sync")

    def wait(self, number: int) -> int:
        """Waits for it; its exit status."""
        return self._order(f"wait {number}")

    def _order(self, text: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty place."""
    return Store(tmp_path / "kept")


@pytest.fixture
def nursery(sandbox: Sandbox, store: Store, tmp_path: Path) -> Iterator[Nursery]:
    """Kernels of somebody who is signed in."""
    path = tmp_path / "sign-in.json"
    path.touch(0o600)
    path.write_bytes(pack(signed_in(sandbox)))
    made = Nursery(store, path)
    yield made
    made.end()
    path.unlink()


def whole(store: Store) -> set[str]:
    """Opens the store as anybody would: each lead once, every file whole; the ids it holds."""
    held = read(Store(store.folder))
    ids = held.leads()["content"].astype(str) + held.leads()["lead_id"]
    assert ids.is_unique
    assert len(ids) == sum(piece.leads for piece in store.manifest().contents.values())
    assert set(held.answers()["lead_id"]) <= set(held.leads()["lead_id"])
    return set(ids)


def test_killed_at_random_moments(sandbox: Sandbox, store: Store, nursery: Nursery) -> None:
    """Kill -9 in fifty syncs: the store always opens, no lead it had is lost, none is doubled, and it catches up."""
    chance, present = random.Random(7), datetime(2025, 1, 10, tzinfo=UTC)
    kept: set[str] = set()
    length, killed, torn, grew = 0.5, 0, 0, 0
    for turn in range(ROUNDS):
        sandbox.control(present=f"{present:%Y-%m-%dT%H:%M:%SZ}")
        began = time.monotonic()
        kernel = nursery.start()
        if turn % 10:
            time.sleep(chance.random() * length)
            os.kill(kernel, signal.SIGKILL)
        status = nursery.wait(kernel)
        assert status in (0, -signal.SIGKILL), status
        if turn % 10 == 0:
            assert status == 0
            length = time.monotonic() - began
        killed += status != 0
        torn += (store.folder / ".writing").exists()
        found = whole(store)
        assert found >= kept
        grew += len(found) > len(kept)
        kept = found
        present += timedelta(days=10)
    sandbox.control(present="")
    assert nursery.wait(nursery.start()) == 0
    frame = read(store, ids(store)).leads()
    pd.testing.assert_frame_equal(frame, client(signed_in(sandbox)).leads([PLAN, CHECK]))
    counted = {path for part in store.parts(store.manifest()) for path in (part.leads, part.answers)}
    assert set(files(store.folder)) == counted
    print(
        f"{ROUNDS} syncs, {killed} killed, {torn} of them while files were written; {grew} left more leads than before"
    )
    assert killed >= ROUNDS // 2


def ids(store: Store) -> list[str]:
    """The contents in the order asked for."""
    known = {piece.item.title: piece.item.id for piece in store.manifest().contents.values()}
    return [known[PLAN], known[CHECK]]


def test_two_kernels_at_once(sandbox: Sandbox, store: Store, nursery: Nursery) -> None:
    """Both end well, and the store has what one of them would have left."""
    for moment in ("2025-09-01T00:00:00Z", "2026-02-01T00:00:00Z", ""):
        sandbox.control(present=moment)
        kernels = [nursery.start() for _ in range(3)]
        assert [nursery.wait(kernel) for kernel in kernels] == [0, 0, 0]
        whole(store)
    frame = read(store, ids(store)).leads()
    pd.testing.assert_frame_equal(frame, client(signed_in(sandbox)).leads([PLAN, CHECK]))
    assert not (store.folder / ".writing").exists()


def test_a_full_disk(sandbox: Sandbox, tmp_path: Path) -> None:
    """No room: the error names the place and the way out, what was kept is whole, and with room the sync goes on."""
    with small_disk(tmp_path / "disk", size="2m") as mounted:
        store = Store(tmp_path / "disk" / "kept")
        og = client(signed_in(sandbox), store=store)
        sandbox.control(present="2025-06-01T00:00:00Z")
        og.sync([PLAN, CHECK])
        before = whole(store)
        sandbox.control(present="")
        with contextlib.ExitStack() as full:
            if mounted:
                full.callback(fill(tmp_path / "disk").unlink)
            else:
                full.enter_context(room(500))
            with pytest.raises(CacheError, match=r"(No space left|File too large).* held before is whole") as told:
                og.sync([PLAN, CHECK])
            assert str(store.folder) in told.value.problem
            assert "Free some space" in told.value.next_step
            assert whole(store) == before
            assert len(og.status()) == 2
        assert og.sync([PLAN, CHECK])["total"].sum() > len(before)
        assert len(list(files(store.folder))) == 2 * sum(len(p.months) for p in store.manifest().contents.values())
