"""A kernel that a browser cannot reach: in a network of its own, with nothing in it but a way to one server.

`spec` is its kernelspec; started as a program, it is the kernel. Jupyter speaks with it through files (ipc), as Outgrow
does: what it asks of `PORT` on its own computer goes through the socket `WAY` to the same port outside.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def spec(folder: Path, port: int, way: Path) -> None:
    """Writes its kernelspec, ``far``.

    Args:
        folder: Jupyter's data folder.
        port: The server's.
        way: The socket that leads to it, see `lead`.
    """
    argv = ["unshare", "--net", sys.executable, str(Path(__file__)), str(port), str(way), "-f", "{connection_file}"]
    place = folder / "kernels" / "far"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "far", "language": "python"}))


def lead(listening: socket.socket, reach: Callable[[], socket.socket]) -> None:
    """Leads every caller of a socket to where `reach` connects, in threads, as long as this process lives."""

    def serve() -> None:
        with contextlib.suppress(OSError):  # closed: it is over
            while True:
                near, _ = listening.accept()
                far = reach()
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side hung up
        while data := one.recv(65536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def to_file(way: str) -> socket.socket:
    """A connection to a socket in the file system, which no network parts."""
    made = socket.socket(socket.AF_UNIX)
    made.connect(way)
    return made


def main() -> None:
    """The kernel."""
    port, way = int(sys.argv.pop(1)), sys.argv.pop(1)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    lead(socket.create_server(("127.0.0.1", port)), lambda: to_file(way))
    sys.path[0] = ""
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
