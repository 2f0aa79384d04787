"""One sign-in against the real sandbox: the redirect, and everything at the listener that is no answer."""

import http.client
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.auth.token import Token
from tests import person
from tests.wire.clients import until
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.signin_support import Ends, a_sign_in, begin, config_of, link, refused, what_it_ends_with

ends = pytest.fixture(what_it_ends_with)
signin = pytest.fixture(a_sign_in)


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


WRONG = ["?code=x&state=wrong", "?code=x", "?code=x&state=", "?code=x&state=a&state=b", "?error=x&state=wrong"]


def test_l03_unknown_states_never_end_it(signin: SignIn) -> None:
    """Wrong, missing, empty, doubled states, the real one's too: a page that says so; the real answer still wins."""
    right = person.decide(link(signin))
    state = re.search(r"state=[^&]+", right)
    assert state is not None
    for query in (*WRONG, "", "?state=wrong", f"?code=x&{state[0]}&{state[0]}", f"?code=x&state=wrong&{state[0]}"):
        browser = requests.Session()
        browser.cookies.update(person.person_cookies[right])
        assert browser.get(signin.redirect_uri + query, timeout=10).status_code == 400
    assert signin.status.state is State.READY
    assert person.follow(right).status_code == 200


def test_l03_many_wrong_states_are_slowed_down(signin: SignIn, ends: Ends) -> None:
    """After ten of them each guess costs half a second; the right one costs nothing, and comes through meanwhile."""
    right = person.decide(link(signin))

    def guess(number: int) -> tuple[int | None, float]:
        started = time.monotonic()
        return refused(signin.redirect_uri + WRONG[number % 3]), time.monotonic() - started

    first = [guess(number) for number in range(10)]
    assert {status for status, _ in first} == {400}
    assert sum(seconds for _, seconds in first) < 4
    with ThreadPoolExecutor(20) as pool:
        more = pool.map(guess, range(20))
        time.sleep(0.1)
        assert person.follow(right).status_code == 200
        assert {status for status, _ in more} <= {400, None}
    assert signin.status.state is State.SIGNED_IN
    assert len(ends.tokens) == 1


def test_l03_each_further_guess_waits(signin: SignIn) -> None:
    """Half a second each, in the order that they come, and no end to the sign-in."""
    for _ in range(11):
        requests.get(signin.redirect_uri + WRONG[0], timeout=10)
    started = time.monotonic()
    assert requests.get(signin.redirect_uri + WRONG[0], timeout=10).status_code == 400
    assert time.monotonic() - started >= 0.5
    assert signin.status.state is State.READY


@pytest.mark.parametrize("more", ["&error=access_denied", "&error=", "&code=another", "&code="])
def test_l04_answers_that_contradict_themselves(sandbox: Sandbox, signin: SignIn, ends: Ends, more: str) -> None:
    """Yes and no at once, or two codes: not used, no request to the token endpoint, and the next try works."""
    right = person.decide(link(signin))
    person.person_cookies[right + more] = person.person_cookies.pop(right)
    answer = person.follow(right + more)
    assert answer.status_code == 400 or "did not work" in answer.text
    assert "POST /oauth/token" not in sandbox.stats()["requests"]
    assert (signin.status.state is State.SIGNED_IN, ends.tokens) == (False, [])
    assert person.follow(person.decide(link(signin))).status_code == 200


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


def test_l07_a_program_that_ends_shows_the_page_first(signin: SignIn) -> None:
    """Who waits for the last page is no daemon, though the thread that serves it is: the program's end waits for it."""
    right = person.decide(link(signin))
    answer = requests.get(right, cookies=person.person_cookies[right], timeout=10, allow_redirects=False)
    (closing,) = [thread for thread in threading.enumerate() if thread.name == "outgrow-nb close"]
    assert not closing.daemon
    shown = requests.get(f"{signin.redirect_uri.removesuffix('/callback')}{answer.headers['Location']}", timeout=10)
    assert shown.status_code == 200
    closing.join(5)
    assert not closing.is_alive()


def test_l07_a_second_answer_after_a_failure(sandbox: Sandbox, signin: SignIn, ends: Ends) -> None:
    """A code whose exchange failed is not sent again: reloading that tab changes nothing."""
    sandbox.control(status="503*1@/oauth/token")
    right = person.decide(link(signin))
    cookies = person.person_cookies[right]
    assert "did not work" in person.follow(right).text
    person.person_cookies[right] = cookies
    assert person.follow(right).status_code == 400
    assert sandbox.stats()["requests"]["POST /oauth/token"] == 1
    assert ends.tokens == []


def test_l15_the_deadline_needs_nobody_who_waits(sandbox: Sandbox, ends: Ends) -> None:
    """A panel that no cell waits for stops listening after ten minutes, by a timer of its own."""

    def timers() -> list[float]:
        return [one.interval for one in threading.enumerate() if isinstance(one, threading.Timer)]

    before = timers()
    signin = begin(config_of(sandbox), ends)
    assert sorted(timers()) == sorted([*before, 600.0])
    signin.cancel()
    until(lambda: timers() == before, seconds=5)


FINAL_ENDINGS = ["signed in", "adopted", "timed out", "cancelled"]


@pytest.mark.parametrize("ending", FINAL_ENDINGS)
def test_l15_l22_l26_after_the_end(signin: SignIn, ends: Ends, ending: str) -> None:
    """However it ends: no link, no attempt, the port closed, and an answer to an earlier try is not used."""
    drawn, right = link(signin), person.decide(link(signin))
    if ending == "signed in":
        assert person.follow(person.decide(drawn)).status_code == 200
    else:
        {"adopted": lambda: signin.adopted("by another"), "timed out": signin.time_out, "cancelled": signin.cancel}[
            ending
        ]()
    taken = len(ends.tokens)
    assert signin.status.state == ending
    assert signin.link is None
    until(lambda: refused(drawn) is None, seconds=5)
    assert refused(right) is None
    before = signin.status
    assert signin.paste(right) == before
    assert len(ends.tokens) == taken


@pytest.mark.parametrize("meanwhile", ["adopted", "timed out"])
def test_the_end_of_an_exchange_under_way_is_its_own(sandbox: Sandbox, meanwhile: str) -> None:
    """A waiting cell that finds the token just saved, or the deadline, changes nothing; the tab is told the truth."""
    others: list[threading.Thread] = []

    def kept(_token: Token) -> str:
        end = made.time_out if meanwhile == "timed out" else lambda: made.adopted("From another notebook.")
        others.append(threading.Thread(target=end))
        others[0].start()
        others[0].join(0.5)
        return "Signed in."

    made = SignIn(config=config_of(sandbox), on_token=kept, on_key=lambda _: "")
    page = person.follow(person.decide(link(made)))
    assert "You&#x27;re signed in" in page.text
    assert made.status == Status(State.SIGNED_IN, "Signed in.")
    others[0].join(10)
    assert not others[0].is_alive()


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
