"""The input box of a waiting cell, read beside the listener: Jupyter's own `getpass` would block until somebody types.

Semi-private parts of ipykernel stand here and nowhere else; where they are missing, waiting goes on without a box.
"""

import getpass
import sys
import threading
from typing import Any

from IPython.display import clear_output

from outgrow_nb.notebook.environment import kernel


class Prompt:
    """One input box under the running cell, masked, so that what is typed is not kept in the notebook.

    Args:
        text: What the box asks for.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._kernel = kernel()
        self._open = False

    def listen(self, seconds: float) -> str | None:
        """Waits at most so long; what was typed, or None."""
        try:
            return self._listen(seconds)
        except (AttributeError, KeyError, TypeError):
            self._open = False
            # another kernel than ipykernel: its own prompt, which waits for the person alone
            return getpass.getpass(self._text + " ")

    def close(self) -> None:
        """Takes the box and its echo away, and lets the front end run cells again."""
        sys.stdout.flush()
        clear_output()
        if self._open and self._kernel is not None:
            self._release(self._kernel)

    def _release(self, running: Any) -> None:
        """Tells the front end that no input is awaited any more.

        JupyterLab and Notebook refuse to run any cell while a box is unanswered ("Cell not executed due to pending
        input"), also when the box is gone. The one message that lifts this without a restart is a `shutdown_reply` on
        the output channel; as an answer to this very cell's request nothing else acts on it.
        """
        topic = f"kernel.{running.ident}.shutdown_reply".encode()
        content = {"status": "ok", "restart": True}
        parent = running.get_parent("shell")
        running.session.send(running.iopub_socket, "shutdown_reply", content, parent, ident=topic)

    def _listen(self, seconds: float) -> str | None:
        import zmq

        running = self._kernel
        if running is None:
            threading.Event().wait(seconds)
            return None
        if not self._open:
            self._open = True  # first: a Stop that comes right after the request must still lift it
            while running.stdin_socket.poll(0):  # typed into a box that nobody waits for any more: it belongs to nobody
                running.stdin_socket.recv_multipart()
            self._ask(running)
        readable, _, broken = zmq.select([running.stdin_socket], [], [running.stdin_socket], seconds)
        if not readable and not broken:
            return None
        _, message = running.session.recv(running.stdin_socket)
        if message is None:
            return None
        self._open = False
        value = message["content"].get("value", "")
        return value if isinstance(value, str) else None

    def _ask(self, running: Any) -> None:
        parent = running.get_parent("shell")
        held = running._parent_ident
        ident = held if isinstance(held, list | bytes) else held["shell"]
        content = {"prompt": self._text + " ", "password": True}
        running.session.send(running.stdin_socket, "input_request", content, parent, ident=ident)
