"""Everything at DEBUG, in a process of its own: sign-in, renewal, reading, signing out, and the same with a key."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.helpers_secrets import Secrets
from tests.person import decide, follow
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

BEGIN = """
import http.client, logging, sys
logging.basicConfig(level=logging.DEBUG)
import oauthlib, requests_oauthlib, urllib3, outgrow_nb
for name in ("requests_oauthlib.oauth2_session", "oauthlib.oauth2", "urllib3", "filelock", "asyncio"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""
WIRE = "http.client.HTTPConnection.debuglevel = 1\n"
WIRES = [pytest.param("", id="logging"), pytest.param(WIRE, id="http.client too")]
SIGN_IN = """
from outgrow_nb import cli
assert cli.main(["login", "--no-browser"]) == 0
"""
READ = """
og = outgrow_nb.connect()
assert len(og.contents()) == 14
sys.stdin.readline()
assert len(og.leads("Which plan fits you?", limit=5)) == 5
og.sign_out()
"""
WITH_KEY = """
og = outgrow_nb.connect()
title = og.contents().title[0]
og.leads(title, limit=5)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Place:
    made = Place(tmp_path, monkeypatch)
    made.set(
        OUTGROW_CLIENT_ID=sandbox.client_id,
        OUTGROW_CLIENT_SECRET=sandbox.client_secret,
        OUTGROW_BASE_URL=sandbox.base_url,
    )
    return made


@contextmanager
def process(code: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        watchdog = threading.Timer(60, running.kill)
        watchdog.start()
        yield running
        watchdog.cancel()


def said_by(code: str, sandbox: Sandbox) -> str:
    """What a process says that signs in with a person's help, or only reads; its token ends in the midst of it."""
    with process(code) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "/oauth/authorize?" in line and line.startswith("http"):
                follow(decide(line.strip()))
                break
        for line in running.stdout if SIGN_IN in code else ():
            said += line
            if "/calculator" in line:
                break
        sandbox.control(expire_access=True)
        rest, _ = running.communicate("go on\n", timeout=60)
        assert running.returncode == 0, said + rest
        return said + rest


def loggers(said: str) -> set[str]:
    return set(re.findall(r"^DEBUG:([\w.]+):", said, re.MULTILINE))


@pytest.mark.parametrize("wire", WIRES)
def test_s04_l19_signing_in_and_reading(place: Place, sandbox: Sandbox, wire: str) -> None:
    """No code, verifier, token or client secret, and the state only in the address that the person is to open."""
    said = said_by(BEGIN + wire + SIGN_IN + READ, sandbox)
    assert {"urllib3.connectionpool", "filelock"} <= loggers(said)
    assert sandbox.stats()["refreshed"] == 1
    assert Secrets([sandbox.state_file]).shown_in(said) == []
    (address,) = re.findall(r"^http.*$", said, re.MULTILINE)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert said.count(state) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_s04_reading_with_a_key(place: Place, sandbox: Sandbox, wire: str) -> None:
    """The key stands in addresses and in a header, and in nothing that is logged."""
    place.set(OUTGROW_API_KEY=sandbox.api_key, OUTGROW_API_URL=sandbox.api_url)
    said = said_by(BEGIN + wire + WITH_KEY, sandbox)
    assert "/get_leads/{api_key}" in said
    assert Secrets([sandbox.state_file]).shown_in(said) == []
