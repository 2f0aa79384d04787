"""One request to the API against a real server: renewed once, explained, and made as whoever is signed in."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from outgrow_nb.api import decode, endpoints, pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiUnavailable, Forbidden, SignInExpired, UnexpectedAnswer, UnknownContent
from outgrow_nb.wire import Bearer, Fixed
from tests.wire.clients import bearer_config, credentials, signed_in
from tests.wire.fault_server import FaultServer, fault_server, send
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.transport_support import (
    CANARY,
    Clock,
    calls,
    key_transport,
    patient,
    read,
    signed_in_transport,
    standing_clock,
    trouble,
)

clock = pytest.fixture(standing_clock)
transport = pytest.fixture(signed_in_transport)
by_key = pytest.fixture(key_transport)
fault = pytest.fixture(fault_server)
ANA = "ana.silva@example.com"


def test_refused_renewed_and_done(sandbox: Sandbox, transport: Transport) -> None:
    """A 401 renews the sign-in once, and the same call goes on."""
    sandbox.control(expire_access=True)
    assert read(transport) == ANA
    assert (calls(sandbox), sandbox.stats()["hits"]) == (2, 1)
    assert read(transport) == ANA
    assert sandbox.stats()["hits"] == 1


def test_r16_refused_twice(sandbox: Sandbox, transport: Transport) -> None:
    """401, renewed, 401 again: one renewal, two calls, a clear error."""
    sandbox.control(status="401@/api/v1/me")
    error = trouble(lambda: read(transport), Forbidden)
    assert error.problem == "Outgrow refuses a sign-in that it has just renewed."
    assert "og.sign_out()" in error.next_step
    assert (calls(sandbox), sandbox.stats()["hits"]) == (2, 1)


def test_r16_forbidden_never_renews(sandbox: Sandbox, transport: Transport) -> None:
    """403 is no matter of the sign-in; the message has the server's words and whom to ask."""
    sandbox.control(status="403@/api/v1/me")
    error = trouble(lambda: read(transport), Forbidden)
    assert error.problem == "This account may not read /me: The sandbox was told to answer 403."
    assert (calls(sandbox), sandbox.stats()["hits"]) == (1, 0)


def test_r17_no_call_has_a_body(fault: FaultServer, clock: Clock) -> None:
    """Every call is a GET without a body, which may be made again after a 401: nothing is ever replayed blindly."""

    class Renewing:
        def authorization(self, rejected: object = None) -> Bearer:
            return Bearer(Secret("new" if rejected else "old"))

        def wait(self) -> None:
            raise AssertionError("nobody is asked")

    made = patient(Config(base_url=fault.url), Renewing(), clock)
    refused, well = send(b"{}", 401), send(b'{"data": []}')
    bodies = {"/me": b'{"data": {}}'}
    for path in ("/me", "/calculator", "/calculator/1/questions", "/leads"):
        fault.answers[f"/api/v1{path}"] = [refused, send(bodies[path]) if path in bodies else well]
    pages.account(made)
    pages.contents(made)
    pages.questions(made, "1")
    assert list(pages.leads(made, "1"))
    assert [headers["authorization"] for _, headers in fault.seen] == ["Bearer old", "Bearer new"] * 4
    assert not [headers for _, headers in fault.seen if headers.keys() & {"content-length", "transfer-encoding"}]


def test_r18_many_threads_renew_once(sandbox: Sandbox, transport: Transport) -> None:
    """50 threads that are refused with the same token renew it once between them."""
    old = transport._credential.authorization()
    sandbox.control(expire_access=True)
    barrier = threading.Barrier(50)

    def ask(_: int) -> str | None:
        barrier.wait(20)
        assert transport._credential.authorization(rejected=old) != old
        return read(transport)

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(ask, range(50))) == {ANA}
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (1, 0)


def test_r19_tokens_that_are_over_at_once(sandbox: Sandbox, clock: Clock) -> None:
    """A server whose tokens end as they are given: one renewal a call, then an error, never a loop."""
    made = patient(bearer_config(sandbox), credentials(signed_in(sandbox)), clock)
    sandbox.control(access_ttl="0", expires_in="0", expire_access=True, reset_stats=True)
    for count in range(1, 4):
        trouble(lambda: read(made), Forbidden)
        assert (calls(sandbox), sandbox.stats()["hits"]) == (2 * count, count)


