"""Tells what kind of place the kernel runs in: is the browser here too, is the computer shared, can anybody type."""

import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython


@dataclass(frozen=True)
class Place:
    """Where a kernel runs.

    Attributes:
        name: The place in words.
        remote: The browser is most likely on another computer, so the paste route stands first.
        shared: What is saved here may be seen by others or is lost: keys are not kept unless asked.
    """

    name: str
    remote: bool = False
    shared: bool = False


_HOSTED = (
    ("COLAB_RELEASE_TAG", Place("Google Colab", remote=True, shared=True)),
    ("BINDER_SERVICE_HOST", Place("Binder", remote=True, shared=True)),
    ("KAGGLE_KERNEL_RUN_TYPE", Place("Kaggle", remote=True, shared=True)),
    ("DATABRICKS_RUNTIME_VERSION", Place("Databricks", remote=True, shared=True)),
    ("CODESPACES", Place("GitHub Codespaces", remote=True)),
    ("SAGEMAKER_APP_TYPE", Place("SageMaker", remote=True)),
    ("JUPYTERHUB_USER", Place("JupyterHub", remote=True)),
    ("SSH_CONNECTION", Place("SSH", remote=True)),
)


def detect(environ: Mapping[str, str], root: Path = Path("/")) -> Place:
    """The place, told from the environment alone; both routes of the sign-in stay open whatever it says.

    Args:
        environ: The environment variables.
        root: Where the file system begins; a container leaves a mark there. With a display the browser is here too.
    """
    for variable, place in _HOSTED:
        if environ.get(variable):
            return place
    in_container = (root / ".dockerenv").exists() or (root / "run" / ".containerenv").exists()
    if in_container and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return Place("a container", remote=True)
    return Place("this computer")


def asking() -> str:
    """Who asks, as the panel says it."""
    return f"outgrow-nb on {socket.gethostname()}"


def kernel() -> Any | None:
    """The running ipykernel, None elsewhere (a terminal's IPython included)."""
    return getattr(get_ipython(), "kernel", None)


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel."""
    return kernel() is not None


def draws_only(environ: Mapping[str, str] | None = None) -> bool:
    """Whether pages are shown but nobody can type into a running cell: Voila."""
    return (os.environ if environ is None else environ).get("SERVER_SOFTWARE", "").lower().startswith("voila")


def can_type() -> bool:
    """Whether a waiting cell can ask for input: a front end allows it, and this is the main thread."""
    running = kernel()
    if running is None or threading.current_thread() is not threading.main_thread():
        return False
    return bool(getattr(running, "_allow_stdin", False))
