"""The sandbox's token and revocation endpoints: codes, PKCE, clients, rotation, reuse, grace."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.wire.sandbox_fixtures import VERIFIER, Sandbox, challenge

PUBLIC = "outgrow-nb-public"


def _works(sandbox: Sandbox, access_token: str) -> bool:
    return sandbox.get("/me", access_token).status_code == 200


def test_a_code_gives_tokens_that_work(sandbox: Sandbox) -> None:
    """A code gives a bearer token, not to be stored by anybody, that /me takes."""
    answer = sandbox.exchange(sandbox.code())
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in", "scope"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert _works(sandbox, tokens["access_token"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "wrong"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:9/callback"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
def test_refused_exchanges(sandbox: Sandbox, changes: dict[str, str | None], error: str) -> None:
    """What does not match the code is refused with RFC 6749's error."""
    answer = sandbox.exchange(sandbox.code(), **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_a_replayed_code_revokes_what_it_gave(sandbox: Sandbox) -> None:
    """The second use of a code is refused and ends the tokens of the first."""
    code = sandbox.code()
    tokens = sandbox.exchange(code).json()
    assert sandbox.exchange(code).json()["error"] == "invalid_grant"
    assert not _works(sandbox, tokens["access_token"])
    assert sandbox.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_ends_after_a_minute(sandbox: Sandbox) -> None:
    """A code is worthless after 60 seconds."""
    young, old = sandbox.code(), sandbox.code()
    sandbox.control(advance=58)
    assert sandbox.exchange(young).status_code == 200
    sandbox.control(advance=3)
    assert sandbox.exchange(old).json()["error"] == "invalid_grant"


def test_a_code_belongs_to_its_client(sandbox: Sandbox) -> None:
    """Another client cannot use the code, and its own still can."""
    code = sandbox.code()
    assert sandbox.exchange(code, client_id=PUBLIC, client_secret=None).json()["error"] == "invalid_grant"
    assert sandbox.exchange(code).status_code == 200


def test_ways_to_prove_the_client(sandbox: Sandbox) -> None:
    """Secret in the body or by Basic; both at once, a wrong one or none is 401 invalid_client."""
    target = f"{sandbox.base_url}/oauth/token"
    right = (sandbox.client_id, sandbox.client_secret)

    def exchange(auth: tuple[str, str] | None, **extra: str) -> requests.Response:
        body = {
            "grant_type": "authorization_code",
            "code": sandbox.code(),
            "redirect_uri": "http://127.0.0.1:9/callback",
            "code_verifier": VERIFIER,
        }
        return requests.post(target, data=body | extra, auth=auth, timeout=30)

    assert exchange(right).status_code == 200
    assert exchange(right, client_id=sandbox.client_id).status_code == 200
    assert exchange(None, client_id=sandbox.client_id, client_secret=sandbox.client_secret).status_code == 200
    refused = [
        exchange((sandbox.client_id, "wrong")),
        exchange((PUBLIC, "wrong")),
        exchange(right, client_id=PUBLIC),
        exchange(right, client_id=sandbox.client_id, client_secret=sandbox.client_secret),
        exchange(None, client_id=sandbox.client_id),
        exchange(None, client_id=sandbox.client_id, client_secret="wrong"),
        exchange(None, client_id="nobody"),
        exchange(None),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(401, "invalid_client")] * 8
    assert refused[0].headers["www-authenticate"].startswith("Basic ")
    torn = requests.post(target, data={"grant_type": "x"}, headers={"Authorization": "Basic %%%"}, timeout=30)
    assert torn.status_code in (400, 401)


@pytest.mark.parametrize("auth", [None, (PUBLIC, "")])
def test_a_public_client(sandbox: Sandbox, auth: tuple[str, str] | None) -> None:
    """A public client goes without a secret, with PKCE; it may also send an empty Basic password."""
    body = {
        "grant_type": "authorization_code",
        "code": sandbox.code({"client_id": PUBLIC}),
        "redirect_uri": "http://127.0.0.1:9/callback",
        "code_verifier": VERIFIER,
        "client_id": PUBLIC,
    }
    answer = requests.post(f"{sandbox.base_url}/oauth/token", data=body, auth=auth, timeout=30)
    assert answer.status_code == 200
    refreshed = sandbox.refresh(answer.json()["refresh_token"], client_id=PUBLIC, client_secret=None)
    assert refreshed.status_code == 200


def test_json_requests(sandbox: Sandbox) -> None:
    """The guide's own sample posts JSON: code and refresh work so too."""
    target = f"{sandbox.base_url}/oauth/token"
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    exchange = {
        "grant_type": "authorization_code",
        "code": sandbox.code(),
        "redirect_uri": "http://127.0.0.1:9/callback",
        "code_verifier": VERIFIER,
        "scope": None,
    }
    tokens = requests.post(target, json=client | exchange, timeout=30).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert requests.post(target, json=client | refresh, timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"grant_type=refresh_token&grant_type=x", "application/x-www-form-urlencoded"),
        (b'{"grant_type": "refresh_token", "grant_type": "x"}', "application/json"),
        (b'{"grant_type": ["refresh_token"]}', "application/json"),
        (b"[]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"not json", "application/json"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"grant_type=refresh_token", "text/plain"),
        (b"a" * 70_000, "application/x-www-form-urlencoded"),
    ],
)
def test_unreadable_requests(sandbox: Sandbox, body: bytes, kind: str) -> None:
    """A body that is doubled, torn, too large or of another kind is an invalid_request, never a 500."""
    for path in ("/oauth/token", "/oauth/revoke"):
        answer = requests.post(sandbox.base_url + path, data=body, headers={"Content-Type": kind}, timeout=30)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_rotation_and_reuse(sandbox: Sandbox) -> None:
    """A refresh gives a new pair; using the old token again ends everything of that sign-in."""
    first = sandbox.sign_in()
    second = sandbox.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert _works(sandbox, first["access_token"])
    assert _works(sandbox, second["access_token"])
    assert sandbox.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert not _works(sandbox, second["access_token"])
    assert sandbox.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    stats = sandbox.stats()
    assert (stats["hits"], stats["refreshed"], stats["reuses"], stats["grants_revoked"]) == (3, 1, 1, 1)


