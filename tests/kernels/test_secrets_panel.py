"""The panel in a real kernel, a front end's messages: the API key typed into its box, and what completion offers."""

import json
from collections.abc import Iterator

import pytest

from outgrow_nb.auth import messages
from tests.helpers_secrets import Secrets
from tests.kernels.live import LiveKernel, live
from tests.wire.clients import signed_in
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
WRONG = "KEY-CANARY-wrong"


@pytest.fixture
def kernel(place: Place) -> Iterator[LiveKernel]:
    with live(place.root) as running:
        yield running


def press(kernel: LiveKernel, description: str) -> None:
    (name,) = [name for name, state in kernel.widgets("ButtonModel").items() if state["description"] == description]
    kernel.tell(name, method="custom", content={"event": "click"})


def swept_through(kernel: LiveKernel, *states: Sandbox) -> None:
    """Nothing that the kernel has said on its output channel shows a secret."""
    assert Secrets([one.state_file for one in states]).shown_in(kernel.texts()) == []


@pytest.mark.parametrize("by_enter", [False, True])
def test_s03_s09_the_key_box(place: Place, sandbox: Sandbox, kernel: LiveKernel, by_enter: bool) -> None:
    """Typed, sent by button or Enter, refused, then good: no message holds it, and the box is empty afterwards."""
    kernel.do("%xmode Verbose\nimport outgrow_nb, sys")
    kernel.do(f"og = outgrow_nb.connect(config=outgrow_nb.Config(api_url={sandbox.api_url!r}))")
    boxes = [name for name, state in kernel.widgets("PasswordModel").items() if "API key" in state["placeholder"]]
    for key in (WRONG, f" {sandbox.api_key} "):
        kernel.tell(boxes[0], method="update", state={"value": key})
        if by_enter:
            kernel.tell(boxes[0], method="custom", content={"event": "submit"})
        else:
            press(kernel, "Connect")
    said = kernel.texts()
    assert messages.KEY_REFUSED.partition(".")[0] in said
    assert "Connected with an API key" in said
    emptied = [message["content"] for message in kernel.said if message["content"].get("comm_id") == boxes[0]]
    assert [content["data"]["state"]["value"] for content in emptied if "value" in content["data"]["state"]] == [
        "",
        "",
        "",
    ]
    cell = kernel.run(
        "contents = og.contents()\nprint(len(contents), og, vars(og._credentials), vars(og._credentials.entry))"
    )
    assert kernel.finish(cell)["status"] == "ok"
    sandbox.control(status="403@/api")
    assert kernel.do("og.leads(contents.title[0])")["status"] == "error"
    kernel.do("%tb")
    kernel.do("%whos")
    kernel.do("Out, sys.last_value")
    swept_through(kernel, sandbox)


def test_s03_completion_and_inspection(with_application: Place, sandbox: Sandbox, kernel: LiveKernel) -> None:
    """Tab after `og.` and `og._`, `?`, `??` and Shift-Tab: names, signatures and documentation, no values."""
    with_application.save(signed_in(sandbox))
    kernel.do("import outgrow_nb\nog = outgrow_nb.connect()\nentry = og._credentials.entry\nlen(og.contents())")
    said = []
    for code in ("og.", "og._", "og._credentials.", "og._credentials.entry.token.", "entry.config.", "og.leads("):
        answer = kernel.answer(kernel.client.complete(code))
        assert answer["status"] == "ok"
        said.append(json.dumps(answer))
        for detail in (0, 1):
            answer = kernel.answer(kernel.client.inspect(code.rstrip(".("), detail_level=detail))
            said.append(json.dumps(answer))
    for name in ("og", "og._credentials", "og._credentials.entry", "entry.token.access", "entry.config"):
        said += [json.dumps(kernel.do(name + mark)) for mark in ("?", "??")]
    history = kernel.answer(kernel.client.history(hist_access_type="range", output=True, raw=False))
    said.append(json.dumps(history))
    text = "".join(said)
    assert '"contents"' in text
    assert "_credentials" in text
    assert "Outgrow: Signed in to Outgrow as ana.silva@example.com" in text
    assert "connect()" in json.dumps(history)
    assert Secrets([sandbox.state_file]).shown_in(text) == []
    swept_through(kernel, sandbox)
