"""One sign-in against the real sandbox: redirect, paste, key, and everything that is no answer."""

import http.client
import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import SignInError
from tests import person
from tests.wire.sandbox_fixtures import Sandbox


class Ends:
    """Takes what a sign-in ends with."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.keys: list[Secret] = []

    def token(self, token: Token) -> str:
        self.tokens.append(token)
        return "Signed in."

    def key(self, key: Secret) -> str:
        if key.reveal() == "refused-key":
            raise SignInError(messages.KEY_REFUSED)
        self.keys.append(key)
        return "Connected."


@pytest.fixture
def ends() -> Ends:
    return Ends()


def config_of(sandbox: Sandbox, **changes: object) -> Config:
    settings: dict[str, object] = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.base_url,
        **changes,
    }
    return Config(**settings)  # type: ignore[arg-type]


def begin(config: Config, ends: Ends, *, remote: bool = False, known: tuple[Secret, ...] = ()) -> SignIn:
    return SignIn(config=config, on_token=ends.token, on_key=ends.key, remote=remote, known=known)


@pytest.fixture
def signin(sandbox: Sandbox, ends: Ends) -> Iterator[SignIn]:
    """A sign-in with the button's link drawn, on a server known to enforce PKCE."""
    made = begin(config_of(sandbox, pkce_enforced=True), ends)
    yield made
    made.cancel()


def link(signin: SignIn) -> str:
    found = signin.link
    assert found is not None
    return found.reveal()


def refused(address: str) -> int | None:
    """The status of a GET; None where nobody listens any more."""
    try:
        return requests.get(address, timeout=10).status_code
    except requests.ConnectionError:
        return None


def test_one_click(signin: SignIn, ends: Ends) -> None:
    """The redirect signs in, the page tells so, and the code is gone from the address bar."""
    told: list[State] = []
    signin.watch(lambda status: told.append(status.state))
    page = person.follow(person.decide(link(signin)))
    assert page.status_code == 200
    assert "You&#x27;re signed in" in page.text
    assert "code" not in page.url
    assert told == [State.EXCHANGING, State.SIGNED_IN]
    assert signin.link is None
    assert ends.tokens[0].refresh is not None


def test_l02_noise_before_the_redirect(signin: SignIn) -> None:
    """Favicons, other methods, half requests, long lines and silent connections change nothing."""
    host, port = urlsplit(signin.redirect_uri).hostname, urlsplit(signin.redirect_uri).port
    assert host is not None
    assert port is not None
    silent = [socket.create_connection((host, port)) for _ in range(80)]
    for method, path in (("GET", "/favicon.ico"), ("GET", "/"), ("HEAD", "/callback"), ("POST", "/callback")):
        connection = http.client.HTTPConnection(host, port, timeout=10)
        connection.request(method, path)
        assert connection.getresponse().status in (404, 405)
        connection.close()
    for noise in (b"GET /callback?" + b"a" * 100_000, b"\x16\x03\x01\x02\x00", b"GET /call"):
        with socket.create_connection((host, port)) as raw:
            raw.sendall(noise)
    assert person.follow(person.decide(link(signin))).status_code == 200
    for connected in silent:
        connected.close()


def test_l03_unknown_states_never_end_it(signin: SignIn) -> None:
    """Wrong, missing, doubled states: a page that says so, and the real answer still wins."""
    where = signin.redirect_uri
    right = person.decide(link(signin))
    for query in ("?code=x&state=wrong", "?code=x", "?code=x&state=a&state=b", "", "?state=wrong"):
        assert requests.get(where + query, timeout=10).status_code == 400
    assert signin.status.state is State.READY
    assert person.follow(right).status_code == 200


def test_l04_code_and_error_together(signin: SignIn) -> None:
    """An answer that says both yes and no is not used."""
    right = person.decide(link(signin))
    assert person.follow(right + "&error=access_denied").status_code in (200, 400)
    assert signin.status.state is not State.SIGNED_IN


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:1"])
def test_l05_other_hosts(signin: SignIn, host: str) -> None:
    """A page of another name that leads here gets 421 and no code is consumed."""
    right = person.decide(link(signin))
    assert requests.get(right, headers={"Host": host}, timeout=10).status_code == 421
    assert person.follow(right).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Sec-Fetch-Dest": "image"}, {"Sec-Fetch-Mode": "no-cors"}],
)
def test_l06_l26_prefetch_is_no_answer(signin: SignIn, headers: dict[str, str]) -> None:
    """A prefetch of the link makes no attempt, one of the redirect consumes no code."""
    assert requests.get(link(signin), headers=headers, timeout=10, allow_redirects=False).status_code == 204
    right = person.decide(link(signin))
    assert requests.get(right, headers=headers, timeout=10).status_code == 204
    assert person.follow(right).status_code == 200


