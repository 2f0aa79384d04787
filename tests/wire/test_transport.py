"""One request to the API against a real server and its faults: renewed, retried, explained; and no secret anywhere."""

import gc
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from outgrow_nb.api import decode, endpoints, pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import (
    ApiError,
    ApiUnavailable,
    Forbidden,
    OutgrowError,
    RateLimited,
    SignInExpired,
    UnexpectedAnswer,
    UnknownContent,
)
from outgrow_nb.wire import ApiKey, Bearer, Fixed
from tests.wire.clients import bearer_config, credentials, fixed_server, key_config, signed_in
from tests.wire.sandbox_fixtures import Sandbox

CANARY = "KEY-CANARY-0123456789"


class Clock:
    """A clock that stands still but for whoever sleeps."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transport(sandbox: Sandbox, clock: Clock) -> Transport:
    """Somebody signed in; nobody really waits."""
    made = Transport(
        bearer_config(sandbox), credentials(signed_in(sandbox)), clock=clock, sleep=clock.sleep, jitter=lambda: 0.5
    )
    sandbox.control(reset_stats=True)
    return made


@pytest.fixture
def by_key(sandbox: Sandbox, clock: Clock) -> Callable[..., Transport]:
    """Somebody with an API key."""

    def make(key: str | None = None, config: Config | None = None) -> Transport:
        held = Fixed(ApiKey(Secret(key or sandbox.api_key)))
        return Transport(config or key_config(sandbox), held, clock=clock, sleep=clock.sleep, jitter=lambda: 0.5)

    return make


def read(transport: Transport) -> str | None:
    return pages.account(transport).email


def calls(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["api_requests"])


def trouble(work: Callable[[], object], kind: type[OutgrowError]) -> Any:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.problem
    assert caught.value.next_step
    return caught.value


# --- 401: renewed once


def test_refused_renewed_and_done(sandbox: Sandbox, transport: Transport) -> None:
    """A 401 renews the sign-in once, and the same call goes on."""
    sandbox.control(expire_access=True)
    assert read(transport) == "ana.silva@example.com"
    assert (calls(sandbox), sandbox.stats()["hits"]) == (2, 1)
    assert read(transport) == "ana.silva@example.com"
    assert sandbox.stats()["hits"] == 1


def test_refused_twice(sandbox: Sandbox, transport: Transport) -> None:
    """R16: 401, renewed, 401 again: one renewal, two calls, a clear error."""
    sandbox.control(status="401@/api/v1/me")
    error = trouble(lambda: read(transport), Forbidden)
    assert error.problem == "Outgrow refuses a sign-in that it has just renewed."
    assert (calls(sandbox), sandbox.stats()["hits"]) == (2, 1)


def test_many_threads_renew_once(sandbox: Sandbox, transport: Transport) -> None:
    """R18: threads that get a 401 for the same token renew it once between them."""
    sandbox.control(expire_access=True)
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(read(transport))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["ana.silva@example.com"] * 8
    assert sandbox.stats()["hits"] == 1


# --- statuses that say what is wrong


def test_forbidden(sandbox: Sandbox, transport: Transport) -> None:
    """403 never renews; the message has the server's words and whom to ask."""
    sandbox.control(status="403@/api/v1/me")
    error = trouble(lambda: read(transport), Forbidden)
    assert error.problem == "This account may not read /me: The sandbox was told to answer 403."
    assert (calls(sandbox), sandbox.stats()["hits"]) == (1, 0)


def test_scope_that_was_not_granted(sandbox: Sandbox, clock: Clock) -> None:
    """A sign-in without the scope is told what it lacks."""
    held = credentials(signed_in(sandbox, scope="profile"))
    error = trouble(lambda: pages.contents(Transport(bearer_config(sandbox), held)), Forbidden)
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


# --- what passes


