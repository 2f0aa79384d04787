"""Runs the notebooks against the sandbox and writes their outputs back, which are committed and checked by nbval."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests import person

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
BESIDE = {"metadata": {"path": str(NOTEBOOKS)}}  # where a kernel starts, as in JupyterLab


def main() -> int:
    """Returns the exit status."""
    if person.login("--sandbox").returncode != 0:
        return 1
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=300, record_timing=False, resources=BESIDE).execute()
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
