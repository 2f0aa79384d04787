"""When the transport asks again: after what passes, as late as it is told to, never all threads at once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

import pytest

from outgrow_nb.api import pages
from outgrow_nb.api.transport import BUDGET_SECONDS, Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiError, ApiUnavailable, RateLimited
from outgrow_nb.wire import Bearer, Fixed
from tests.wire.fault_server import Answer, FaultServer, fault_server, hang_up, raw, send
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.transport_support import (
    CANARY,
    Clock,
    asking,
    calls,
    read,
    signed_in_transport,
    standing_clock,
    trouble,
)

clock = pytest.fixture(standing_clock)
transport = pytest.fixture(signed_in_transport)
fault = pytest.fixture(fault_server)
ME = "/api/v1/me"
WELL = send(b'{"data": {"email": "ana@example.com"}}')
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        hang_up,
        send(b"[", content_length="1000", connection="close"),
        raw(CHUNKED + b'5\r\n{"'),
        *(send(b"<html>", status) for status in (429, 502, 503, 504)),
        send(b'{"code": 503, "message": "busy"}'),
    ],
    ids=["reset", "cut length", "cut chunk", "429", "502", "503", "504", "503 in a 200"],
)
def test_h06_h10_what_passes(fault: FaultServer, clock: Clock, answer: Answer) -> None:
    """Twice, then 200: read, after pauses drawn from growing spans; for good: three more tries, then an error."""
    fault.answers[ME] = [answer, answer, WELL]
    assert read(asking(fault.url, clock)) == "ana@example.com"
    assert len(fault.seen) == 3
    assert clock.slept == [0.5 * 0.5, 0.5 * 2.0]
    clock.slept.clear()
    fault.answers[ME] = answer
    draws = iter([0.0, 0.25, 0.999])
    trouble(lambda: read(asking(fault.url, clock, lambda: next(draws))), ApiUnavailable, RateLimited)
    assert len(fault.seen) == 7
    assert clock.slept == [0.0, 0.25 * 2.0, 0.999 * 8.0]


def test_h06_within_a_budget(fault: FaultServer, clock: Clock) -> None:
    """Answers that take minutes each are not waited for four times."""

    def slow(handler: Any) -> None:
        clock.sleep(BUDGET_SECONDS / 2 + 1)
        hang_up(handler)

    fault.answers[ME] = slow
    trouble(lambda: read(asking(fault.url, clock)), ApiUnavailable)
    assert len(fault.seen) == 2


@pytest.mark.parametrize("status", [400, 404, 418, 500, 501])
def test_what_does_not_pass(fault: FaultServer, clock: Clock, status: int) -> None:
    """Nothing says that these pass: asked once."""
    fault.answers[ME] = send(b"{}", status, retry_after="1")
    with pytest.raises(ApiError):
        read(asking(fault.url, clock))
    assert len(fault.seen) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (send(status=307, location="/elsewhere"), "a redirect, which is not followed"),
        (send(b" " * (65 << 20)), "larger than any it should give"),
    ],
    ids=["redirect", "too large"],
)
def test_h03_h11_what_stays_as_it_is(fault: FaultServer, clock: Clock, answer: Answer, cause: str) -> None:
    """A redirect and an answer beyond its cap would come again: asked once."""
    fault.answers[ME] = answer
    assert cause in trouble(lambda: read(asking(fault.url, clock)), ApiUnavailable).problem
    assert [path for path, _ in fault.seen] == [ME]


def test_h16_closed_while_the_request_went_out(fault: FaultServer, clock: Clock) -> None:
    """A kept connection that ends under the next GET: asked once more, over a new one, and nobody notices."""
    fault.answers[ME] = [WELL, hang_up, WELL]
    made = asking(fault.url, clock)
    assert [read(made), read(made)] == ["ana@example.com"] * 2
    first, ended, new = fault.ports
    assert first == ended != new
    assert len(clock.slept) == 1


def in_the_future(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("3", 3, 3),
        ("60", 60, 60),
        (lambda: in_the_future(20), 18, 21),
        (lambda: in_the_future(-20), 0, 0),
        ("Fri, 31 Feb 2026 12:00:30 GMT", 0, 0),
        ("-5", 0, 0),
        ("0", 0, 0),
        ("abc", 0, 0),
        ("", 0, 0),
        ("3\r\nRetry-After: 5", 0, 0),
    ],
)
def test_h08_honoured(
    fault: FaultServer, clock: Clock, status: int, header: str | Callable[[], str], low: float, high: float
) -> None:
    """A time to wait, whoever tells it and however, is waited out, and a random while more; nonsense counts as none."""
    after = header if isinstance(header, str) else header()
    fault.answers[ME] = [send(b"{}", status, retry_after=after), WELL]
    assert read(asking(fault.url, clock)) == "ana@example.com"
    (slept,) = clock.slept
    assert low <= slept - 0.25 <= high


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "shown", "until"),
    [
        ("61", "0:01:01", "20:27 UTC"),
        ("3600", "1:00:00", "21:26 UTC"),
        ("90000", "1 day, 1:00:00", "2026-05-29 21:26 UTC"),
        ("9999999999", "3650 days, 0:00:00", "2036-05-25 20:26 UTC"),
        ("1e309", "3650 days, 0:00:00", "2036-05-25 20:26 UTC"),
    ],
)
def test_h08_beyond_what_anybody_waits(
    fault: FaultServer, clock: Clock, status: int, header: str, shown: str, until: str
) -> None:
    """Over 60 seconds nobody waits: the error names the time, and carries it."""
    fault.answers[ME] = send(b"{}", status, retry_after=header)
    error = trouble(lambda: read(asking(fault.url, clock)), RateLimited)
    assert error.problem == f"Outgrow asks to wait for {shown}."
    assert error.next_step == f"Run the cell again after {until}."
    assert error.retry_after == timedelta(seconds=min(float(header), 3650 * 86400))
    assert (len(fault.seen), clock.slept) == (1, [])


def test_h08_r21_a_date_by_a_clock_that_is_off(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """A date is meant by the clock of the server that writes it, which its Date header tells."""
    sandbox.control(clock_skew="600")
    sandbox.control(status="429*1@/api/v1/me", retry_after=in_the_future(620))
    read(transport)
    assert 15 < sum(clock.slept) < 25


def test_h08_for_good(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """A server that asks for a little patience each time gets it four times, then the error names the time."""
    sandbox.control(status="429@/api/v1/me", retry_after="7")
    error = trouble(lambda: read(transport), RateLimited)
    assert error.problem == "Outgrow asks to wait for 0:00:07."
    assert calls(sandbox) == 4
    assert 21 <= sum(clock.slept) < 21 + 10.5


def test_h14_every_thread_slows_down(sandbox: Sandbox, transport: Transport, clock: Clock) -> None:
    """A Retry-After that one call was given holds for the first try of another thread's."""
    sandbox.control(status="429*4@/api/v1/calculator", retry_after="20")
    trouble(lambda: pages.contents(transport), RateLimited)
    before = len(clock.slept)
    other = threading.Thread(target=lambda: read(transport))
    other.start()
    other.join(30)
    assert clock.slept[before:] == [20 + 0.5 * 0.25]


