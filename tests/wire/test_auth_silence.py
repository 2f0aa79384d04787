"""A token endpoint that does not end its answer, in real time: each wait is bounded, the lock is free afterwards."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from outgrow_nb.auth import protocol
from outgrow_nb.auth.attempts import begin
from outgrow_nb.auth.filecache import LOCK_SECONDS, FileCache
from outgrow_nb.auth.protocol import DEADLINE_SECONDS
from outgrow_nb.config import Secret
from outgrow_nb.errors import ApiUnavailable
from outgrow_nb.wire import Bearer
from tests.helpers_auth import CODE, Answer, assert_clean, pair, token_endpoint
from tests.wire.renewal_support import Kernels, access, shown

endpoint = contextlib.contextmanager(token_endpoint)


def says_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2 * LOCK_SECONDS)


def dripping(head: bytes, then: bytes) -> Answer:
    """That head at once, and then a byte a second."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):  # the client gave up, as it should
            handler.wfile.write(head)
            for byte in then * 100:
                handler.wfile.write(bytes([byte]))
                time.sleep(1)

    return answer


SLOW = {
    "hangs": says_nothing,
    "drips its headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "drips its body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
}


@contextlib.contextmanager
def kernels_at(answer: Answer, folder: Path) -> Iterator[Kernels]:
    with endpoint() as server:
        server.answers = [answer]
        yield Kernels(server, FileCache(folder))


def a_renewal(kernels: Kernels) -> int:
    """Fails within the deadlines of its two requests, before others tire of the lock; the token is kept."""
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with pytest.raises(ApiUnavailable, match="took too long") as caught:
        credentials.authorization()
    assert_clean(caught.value)
    assert isinstance(kernels.cache, FileCache)
    with FileCache(kernels.cache.folder, lock_seconds=0.5).exclusive("p") as held:
        kept = held.read()
    assert kept is not None
    assert kept.authorization() == Bearer(Secret(access(0)))
    assert kernels.sent == [pair(0)["refresh_token"]] * 2
    kernels.clock.now -= 3600
    assert shown(kernels.kernel()) == access(0)
    return 2


def an_exchange(kernels: Kernels) -> int:
    """The code was sent once, and the person is told to sign in again."""
    with pytest.raises(ApiUnavailable, match="took too long") as caught:
        protocol.exchange(kernels.config, begin(kernels.config, "http://127.0.0.1:1/callback"), Secret(CODE))
    assert caught.value.next_step.startswith("Sign in again")
    assert len(kernels.endpoint.bodies) == 1
    return 1


def a_sign_out(kernels: Kernels) -> int:
    """What is kept goes after one wait, and it is told that the access may live on."""
    credentials = kernels.signed_in()
    assert not credentials.sign_out()
    assert len(kernels.endpoint.bodies) == 1
    assert kernels.cache.read("p") is None
    return 1


def test_r15_l14_o02_nothing_waits_for_ever(tmp_path: Path) -> None:
    """All at once: renewals, code exchanges and a sign-out at servers that hang or drip a byte a second."""

    def timed(case: tuple[str, Callable[[Kernels], int]]) -> tuple[str, float]:
        slow, work = case
        with kernels_at(SLOW[slow], tmp_path / f"{slow} {work.__name__}") as kernels:
            started = time.monotonic()
            requests = work(kernels)
            took = time.monotonic() - started
            assert DEADLINE_SECONDS * requests - 1 < took < DEADLINE_SECONDS * requests + 5 < LOCK_SECONDS, case
        return slow, took

    cases = [(slow, work) for slow in SLOW for work in (a_renewal, an_exchange)] + [("hangs", a_sign_out)]
    with ThreadPoolExecutor(len(cases)) as pool:
        assert len(list(pool.map(timed, cases))) == 7
