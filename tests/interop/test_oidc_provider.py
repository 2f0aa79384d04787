"""`oidc-provider` from npm, a certified authorization server: our client signs in there and lives by its rules."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from outgrow_nb.errors import SignInExpired
from tests.interop.browser import Browser
from tests.interop.checks import Checks
from tests.interop.servers import SHORT_SECONDS, Server, running, sign_in, start

pytestmark = [
    pytest.mark.skipif(
        shutil.which("npm") is None, reason="there is no Node here; `make test` says so in its last lines"
    ),
    pytest.mark.xdist_group("node"),
]


def browser() -> Browser:
    """The development pages take any password; the login is the account's id."""
    return Browser(answers={"login": "ana", "password": "any"}, log_in="Sign-in", allow="Continue", deny="[ Cancel ]")


@pytest.fixture(scope="module")
def server(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The provider in its own process."""
    log = tmp_path_factory.mktemp("oidc-provider") / "log"
    with running(["node", "provider.mjs"], cwd=packages, log=log, browser=browser) as started:
        yield started


class TestOidcProvider(Checks):
    """All checks, against oidc-provider."""

    def test_without_a_refresh_token(self, server: Server, tmp_path: Path) -> None:
        """None asked for, none given: the sign-in lasts as long as its access token, then the person is asked once."""
        config = server.config("short-lived", scope="openid", authorize_url=f"{server.told['issuer']}/auth")
        kernel = start(server, config, tmp_path)
        sign_in(kernel.desk, server.browser())
        assert kernel.token.refresh is None
        time.sleep(SHORT_SECONDS + 0.1)
        with pytest.raises(SignInExpired):
            kernel.og.contents()
        assert len(kernel.person.asked) == 1