@pytest.fixture
def drawn() -> Callable[[], float]:
    """Draws 0/8, 1/8, 2/8… whatever the thread."""
    numbers, lock = count(), threading.Lock()

    def draw() -> float:
        with lock:
            return next(numbers) % 8 / 8

    return draw


def test_h14_a_storm(fault: FaultServer, drawn: Callable[[], float]) -> None:
    """8 threads, real time: once one is asked to wait a second all are silent for it, and then come one by one."""
    fault.answers[ME] = [*[send(b"{}", 429, retry_after="1")] * 8, WELL]
    made = Transport(Config(base_url=fault.url, workers=8), Fixed(Bearer(Secret(CANARY))), jitter=drawn)
    start = threading.Barrier(8)

    def ask(_: int) -> str | None:
        start.wait(10)
        return read(made)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["ana@example.com"] * 8
    told, again = fault.times[:8], fault.times[8:]
    assert len(again) == 8
    assert again[0] - told[0] >= 1
    assert again[-1] - again[0] > 0.3


def test_real_time_is_waited_by_default(fault: FaultServer) -> None:
    """Without a clock of a test's own the pauses are real."""
    fault.answers[ME] = [send(b"{}", 429, retry_after="0.3"), WELL]
    started = time.monotonic()
    read(Transport(Config(base_url=fault.url), Fixed(Bearer(Secret(CANARY)))))
    assert 0.3 <= time.monotonic() - started < 5
