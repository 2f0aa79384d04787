"""Run All in a real kernel: the cell with the data waits for the sign-in, and goes on however it comes."""

import html
import json
import re
import socket
import time
from collections.abc import Iterator

import pytest

from outgrow_nb.auth import messages
from tests.kernels.live import LiveKernel, live
from tests.person import decide, follow
from tests.wire.clients import signed_in
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
CONNECT = "import outgrow_nb\nog = outgrow_nb.connect()"
COUNT = "len(og.contents())"
CONSENT = f"{messages.WAITING} Or paste the address here: "


@pytest.fixture
def kernel(place: Place) -> Iterator[LiveKernel]:
    """A kernel that begins with the settings of the place; start it after those are set."""
    with live(place.root) as running:
        yield running


def link(kernel: LiveKernel) -> str:
    """The newest address that the panel drew."""
    found = re.findall(r'href=\\"(http[^"]*?)\\"', json.dumps([m["content"] for m in kernel.said], default=str))
    assert found, kernel.texts()
    return html.unescape(found[-1])


def begin_waiting(kernel: LiveKernel) -> tuple[str, dict[str, object]]:
    """Runs the cell with the panel and the cell with the data; the latter's id and its box."""
    assert kernel.do(CONNECT)["status"] == "ok"
    cell = kernel.run(COUNT)
    return cell, kernel.asked()


def sweep(kernel: LiveKernel, *secrets: str) -> None:
    """S09: nothing that went out on the output channel holds one of these."""
    said = kernel.texts()
    for secret in secrets:
        assert len(secret) >= 8
        assert secret not in said


def test_the_dead_address_typed_into_the_waiting_cell(
    with_application: Place, kernel: LiveKernel, sandbox: Sandbox
) -> None:
    """A data call asks in a masked box beside the panel; the pasted address signs in and the cell goes on."""
    cell, box = begin_waiting(kernel)
    assert box == {"prompt": CONSENT, "password": True}
    address = decide(link(kernel))
    kernel.type("not an address, sorry")
    assert kernel.asked() == box
    kernel.type(f"  <{address}>")
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == ["14"]
    assert "shutdown_reply" not in kernel.kinds(cell), "the box was answered, so nothing is left to lift"
    code, state = (re.search(rf"{name}=([^&]+)", address) for name in ("code", "state"))
    assert code is not None
    assert state is not None
    saved = with_application.saved("default")
    assert saved is not None
    assert saved.token is not None
    sweep(kernel, address, code[1], state[1], saved.token.access.reveal(), sandbox.client_secret)

    settled = kernel.do("og")
    assert settled["status"] == "ok"
    (static,) = [message for message in kernel.said if message["msg_type"] == "update_display_data"]
    assert messages.SAVED_TEXT in static["content"]["data"]["text/html"]
    assert "://" not in json.dumps(static["content"])


def test_the_redirect_while_a_cell_waits(with_application: Place, kernel: LiveKernel) -> None:
    """The click and Allow end the wait; the unanswered box is lifted, so that the front end runs cells again."""
    cell, _ = begin_waiting(kernel)
    follow(decide(link(kernel)))
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == ["14"]
    kinds = kernel.kinds(cell)
    assert kinds.count("shutdown_reply") == 1
    assert "clear_output" in kinds
    (lifted,) = [message for message in kernel.said if message["msg_type"] == "shutdown_reply"]
    assert lifted["content"] == {"status": "ok", "restart": True}
    assert kernel.manager.is_alive()
    again = kernel.run(COUNT)
    assert kernel.finish(again)["status"] == "ok"
    assert kernel.outputs(again) == ["14"]


def test_run_all_with_an_api_key_alone(place: Place, sandbox: Sandbox, kernel: LiveKernel) -> None:
    """Correction 2: without a client id the box asks for the key, and what is typed goes to the key check."""
    settings = f"config = __import__('outgrow_nb').Config(api_url={sandbox.api_url!r})"
    assert kernel.do(f"{settings}\nimport outgrow_nb\nog = outgrow_nb.connect(config=config)")["status"] == "ok"
    cell = kernel.run(COUNT)
    assert kernel.asked() == {"prompt": "Outgrow API key: ", "password": True}
    kernel.until(lambda message: messages.WAITING_BELOW_KEY in str(message["content"]))
    kernel.type("KEY-CANARY-wrong")
    assert kernel.asked()["prompt"] == "Outgrow API key: "
    kernel.until(lambda message: "Outgrow refused this key" in str(message["content"]))
    kernel.type(f" {sandbox.api_key} ")
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == ["14"]
    sweep(kernel, sandbox.api_key, "KEY-CANARY-wrong")
    kept = place.saved()
    assert kept is not None
    assert kept.contents == 14


