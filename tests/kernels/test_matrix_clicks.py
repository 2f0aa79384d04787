"""The panel's own buttons, by the messages that front ends send, in each ipykernel that people have."""

import pytest

from tests.kernels import matrix
from tests.kernels.matrix import COUNT, Bench, Notebook
from tests.person import decide, follow

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
bench, notebook = matrix.bench, matrix.notebook


@pytest.fixture(params=["main shell", "subshell"])
def front_end(request: pytest.FixtureRequest, notebook: Notebook, bench: Bench) -> Notebook:
    """VS Code and Colab click on the main shell, JupyterLab since 4.4 over a subshell where the kernel offers one."""
    if request.param == "subshell":
        assert notebook.use_subshell() == (not bench.version.startswith("6"))
    assert notebook.do(notebook.connect)["status"] == "ok"
    return notebook


def test_submit(front_end: Notebook) -> None:
    """The address pasted into the panel: a wrong one is told there, the right one signs in, and the box is empty."""
    front_end.paste("what you asked for")
    front_end.press("Submit")
    front_end.reads("That doesn't look like a code.")
    address = decide(front_end.link())
    front_end.paste(f" {address} ")
    front_end.press("Submit")
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    assert address not in front_end.texts()
    cell = front_end.run(COUNT)
    front_end.shows(cell, "14")


def test_start_again(front_end: Notebook) -> None:
    """A new link, whose redirect shows in the panel though it comes from a thread of its own."""
    first = front_end.link()
    front_end.press("Start again")
    front_end.until(lambda _: front_end.link() != first) if front_end.link() == first else None
    front_end.reads("Click Sign in to Outgrow.")
    follow(decide(front_end.link()))
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    cell = front_end.run(COUNT)
    front_end.shows(cell, "14")


def test_a_click_while_a_cell_waits(front_end: Notebook) -> None:
    """Heard at once, after the cell or between: the wait goes on for whichever link the panel shows, and is not undone."""
    cell = front_end.run(COUNT)
    front_end.asked()
    front_end.reads("A cell waits for this sign-in")
    click = front_end.click("Start again")
    follow(decide(front_end.link()))
    front_end.shows(cell, "14")
    front_end._idle(click)
    front_end.reads("Signed in to Outgrow as ana.silva@example.com")
    again = front_end.run(COUNT)
    front_end.shows(again, "14")
