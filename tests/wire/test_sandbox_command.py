"""The sandbox's command line: one JSON line, quiet ends, two-line errors."""

import http.server
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.sandbox_fixtures import Sandbox, started


def _run(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "outgrow_nb.sandbox", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_one_json_line(sandbox: Sandbox) -> None:
    """The line has exactly the six names, and they fit together."""
    assert sandbox.api_url == f"{sandbox.base_url}/api/v1"
    assert sandbox.redirect_uri == "http://127.0.0.1/callback"
    command = [sys.executable, "-m", "outgrow_nb.sandbox", "--leads=10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        process.terminate()
        assert process.stdout.read() == ""
    assert list(line) == ["base_url", "api_url", "client_id", "client_secret", "redirect_uri", "api_key"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly(tmp_path: Path, sign: signal.Signals) -> None:
    """SIGINT and SIGTERM end it with exit code 0 and no word, even with a request that never ends."""
    with started(tmp_path / "state.json", "--leads=10", "--fault=delay=60000@/api") as sandbox:
        client = subprocess.Popen(
            [sys.executable, "-c", f"import urllib.request as u; u.urlopen('{sandbox.api_url}/me')"],
            stderr=subprocess.DEVNULL,
        )
        while sandbox.stats()["api_requests"] == 0:
            assert client.poll() is None
        assert sandbox.process is not None
        sandbox.process.send_signal(sign)
        assert sandbox.process.wait(timeout=20) == 0
        assert sandbox.process.stderr is not None
        assert sandbox.process.stderr.read() == ""
        client.wait(timeout=20)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--fault=nonsense=1"], "no fault named 'nonsense'"),
        (["--fault=rotation"], "is not NAME=VALUE"),
        (["--fault=total=+1", "--fault=total=+2"], "given twice"),
        (["--until=soon"], "is not a date"),
        (["--leads=-1"], "leads = -1"),
        (["--leads=1000001"], "leads = 1000001"),
        (["--port=70000"], "port = 70000"),
        (["--pkce=never"], "invalid choice"),
        (["--state-file=/nowhere/at/all.json"], "cannot be written"),
    ],
)
def test_options_that_make_no_sense(options: list[str], word: str) -> None:
    """A wrong option is a sentence on stderr and exit code 2, never a traceback."""
    ended = _run(*options)
    assert ended.returncode == 2
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_port_that_is_taken() -> None:
    """A taken port is named."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as taken:
        ended = _run(f"--port={taken.server_port}")
    assert ended.returncode == 2
    assert f"Port {taken.server_port} is in use." in ended.stderr


def test_a_fixed_port_comes_back_at_once(tmp_path: Path) -> None:
    """The port can be used again although connections of the first server linger."""
    with started(tmp_path / "one.json", "--leads=10") as first:
        first.sign_in()
        port = first.port
    with started(tmp_path / "two.json", "--leads=10", f"--port={port}") as second:
        assert second.port == port
        second.sign_in()


def test_a_missing_extra_names_its_install_line() -> None:
    """Without uvicorn the error says what to install; `ensure` and the settings still import."""
    script = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from outgrow_nb.sandbox import Settings, ensure, serve\n"
        "from outgrow_nb.errors import ConfigError\n"
        "try:\n    serve(Settings(), on_ready=print)\nexcept ConfigError as error:\n    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "pip install 'outgrow-nb[sandbox]'" in ended.stdout