def test_stop(with_application: Place, kernel: LiveKernel) -> None:
    """Stop ends the wait with KeyboardInterrupt within half a second (the best of three), and the box with it."""
    took: list[float] = []
    while len(took) < 3 and min(took, default=1.0) >= 0.5:
        cell, _ = begin_waiting(kernel)
        started = time.monotonic()
        kernel.manager.interrupt_kernel()
        kernel.until(lambda message: message["msg_type"] == "error", 5)
        took.append(time.monotonic() - started)
        reply = kernel.finish(cell)
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        assert kernel.kinds(cell).count("shutdown_reply") == 1
        assert "The sign-in was stopped" in kernel.texts()
    assert min(took) < 0.5


def test_another_kernel_signs_in_meanwhile(with_application: Place, kernel: LiveKernel, sandbox: Sandbox) -> None:
    """C14: a sign-in that another notebook saved ends the wait, and the panel says so."""
    cell, _ = begin_waiting(kernel)
    with_application.save(signed_in(sandbox))
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == ["14"]
    assert "Signed in from another notebook as ana.silva@example.com" in kernel.texts()


def test_wait_in_connect(with_application: Place, kernel: LiveKernel) -> None:
    """`connect(wait=True)` waits in its own cell, below the panel that it has drawn."""
    cell = kernel.run("import outgrow_nb\nog = outgrow_nb.connect(wait=True)\nlen(og.contents())")
    assert kernel.asked()["prompt"] == CONSENT
    kernel.until(lambda message: "/go/" in str(message["content"]))
    kernel.type(decide(link(kernel)))
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == ["14"]


def test_a_saved_sign_in_is_shown_and_asks_nothing(
    with_application: Place, kernel: LiveKernel, sandbox: Sandbox
) -> None:
    """Next time: no button, no box; the cell shows who is signed in, as text."""
    with_application.save(signed_in(sandbox))
    assert kernel.do(CONNECT)["status"] == "ok"
    shown = [message["content"]["data"] for message in kernel.said if message["msg_type"] == "display_data"]
    assert [data["text/html"] for data in shown] == [
        "<div>✓ Signed in to Outgrow as ana.silva@example.com (Northwind Gardens) · saved sign-in</div>"
    ]
    assert not [message for message in kernel.said if message["msg_type"].startswith("comm_")]


def test_a_worker_thread_does_not_ask(with_application: Place, kernel: LiveKernel) -> None:
    """Outside the main thread nobody can be asked: an error at once instead of a box that nobody sees."""
    kernel.do(CONNECT)
    code = (
        "import concurrent.futures as f\n"
        "def work():\n"
        "    try:\n        og.contents()\n"
        "    except outgrow_nb.SignInRequired as error:\n        return error.problem\n"
        "with f.ThreadPoolExecutor() as pool:\n    said = pool.submit(work).result()\nsaid"
    )
    cell = kernel.run(code)
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.outputs(cell) == [repr(messages.PANEL_FIRST[0])]


def test_a_blocked_port(with_application: Place, sandbox: Sandbox, kernel: LiveKernel) -> None:
    """L21: the registered port is taken: the waiting cell fails at once with the way out, no address is drawn."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        kernel.do(
            "import outgrow_nb\nog = outgrow_nb.connect(config=outgrow_nb.Config("
            f"redirect_uri='http://127.0.0.1:{port}/callback'))"
        )
        reply = kernel.do(COUNT)
    assert (reply["status"], reply["ename"]) == ("error", "SignInError")
    assert f"Port {port} is in use by another program" in reply["evalue"]
    assert "authorize" not in kernel.texts()
    assert "/go/" not in kernel.texts()
