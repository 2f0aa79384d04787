"""How a wait begins and ends, in each ipykernel that people have: Run All, Stop, the deadline, a second notebook."""

import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from outgrow_nb.auth import messages
from tests.kernels import matrix
from tests.kernels.matrix import COUNT, Bench, Notebook
from tests.person import decide, follow
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_client import revoke_at

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
bench, notebook = matrix.bench, matrix.notebook
SOON = (
    "for desk in list(outgrow_nb.connection._DESKS):\n"
    "    if desk.signin is not None and not desk.signin.status.final:\n"
    "        desk.signin.deadline = time.monotonic() + 0.5"
)


def closed(address: str) -> bool:
    """Whether nobody listens there any more."""
    parts = urlsplit(address)
    with socket.socket() as caller:
        return caller.connect_ex((parts.hostname, parts.port)) != 0


def test_run_all(notebook: Notebook) -> None:
    """All cells at once: those behind the panel wait their turn and run, in order, nothing is lost."""
    cells = [notebook.run(code) for code in (notebook.connect, "before = 1", COUNT, "before + 1", COUNT)]
    notebook.asked()
    notebook.until_link()
    follow(decide(notebook.link()))
    for cell in cells:
        assert notebook.finish(cell)["status"] == "ok"
    assert [notebook.outputs(cell) for cell in cells] == [[], [], ["14"], ["2"], ["14"]]


def test_stop(notebook: Notebook, record_property: Callable[[str, object], None]) -> None:
    """Stop ends the wait with KeyboardInterrupt within half a second, the best of three, and the box with it."""
    took: list[float] = []
    while len(took) < 3 and min(took, default=1.0) >= 0.5:
        cell, link = notebook.wait(), notebook.link()
        started = time.monotonic()
        notebook.manager.interrupt_kernel()
        notebook.until(lambda message: message["msg_type"] == "error", 5)
        took.append(time.monotonic() - started)
        reply = notebook.finish(cell)
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        assert notebook.kinds(cell).count("shutdown_reply") == 1
        assert notebook.line() == messages.CANCELLED
        assert closed(link)
    assert min(took) < 0.5
    record_property("seconds", min(took))


def test_l15_timeout(notebook: Notebook) -> None:
    """Nobody comes: the wait ends, the port is closed, the kernel is free; run again, a cell can be stopped or used."""
    assert notebook.do(notebook.connect)["status"] == "ok"
    assert notebook.do(SOON)["status"] == "ok"
    first, cell = notebook.link(), notebook.run(COUNT)
    notebook.asked()
    reply = notebook.finish(cell)
    assert (reply["status"], reply["ename"]) == ("error", "SignInTimeout")
    assert reply["evalue"] == "\n".join(messages.in_two(messages.TIMED_OUT))
    assert notebook.line() == messages.TIMED_OUT
    assert closed(first)

    cell = notebook.run(COUNT)
    notebook.asked()
    notebook.reads("A cell waits for this sign-in")
    notebook.manager.interrupt_kernel()
    assert notebook.finish(cell)["ename"] == "KeyboardInterrupt"

    cell = notebook.run(COUNT)
    notebook.asked()
    notebook.reads("A cell waits for this sign-in")
    follow(decide(notebook.link()))
    notebook.shows(cell, "14")


def test_c14_two_notebooks(notebook: Notebook, bench: Bench, sandbox: Sandbox) -> None:
    """Two kernels wait for one profile: who signs in lets the other in too, and both run on."""
    other = bench.another(notebook.profile)
    other.open(sandbox)
    cells = notebook.wait(), other.wait()
    assert notebook.link() != other.link()
    follow(decide(other.link()))
    other.shows(cells[1], "14")
    notebook.shows(cells[0], "14")
    notebook.reads("Signed in from another notebook as ana.silva@example.com")
    kept = notebook.saved()
    assert kept is not None
    assert kept.account is not None
    assert kept.account.email == "ana.silva@example.com"
    assert closed(notebook.link())


def test_the_sign_in_ends_in_the_middle_of_a_read(notebook: Notebook, sandbox: Sandbox) -> None:
    """Revoked between two pages: the cell waits inline, the person signs in, the frame is whole, no page is lost."""
    assert notebook.do(notebook.connect)["status"] == "ok"
    follow(decide(notebook.link()))
    assert notebook.do("usual = og.leads()")["status"] == "ok"
    drawn = notebook.link()
    sandbox.control(reset_stats=True)
    thread = revoke_at(sandbox, 5)
    cell = notebook.run("frame = og.leads()\nlen(frame), frame.equals(usual)")
    assert notebook.asked()["password"] is True
    thread.join(30)
    notebook.until_link(drawn)
    notebook.reads(messages.ENDED[0])
    follow(decide(notebook.link()))
    notebook.shows(cell, "(2000, True)")
    again = sandbox.stats()["requests"]["GET /api/v1/leads"] - 14
    assert 1 <= again <= 2, "what the two threads had under way, and nothing else"


def test_an_answer_that_comes_too_late(notebook: Notebook) -> None:
    """What is typed into a box whose wait has ended belongs to nobody: the next wait asks once, and takes its own."""
    cell = notebook.wait()
    notebook.manager.interrupt_kernel()
    notebook.finish(cell)
    notebook.type("typed for something else")
    arrived = notebook.run("get_ipython().kernel.stdin_socket.poll(30_000)")
    notebook.shows(arrived, "1")

    cell = notebook.run(COUNT)
    notebook.asked()
    notebook.reads("A cell waits for this sign-in")
    notebook.type(decide(notebook.link()))
    notebook.shows(cell, "14")
    assert "look like a code" not in notebook.texts()
