"""A real ipykernel with a person at it: runs cells, sees the boxes they ask in, and types into them."""

import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SECONDS = 60.0
Message = dict[str, Any]


@dataclass
class LiveKernel:
    """A kernel and everything it has said to its front end.

    Attributes:
        manager: The process.
        client: Its front end, which allows input.
        said: Every message of the output channel, in order.
    """

    manager: KernelManager
    client: BlockingKernelClient
    said: list[Message] = field(default_factory=list)

    def run(self, code: str) -> str:
        """Starts a cell; its id."""
        return str(self.client.execute(code, allow_stdin=True))

    def asked(self) -> Message:
        """The box under the running cell, once it is there."""
        content: Message = self.client.get_stdin_msg(timeout=SECONDS)["content"]
        return content

    def type(self, text: str) -> None:
        """Types into the box."""
        self.client.input(text)

    def until(self, found: Callable[[Message], bool], seconds: float = SECONDS) -> Message:
        """Reads the output channel until that message."""
        ends = time.monotonic() + seconds
        while True:
            try:
                message: Message = self.client.get_iopub_msg(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(self.texts()) from None
            self.said.append(message)
            if found(message):
                return message

    def finish(self, cell: str) -> Message:
        """Waits for the end of a cell; its reply."""
        self._idle(cell)
        return self.answer(cell)

    def do(self, code: str) -> Message:
        """A cell from its start to its end."""
        return self.finish(self.run(code))

    def tell(self, widget: str, **data: Any) -> None:
        """What a widget of the front end tells its other half in the kernel, and waits until that has heard it."""
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        self.client.shell_channel.send(message)
        self._idle(message["header"]["msg_id"])

    def widgets(self, model: str) -> dict[str, dict[str, Any]]:
        """The widgets of one kind by their id, each with the state that it was told last."""
        states: dict[str, dict[str, Any]] = {}
        for message in self.said:
            if message["msg_type"] in ("comm_open", "comm_msg"):
                data = message["content"]["data"]
                states.setdefault(message["content"]["comm_id"], {}).update(data.get("state", {}))
        return {name: state for name, state in states.items() if state.get("_model_name") == model}

    def answer(self, cell: str) -> Message:
        """The reply to any request."""
        while True:
            reply: Message = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == cell:
                content: Message = reply["content"]
                return content

    def _idle(self, cell: str) -> None:
        self.until(
            lambda message: (
                message["msg_type"] == "status"
                and message["content"]["execution_state"] == "idle"
                and message["parent_header"].get("msg_id") == cell
            )
        )

    def outputs(self, cell: str) -> list[str]:
        """The plain text of a cell's results."""
        return [
            message["content"]["data"]["text/plain"]
            for message in self.said
            if message["msg_type"] == "execute_result" and message["parent_header"].get("msg_id") == cell
        ]

    def kinds(self, cell: str) -> list[str]:
        """The kinds of message that a cell caused."""
        return [message["msg_type"] for message in self.said if message["parent_header"].get("msg_id") == cell]

    def texts(self) -> str:
        """Everything that went out on the output channel, as text."""
        return json.dumps([[message["msg_type"], message["content"]] for message in self.said], default=str)


@contextmanager
def live(folder: Path) -> Iterator[LiveKernel]:
    """Starts a kernel in a folder, with this process's environment."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        yield LiveKernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)
        manager.cleanup_resources()
