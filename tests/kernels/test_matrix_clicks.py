"""The panel's own buttons, by the messages that front ends send, in each ipykernel that people have."""

import contextlib

import pytest

from tests.kernels import matrix
from tests.kernels.matrix import COUNT, Bench, Notebook
from tests.person import decide, follow

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
bench, notebook = matrix.bench, matrix.notebook
HEARD_AT_ONCE = ("7.0.1", "7.3")


@pytest.fixture(params=["VS Code", "JupyterLab"])
def front_end(request: pytest.FixtureRequest, notebook: Notebook, bench: Bench) -> Notebook:
    """VS Code and Colab click on the main shell, JupyterLab since 4.4 over a subshell where the kernel offers one."""
    if request.param == "JupyterLab":
        assert notebook.use_subshell() == (not bench.version.startswith("6"))
    assert notebook.do(notebook.connect)["status"] == "ok"
    return notebook


def test_submit(front_end: Notebook) -> None:
    """The address pasted into the panel: a wrong one is told there, the right one signs in; each empties the box."""
    front_end.paste("what you asked for")
    front_end.press("Submit")
    front_end.reads("That doesn't look like a code.")
    address = decide(front_end.link())
    front_end.paste(f" {address} ")
    front_end.press("Submit")
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    assert address not in front_end.texts()
    assert front_end.emptied() == 2
    cell = front_end.run(COUNT)
    front_end.shows(cell, "14")


def test_start_again(front_end: Notebook) -> None:
    """A new link, whose redirect shows in the panel though it comes from a thread of its own."""
    first = front_end.link()
    front_end.press("Start again")
    front_end.until_link(first)
    follow(decide(front_end.link()))
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    cell = front_end.run(COUNT)
    front_end.shows(cell, "14")


def test_a_click_while_a_cell_waits(front_end: Notebook, bench: Bench) -> None:
    """Heard at once or after the cell: the wait goes on for the link that the panel shows, and nothing is undone."""
    cell = front_end.run(COUNT)
    front_end.asked()
    front_end.reads("A cell waits for this sign-in")
    first = front_end.link()
    front_end.click("Start again")
    if front_end.subshell and bench.version in HEARD_AT_ONCE:
        front_end.until_link(first)
    elif front_end.subshell:
        with contextlib.suppress(TimeoutError):  # ipykernel 7.4 hears it after the cell; what comes then is not known
            front_end.until_link(first, 1.5)
    follow(decide(front_end.link()))
    front_end.shows(cell, "14")
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    again = front_end.run(COUNT)
    front_end.shows(again, "14")
    assert front_end.line().startswith("Signed in to Outgrow as ana.silva@example.com")
