"""A sign-in that was ended elsewhere, as a client's next calls meet it: one question a call, and no request in vain."""

import pytest

from outgrow_nb.client import Outgrow
from outgrow_nb.errors import SignInExpired
from tests.wire.clients import Asked, client, credentials, signed_in
from tests.wire.sandbox_fixtures import Sandbox


def revoked(sandbox: Sandbox, asked: Asked) -> Outgrow:
    """A client that has read, and whose grant somebody has ended since."""
    og = client(signed_in(sandbox), asked=asked)
    assert len(og.contents()) > 0
    sandbox.control(revoke="all", expire_access=True, reset_stats=True)
    return og


def test_o05_the_next_call_asks_once(sandbox: Sandbox) -> None:
    """The person is asked one time, told that the sign-in has ended, and the call that met it goes on."""
    asked = Asked()
    held = credentials(signed_in(sandbox), asked=asked)
    og = Outgrow(held)
    before = og.contents()
    sandbox.control(revoke="all", expire_access=True, reset_stats=True)
    asked.answers = [lambda: held.accept(signed_in(sandbox))]
    assert og.contents().equals(before)
    assert [type(reason) for reason in asked.reasons] == [SignInExpired]
    assert "has ended" in asked.reasons[0].problem
    assert sandbox.stats()["hits"] == 1
    assert og.contents().equals(before)
    assert (len(asked.reasons), sandbox.stats()["hits"]) == (1, 1)


def test_o05_nobody_answers(sandbox: Sandbox) -> None:
    """Each call asks once and then raises; a hundred of them send not one more request to the token endpoint."""
    asked = Asked()
    og = revoked(sandbox, asked)
    for count in range(1, 101):
        with pytest.raises(SignInExpired, match="has ended"):
            og.contents()
        assert len(asked.reasons) == count
    stats = sandbox.stats()
    assert (stats["hits"], stats["api_requests"]) == (1, 1)
