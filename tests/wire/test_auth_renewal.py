"""Renewal against a token endpoint that answers as told: one request for many, whoever was faster, however it ends."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from outgrow_nb.api import pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.auth.entry import Entry, pack
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Secret
from outgrow_nb.errors import ApiUnavailable, CacheError, OutgrowError, SignInExpired
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint, assert_clean, hangs_up, pair, says, swept, token_endpoint
from tests.wire.fault_server import fault_server, send
from tests.wire.renewal_support import ANA, BOB, Kernels, Troubled, access, shown, troubled_kernels

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
kernels = pytest.fixture(troubled_kernels)
INVALID_GRANT = says({"error": "invalid_grant"}, 400)


def test_c01_one_renewal_for_many_threads(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """32 threads and an expired token: one request, one outcome."""
    endpoint.answers = [says(pair(1)), says(pair(2))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    barrier = threading.Barrier(32)

    def ask(_: int) -> str:
        barrier.wait(10)
        return shown(credentials)

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(ask, range(32))) == {access(1)}
    assert len(kernels.sent) == 1


def test_c11_a_program_that_ends_saves_what_a_worker_renews(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The renewal is no daemon, even if a daemon asked for it: once the token is spent, the next one is saved."""
    daemons: list[bool] = []

    def look(handler: Any) -> None:
        daemons.extend(thread.daemon for thread in threading.enumerate() if thread.name == "outgrow-nb renewal")
        says(pair(1))(handler)

    endpoint.answers = [look]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    worker = threading.Thread(target=lambda: shown(credentials), daemon=True)
    worker.start()
    worker.join(10)
    assert daemons == [False]


@pytest.mark.parametrize(
    "problem",
    [
        CacheError("Can't lock.", "Wait."),
        RuntimeError("RT-CANARY-in-a-bug"),
        KeyboardInterrupt("RT-CANARY"),
        SystemExit("RT-CANARY"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_c03_a_renewal_that_raises_releases_everybody(
    kernels: Kernels, endpoint: TokenEndpoint, problem: BaseException
) -> None:
    """Whatever ends it: waiters are told within 5 s, no secret of a bug is shown, and the next call tries again."""
    endpoint.answers = [says(pair(1))]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"exclusive": problem}
    kernels.clock.now += 3600
    barrier = threading.Barrier(8)

    def ask(_: int) -> bool:
        barrier.wait(10)
        with pytest.raises(OutgrowError) as caught:
            credentials.authorization()
        assert_clean(caught.value)
        return True

    pool = ThreadPoolExecutor(8)
    try:
        assert all(pool.map(ask, range(8), timeout=5))
    finally:
        pool.shutdown(wait=False)
    assert kernels.sent == []
    kernels.cache.fails = {}
    assert shown(credentials) == access(1)


@pytest.mark.parametrize(
    ("scope", "warned"),
    [("leads", True), ("leads contents", False), ("leads contents profile", False), (None, False)],
)
def test_r03_scope(kernels: Kernels, endpoint: TokenEndpoint, scope: str | None, warned: bool) -> None:
    """Whatever the scope becomes, the token is kept; less of it is told once."""
    endpoint.answers = [says(pair(1, **({"scope": scope} if scope else {})))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert [shown(credentials) for _ in range(3)] == [access(1)] * 3
    assert [("without contents" in str(warning.message)) for warning in told] == [True] * warned
    kept = kernels.cache.read("p")
    assert kept is not None
    assert kept.authorization() == Bearer(Secret(access(1)))


def test_r02_saved_before_the_first_request(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """When the API sees a new token for the first time, the pair stands on disk, byte by byte and fit to be renewed."""
    endpoint.answers = [says(pair(1))]
    assert isinstance(kernels.cache, FileCache)
    folder, on_disk = kernels.cache.folder, list[object]()

    def look(handler: Any) -> None:
        on_disk.append(FileCache(folder).read("p"))
        send(b"{}")(handler)

    for api in fault_server():
        api.answers["/me"] = look
        sharing = Kernels(endpoint, kernels.cache, api_url=api.url)
        credentials = sharing.signed_in()
        sharing.clock.now += 3600
        pages.account(Transport(sharing.config, credentials))
        assert [headers["authorization"] for _, headers in api.seen] == [f"Bearer {access(1)}"]
    (kept,) = on_disk
    assert isinstance(kept, Entry)
    assert kept.token is not None
    assert kept.token.access.reveal() == access(1)
    assert kept.token.refresh == Secret(pair(1)["refresh_token"])


def test_c08_r05_a_sibling_was_faster(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """What a sibling renewed is adopted without a request."""
    endpoint.answers = [says(pair(1)), INVALID_GRANT]
    first, second = kernels.signed_in(), kernels.kernel()
    shown(second)
    kernels.clock.now += 3600
    assert (shown(first), shown(second)) == (access(1), access(1))
    assert shown(second, Bearer(Secret(access(0)))) == access(1)
    assert len(kernels.sent) == 1


@pytest.mark.parametrize(("account", "adopted"), [(ANA, True), (None, True), (BOB, False)])
def test_r05_a_sibling_that_no_lock_reaches(
    kernels: Kernels, endpoint: TokenEndpoint, account: Any, adopted: bool
) -> None:
    """The server has spent our token for a sibling on another computer, say: its file is adopted, if it is ours."""
    cache = kernels.cache
    assert isinstance(cache, FileCache)

    def sibling_first(handler: Any) -> None:
        cache.path("p").write_bytes(pack(kernels.entry(5, account=account)))
        INVALID_GRANT(handler)

    endpoint.answers = [sibling_first]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    if adopted:
        assert [shown(credentials), shown(credentials)] == [access(5)] * 2
    else:
        with pytest.raises(SignInExpired):
            credentials.authorization()
    assert (len(kernels.sent), kernels.asked) == (1, 0)
    kept = cache.read("p")
    assert kept is not None
    assert kept.authorization() == Bearer(Secret(access(5)))


def test_r09_no_third_try(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Lost once, refused once: the sign-in is over, and the text says that the reply was lost."""
    endpoint.answers = [hangs_up, INVALID_GRANT]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    for _ in range(3):
        with pytest.raises(SignInExpired, match="reply") as caught:
            credentials.authorization()
        assert_clean(caught.value)
    assert len(kernels.sent) == 2


def test_r09_lost_twice_is_no_end(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Both replies lost: the server is unreachable, nobody is signed out, and the next call tries again."""
    endpoint.answers = [hangs_up, hangs_up, says(pair(1))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with pytest.raises(ApiUnavailable, match="broke off"):
        credentials.authorization()
    assert len(kernels.sent) == 2
    assert shown(credentials) == access(1)
