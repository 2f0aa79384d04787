"""`outgrow-nb sync` and `connect(store=…)` as real processes: for cron, for a second notebook, for a mistake."""

from pathlib import Path

import pytest

import outgrow_nb
from outgrow_nb.errors import ConfigError
from outgrow_nb.store import Store
from tests.unit.store_support import files
from tests.wire.clients import signed_in, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_cli import run
from tests.wire.test_connection import application

PLAN = "Which plan fits you?"
LEADS = "/api/v1/leads"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Place:
    """A folder in which somebody is signed in."""
    made = Place(tmp_path, monkeypatch)
    made.save(signed_in(sandbox))
    made.set(**application(sandbox))
    return made


def test_sync_twice(place: Place, sandbox: Sandbox) -> None:
    """A line a content and a sum; the second time nothing is new; a gap is told."""
    first = run("sync", "--store", "kept", PLAN)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        f"{PLAN}: 600 new, 0 changed, 0 gone, 600 kept",
        "600 new leads, 600 kept in kept",
    ]
    again = run("sync", "--store", "kept")
    assert again.returncode == 0
    assert f"{PLAN}: 0 new, 0 changed, 0 gone, 600 kept" in again.stdout
    assert again.stdout.splitlines()[-1] == "1400 new leads, 2000 kept in kept"


def test_a_notebook_and_cron_share_a_store(place: Place) -> None:
    """What the command keeps is what connect(store=…) reads; a plain name is a folder of the working directory."""
    og = outgrow_nb.connect(store="kept")
    assert not Path("kept").exists()
    assert run("sync", "--store", "kept", PLAN).returncode == 0
    assert og.status()["leads"].tolist() == [600]
    assert og.sync(PLAN)["new"].tolist() == [0]


def test_a_cut_says_how_to_go_on(place: Place, sandbox: Sandbox) -> None:
    """Two lines and exit status 1; the same command goes on, and what it had is kept."""
    sandbox.control(delay=f"0*3@{LEADS}")
    sandbox.control(status=f"429@{LEADS}", retry_after=3600)
    done = run("sync", "--store", "kept")
    assert (done.returncode, done.stdout) == (1, "")
    problem, step = done.stderr.splitlines()
    assert "leads had arrived" in problem
    assert step == "Run the same command again: it goes on from there."
    sandbox.control(clear=True)
    assert "2000 kept" in run("sync", "--store", "kept").stdout


def test_mistakes(place: Place, sandbox: Sandbox) -> None:
    """A folder of something else is told before anything is asked; another account's store is told in two lines."""
    (Path.cwd() / "notes").mkdir()
    (Path.cwd() / "notes" / "a.txt").write_text("mine")
    sandbox.control(reset_stats=True)
    done = run("sync", "--store", "notes")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 2)
    assert "is no store of leads" in done.stderr
    assert sandbox.stats()["requests"] == {}
    with pytest.raises(ConfigError):
        outgrow_nb.connect(store="notes")
    assert run("sync", "--store", "kept", PLAN).returncode == 0
    place.save(signed_in(sandbox, who=1))
    done = run("sync", "--store", "kept")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 2)
    assert "holds leads of Northwind Gardens" in done.stderr


def test_no_secret_is_kept_with_the_leads(place: Place, sandbox: Sandbox) -> None:
    """Neither a token nor an API key stands in any file of a store."""
    entry = signed_in(sandbox)
    assert entry.token is not None
    place.save(entry)
    assert run("sync", "--store", "kept", PLAN).returncode == 0
    place.environment.setenv("OUTGROW_API_KEY", sandbox.api_key)
    place.environment.setenv("OUTGROW_API_URL", sandbox.api_url)
    assert run("sync", "--store", "kept").returncode == 0
    refresh = entry.token.refresh.reveal() if entry.token.refresh else ""
    secrets = [sandbox.api_key, entry.token.access.reveal(), refresh]
    for path in [path for path in Path("kept").rglob("*") if path.is_file()]:
        data = path.read_bytes()
        assert not any(secret.encode() in data for secret in secrets if secret), path
    assert len(list(files(Store(Path("kept")).folder))) > 20
    assert with_key(sandbox).api_key is not None