def test_failing_twice_then_well(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """H06: 503 twice, then 200: read, with a growing pause in between."""
    sandbox.control(status="503*2@/api/v1/me")
    assert read(transport) == "ana.silva@example.com"
    assert calls(sandbox) == 3
    assert clock.slept == [0.25, 0.5]


def test_failing_for_good(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """H06: after three more tries an error; the sign-in is untouched."""
    sandbox.control(status="503@/api/v1/me")
    error = trouble(lambda: read(transport), ApiUnavailable)
    assert error.problem.startswith("Outgrow fails at the moment (status 503)")
    assert calls(sandbox) == 4
    assert clock.slept == [0.25, 0.5, 1.0]
    assert sandbox.stats()["hits"] == 0


def test_broken_server(sandbox: Sandbox, transport: Transport) -> None:
    """A 500 is not tried again: nothing says that it passes."""
    sandbox.control(status="500@/api/v1/me")
    trouble(lambda: read(transport), ApiUnavailable)
    assert calls(sandbox) == 1


@pytest.mark.parametrize("fault", [{"drop": "*2@/api/v1/me"}, {"truncate": "*2@/api/v1/me"}])
def test_broken_connection(sandbox: Sandbox, transport: Transport, fault: dict[str, str]) -> None:
    """H06, H10: a dropped connection or half an answer is tried again, since reading changes nothing."""
    sandbox.control(**fault)
    assert read(transport) == "ana.silva@example.com"
    assert calls(sandbox) == 3


def test_connection_that_stays_broken(sandbox: Sandbox, transport: Transport) -> None:
    """H10: after the last try the message says where it broke, not a library's words."""
    sandbox.control(truncate="@/api/v1/me")
    error = trouble(lambda: read(transport), ApiUnavailable)
    assert error.problem == "Can't reach 127.0.0.1 from this kernel: the connection broke off."
    assert error.__cause__ is None
    assert error.__context__ is None


# --- 429


def test_slow_down(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """H06: 429 with Retry-After waits as long as it says, then reads."""
    sandbox.control(status="429*2@/api/v1/me", retry_after="7")
    started = clock.now
    assert read(transport) == "ana.silva@example.com"
    assert calls(sandbox) == 3
    assert clock.now - started >= 14


def test_every_thread_slows_down(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """H14: a Retry-After that one call was given holds for the calls of every thread."""
    sandbox.control(status="429*4@/api/v1/calculator", retry_after="20")
    trouble(lambda: pages.contents(transport), RateLimited)
    assert clock.now < 1_780_000_100
    before = clock.now
    other = threading.Thread(target=lambda: read(transport))
    other.start()
    other.join(30)
    assert clock.slept[-1] > 18
    assert clock.now - before > 18


def test_too_long_a_wait(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """H08: over the cap nobody waits: the error names the time, and carries it."""
    sandbox.control(status="429@/api/v1/me", retry_after="3600")
    error = trouble(lambda: read(transport), RateLimited)
    assert error.problem == "Outgrow asks to wait for 1:00:00."
    assert error.next_step == "Run the cell again after 21:26 UTC."
    assert error.retry_after == timedelta(hours=1)
    assert clock.slept == []
    assert calls(sandbox) == 1


@pytest.mark.parametrize("after", ["abc", "1e309", "-5", "9999999999"])
def test_odd_wishes(sandbox: Sandbox, transport: Transport, clock: Clock, after: str) -> None:
    """H08: whatever stands in Retry-After, the call ends with our error and in bounds."""
    sandbox.control(status="429@/api/v1/me", retry_after=after)
    error = trouble(lambda: read(transport), RateLimited)
    assert sum(clock.slept) < 10
    if after == "abc":
        assert error.retry_after is None


# --- answers that are none


def test_web_page(sandbox: Sandbox, transport: Transport) -> None:
    """H12: a captive portal's page is named by its kind and title, in safe characters, and never retried."""
    sandbox.control(html="@/api/v1/me")
    error = trouble(lambda: read(transport), UnexpectedAnswer)
    assert "a web page titled 'Welcome to Guest Wi-Fi'" in error.problem
    assert calls(sandbox) == 1


def test_web_page_with_an_error_status(transport: Transport, sandbox: Sandbox) -> None:
    """A proxy's error page counts by its status, whatever its body."""

    def refuse(_body: bytes) -> None:
        raise UnexpectedAnswer("not JSON", "nothing")

    sandbox.control(status="502*1@/api/v1/me")
    assert transport.read(endpoints.ME, lambda body: len(body)) > 0
    sandbox.control(status="418*1@/api/v1/me")
    error = trouble(lambda: transport.read(endpoints.ME, refuse), UnexpectedAnswer)
    assert "status 418" in error.problem


def test_redirect(sandbox: Sandbox, transport: Transport) -> None:
    """H03: a redirect is refused: nobody else gets to see the sign-in."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(0.2)
        sandbox.control(redirect=f"http://127.0.0.1:{other.getsockname()[1]}/*9@/api/v1/me")
        error = trouble(lambda: read(transport), ApiUnavailable)
        assert "a redirect, which is not followed" in error.problem
        with pytest.raises(TimeoutError):
            other.accept()
    assert calls(sandbox) == 1


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_unreachable(clock: Clock) -> None:
    """Nobody listens, or the name is unknown: the message says the host and the cause."""
    held = Fixed(Bearer(Secret(CANARY)))
    closed = Config(base_url=f"http://127.0.0.1:{free_port()}")
    error = trouble(lambda: read(Transport(closed, held, sleep=clock.sleep, clock=clock)), ApiUnavailable)
    assert error.problem == "Can't reach 127.0.0.1 from this kernel: the connection was refused."
    unknown = Config(base_url="https://outgrow.invalid")
    error = trouble(lambda: read(Transport(unknown, held, sleep=clock.sleep, clock=clock)), ApiUnavailable)
    assert error.problem == "Can't reach outgrow.invalid from this kernel: its name cannot be looked up."
    assert CANARY not in repr(error)


# --- the API key


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


class Sweep:
    """What the tests of secrets look through: exceptions with their frames, and every log record."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = secrets
        self.looked = 0

    def text(self, text: str) -> None:
        self.looked += 1
        assert not [secret for secret in self._secrets if secret in text], "a secret shows"

    def error(self, error: BaseException | None) -> None:
        while error is not None:
            frames = [
                frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename != __file__
            ]
            self.text("".join(repr(frame.f_locals) for frame in frames) + "".join(traceback.format_exception(error)))
            self.text(repr(error) + str(error) + repr(vars(error)))
            error = error.__cause__ or error.__context__


@pytest.fixture
def debug(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """`logging.basicConfig(level=DEBUG)`: every record of every logger."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield caplog
    gc.collect()


FAULTS = [
    {"status": "401@/api"},
    {"status": "403@/api"},
    {"status": "404@/api"},
    {"status": "422@/api"},
    {"status": "429@/api", "retry_after": "100"},
    {"status": "503@/api"},
    {"drop": "@/api"},
    {"truncate": "@/api"},
    {"html": "@/api"},
    {"redirect": "http://127.0.0.1:9/get_leads/x@/api"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(fault.values()))
def test_no_secret_on_any_error_path(
    sandbox: Sandbox, by_key: Callable[..., Transport], debug: pytest.LogCaptureFixture, clock: Clock, fault: Any
) -> None:
    """S02, S04, S07: the key stands in a path, and in no exception, frame, repr or log record at DEBUG."""
    content = pages.key_content_ids(by_key())[0]
    sandbox.control(**fault)
    sweep = Sweep([sandbox.api_key, sandbox.api_key[4:-4]])
    for work in (
        lambda: pages.key_content_ids(by_key()),
        lambda: list(pages.leads(by_key(), content)),
        lambda: pages.contents(by_key()),
    ):
        with pytest.raises(OutgrowError) as caught:
            work()
        sweep.error(caught.value)
    for record in debug.records:
        sweep.text(record.getMessage() + repr(record.args) + repr(record.__dict__))
    assert sweep.looked > 10
    assert "/get_cal/{api_key}" in debug.text


def test_no_token_in_any_log(sandbox: Sandbox, transport: Transport, debug: pytest.LogCaptureFixture) -> None:
    """S04: neither tokens nor the client secret stand in a log at DEBUG, a renewal included."""
    held = credentials(signed_in(sandbox))
    entry = held.entry
    assert entry is not None
    assert entry.token is not None
    assert entry.token.refresh is not None
    old = [entry.token.access.reveal(), entry.token.refresh.reveal()]
    sandbox.control(expire_access=True)
    own = Transport(bearer_config(sandbox), held)
    assert read(own)
    entry = held.entry
    assert entry is not None
    assert entry.token is not None
    assert entry.token.refresh is not None
    secrets = [*old, entry.token.access.reveal(), entry.token.refresh.reveal(), sandbox.client_secret]
    sweep = Sweep(secrets)
    sandbox.control(status="401@/api")
    with pytest.raises(Forbidden) as caught:
        read(own)
    sweep.error(caught.value)
    sweep.text(repr(own) + repr(held) + repr(entry) + repr(vars(held)))
    for record in debug.records:
        sweep.text(record.getMessage() + repr(record.__dict__))
    assert sweep.looked > 5


def test_a_key_that_the_server_repeats(sandbox: Sandbox, by_key: Callable[..., Transport]) -> None:
    """S07: a server that quotes the key in its message is not quoted with it."""

    def quote(_body: bytes) -> None:
        raise decode.EnvelopeProblem(400, f"no such key: {sandbox.api_key}")

    error = trouble(lambda: by_key().read(endpoints.KEY_CONTENTS, quote), ApiError)
    assert error.problem == "Outgrow did not accept /get_cal/{api_key} (status 400): no such key: […]."


def test_an_impossible_key(by_key: Callable[..., Transport]) -> None:
    """A key with a slash would change the path: refused before any request, without showing it."""
    error = trouble(lambda: pages.key_content_ids(by_key("KEY-CANARY/../me")), UnknownContent)
    assert "CANARY" not in str(error)


# --- pages


def content_with_leads(transport: Transport) -> str:
    return max(pages.contents(transport), key=lambda item: item.leads_count or 0).id


def test_pages_in_order(sandbox: Sandbox, transport: Transport, by_key: Callable[..., Transport]) -> None:
    """Page after page until the end, all of the total; the key's one page holds the same leads."""
    content = content_with_leads(transport)
    got = list(pages.leads(transport, content))
    ids = [lead.id for page in got for lead in page.records]
    assert len(set(ids)) == got[0].total
    (whole,) = pages.leads(by_key(), content)
    assert {lead.id for lead in whole.records} == set(ids)


@pytest.mark.parametrize("total", ["+5", "-3"])
def test_totals_that_lie(sandbox: Sandbox, transport: Transport, total: str) -> None:
    """Pages that do not add up to the total are an error, never a silently short frame."""
    content = content_with_leads(transport)
    sandbox.control(total=total)
    error = trouble(lambda: list(pages.leads(transport, content)), UnexpectedAnswer)
    assert "but its pages hold" in error.problem


def test_cursor_in_a_circle(clock: Clock) -> None:
    """A server that gives the same cursor again does not keep the cell for ever."""
    with fixed_server(b'{"success": true, "data": [{"id": "1"}], "next_cursor": "again"}') as base:
        config = Config(base_url=base)
        circle = Transport(config, Fixed(Bearer(Secret(CANARY))), clock=clock, sleep=clock.sleep)
        error = trouble(lambda: list(pages.leads(circle, "1")), UnexpectedAnswer)
    assert error.problem == "Outgrow's pages of leads run in a circle."
