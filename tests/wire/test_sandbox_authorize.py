"""The sandbox's consent page and redirects: who may ask, where the answer goes, what a person sees."""

import http.client
import re
from urllib.parse import urlsplit

import pytest
import requests

from tests.person import decide
from tests.wire.sandbox_fixtures import Sandbox, answer_of


def _page(sandbox: Sandbox, **changes: str | None) -> requests.Response:
    return requests.get(sandbox.authorize_url(**changes), timeout=30, allow_redirects=False)


def test_allow_sends_a_code_state_and_issuer(sandbox: Sandbox) -> None:
    """Allow sends the browser back with code, state and iss, and nothing else (RFC 9207)."""
    answer = answer_of(decide(sandbox.authorize_url()))
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == "state-1"
    assert answer["iss"] == sandbox.base_url


def test_deny_sends_access_denied(sandbox: Sandbox) -> None:
    """Deny sends access_denied with state and iss, no code."""
    answer = answer_of(decide(sandbox.authorize_url(), press="Deny"))
    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("state-1", sandbox.base_url)
    assert "code" not in answer


@pytest.mark.parametrize(
    "redirect",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:51234/callback",
        "http://localhost/callback",
        "http://localhost:3000/callback",
    ],
)
def test_registered_redirects(sandbox: Sandbox, redirect: str) -> None:
    """Both registered redirects work, with any port or none."""
    sent = decide(sandbox.authorize_url(redirect_uri=redirect))
    assert sent.startswith(redirect + "?")


@pytest.mark.parametrize(
    "redirect",
    [
        None,
        "http://127.0.0.1:1/callback/",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/callback?x=1",
        "http://127.0.0.1:1/callback#x",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:0/callback",
        "https://127.0.0.1:1/callback",
        "http://127.0.0.2/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://evil.example@127.0.0.1/callback",
        "http://localhost.evil.example/callback",
        "http://LOCALHOST/callback",
        "javascript:alert(1)",
    ],
)
def test_other_redirects_get_a_page_never_a_redirect(sandbox: Sandbox, redirect: str | None) -> None:
    """A redirect that is not registered gets an error page, whatever else is right or wrong."""
    page = _page(sandbox, redirect_uri=redirect, response_type="nonsense")
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "This sign-in link cannot be used" in page.text


@pytest.mark.parametrize("client", [None, "", "somebody", "<b>x</b>"])
def test_unknown_client_gets_a_page(sandbox: Sandbox, client: str | None) -> None:
    """An unknown or missing client gets an error page, with nothing of the request in its HTML."""
    page = _page(sandbox, client_id=client)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "<b>x" not in page.text


def test_doubled_parameter_gets_a_page(sandbox: Sandbox) -> None:
    """A parameter that stands twice is refused on a page."""
    page = requests.get(sandbox.authorize_url() + "&client_id=other", timeout=30, allow_redirects=False)
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_refused_requests_go_back_with_the_error(sandbox: Sandbox, changes: dict[str, str | None], error: str) -> None:
    """PKCE missing, plain or malformed, a wrong type or scope: redirected with error, state and iss."""
    page = _page(sandbox, **changes)
    assert page.status_code == 303
    answer = answer_of(page.headers["location"])
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "state-1", sandbox.base_url)


@pytest.mark.parametrize("more", ["code_challenge=" + "a" * 43, "code_challenge_method=S256"])
def test_a_doubled_challenge_goes_back(sandbox: Sandbox, more: str) -> None:
    """A second challenge or method is refused, not taken for the first."""
    page = requests.get(f"{sandbox.authorize_url()}&{more}", timeout=30, allow_redirects=False)
    assert answer_of(page.headers["location"])["error"] == "invalid_request"


