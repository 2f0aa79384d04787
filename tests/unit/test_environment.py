"""What kind of place a kernel runs in, told from its environment alone."""

import threading
from pathlib import Path

import pytest

from outgrow_nb.notebook import environment
from outgrow_nb.notebook.environment import Place, detect


@pytest.mark.parametrize(
    ("variable", "value", "place"),
    [
        ("COLAB_RELEASE_TAG", "release-colab", Place("Google Colab", remote=True, shared=True)),
        ("BINDER_SERVICE_HOST", "10.0.0.1", Place("Binder", remote=True, shared=True)),
        ("KAGGLE_KERNEL_RUN_TYPE", "Interactive", Place("Kaggle", remote=True, shared=True)),
        ("DATABRICKS_RUNTIME_VERSION", "15.4", Place("Databricks", remote=True, shared=True)),
        ("CODESPACES", "true", Place("GitHub Codespaces", remote=True)),
        ("SAGEMAKER_APP_TYPE", "JupyterLab", Place("SageMaker", remote=True)),
        ("JUPYTERHUB_USER", "ana", Place("JupyterHub", remote=True)),
        ("SSH_CONNECTION", "10.0.0.1 22 10.0.0.2 22", Place("SSH", remote=True)),
    ],
)
def test_a02_hosted_places(variable: str, value: str, place: Place, tmp_path: Path) -> None:
    """The paste route stands first where the browser is elsewhere; what is shared keeps no key unasked."""
    assert detect({variable: value}, tmp_path) == place
    assert detect({variable: ""}, tmp_path) == Place("this computer")


def test_binder_is_a_hub_too(tmp_path: Path) -> None:
    """Where two marks are there, the one that is shared counts."""
    assert detect({"BINDER_SERVICE_HOST": "x", "JUPYTERHUB_USER": "y"}, tmp_path).shared


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_a_container(tmp_path: Path, mark: str) -> None:
    """The browser is outside of a container, unless it has a display."""
    assert not detect({}, tmp_path).remote
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    assert detect({}, tmp_path) == Place("a container", remote=True)
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):
        assert detect({display: ":0"}, tmp_path) == Place("this computer")


def test_voila() -> None:
    """Voila shows pages and has nobody type into a running cell."""
    assert environment.draws_only({"SERVER_SOFTWARE": "Voila/0.5.8"})
    assert not environment.draws_only({"SERVER_SOFTWARE": "jupyter/2.0"})
    assert not environment.draws_only({})


def test_outside_of_a_kernel() -> None:
    """A plain Python: no kernel, no notebook, nobody to type, in whatever thread."""
    assert environment.kernel() is None
    assert not environment.in_notebook()
    answers: list[bool] = [environment.can_type()]
    thread = threading.Thread(target=lambda: answers.append(environment.can_type()))
    thread.start()
    thread.join()
    assert answers == [False, False]
    assert environment.asking().startswith("outgrow-nb on ")