@pytest.mark.parametrize("skew", ["600", "-600"])
@pytest.mark.parametrize("meanwhile", [False, True])
def test_r21_the_servers_clock_is_off(sandbox: Sandbox, skew: str, meanwhile: bool) -> None:
    """Ten minutes fast or slow, always or suddenly: at most one renewal more, and every call is answered."""
    if not meanwhile:
        sandbox.control(clock_skew=skew)
    made = Transport(bearer_config(sandbox), credentials(signed_in(sandbox)))
    sandbox.control(clock_skew=skew, reset_stats=True)
    assert [read(made) for _ in range(3)] == [ANA] * 3
    assert sandbox.stats()["hits"] <= meanwhile
    sandbox.control(expire_access=True, reset_stats=True)
    assert [read(made) for _ in range(3)] == [ANA] * 3
    assert sandbox.stats()["hits"] == 1


def test_scope_that_was_not_granted(sandbox: Sandbox, clock: Clock) -> None:
    """A sign-in without the scope is told what it lacks."""
    held = credentials(signed_in(sandbox, scope="profile"))
    error = trouble(lambda: pages.contents(patient(bearer_config(sandbox), held, clock)), Forbidden)
    assert "lacks the scope contents" in error.problem


def test_unknown_content(transport: Transport) -> None:
    """404 names what was asked for."""
    error = trouble(lambda: pages.questions(transport, "0123abcd"), UnknownContent)
    assert error.problem == "Outgrow knows no '0123abcd': This account has no content of that id."
    assert error.next_step == "See og.contents() for what there is."


def test_bad_argument(sandbox: Sandbox, transport: Transport) -> None:
    """422 is told once, with the server's words, and not tried again."""
    error = trouble(lambda: transport.read(endpoints.LEADS, decode.leads_page), UnexpectedAnswer)
    assert error.problem == "Outgrow did not accept /leads (status 422): calculator is missing."
    assert calls(sandbox) == 1


def test_a_problem_without_a_code(transport: Transport) -> None:
    """A 200 that tells a problem without a code: the status stands in its place."""

    def tell(_body: bytes) -> None:
        raise decode.EnvelopeProblem(None, "Not today.")

    error = trouble(lambda: transport.read(endpoints.ME, tell), UnexpectedAnswer)
    assert error.problem == "Outgrow did not accept /me (status 200): Not today."


def test_web_page_with_an_error_status(transport: Transport, sandbox: Sandbox) -> None:
    """A proxy's error page counts by its status, whatever its body."""

    def refuse(_body: bytes) -> None:
        raise UnexpectedAnswer("not JSON", "nothing")

    sandbox.control(status="502*1@/api/v1/me")
    assert transport.read(endpoints.ME, lambda body: len(body)) > 0
    sandbox.control(status="418*1@/api/v1/me")
    error = trouble(lambda: transport.read(endpoints.ME, refuse), UnexpectedAnswer)
    assert "status 418" in error.problem


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(
    ("base", "host", "cause"),
    [
        ("http://127.0.0.1:{port}", "127.0.0.1", "the connection was refused"),
        ("https://outgrow.invalid", "outgrow.invalid", "its name cannot be looked up"),
    ],
)
def test_unreachable(clock: Clock, base: str, host: str, cause: str) -> None:
    """Nobody listens, or the name is unknown: the message says the host and the cause."""
    made = patient(Config(base_url=base.format(port=free_port())), Fixed(Bearer(Secret(CANARY))), clock)
    error = trouble(lambda: read(made), ApiUnavailable)
    assert error.problem == f"Can't reach {host} from this kernel: {cause}."
    assert CANARY not in repr(error)


def test_both_dialects_of_one_account(sandbox: Sandbox, transport: Transport, by_key: Callable[..., Transport]) -> None:
    """The key opens the same contents; the dialects know which one they are."""
    assert by_key().dialect() == "key"
    assert transport.dialect() == "bearer"
    ids = set(pages.key_content_ids(by_key()))
    assert ids == {item.id for item in pages.contents(transport)} == {item.id for item in pages.contents(by_key())}
    assert pages.questions(by_key(), next(iter(ids))) == []


@pytest.mark.parametrize("how", ["401", "code"])
def test_refused_key(sandbox: Sandbox, by_key: Callable[..., Transport], how: str) -> None:
    """A 401, and a code 401 inside a 200, are the same refusal; one request, no loop."""
    sandbox.control(bad_key=how)
    trouble(lambda: pages.key_content_ids(by_key(CANARY)), SignInExpired)
    assert calls(sandbox) == 1
    trouble(lambda: pages.contents(by_key(CANARY)), SignInExpired)
    assert calls(sandbox) == 2


def test_an_impossible_key(by_key: Callable[..., Transport]) -> None:
    """A key with a slash would change the path: refused before any request, without showing it."""
    error = trouble(lambda: pages.key_content_ids(by_key("KEY-CANARY/../me")), UnknownContent)
    assert "CANARY" not in str(error)
