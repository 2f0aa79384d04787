"""The life of a sandbox process: found again, brought back, shared, trusted only with proof, ended when unused."""

import http.server
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from outgrow_nb.errors import CacheError, ConfigError
from outgrow_nb.sandbox import Running, Settings, ensure, remote
from outgrow_nb.sandbox.alive import lives, started
from outgrow_nb.sandbox.state_file import read_state, write_state
from tests.wire.sandbox_fixtures import Sandbox

SMALL = Settings(leads=20)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A config folder; the sandbox that was started in it is ended afterwards."""
    place = tmp_path / "config folder"
    yield place
    state = read_state(place / "sandbox.json") if place.exists() else None
    if state is not None and started(state.pid) is not None:
        os.kill(state.pid, signal.SIGTERM)
        _wait(lambda: started(state.pid) is None)


def _wait(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _client(running: Running) -> Sandbox:
    """The same server as the test helper sees it."""
    known = {name: getattr(running, name) for name in ("base_url", "api_url", "client_id", "client_secret", "api_key")}
    return Sandbox(**known, redirect_uri=running.redirect_uri, state_file=running.state_file)


def _kill(running: Running) -> None:
    os.kill(running.pid, signal.SIGKILL)
    _wait(lambda: started(running.pid) is None)


def test_it_starts_and_is_found_again(folder: Path) -> None:
    """The second `ensure` gives the very same process; it has a session of its own; its files are private."""
    first = ensure(folder, settings=SMALL)
    second = ensure(folder)
    assert first == second
    assert requests.get(first.base_url, timeout=30).status_code == 200
    assert os.getsid(first.pid) == first.pid != os.getsid(0)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"sandbox.json": 0o600, "sandbox.lock": 0o600, "sandbox.log": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert first.client_secret not in repr(first)
    assert first.api_key not in repr(first)


def test_a_killed_server_comes_back_with_its_sign_ins(folder: Path) -> None:
    """After SIGKILL: same port, clients, key and secrets; access, refresh and spent tokens are what they were."""
    before = ensure(folder, settings=SMALL)
    tokens = _client(before).sign_in()
    spent = _client(before).sign_in()
    fresh = _client(before).refresh(spent["refresh_token"]).json()
    _kill(before)
    after = ensure(folder)
    assert after.pid != before.pid
    assert [getattr(after, name) for name in ("base_url", "client_secret", "api_key")] == [
        getattr(before, name) for name in ("base_url", "client_secret", "api_key")
    ]
    sandbox = _client(after)
    assert sandbox.get("/me", tokens["access_token"]).status_code == 200
    assert sandbox.refresh(tokens["refresh_token"]).status_code == 200
    assert sandbox.refresh(spent["refresh_token"]).json()["error"] == "invalid_grant"
    assert sandbox.get("/me", fresh["access_token"]).status_code == 401


class _Imposter(http.server.BaseHTTPRequestHandler):
    """Answers everything, and cannot prove anything."""

    seen: "list[str]"

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = json.dumps({"proof": "0" * 64}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_foreign_process_on_the_port_is_not_trusted(folder: Path) -> None:
    """Whoever holds the port without the secret gets a challenge and nothing else; we start elsewhere."""
    before = ensure(folder, settings=SMALL)
    _kill(before)
    port = int(before.base_url.rpartition(":")[2])
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), _Imposter) as imposter:
        imposter.seen = []  # type: ignore[attr-defined]
        threading.Thread(target=imposter.serve_forever, daemon=True).start()
        after = ensure(folder)
        imposter.shutdown()
        seen = imposter.seen  # type: ignore[attr-defined]
    assert after.base_url != before.base_url
    assert seen
    assert all(path.startswith("/__sandbox__/identity?challenge=") for path in seen)
    assert requests.get(after.base_url, timeout=30).status_code == 200


def test_x03_a_proof_cannot_be_relayed_from_another_port(folder: Path) -> None:
    """A proof is bound to the port that was asked, so a relay to the true server proves nothing."""
    running = ensure(folder, settings=SMALL)
    state = read_state(running.state_file)
    assert state is not None

    class Relay(_Imposter):
        """Asks the true server."""

        def do_GET(self) -> None:
            body = requests.get(running.base_url + self.path, timeout=30).content
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        assert remote.is_ours(state.port, state.control_secret, challenge="c" * 32)
        assert not remote.is_ours(relay.server_port, state.control_secret, challenge="c" * 32)
        relay.shutdown()


KERNEL = (
    "import sys, pathlib; from outgrow_nb.sandbox import Settings, ensure; "
    "print(ensure(pathlib.Path(sys.argv[1]), settings=Settings(leads=20), linger=float(sys.argv[2])).pid, flush=True); "
    "sys.stdin.read()"
)


def _kernel(folder: Path, linger: float) -> "subprocess.Popen[str]":
    """A process that uses the sandbox until its stdin closes, and prints the server's process number."""
    command = [sys.executable, "-c", KERNEL, str(folder), str(linger)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_kernels_that_start_at_once_share_one(folder: Path) -> None:
    """Four processes call `ensure` in the same moment: one server."""
    kernels = [_kernel(folder, 600.0) for _ in range(4)]
    answers = {kernel.communicate("", timeout=60)[0] for kernel in kernels}
    assert len(answers) == 1
    assert answers != {""}


def test_it_ends_when_nobody_uses_it(folder: Path) -> None:
    """It lives while a user lives and ends soon after the last one, once it has lingered."""
    with _kernel(folder, 0.8) as kernel:
        assert kernel.stdout is not None
        pid = int(kernel.stdout.readline())
        time.sleep(2.0)
        assert started(pid) is not None
        kernel.kill()
        kernel.wait(20)
    gone = time.monotonic()
    _wait(lambda: started(pid) is None)
    assert time.monotonic() - gone > 0.3
    assert ensure(folder, settings=SMALL).pid != pid


def test_other_settings_than_the_running_ones(folder: Path) -> None:
    """Asking for other settings is refused while one runs; no settings take what runs."""
    running = ensure(folder, settings=SMALL)
    with pytest.raises(ConfigError, match=f"process {running.pid}"):
        ensure(folder, settings=Settings(leads=21))
    assert ensure(folder).pid == running.pid


def test_a_server_that_cannot_start(folder: Path) -> None:
    """The reason is in the error, and the place to look."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Imposter) as taken, pytest.raises(ConfigError) as caught:
        ensure(folder, settings=Settings(port=taken.server_port))
    assert "did not start" in caught.value.problem
    assert "sandbox.log" in caught.value.next_step


def test_x03_a_state_file_that_is_not_ours_alone(folder: Path) -> None:
    """A state file others can read, or a symlink, is refused; a broken one is replaced."""
    folder.mkdir(mode=0o700)
    path = folder / "sandbox.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(CacheError, match="not private"):
        ensure(folder, settings=SMALL)
    path.unlink()
    victim = folder / "victim"
    victim.write_text("precious", encoding="utf-8")
    path.symlink_to(victim)
    with pytest.raises(CacheError):
        ensure(folder, settings=SMALL)
    assert victim.read_text(encoding="utf-8") == "precious"
    path.unlink()
    victim.unlink()
    path.write_text('{"version": 99, "x"', encoding="utf-8")
    path.chmod(0o600)
    assert requests.get(ensure(folder, settings=SMALL).base_url, timeout=30).status_code == 200


def test_x03_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file where the folder should be is one clear error."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CacheError, match="cannot use"):
        ensure(tmp_path / "file")
    state = read_state(tmp_path / "none.json")
    assert state is None


def test_x03_the_state_file_is_replaced_not_opened(tmp_path: Path, sandbox: Sandbox) -> None:
    """Writing leaves no temporary file, keeps 0600 over a wider file, and says where it cannot write."""
    path = tmp_path / "state.json"
    path.write_text("", encoding="utf-8")
    path.chmod(0o666)
    write_state(path, sandbox.state)
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_state(path) == sandbox.state
    assert sandbox.client_secret not in repr(sandbox.state)
    with pytest.raises(CacheError, match="cannot be written"):
        write_state(tmp_path / "nowhere" / "state.json", sandbox.state)


def test_a_process_is_known_by_number_and_start() -> None:
    """A living process is recognised; a reused number, a zombie and nonsense are not."""
    me = started(os.getpid())
    assert me is not None
    assert lives(os.getpid(), me)
    assert not lives(os.getpid(), "another moment")
    assert started(0) is None
    assert started(2**22 + 1) is None
    with subprocess.Popen(["true"]) as child:
        _wait(lambda: started(child.pid) is None)
        child.wait()
