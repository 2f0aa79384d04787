"""Sandbox servers for tests: real processes over sockets, faults on request, and a person who presses Allow."""

import base64
import contextlib
import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from outgrow_nb.sandbox import remote
from outgrow_nb.sandbox.state_file import State, read_state
from tests.person import decide

SECONDS = 30.0
NONE: Mapping[str, str | None] = {}


@dataclass(frozen=True)
class Sandbox:
    """A sandbox process that was started for tests.

    Attributes: as the JSON line of `outgrow-nb sandbox` has them, and the process and its state file.
    """

    base_url: str
    api_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_key: str = field(repr=False)
    state_file: Path
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return urlsplit(self.base_url).port or 0

    @property
    def state(self) -> State:
        """What its state file holds now."""
        state = read_state(self.state_file)
        assert state is not None
        return state

    def control(self, **wanted: Any) -> dict[str, Any]:
        """Order faults or actions, e.g. `control(status="503*2@/api/v1/leads")`, `control(expire_access=True)`."""
        return remote.order(self.port, self.state.control_secret, wanted)

    def stats(self) -> dict[str, Any]:
        """Counts: `hits` (refresh requests seen), `refreshed`, `reuses`, `grants_revoked`, `token`, `requests`."""
        return remote.counts(self.port, self.state.control_secret)

    def authorize_url(self, **changes: str | None) -> str:
        """An authorization URL with state and PKCE; changes replace parameters, None leaves one out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": "http://127.0.0.1:9/callback",
            "state": "state-1",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        asked.update(changes)
        return f"{self.base_url}/oauth/authorize?" + urlencode({k: v for k, v in asked.items() if v is not None})

    def code(self, changes: Mapping[str, str | None] = NONE, *, who: int = 0) -> str:
        """A code that a person allowed; changes as in `authorize_url`."""
        return answer_of(decide(self.authorize_url(**changes), who=who))["code"]

    def post_token(self, **body: str | None) -> requests.Response:
        """A token request of the client with the secret; None leaves a parameter out."""
        full: dict[str, str | None] = {"client_id": self.client_id, "client_secret": self.client_secret}
        full.update(body)
        sent = {name: value for name, value in full.items() if value is not None}
        return requests.post(f"{self.base_url}/oauth/token", data=sent, timeout=SECONDS, allow_redirects=False)

    def exchange(self, code: str, /, **changes: str | None) -> requests.Response:
        """Exchange a code with everything right but for the changes."""
        body: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://127.0.0.1:9/callback",
            "code_verifier": VERIFIER,
        }
        body.update(changes)
        return self.post_token(**body)

    def refresh(self, refresh_token: str, /, **changes: str | None) -> requests.Response:
        """Refresh with everything right but for the changes."""
        return self.post_token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def sign_in(self, who: int = 0, **changes: str | None) -> dict[str, Any]:
        """A token answer for a person who allowed access."""
        answer = self.exchange(self.code(changes, who=who))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def get(self, path: str, token: str | None = None, **query: Any) -> requests.Response:
        """A bearer API call, path under /api/v1."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return requests.get(self.api_url + path, params=query, headers=headers, timeout=SECONDS, allow_redirects=False)


VERIFIER = secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """PKCE's S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def answer_of(redirect: str) -> Mapping[str, str]:
    """The query of a redirect, each name once."""
    query = parse_qs(urlsplit(redirect).query)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


@contextlib.contextmanager
def started(state_file: Path, *options: str) -> Iterator[Sandbox]:
    """A sandbox process with these command-line options, ended afterwards."""
    command = [sys.executable, "-m", "outgrow_nb.sandbox", f"--state-file={state_file}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield Sandbox(**json.loads(line), state_file=state_file, process=process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
