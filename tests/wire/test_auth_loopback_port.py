"""The loopback listener's port: whose it is, on which addresses, and that it is free again at once."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from outgrow_nb.auth import messages
from outgrow_nb.auth.loopback import PortTaken
from tests.helpers_auth import send_raw, swept
from tests.wire.loopback_support import NONCE, Listening, a_listener, free_port, status

no_canary = pytest.fixture(autouse=True)(swept)
listening = pytest.fixture(a_listener)


def test_l01_the_registered_port() -> None:
    """A redirect that names a port is listened to there, under its own name."""
    port = free_port()
    made = Listening(f"http://localhost:{port}/a/b")
    assert made.loopback.redirect_uri == f"http://localhost:{port}/a/b"
    assert made.loopback.link == f"http://localhost:{port}/go/{NONCE}"
    made.host = f"localhost:{port}"
    assert status(made.get("/a/b?code=1")) == 303
    made.loopback.close()


def test_l07_the_page_comes_before_the_port_closes(listening: Listening) -> None:
    """Closing after success waits for the last page, then the port is free."""
    closing_down = threading.Thread(target=listening.loopback.close, kwargs={"after_page": True})
    closing_down.start()
    time.sleep(0.1)
    assert status(listening.get("/signed-in")) == 200
    started = time.monotonic()
    closing_down.join(5)
    assert time.monotonic() - started < 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", listening.port), timeout=2)


def test_a_second_close_ends_the_wait_for_the_page(listening: Listening) -> None:
    """Who needs the port does not wait for a page that nobody fetches."""
    threading.Thread(target=listening.loopback.close, kwargs={"after_page": True}).start()
    time.sleep(0.1)
    started = time.monotonic()
    listening.loopback.close()
    assert time.monotonic() - started < 1


def client_first(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.close()


def client_never(connection: socket.socket) -> None:
    connection.recv(65536)


def client_half(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("leave", [client_first, client_never, client_half])
def test_l24_the_port_is_free_at_once(leave: Callable[[socket.socket], Any]) -> None:
    """A fixed port is bound again right after each close, without SO_REUSEADDR, whoever hung up first."""
    port = free_port()
    connections = []
    for _ in range(3):
        made = Listening(f"http://127.0.0.1:{port}/callback")
        for server in made.loopback._servers:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                assert server.socket.getsockopt(socket.SOL_SOCKET, option) == 0
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(f"GET /callback?code=c HTTP/1.1\r\nHost: {made.host}\r\n\r\n".encode())
        leave(connection)
        connections.append(connection)
        made.loopback.close()
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_l21_l23_another_program_holds_the_port(address: str) -> None:
    """Either address of `localhost` in other hands is refused, and the free one is given back."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family)) as taken:
        try:
            taken.bind((address, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            Listening(f"http://localhost:{port}/callback")
        assert caught.value.message == messages.port_taken(port)
        if address == "::1":
            with closing(socket.socket()) as free:
                free.bind(("127.0.0.1", port))


def test_l23_both_addresses_of_localhost() -> None:
    """A browser may look `localhost` up as either address."""
    made = Listening("http://localhost/callback")
    for server in made.loopback._servers:
        host = server.server_address[0]
        assert isinstance(host, str)
        request = f"GET /callback?code=c HTTP/1.1\r\nHost: localhost:{made.port}\r\n\r\n".encode()
        assert status(send_raw(made.port, request, host=host)) == 303
    made.loopback.close()


def test_l17_an_address_that_is_not_this_computers() -> None:
    """Nobody can listen there: an error that says so and names the way out, not that the port is in use."""
    with pytest.raises(PortTaken) as caught:
        Listening("http://192.0.2.1:3000/callback")
    assert "192.0.2.1:3000" in caught.value.message
    assert "in use" not in caught.value.message
    assert "register" in caught.value.message.lower()


ELSEWHERE = """
from outgrow_nb.auth.loopback import Loopback, PortTaken
from outgrow_nb.auth.pages import SIGNED_IN
from outgrow_nb.config import Secret
from tests.helpers_auth import send_raw

for host in ("127.0.0.1", "[::1]", "localhost"):
    try:
        made = Loopback(
            f"http://{host}/callback", nonce=Secret("n"), on_go=lambda: None, on_redirect=lambda *answer: SIGNED_IN
        )
    except PortTaken as taken:
        print(host, taken.message)
        continue
    request = f"GET /callback?code=c HTTP/1.1\\r\\nHost: {host}:{made.port}\\r\\n\\r\\n".encode()
    for server in made._servers:
        address = server.server_address[0]
        print(host, address, send_raw(made.port, request, host=address).split()[1].decode())
    made.close()
"""
WITHOUT = {"IPv4": "ip addr del 127.0.0.1/8 dev lo", "IPv6": "ip addr del ::1/128 dev lo"}


@pytest.mark.parametrize(
    ("family", "works", "alone", "fails"),
    [("IPv6", "127.0.0.1", "127.0.0.1", "[::1]"), ("IPv4", "[::1]", "::1", "127.0.0.1")],
)
def test_l17_a_computer_without(family: str, works: str, alone: str, fails: str) -> None:
    """A real network of one family: its own redirect works, `localhost` falls over to it, the other says why not."""
    network = ["unshare", "--net", "sh", "-c", f'ip link set lo up && {WITHOUT[family]} && exec "$@"', "sh"]
    if subprocess.run([*network, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not make networks")
    child = subprocess.run([*network, sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, timeout=60)
    assert child.stderr == ""
    lines = child.stdout.splitlines()
    assert {f"{works} {alone} 303", f"localhost {alone} 303"} < set(lines)
    (trouble,) = [line for line in lines if line.startswith(f"{fails} ")]
    assert "can't listen at" in trouble
    assert len(lines) == 3