def test_an_unreadable_request_gets_a_page(sandbox: Sandbox) -> None:
    """A query that no form could have sent is a page, not a crash."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    connection.request("GET", '/oauth/authorize?client_id="{}"')
    assert connection.getresponse().status == 400
    connection.close()


def test_the_page_needs_no_script_and_cannot_be_framed(sandbox: Sandbox) -> None:
    """Consent page: the two people, the first checked; no script, no password; strict headers."""
    page = _page(sandbox)
    assert page.status_code == 200
    assert "Invented people. Type no real password." in page.text
    radios = re.findall(r"<input type=\"radio\"[^>]*>", page.text)
    assert ["checked" in radio for radio in radios] == [True, False]
    assert re.findall(r"<button[^>]*>([^<]+)</button>", page.text) == ["Allow", "Deny"]
    assert "<script" not in page.text
    assert 'type="password"' not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert page.headers["cache-control"] == "no-store"


def _fields(text: str) -> dict[str, str]:
    ticket = re.search(r"name=\"ticket\" value=\"([^\"]+)\"", text)
    person = re.search(r"name=\"person\" value=\"([^\"]+)\"", text)
    assert ticket is not None
    assert person is not None
    return {"ticket": ticket[1], "person": person[1], "decision": "allow"}


def test_another_browser_cannot_press_allow(sandbox: Sandbox) -> None:
    """The form is worthless without the cookie of the browser that opened it, and from another origin."""
    browser = requests.Session()
    fields = _fields(browser.get(sandbox.authorize_url(), timeout=30).text)
    target = f"{sandbox.base_url}/oauth/authorize"
    stranger = requests.post(target, data=fields, timeout=30, allow_redirects=False)
    foreign = browser.post(
        target, data=fields, headers={"Origin": "http://127.0.0.1:1"}, timeout=30, allow_redirects=False
    )
    assert (stranger.status_code, foreign.status_code) == (403, 403)
    own = browser.post(target, data=fields, headers={"Origin": sandbox.base_url}, timeout=30, allow_redirects=False)
    assert own.status_code == 303


def test_two_tabs_of_one_browser(sandbox: Sandbox) -> None:
    """Two consent pages open in one browser can both be answered."""
    browser = requests.Session()
    pages = [_fields(browser.get(sandbox.authorize_url(state=state), timeout=30).text) for state in ("one", "two")]
    sent = [
        browser.post(f"{sandbox.base_url}/oauth/authorize", data=page, timeout=30, allow_redirects=False)
        for page in pages
    ]
    assert [answer_of(answer.headers["location"])["state"] for answer in sent] == ["one", "two"]


def test_a_page_is_answered_once_and_in_time(sandbox: Sandbox) -> None:
    """Pressing Allow twice, or after ten minutes, gives a page that says so."""
    browser = requests.Session()
    target = f"{sandbox.base_url}/oauth/authorize"
    fields = _fields(browser.get(sandbox.authorize_url(), timeout=30).text)
    assert browser.post(target, data=fields, timeout=30, allow_redirects=False).status_code == 303
    again = browser.post(target, data=fields, timeout=30, allow_redirects=False)
    fields = _fields(browser.get(sandbox.authorize_url(), timeout=30).text)
    sandbox.control(advance=601)
    late = browser.post(target, data=fields, timeout=30, allow_redirects=False)
    assert (again.status_code, late.status_code) == (400, 400)
    assert "This page is too old" in late.text


@pytest.mark.parametrize("change", [{"person": "nobody"}, {"decision": "perhaps"}, {"person": "", "decision": ""}])
def test_a_form_without_a_choice(sandbox: Sandbox, change: dict[str, str]) -> None:
    """A form without a known person or answer gets a page, and the request still waits."""
    browser = requests.Session()
    fields = _fields(browser.get(sandbox.authorize_url(), timeout=30).text)
    target = f"{sandbox.base_url}/oauth/authorize"
    assert browser.post(target, data=fields | change, timeout=30, allow_redirects=False).status_code == 400
    assert browser.post(target, data=fields, timeout=30, allow_redirects=False).status_code == 303


def test_other_host_names_are_refused(sandbox: Sandbox) -> None:
    """No web page can reach the sandbox under another host name (DNS rebinding)."""
    for host in ("evil.example", f"127.0.0.1.evil.example:{sandbox.port}", "127.0.0.1:1"):
        answer = requests.get(sandbox.base_url, headers={"Host": host}, timeout=30)
        assert answer.status_code == 421
    assert requests.get(f"http://localhost:{sandbox.port}/", timeout=30).status_code == 200


def test_unknown_pages_and_metadata(sandbox: Sandbox) -> None:
    """An unknown address gets a page, the metadata name the right endpoints (RFC 8414)."""
    assert requests.get(f"{sandbox.base_url}/nothing", timeout=30).status_code == 404
    told = requests.get(f"{sandbox.base_url}/.well-known/oauth-authorization-server", timeout=30).json()
    assert told["issuer"] == sandbox.base_url
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert urlsplit(told["token_endpoint"]).path == "/oauth/token"
