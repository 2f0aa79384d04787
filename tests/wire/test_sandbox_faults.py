"""Every fault the sandbox offers, seen from a client's side of the socket."""

import http.client
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.settings import Settings
from tests.wire.sandbox_fixtures import Sandbox


def _quiz(sandbox: Sandbox, token: str) -> str:
    items = sandbox.get("/calculator", token).json()["data"]
    return next(str(item["id"]) for item in items if item["name"] == "Which plan fits you?")


def _page(sandbox: Sandbox, token: str, **query: str) -> dict[str, Any]:
    page: dict[str, Any] = sandbox.get("/leads", token, calculator=_quiz(sandbox, token), limit=500, **query).json()
    return page


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429, 500, 503])
def test_status(sandbox: Sandbox, status: int) -> None:
    """The next two requests under a path get that status and the API's error body, others do not."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(status=f"{status}*2@/api/v1/me")
    assert sandbox.get("/calculator", token).status_code == 200
    answers = [sandbox.get("/me", token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["success"] is False


def test_retry_after(sandbox: Sandbox) -> None:
    """429 says when to come back; the text can be anything."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(status="429*1@/api")
    assert sandbox.get("/me", token).headers["retry-after"] == "1"
    sandbox.control(status="503*1@/api", retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    assert sandbox.get("/me", token).headers["retry-after"] == "Wed, 21 Oct 2026 07:28:00 GMT"


def test_rules_stand_in_a_queue_until_cleared(sandbox: Sandbox) -> None:
    """Rules hit in their order; `off` removes those of a name, `clear` all."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(status="503*1@/api")
    sandbox.control(status="429*1@/api")
    assert [sandbox.get("/me", token).status_code for _ in range(3)] == [503, 429, 200]
    sandbox.control(status="500", html="@/api")
    sandbox.control(status="off")
    assert sandbox.get("/me", token).text.startswith("<!doctype html>")
    sandbox.control(clear=True)
    assert sandbox.get("/me", token).status_code == 200


def test_drop(sandbox: Sandbox) -> None:
    """The connection ends without an answer and nothing is done."""
    tokens = sandbox.sign_in()
    sandbox.control(drop="*1@/oauth/token")
    with pytest.raises(requests.ConnectionError):
        sandbox.refresh(tokens["refresh_token"])
    assert sandbox.refresh(tokens["refresh_token"]).status_code == 200
    stats = sandbox.stats()
    assert (stats["hits"], stats["refreshed"]) == (2, 1)


def test_lose(sandbox: Sandbox) -> None:
    """Commit, then drop: the rotation has happened although the answer never came."""
    tokens = sandbox.sign_in()
    sandbox.control(lose="*1@/oauth/token")
    with pytest.raises(requests.ConnectionError):
        sandbox.refresh(tokens["refresh_token"])
    assert sandbox.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    stats = sandbox.stats()
    assert (stats["hits"], stats["refreshed"], stats["reuses"]) == (2, 1, 1)


def test_lose_within_the_grace(sandbox: Sandbox) -> None:
    """With a grace the lost answer can be asked for again."""
    tokens = sandbox.sign_in()
    sandbox.control(lose="*1@/oauth/token", refresh_grace=30)
    with pytest.raises(requests.ConnectionError):
        sandbox.refresh(tokens["refresh_token"])
    assert sandbox.refresh(tokens["refresh_token"]).status_code == 200


def test_truncate(sandbox: Sandbox) -> None:
    """The headers promise more than comes."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(truncate="*1@/api")
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.request("GET", "/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    promised = int(answer.headers["content-length"])
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    assert len(caught.value.partial) == promised // 2
    connection.close()


def test_truncate_a_stream(sandbox: Sandbox) -> None:
    """A chunked answer ends in the middle."""
    names = requests.get(f"{sandbox.api_url}/get_cal/{sandbox.api_key}", timeout=30).json()
    sandbox.control(truncate="*1@/api/v1/get_leads")
    with pytest.raises(requests.RequestException):
        requests.get(f"{sandbox.api_url}/get_leads/{sandbox.api_key}/{names[0]['id']}", timeout=30)


def test_drip(sandbox: Sandbox) -> None:
    """The body comes whole, but byte by byte."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(drip="0.004*1@/api")
    before = time.monotonic()
    answer = sandbox.get("/me", token)
    assert answer.json()["data"]["name"] == "Ana Silva"
    assert time.monotonic() - before > 0.004 * len(answer.content)


def test_html_redirect_delay_and_latency(sandbox: Sandbox) -> None:
    """A captive portal's page, a redirect anywhere, a wait for one request, a wait for all."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(html="*1@/api", redirect="http://127.0.0.1:1/elsewhere*1@/api")
    assert sandbox.get("/me", token).headers["content-type"].startswith("text/html")
    answer = sandbox.get("/me", token)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:1/elsewhere")
    for order in ({"delay": "300*1@/api"}, {"latency_ms": 300}):
        sandbox.control(**order)
        before = time.monotonic()
        assert sandbox.get("/me", token).status_code == 200
        assert time.monotonic() - before >= 0.3


def test_token_lifetime(sandbox: Sandbox) -> None:
    """access_ttl sets the lifetime, expires_in what is said about it, expire_access ends all at once."""
    sandbox.control(access_ttl=5)
    tokens = sandbox.sign_in()
    assert tokens["expires_in"] == 5
    sandbox.control(advance=4)
    assert sandbox.get("/me", tokens["access_token"]).status_code == 200
    sandbox.control(advance=2)
    assert sandbox.get("/me", tokens["access_token"]).status_code == 401
    sandbox.control(expires_in='"soon"')
    fresh = sandbox.refresh(tokens["refresh_token"]).json()
    assert fresh["expires_in"] == "soon"
    sandbox.control(expire_access=True)
    assert sandbox.get("/me", fresh["access_token"]).status_code == 401
    assert sandbox.refresh(fresh["refresh_token"]).status_code == 200


def test_rotation_off_and_omitted(sandbox: Sandbox) -> None:
    """Off: the same refresh token again; omit: none in the answer, the old one goes on."""
    tokens = sandbox.sign_in()
    sandbox.control(rotation="off")
    assert sandbox.refresh(tokens["refresh_token"]).json()["refresh_token"] == tokens["refresh_token"]
    sandbox.control(rotation="omit")
    assert "refresh_token" not in sandbox.refresh(tokens["refresh_token"]).json()
    sandbox.control(rotation="on")
    assert sandbox.refresh(tokens["refresh_token"]).json()["refresh_token"] != tokens["refresh_token"]


def test_reuse_detection_off(sandbox: Sandbox) -> None:
    """A reused token is refused, its grant lives on."""
    sandbox.control(reuse_detection="off")
    tokens = sandbox.sign_in()
    second = sandbox.refresh(tokens["refresh_token"]).json()
    assert sandbox.refresh(tokens["refresh_token"]).status_code == 400
    assert sandbox.refresh(second["refresh_token"]).status_code == 200
    assert sandbox.stats()["grants_revoked"] == 0


def test_revoke_now(sandbox: Sandbox) -> None:
    """Grants of one person, or of all, end at once."""
    ana, bjorn = sandbox.sign_in(0), sandbox.sign_in(1)
    sandbox.control(revoke="bjorn.lindqvist@example.org")
    assert [sandbox.get("/me", pair["access_token"]).status_code for pair in (ana, bjorn)] == [200, 401]
    sandbox.control(revoke="all")
    assert sandbox.refresh(ana["refresh_token"]).status_code == 400


def test_clock_skew(sandbox: Sandbox) -> None:
    """The Date header shows the server's clock."""
    sandbox.control(clock_skew=-600)
    token = sandbox.sign_in()["access_token"]
    told = parsedate_to_datetime(sandbox.get("/me", token).headers["date"])
    assert abs(told - datetime.now(UTC) + timedelta(minutes=10)) < timedelta(seconds=5)


def test_24_hour_window(sandbox: Sandbox) -> None:
    """get_leads shows what came in the 24 hours before the last lead, nothing older."""
    names = requests.get(f"{sandbox.api_url}/get_cal/{sandbox.api_key}", timeout=30).json()
    address = f"{sandbox.api_url}/get_leads/{sandbox.api_key}/"
    whole = requests.get(address + names[0]["id"], timeout=30).json()
    sandbox.control(window_24h="on")
    shown = requests.get(address + names[0]["id"], timeout=30).json()
    newest = datetime.fromisoformat(whole[0]["created_at"])
    day = timedelta(hours=24)
    assert shown == [lead for lead in whole if newest - datetime.fromisoformat(lead["created_at"]) <= day]
    assert 0 < len(shown) < len(whole)
    drafts = [item for item in names if item["calculator"] == "Autumn lookbook"]
    assert requests.get(address + drafts[0]["id"], timeout=30).json() == []


def test_lying_totals_and_repeated_ids(sandbox: Sandbox) -> None:
    """The total can be off by some or be anything; an id can come twice."""
    token = sandbox.sign_in()["access_token"]
    true = _page(sandbox, token)["total"]
    totals = []
    for lie in ("+5", "-3", "7"):
        sandbox.control(total=lie)
        totals.append(_page(sandbox, token)["total"])
    assert totals == [true + 5, true - 3, 7]
    sandbox.control(total="", repeat_ids="on")
    ids = [lead["id"] for lead in _page(sandbox, token)["data"]]
    assert len(ids) > len(set(ids))


def test_schema_drift(sandbox: Sandbox) -> None:
    """Fields, options and kinds that nobody announced; and all well again when cleared."""
    token = sandbox.sign_in()["access_token"]
    plain = _page(sandbox, token)["data"]
    sandbox.control(drift="fields")
    assert set(_page(sandbox, token)["data"][0]) - set(plain[0]) == {"loyalty_tier", "geo"}
    sandbox.control(drift="options")
    answers = [given["answer"] for lead in _page(sandbox, token)["data"] for given in lead["answers"]]
    assert "An option nobody announced" in answers
    sandbox.control(drift="kinds")
    kinds = {given["kind"] for lead in _page(sandbox, token)["data"] for given in lead["answers"]}
    assert "hologram" in kinds
    asked = sandbox.get(f"/calculator/{_quiz(sandbox, token)}/questions", token).json()["data"]
    assert "hologram" in {question["kind"] for question in asked}
    sandbox.control(clear=True)
    assert _page(sandbox, token)["data"] == plain


@pytest.mark.parametrize(
    ("style", "kinds"), [("epoch", {int}), ("epoch_ms", {int}), ("naive", {str}), ("mixed", {int, str})]
)
def test_odd_times(sandbox: Sandbox, style: str, kinds: set[type]) -> None:
    """created_at as epoch seconds or milliseconds, without zone, or all sorts."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(created_at=style)
    times = [lead["created_at"] for lead in _page(sandbox, token)["data"]]
    assert {type(value) for value in times} == kinds
    assert not any(isinstance(value, str) and value.endswith("Z") for value in times) or style == "mixed"


def test_bad_times_numbers_as_text_and_answers_as_a_map(sandbox: Sandbox) -> None:
    """Some dates are nonsense, numbers are text, answers one object."""
    token = sandbox.sign_in()["access_token"]
    sandbox.control(created_at="bad", numbers_as_text="on")
    leads = _page(sandbox, token)["data"]
    assert {"yesterday", "", "0000-00-00", None} <= {lead["created_at"] for lead in leads}
    assert {type(given["answer"]) for lead in leads for given in lead["answers"]} == {str, list}
    sandbox.control(answers="map")
    assert all(isinstance(lead["answers"], dict) for lead in _page(sandbox, token)["data"])


def test_counts(sandbox: Sandbox) -> None:
    """Requests are counted by call, with no key and no id in any name; reset starts anew."""
    token = sandbox.sign_in()["access_token"]
    sandbox.get("/me", token)
    requests.get(f"{sandbox.api_url}/get_leads/{sandbox.api_key}/x", timeout=30)
    stats = sandbox.stats()
    assert stats["requests"]["GET /api/v1/me"] == 1
    assert stats["requests"]["GET /api/v1/get_leads/{api_key}/{id}"] == 1
    assert stats["token"] == {"authorization_code": 1}
    assert stats["api_requests"] == 2
    assert sandbox.api_key not in json.dumps(stats)
    assert sandbox.control(reset_stats=True)["requests"] == {}


def test_json_refreshes_are_counted_even_if_a_fault_answers(sandbox: Sandbox) -> None:
    """A refresh that a fault keeps from the server is a hit, but no refresh."""
    sandbox.control(status="503*1@/oauth/token")
    body = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert requests.post(f"{sandbox.base_url}/oauth/token", json=body, timeout=30).status_code == 503
    for odd in (b"{", b"[1]", b'{"grant_type": 5}', b""):
        requests.post(f"{sandbox.base_url}/oauth/token", data=odd, timeout=30)
    stats = sandbox.stats()
    assert (stats["hits"], stats["refreshed"]) == (1, 0)
    assert sum(stats["token"].values()) == 5


@pytest.mark.parametrize(
    "order",
    [
        {"unheard": "of"},
        {"status": "200"},
        {"status": "503*x"},
        {"status": "503@api"},
        {"rotation": "maybe"},
        {"latency_ms": "slow"},
        {"latency_ms": "-1"},
        {"clock_skew": "nan"},
        {"expires_in": "{"},
        {"total": "few"},
        {"drop": "now"},
        {"drip": "1.2.3"},
        {"revoke": "nobody"},
        {"use": {}},
        {"use": {"pid": "x", "started": "y"}},
        {"advance": "later"},
    ],
)
def test_orders_that_make_no_sense(sandbox: Sandbox, order: dict[str, Any]) -> None:
    """An unknown name or value is refused with a sentence, and the server goes on."""
    with pytest.raises(ConfigError, match="refused the order \\(422\\)"):
        sandbox.control(**order)
    assert sandbox.stats()["token"] == {}


def test_x03_control_needs_the_secret(sandbox: Sandbox) -> None:
    """Without the proof, or with one for something else, the control endpoint does nothing."""
    address = f"{sandbox.base_url}/__sandbox__/control"
    body = b'{"clear": true}'
    for proof in ("", "x", "nonce:" + "0" * 64, "nönce"):
        headers = {"X-Sandbox-Proof": proof.encode()} if proof else {}
        assert requests.post(address, data=body, headers=headers, timeout=30).status_code == 403
    assert requests.get(f"{sandbox.base_url}/__sandbox__/stats", timeout=30).status_code == 403
    for challenge in ("", "short", "x" * 200):
        answer = requests.get(f"{sandbox.base_url}/__sandbox__/identity", params={"challenge": challenge}, timeout=30)
        assert answer.status_code == 422


def test_faults_from_the_start(start_sandbox: Callable[..., Sandbox]) -> None:
    """--fault sets what the control endpoint sets."""
    sandbox = start_sandbox("--leads=10", "--fault=status=503*1@/api", "--fault=rotation=off", "--latency-ms=1")
    tokens = sandbox.sign_in()
    assert sandbox.get("/me", tokens["access_token"]).status_code == 503
    assert sandbox.refresh(tokens["refresh_token"]).json()["refresh_token"] == tokens["refresh_token"]


def test_clear_returns_to_the_settings() -> None:
    """`clear` brings back what the server was started with, not the package's defaults."""
    clock = Clock()
    faults = Faults(Settings(access_ttl=11, refresh_grace=5), clock)
    faults.update({"access_ttl": "1", "refresh_grace": "0", "clock_skew": "60", "drop": ""})
    faults.clear()
    assert (faults.access_ttl, faults.refresh_grace, clock.skew, faults.rules) == (11, 5, 0, [])
