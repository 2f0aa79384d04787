"""What a real sandbox gives out holds no canary: the sweep knows it by its hash, and finds it however it is written."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.helpers_secrets import Secrets
from tests.person import decide
from tests.sweep import Sweep
from tests.wire.sandbox_fixtures import VERIFIER, Sandbox, answer_of


def given_out(sandbox: Sandbox) -> dict[str, str]:
    """One secret of each kind."""
    code = answer_of(decide(sandbox.authorize_url()))["code"]
    tokens = sandbox.exchange(code).json()
    return {
        "a code": code,
        "a verifier": VERIFIER,
        "an access token": tokens["access_token"],
        "a refresh token": tokens["refresh_token"],
        "a sandbox's client_secret": sandbox.client_secret,
        "a sandbox's api_key": sandbox.api_key,
        "a sandbox's control_secret": sandbox.state.control_secret,
    }


def test_s01_real_secrets_are_found(sandbox: Sandbox) -> None:
    """Codes, verifiers and tokens by their hash, the others as they are: raw, in JSON, an address, a header."""
    secrets = Secrets([sandbox.state_file])
    for kind, value in given_out(sandbox).items():
        for text in (
            value,
            json.dumps({"is": f"\n{value}\n"}),
            repr({"a": f"\t{value}".encode()}),
            f"/callback?a={quote(value)}&b=1",
            f"Basic {base64.b64encode(f'app:{value}'.encode()).decode()}",
            f"Authorization: Bearer {value}.",
        ):
            assert secrets.shown_in(f"before {text} after") == [kind], text
    assert secrets.shown_in("x" * 43 + f" {sandbox.client_id} {sandbox.base_url}") == []


def test_s01_the_sweep_knows_the_sandbox_of_a_test(request: pytest.FixtureRequest, sandbox: Sandbox) -> None:
    """A test that takes the sandbox is swept for what that one has given out."""
    sweep = Sweep(request)
    sweep._warned.append(given_out(sandbox)["an access token"])
    with pytest.raises(AssertionError, match="an access token in a warning"):
        sweep.look()