def test_l07_a_second_answer(sandbox: Sandbox, ends: Ends) -> None:
    """The same state twice is refused, and the port is closed soon after the page was shown."""
    signin = begin(config_of(sandbox), ends)
    right = person.decide(link(signin))
    assert person.follow(right).status_code == 200
    deadline = time.monotonic() + 10
    while (status := refused(right)) is not None:
        assert status == 400
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert len(ends.tokens) == 1


def test_l08_declined(signin: SignIn) -> None:
    """Deny is told as such, and the button goes on working."""
    page = person.follow(person.decide(link(signin), press="Deny"))
    assert "Access was not allowed" in page.text
    assert signin.status == Status(State.DECLINED, messages.DECLINED)
    assert person.follow(person.decide(link(signin))).status_code == 200


def test_l09_nothing_of_the_request_on_a_page(signin: SignIn) -> None:
    """No header injection, no script, a policy that allows none."""
    answer = requests.get(signin.redirect_uri + "?code=%0d%0aSet-Cookie:x=y&state=<script>", timeout=10)
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_l10_another_issuer(sandbox: Sandbox, ends: Ends) -> None:
    """A redirect of another server is not used; with an issuer set, one that names none neither."""
    signin = begin(config_of(sandbox, issuer=sandbox.base_url), ends)
    right = person.decide(link(signin))
    other = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", right)
    assert "iss=" in right
    assert signin.paste(other).text == messages.OTHER_ISSUER
    without = re.sub(r"&?iss=[^&]+", "", person.decide(link(signin)))
    assert signin.paste(without).text == messages.OTHER_ISSUER
    assert person.follow(person.decide(link(signin))).status_code == 200


def test_l16_paste_of_the_dead_address(signin: SignIn, ends: Ends) -> None:
    """The whole address, wrapped and broken as mail programs do, signs in."""
    right = person.decide(link(signin))
    assert signin.paste(f' "<{right[:40]}\n{right[40:]}>" ').state is State.SIGNED_IN
    assert len(ends.tokens) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two words", "doesn't look like a code"),
        ("https://example.com/nothing", "doesn't look like a code"),
        ("?code=abc&state=other", messages.OLD_TAB),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", messages.NOT_FOR_HERE),
        ("the-saved-key", messages.NOT_FOR_HERE),
        ("   ", "doesn't look like a code"),
    ],
)
def test_l16_wrong_pastes(sandbox: Sandbox, ends: Ends, text: str, message: str) -> None:
    """Each wrong paste gets its hint, and the next one may be right."""
    signin = begin(config_of(sandbox), ends, known=(Secret("the-saved-key"),))
    assert message in signin.paste(text).text
    assert signin.paste(person.decide(link(signin))).state is State.SIGNED_IN


def test_l16_the_sign_in_pages_own_address(signin: SignIn) -> None:
    """The authorization address itself is recognized."""
    address = signin.authorization_address().reveal()
    assert signin.paste(address).text == messages.OWN_ADDRESS


def test_a_pasted_go_link_means_another_computer(signin: SignIn) -> None:
    """Correction 5: the authorization address is given, and what follows it is taken."""
    status = signin.paste(link(signin))
    assert status.text == messages.kernel_elsewhere()
    assert status.address is not None
    assert signin.paste(person.decide(status.address.reveal())).state is State.SIGNED_IN


def test_l27_a_bare_code_needs_enforced_pkce(sandbox: Sandbox, ends: Ends, signin: SignIn) -> None:
    """Where PKCE is not known to be enforced the whole address is asked for; where it is, the code is enough."""
    careful = begin(config_of(sandbox), ends)
    assert careful.paste("a-bare-code").text == messages.USE_LINK_FIRST
    code = re.search(r"code=([^&]+)", person.decide(link(careful)))
    assert code is not None
    assert careful.paste(code[1]).text == messages.whole_address(careful.redirect_uri)
    careful.cancel()
    code = re.search(r"code=([^&]+)", person.decide(link(signin)))
    assert code is not None
    assert signin.paste(code[1]).state is State.SIGNED_IN


def test_a_code_used_elsewhere(sandbox: Sandbox, signin: SignIn) -> None:
    """A code of another sign-in fails the exchange, nothing is stored (L13)."""
    requests.get(link(signin), timeout=10, allow_redirects=False)
    assert signin.paste(sandbox.code()).text == messages.USED_CODE


