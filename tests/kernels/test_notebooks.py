"""The notebooks run unchanged and show what is committed; a kernel nobody can type into says so at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from outgrow_nb.auth import messages
from tests import person
from tests.wire.sandbox_fixtures import Sandbox

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, for this process and the kernels it starts."""
    for name in [name for name in os.environ if name.startswith("OUTGROW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OUTGROW_CONFIG_DIR", str(tmp_path / "outgrow"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_notebook_shows_what_is_committed(home: Path, name: str) -> None:
    """nbval: every cell's output is the committed one, signed in beforehand as a person would."""
    assert person.login("--sandbox").returncode == 0
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "-q", str(NOTEBOOKS / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=home)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_committed_outputs_hold_invented_people_only(name: str) -> None:
    """No address outside the reserved domains, no error, no widget, no path of a machine, at most 15 cells."""
    document = json.loads((NOTEBOOKS / name).read_text())
    assert len(document["cells"]) <= 15
    text = json.dumps(document)
    words = [word for word in text.replace('"', " ").replace("<", " ").replace(">", " ").split() if "@" in word]
    assert all("@example." in word for word in words), words
    assert "widget-view" not in text
    assert "/home/" not in text
    assert "Traceback" not in text
    assert all(cell["execution_count"] for cell in document["cells"] if cell["cell_type"] == "code")


def run(code: str) -> tuple[nbformat.NotebookNode, CellExecutionError | None]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in code.split("\n---\n")])
    try:
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    except CellExecutionError as error:
        return notebook, error
    return notebook, None


def test_a_kernel_without_stdin_says_so_at_once(home: Path, sandbox: Sandbox) -> None:
    """nbclient, papermill, nbconvert: nobody can answer, so `connect()` raises in under 2 s, in two lines."""
    notebook, error = run(
        "import time, outgrow_nb\nconnect, config = outgrow_nb.connect, outgrow_nb.Config("
        f"client_id='outgrow-nb-public', base_url='{sandbox.base_url}')\n---\n"
        "started = time.monotonic()\ntry:\n    connect(config=config)\nfinally:\n"
        "    print(time.monotonic() - started)"
    )
    assert error is not None
    assert error.ename == "SignInRequired"
    printed, raised = notebook.cells[1].outputs
    assert float(printed.text) < 2
    assert raised.traceback == [
        "SignInRequired: This run can't ask you to sign in.",
        messages.NOBODY[1],
    ]


def test_a_refresh_token_of_the_environment_runs_a_notebook(
    home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E04: the seed is spent once, what it becomes is saved, and the next process goes on with that."""
    seed = sandbox.sign_in()["refresh_token"]
    for name, value in {
        "OUTGROW_BASE_URL": sandbox.base_url,
        "OUTGROW_CLIENT_ID": sandbox.client_id,
        "OUTGROW_CLIENT_SECRET": sandbox.client_secret,
        "OUTGROW_REFRESH_TOKEN": seed,
    }.items():
        monkeypatch.setenv(name, value)
    code = "import outgrow_nb\nog = outgrow_nb.connect()\n---\nlen(og.contents())"
    for _ in range(2):
        notebook, error = run(code)
        assert error is None
        assert notebook.cells[1].outputs[0].data["text/plain"] == "14"
        assert seed not in json.dumps(notebook)
    assert sandbox.stats()["hits"] == 1
    assert sandbox.stats()["reuses"] == 0
