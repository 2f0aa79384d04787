"""django-oauth-toolkit, Django's authorization server: our client signs in there and lives by its rules."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.browser import Browser
from tests.interop.checks import Checks
from tests.interop.django_provider import PASSWORD, PERSON
from tests.interop.servers import Server, running

pytestmark = pytest.mark.xdist_group("django")


def browser() -> Browser:
    """Django's login page and the toolkit's consent page."""
    return Browser(
        answers={"username": PERSON, "password": PASSWORD}, log_in="Log in", allow="Authorize", deny="Cancel"
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The toolkit in its own process, at its stock addresses, which end in a slash."""
    folder = tmp_path_factory.mktemp("django")
    program = Path(__file__).with_name("django_provider.py")
    command = [sys.executable, str(program), str(folder)]
    with running(command, cwd=folder, log=folder / "log", browser=browser) as started:
        yield started


class TestDjangoOAuthToolkit(Checks):
    """All checks, against django-oauth-toolkit; its addresses end in a slash, and its refusal names no issuer."""
