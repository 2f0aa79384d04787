"""What our client must do with any authorization server; each server's test module runs all of it as a class.

A server proves PKCE with S256, names itself in the redirect, rotates refresh tokens, and ends the whole grant when an
old one comes again; its API answers 401 to a token that it does not know.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from outgrow_nb.auth import messages
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.status import State
from outgrow_nb.client import Outgrow
from outgrow_nb.config import Config
from outgrow_nb.errors import ConfigError, OutgrowError, SignInExpired
from tests.interop.servers import SHORT_SECONDS, Kernel, Server, sign_in, start

TITLE = "Which plan fits you?"


class Checks:
    """The life of a sign-in, from the link to its end."""

    @pytest.fixture
    def kernel(self, server: Server, tmp_path: Path) -> Kernel:
        """A kernel of which somebody has signed in."""
        kernel = start(server, server.config(), tmp_path)
        assert sign_in(kernel.desk, server.browser()).status.state is State.SIGNED_IN
        return kernel

    @pytest.mark.parametrize("client", ["post", "basic", "public"])
    def test_the_redirect_route(self, server: Server, tmp_path: Path, client: str) -> None:
        """Link, login, consent, listener; then data, and a renewal, whichever way the application proves itself."""
        kernel = start(server, server.config(client), tmp_path)
        signin = sign_in(kernel.desk, server.browser())
        assert signin.status.text == "Signed in to Outgrow as ana@example.com (Acme) · saved sign-in (not encrypted)"
        assert list(kernel.og.contents()["title"]) == [TITLE]
        before = kernel.token
        after = kernel.renew()
        assert (after.access, after.refresh) != (before.access, before.refresh)
        assert None not in (before.refresh, after.refresh)
        assert list(kernel.og.contents()["title"]) == [TITLE]
        assert kernel.person.asked == []

    @pytest.mark.parametrize("client", ["post", "public"])
    def test_the_paste_route(self, server: Server, tmp_path: Path, client: str) -> None:
        """The address of the page that could not open, pasted with what a person's clipboard adds; once."""
        kernel = start(server, server.config(client), tmp_path)
        signin = kernel.desk.open()
        dead = server.browser().walk(signin.authorization_address().reveal(), until=signin.redirect_uri)
        assert signin.paste(f' "{dead}"\n').state is State.SIGNED_IN
        assert list(kernel.og.contents()["title"]) == [TITLE]

    def test_declined_and_then_allowed(self, server: Server, tmp_path: Path) -> None:
        """The server's own refusal is told as one, and the same link works afterwards."""
        kernel = start(server, server.config(), tmp_path)
        signin = kernel.desk.open()
        assert signin.link is not None
        browser = server.browser()
        page = browser.open(browser.walk(signin.link.reveal(), until=signin.redirect_uri, allowing=False))
        assert page.ok
        assert signin.status.text == messages.DECLINED
        browser.open(browser.walk(signin.link.reveal(), until=signin.redirect_uri))
        assert signin.status.state is State.SIGNED_IN

    def test_a_code_of_another_sign_in(self, server: Server, tmp_path: Path) -> None:
        """Injected into ours, it fails at the server for want of its verifier; nothing is stored."""
        kernel, victim = (start(server, server.config(), tmp_path / name) for name in ("mine", "theirs"))
        theirs = victim.desk.open()
        stolen = server.browser().walk(theirs.authorization_address().reveal(), until=theirs.redirect_uri)
        signin = kernel.desk.open()
        own = server.browser().walk(signin.authorization_address().reveal(), until=signin.redirect_uri)
        swapped = own.replace(_parameter(own, "code"), _parameter(stolen, "code"))
        assert signin.paste(swapped).text == messages.USED_CODE
        assert kernel.desk.credentials.entry is None
        for desk in (kernel.desk, victim.desk):
            desk.close()

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda iss: f"iss={iss}.example", id="another"),
            pytest.param(lambda iss: "", id="none"),
        ],
    )
    def test_the_issuer_of_the_redirect(self, server: Server, tmp_path: Path, change: Callable[[str], str]) -> None:
        """A redirect that names another issuer, or none, is refused where the issuer is known; its code is not sent."""
        kernel = start(server, server.config(), tmp_path)
        signin = kernel.desk.open()
        dead = server.browser().walk(signin.authorization_address().reveal(), until=signin.redirect_uri)
        iss = _parameter(dead, "iss")
        assert signin.paste(dead.replace(f"iss={iss}", change(iss))).text == messages.OTHER_ISSUER
        assert kernel.desk.credentials.entry is None
        kernel.desk.close()

    def test_a_server_that_is_not_the_issuer(self, server: Server, tmp_path: Path) -> None:
        """The listener refuses a server's answer when the settings name another issuer."""
        kernel = start(server, server.config(issuer="https://other.example"), tmp_path)
        signin = sign_in(kernel.desk, server.browser())
        assert signin.status.text == messages.OTHER_ISSUER
        kernel.desk.close()

    def test_an_expired_token_is_renewed(self, server: Server, tmp_path: Path) -> None:
        """By the clock, before it is used; nobody is asked, and what was rotated is on disk for the next kernel."""
        kernel = start(server, server.config("short-lived"), tmp_path)
        sign_in(kernel.desk, server.browser())
        before = kernel.token
        assert before.lifetime == SHORT_SECONDS
        time.sleep(SHORT_SECONDS + 0.1)
        assert server.me(before) == 401
        kernel.desk.credentials.authorization()  # nothing of the API has been asked yet
        assert kernel.token.access != before.access
        assert list(kernel.og.contents()["title"]) == [TITLE]
        assert kernel.token.refresh != before.refresh
        assert start(server, server.config("short-lived"), tmp_path).token == kernel.token
        assert kernel.person.asked == []

    def test_a_401_leads_to_a_renewal(self, server: Server, tmp_path: Path) -> None:
        """A kernel whose clock stands still takes the token for valid until the API refuses it."""
        config = server.config("short-lived")
        kernel = start(server, config, tmp_path)
        sign_in(kernel.desk, server.browser())
        before = kernel.token
        asleep = Credentials(
            profile="default",
            config=config,
            cache=FileCache(tmp_path),
            ask=_nobody,
            clock=lambda: before.obtained_at,
        )
        time.sleep(SHORT_SECONDS + 0.1)
        assert list(Outgrow(asleep).contents()["title"]) == [TITLE]
        assert asleep.entry is not None
        assert asleep.entry.token is not None
        assert asleep.entry.token.refresh != before.refresh

    def test_two_kernels_share_a_rotating_sign_in(self, server: Server, kernel: Kernel, tmp_path: Path) -> None:
        """Both are refused at once, ten times over: no old refresh token is ever used again, so the grant lives."""
        other = start(server, server.config(), tmp_path)
        for _ in range(10):
            rejected = kernel.desk.credentials.authorization()
            other.desk.credentials.look()
            threads = [
                threading.Thread(target=each.desk.credentials.authorization, args=(rejected,))
                for each in (kernel, other)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            other.desk.credentials.look()
            kernel.desk.credentials.look()
            assert kernel.token == other.token
        assert server.me(kernel.token) == 200
        assert list(other.og.contents()["title"]) == [TITLE]

    def test_a_reused_refresh_token_ends_the_sign_in(self, server: Server, kernel: Kernel) -> None:
        """Somebody uses the old one elsewhere: the server ends all; our person is asked once, and can go on."""
        old = kernel.token
        kernel.renew()
        assert server.refresh(old) == (400, "invalid_grant")
        with pytest.raises(SignInExpired) as told:
            kernel.renew()
        assert told.value.args == messages.ENDED
        with pytest.raises(SignInExpired):
            kernel.og.contents()
        assert [str(reason) for reason in kernel.person.asked] == ["\n".join(messages.ENDED)]
        kernel.person.willing = True
        assert list(kernel.og.contents()["title"]) == [TITLE]
        assert list(kernel.og.contents()["title"]) == [TITLE]
        assert len(kernel.person.asked) == 2

    def test_revoked_elsewhere_asks_once(self, server: Server, kernel: Kernel, tmp_path: Path) -> None:
        """Signed out on another computer: the next call meets a 401 and a dead refresh token, and asks once."""
        elsewhere = start(server, server.config(), tmp_path / "elsewhere")
        assert kernel.desk.credentials.entry is not None
        elsewhere.desk.credentials.accept(kernel.desk.credentials.entry)
        elsewhere.og.sign_out()
        kernel.person.willing = True
        assert list(kernel.og.contents()["title"]) == [TITLE]
        assert [str(reason) for reason in kernel.person.asked] == ["\n".join(messages.ENDED)]

    @pytest.mark.parametrize("client", ["post", "basic", "public"])
    def test_sign_out_revokes(self, server: Server, tmp_path: Path, client: str) -> None:
        """The server confirms, refuses both tokens from then on, and nothing is left on disk."""
        kernel = start(server, server.config(client), tmp_path)
        sign_in(kernel.desk, server.browser())
        token = kernel.token
        assert server.me(token) == 200
        kernel.og.sign_out()  # a server that does not confirm leads to a warning, and warnings fail the test
        assert server.me(token) == 401
        assert server.refresh(token, client=client) == (400, "invalid_grant")
        assert FileCache(tmp_path).read("default") is None

    @pytest.mark.parametrize("client", ["post", "basic"])
    def test_a_wrong_client_secret(self, server: Server, tmp_path: Path, client: str) -> None:
        """Told as what it is, in two lines, at sign-in and at renewal; the person is not asked, the sign-in is kept."""
        wrong = server.config(client, client_secret="not-the-secret")
        refused = start(server, wrong, tmp_path)
        signin = sign_in(refused.desk, server.browser())
        assert signin.status.state is State.FAILED
        assert "Outgrow refused this application: invalid_client" in signin.status.text
        refused.desk.close()
        right = start(server, server.config(client), tmp_path)
        sign_in(right.desk, server.browser())
        other = start(server, wrong, tmp_path)
        with pytest.raises(ConfigError) as told:
            other.renew()
        first, second = str(told.value).splitlines()
        assert first.startswith("Outgrow refused this application: invalid_client")
        assert second.startswith("Compare OUTGROW_CLIENT_ID, its secret and OUTGROW_REDIRECT_URI")
        assert "not-the-secret" not in str(told.value)
        assert other.person.asked == []
        assert right.renew().refresh is not None

    def test_an_awkward_secret(self, server: Server, tmp_path: Path) -> None:
        """A secret with per cent, plus, colon and blanks arrives whole in a Basic header."""
        kernel = start(server, server.config("basic-awkward"), tmp_path)
        signin = sign_in(kernel.desk, server.browser())
        assert signin.status.text == "Signed in to Outgrow as ana@example.com (Acme) · saved sign-in (not encrypted)"

    def test_a_saved_sign_in_needs_no_settings(self, server: Server, kernel: Kernel, tmp_path: Path) -> None:
        """Another kernel without any settings renews it: addresses, application and secret come from the profile."""
        bare = start(server, Config(), tmp_path)
        before = bare.token
        assert bare.renew().refresh != before.refresh
        assert list(bare.og.contents()["title"]) == [TITLE]


def _parameter(address: str, name: str) -> str:
    """A parameter's value as it stands in an address, still encoded."""
    query = address.partition("?")[2]
    return next(value for key, _, value in (pair.partition("=") for pair in query.split("&")) if key == name)


def _nobody(reason: OutgrowError) -> None:
    raise reason
