"""`HEADLESS=1 make demo`: signs in as the sandbox's invented person, runs the quickstart, prints what it shows."""

import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests import person

QUICKSTART = Path(__file__).resolve().parents[1] / "notebooks" / "01_quickstart.ipynb"


def main() -> int:
    """Returns the exit status."""
    status = [sys.executable, "-m", "outgrow_nb", "status", "--sandbox"]
    if subprocess.run(status, capture_output=True, timeout=60).returncode != 0:
        done = person.login("--sandbox")
        sys.stdout.write(done.stdout)
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            return 1
    notebook = nbformat.read(QUICKSTART, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(QUICKSTART.parent)}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            sys.stdout.write("\n>>> " + cell.source.replace("\n", "\n... ") + "\n")
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                sys.stdout.write(text.rstrip() + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