def test_l14_a_failing_exchange_is_not_retried(sandbox: Sandbox, signin: SignIn) -> None:
    """The token endpoint fails after the code was sent: told, not retried, and the next try works."""
    sandbox.control(status="503*1@/oauth/token")
    assert "fails at the moment" in signin.paste(person.decide(link(signin))).text
    assert sandbox.stats()["requests"]["POST /oauth/token"] == 1
    sandbox.control(lose="*1@/oauth/token")
    assert "Can't reach" in signin.paste(person.decide(link(signin))).text
    assert signin.paste(person.decide(link(signin))).state is State.SIGNED_IN


def test_a_wrong_client_secret(sandbox: Sandbox, ends: Ends) -> None:
    """A configuration error, not the person's fault, in one message that names the settings."""
    signin = begin(config_of(sandbox, client_secret="wrong-secret"), ends)
    status = signin.paste(person.decide(link(signin)))
    assert "OUTGROW_CLIENT_ID" in status.text
    assert "wrong-secret" not in status.text
    signin.cancel()


def test_l21_a_port_in_use_draws_no_link(sandbox: Sandbox, ends: Ends) -> None:
    """A fixed port that another program holds: no authorization address anywhere, and the key is still offered."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        signin = begin(config_of(sandbox, redirect_uri=f"http://localhost:{port}/callback"), ends)
        assert signin.status == Status(State.BLOCKED, messages.port_taken(port))
        assert signin.link is None


@pytest.mark.parametrize("ending", ["signed in", "cancelled"])
def test_the_registered_redirect_works_again_and_again(sandbox: Sandbox, ends: Ends, ending: str) -> None:
    """The guide's fixed redirect: each new sign-in finds its port free (L23: both loopback addresses)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for _ in range(3):
        signin = begin(config_of(sandbox, redirect_uri=f"http://localhost:{port}/callback"), ends)
        assert link(signin).startswith(f"http://localhost:{port}/go/")
        if ending == "signed in":
            assert person.follow(person.decide(link(signin))).status_code == 200
        signin.cancel()


def test_l22_guessing_the_link(signin: SignIn) -> None:
    """A wrong nonce is nothing; the attempts are capped, the newest stay."""
    host = link(signin).rsplit("/", 1)[0]
    assert requests.get(f"{host}/wrong", timeout=10).status_code == 404
    for _ in range(20):
        assert requests.get(link(signin), timeout=10, allow_redirects=False).status_code == 302
    assert person.follow(person.decide(link(signin))).status_code == 200


def test_l25_the_redirect_needs_its_browser(signin: SignIn) -> None:
    """The callback without the cookie of its `/go` is not used; the paste needs none."""
    right = person.decide(link(signin))
    assert requests.get(right, timeout=10).status_code == 400
    assert signin.paste(right).state is State.SIGNED_IN


def test_a_remote_kernel_draws_the_address_itself(sandbox: Sandbox, ends: Ends) -> None:
    """The link is the provider's address and survives many other tries; a redirect elsewhere leaves the paste alone."""
    signin = begin(config_of(sandbox), ends, remote=True)
    drawn = link(signin)
    assert drawn.startswith(sandbox.base_url)
    for _ in range(12):
        signin.authorization_address()
    assert signin.paste(person.decide(drawn)).state is State.SIGNED_IN
    elsewhere = begin(config_of(sandbox, redirect_uri="https://notebooks.example.com/callback"), ends)
    assert elsewhere.status.text == messages.READY_REMOTE
    assert elsewhere.redirect_uri == "https://notebooks.example.com/callback"
    elsewhere.time_out()
    assert elsewhere.status == Status(State.TIMED_OUT, messages.TIMED_OUT)


def test_a_key(ends: Ends) -> None:
    """Without an application the key stands first: blanks do not matter, a refused one may be typed again."""
    signin = begin(Config(), ends)
    assert signin.key_first
    assert signin.status.text == messages.READY_KEY
    assert signin.link is None
    assert signin.key("").text == messages.READY_KEY
    assert signin.key("not/a key").text == messages.KEY_REFUSED
    assert signin.key("refused-key").text == messages.KEY_REFUSED
    assert signin.key(" a good\nkey ").state is State.SIGNED_IN
    assert ends.keys == [Secret("agoodkey")]
    assert signin.key("another").state is State.SIGNED_IN
    assert len(ends.keys) == 1


def test_l19_nothing_shows_the_secrets(signin: SignIn) -> None:
    """No state, challenge or link stands in a repr."""
    address = signin.authorization_address()
    asked = dict(parse_qsl(urlsplit(address.reveal()).query))
    shown = f"{signin!r} {signin.status!r} {address!r} {vars(signin)!r}"
    for secret in (asked["state"], asked["code_challenge"], link(signin)):
        assert secret not in shown
