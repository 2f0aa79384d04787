"""Other people's programs against the sandbox: it is a server like others, so the client's tests mean something."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.person import decide
from tests.wire.sandbox_fixtures import Sandbox

pytestmark = [
    pytest.mark.skipif(
        shutil.which("npm") is None, reason="there is no Node here; `make test` says so in its last lines"
    ),
    pytest.mark.xdist_group("node"),
]


def environment(sandbox: Sandbox, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "OUTGROW_BASE_URL": sandbox.base_url,
        "OUTGROW_CLIENT_ID": sandbox.client_id,
        "OUTGROW_CLIENT_SECRET": sandbox.client_secret,
        **more,
    }


@pytest.fixture
def guide(packages: Path, start_sandbox: Callable[..., Sandbox]) -> Iterator[tuple[Sandbox, str]]:
    """The guide's program, running against `outgrow-nb sandbox --pkce optional`."""
    sandbox = start_sandbox("--pkce=optional", "--leads=200")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["node", "guide.mjs"], cwd=packages, env=environment(sandbox, PORT=str(port)), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "listening"
        yield sandbox, f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_the_guides_own_program(guide: tuple[Sandbox, str]) -> None:
    """Express and axios, JSON token requests, no PKCE: sign in, read, 401, refresh, read again."""
    sandbox, app = guide
    assert requests.get(decide(f"{app}/login"), timeout=30).text == "signed in"
    first = requests.get(f"{app}/contents", timeout=30).json()
    assert "Which plan fits you?" in first
    sandbox.control(expire_access=True)
    assert requests.get(f"{app}/contents", timeout=30).json() == first
    assert sandbox.stats()["refreshed"] == 1


@pytest.mark.parametrize("way", ["post", "basic", "none"])
def test_oauth4webapi_with_pkce(packages: Path, sandbox: Sandbox, way: str) -> None:
    """A certified client checks issuer, state and PKCE, refreshes and revokes."""
    changes = {"OUTGROW_CLIENT_ID": "outgrow-nb-public"} if way == "none" else {}
    process = subprocess.Popen(
        ["node", "pkce.mjs"],
        cwd=packages,
        env=environment(sandbox, CLIENT_AUTH=way, **changes),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    redirect = decide(process.stdout.readline().strip())
    said, _ = process.communicate(redirect + "\n", timeout=60)
    told = json.loads(said)
    assert told == {"rotated": True, "email": "ana.silva@example.com", "afterRevocation": 401}