def test_a_refresh_token_belongs_to_its_client(sandbox: Sandbox) -> None:
    """Another client cannot use a refresh token, and trying does not end it."""
    tokens = sandbox.sign_in()
    stolen = sandbox.refresh(tokens["refresh_token"], client_id=PUBLIC, client_secret=None)
    assert stolen.json()["error"] == "invalid_grant"
    assert sandbox.refresh(tokens["refresh_token"]).status_code == 200


def test_a_reuse_leaves_other_sign_ins_alone(sandbox: Sandbox) -> None:
    """Only the grant of the reused token ends."""
    mine, other = sandbox.sign_in(), sandbox.sign_in()
    sandbox.refresh(mine["refresh_token"])
    sandbox.refresh(mine["refresh_token"])
    assert _works(sandbox, other["access_token"])


def test_grace(sandbox: Sandbox) -> None:
    """Within the grace the previous token gives a pair again, after it the grant ends."""
    sandbox.control(refresh_grace=30)
    first = sandbox.sign_in()
    lost = sandbox.refresh(first["refresh_token"]).json()
    again = sandbox.refresh(first["refresh_token"])
    assert again.status_code == 200
    assert sandbox.refresh(lost["refresh_token"]).status_code == 200
    sandbox.control(advance=31)
    assert sandbox.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert not _works(sandbox, again.json()["access_token"])


def test_scopes(sandbox: Sandbox) -> None:
    """A narrower scope is granted and kept to, a wider one on refresh is refused."""
    tokens = sandbox.sign_in(scope="profile contents")
    assert tokens["scope"] == "profile contents"
    refused = sandbox.get("/leads", tokens["access_token"], calculator="x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "insufficient_scope")
    assert sandbox.refresh(tokens["refresh_token"], scope="leads").json()["error"] == "invalid_scope"
    narrow = sandbox.refresh(tokens["refresh_token"], scope="contents").json()
    assert narrow["scope"] == "contents"
    assert sandbox.get("/me", narrow["access_token"]).status_code == 403


def test_revocation(sandbox: Sandbox) -> None:
    """RFC 7009: a refresh token ends its sign-in, an access token itself; unknown is 200; not another client's."""
    target = f"{sandbox.base_url}/oauth/revoke"
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    one, two = sandbox.sign_in(), sandbox.sign_in()
    other = requests.post(target, data={"client_id": PUBLIC, "token": two["refresh_token"]}, timeout=30)
    assert other.status_code == 200
    assert requests.post(target, data=client | {"token": one["refresh_token"]}, timeout=30).status_code == 200
    assert requests.post(target, json=client | {"token": two["access_token"]}, timeout=30).status_code == 200
    assert requests.post(target, data=client | {"token": "unknown"}, timeout=30).status_code == 200
    assert requests.post(target, data={**client, "client_secret": "x", "token": "y"}, timeout=30).status_code == 401
    assert requests.post(target, data=client, timeout=30).status_code == 400
    assert [_works(sandbox, pair["access_token"]) for pair in (one, two)] == [False, False]
    assert sandbox.refresh(one["refresh_token"]).status_code == 400
    assert sandbox.refresh(two["refresh_token"]).status_code == 200


def test_optional_pkce(start_sandbox: Callable[..., Sandbox]) -> None:
    """With --pkce optional a client with a secret goes without; a public one never, and no downgrade."""
    sandbox = start_sandbox("--pkce=optional", "--leads=10")
    without: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    assert sandbox.exchange(sandbox.code(without), code_verifier=None).status_code == 200
    assert sandbox.exchange(sandbox.code(without)).json()["error"] == "invalid_grant"
    assert sandbox.exchange(sandbox.code(), code_verifier=None).json()["error"] == "invalid_request"
    assert sandbox.exchange(sandbox.code()).status_code == 200
    url = sandbox.authorize_url(client_id=PUBLIC, **without)
    refused = requests.get(url, timeout=30, allow_redirects=False)
    assert "error=invalid_request" in refused.headers["location"]


def test_no_token_stands_in_the_state_file(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> None:
    """Only hashes of codes and tokens are kept, in a file nobody else can read."""
    sandbox = start_sandbox("--leads=10")
    code = sandbox.code()
    tokens = sandbox.exchange(code).json()
    text = sandbox.state_file.read_text(encoding="utf-8")
    assert not any(secret in text for secret in (code, tokens["access_token"], tokens["refresh_token"], VERIFIER))
    assert sandbox.state_file.stat().st_mode & 0o777 == 0o600
    assert challenge(VERIFIER) in text
