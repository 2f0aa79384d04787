"""Where no front end is: runners, scripts, terminals, workers. The right error at once, or the terminal's way."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
import pexpect
import pytest
from distributed import Client, LocalCluster
from papermill.exceptions import PapermillExecutionError

from tests import person
from tests.kernels.test_notebooks import NOTEBOOKS
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
NOBODY = "This run can't ask you to sign in."
CONNECT = "import outgrow_nb\nog = outgrow_nb.connect()\nprint(len(og.contents()), 'contents')"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Place:
    """An application of the sandbox's in the environment, and nobody signed in."""
    made = Place(tmp_path, monkeypatch)
    made.set(OUTGROW_BASE_URL=sandbox.base_url, OUTGROW_CLIENT_ID=sandbox.client_id)
    made.set(OUTGROW_CLIENT_SECRET=sandbox.client_secret, IPYTHONDIR=tmp_path / "ipython")
    return made


def quickstart(folder: Path) -> Path:
    """The quickstart for one's own account, changed as its first lines say: without ``sandbox=True``."""
    notebook = nbformat.read(NOTEBOOKS / "01_quickstart.ipynb", as_version=4)
    changed = [cell for cell in notebook.cells if "connect(sandbox=True)" in cell.source]
    for cell in changed:
        cell.source = cell.source.replace("connect(sandbox=True)", "connect()")
    path = folder / "quickstart.ipynb"
    nbformat.write(notebook, path)
    return path


def by_refresh_token(place: Place, sandbox: Sandbox) -> str:
    secret: str = sandbox.sign_in()["refresh_token"]
    place.set(OUTGROW_REFRESH_TOKEN=secret)
    return secret


def by_key(place: Place, sandbox: Sandbox) -> str:
    place.set(OUTGROW_API_KEY=sandbox.api_key, OUTGROW_API_URL=sandbox.api_url)
    return sandbox.api_key


@pytest.mark.parametrize("scheduled", [by_refresh_token, by_key])
def test_papermill_runs_the_quickstart(
    place: Place, sandbox: Sandbox, scheduled: Callable[[Place, Sandbox], str]
) -> None:
    """A scheduled notebook: the credential of the environment, every cell, and no secret in what is saved."""
    secret = scheduled(place, sandbox)
    ran = place.root / "ran.ipynb"
    for _ in range(2):  # the next night: the seed is spent, what it became is used
        papermill.execute_notebook(quickstart(place.root), ran, progress_bar=False, cwd=str(place.root))
    text = ran.read_text(encoding="utf-8")
    assert "from the environment" in text
    assert secret not in text
    assert "image/png" in text
    assert sandbox.stats()["reuses"] == 0


def test_papermill_without_a_sign_in(place: Place) -> None:
    """The first cell ends the run, in two lines."""
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(quickstart(place.root), place.root / "ran.ipynb", progress_bar=False)
    assert caught.value.ename == "SignInRequired"
    assert caught.value.evalue.startswith(NOBODY)


def test_nbconvert(place: Place, sandbox: Sandbox) -> None:
    """``jupyter nbconvert --execute``: an error at once; after ``outgrow-nb login`` the page."""
    path = quickstart(place.root)
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(path)]
    failed = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert failed.returncode == 1
    assert NOBODY in failed.stderr
    assert person.login().returncode == 0
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Signed in to Outgrow as ana.silva@example.com" in path.with_suffix(".html").read_text(encoding="utf-8")


@pytest.mark.parametrize("stdin", ["nothing", "a silent pipe"])
def test_a_script(place: Place, stdin: str) -> None:
    """Plain Python without a terminal: the error, and no wait for whoever might type."""
    script = place.root / "script.py"
    script.write_text(CONNECT)
    reading, writing = os.pipe()
    source = subprocess.DEVNULL if stdin == "nothing" else reading
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, stdin=source, timeout=30)
    os.close(reading)
    os.close(writing)
    assert done.returncode == 1
    assert f"SignInRequired: {NOBODY}" in done.stderr
    assert "outgrow-nb login" in done.stderr.splitlines()[-1]


def test_ipython_at_a_terminal(place: Place) -> None:
    """IPython in a terminal: an address to open, the listener, and the next line has a client."""
    with pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"],
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 400),
        cwd=str(place.root),
    ) as terminal:
        terminal.expect(r"In \[1\]: ")
        terminal.sendline("import outgrow_nb, threading; og = outgrow_nb.connect()")
        terminal.expect(r"(http://\S+/oauth/authorize\S*)\s")
        assert terminal.match is not None
        address = str(terminal.match[1])
        terminal.expect("paste it here")
        person.follow(person.decide(address))
        terminal.expect(r"In \[2\]: ")
        terminal.sendline("len(og.contents())")
        terminal.expect(r"Out\[2\]: 14")
        terminal.sendline("og.sign_out()")
        terminal.expect(r"In \[4\]: ")
        terminal.sendline("started = threading.Thread(target=lambda: outgrow_nb.connect()); started.start()")
        terminal.expect("SignInRequired")
        terminal.sendline("exit")
        terminal.expect(pexpect.EOF)


def ask() -> tuple[str, float]:
    """What a worker meets, and after how many seconds."""
    import outgrow_nb

    started = time.monotonic()
    try:
        client = outgrow_nb.connect()
        said = f"{len(client.contents())} contents"
    except outgrow_nb.OutgrowError as error:
        said = f"{type(error).__name__}: {error}"
    return said, time.monotonic() - started


def test_a_dask_worker(place: Place, sandbox: Sandbox) -> None:
    """A worker asks nobody; on a computer where somebody is signed in, it is too."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as dask,
    ):
        said, seconds = dask.submit(ask, pure=False).result(timeout=60)
        assert said.startswith(f"SignInRequired: {NOBODY}")
        assert seconds < 10
        assert person.login().returncode == 0
        said, _ = dask.submit(ask, pure=False).result(timeout=60)
        assert said == "14 contents"
