"""Renewals that fail: the token is kept, nobody is asked to sign in, the cause is named, and no secret with it."""

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.errors import ApiUnavailable, CacheError, ConfigError, UnexpectedAnswer
from tests.helpers_auth import TokenEndpoint, assert_clean, hangs_up, pair, says, swept, token_endpoint
from tests.wire.renewal_support import Kernels, access, shown, troubled_kernels

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
kernels = pytest.fixture(troubled_kernels)
INVALID_GRANT = says({"error": "invalid_grant"}, 400)


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "invalid_scope"])
def test_r06_a_wrong_application_is_no_prompt(kernels: Kernels, endpoint: TokenEndpoint, code: str) -> None:
    """A configuration error, each time; the token is kept, and renewed once the application is right."""
    endpoint.answers = [says({"error": code}, 401)]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    before = kernels.cache.read("p")
    for _ in range(2):
        with pytest.raises(ConfigError, match=code) as caught:
            credentials.authorization()
        assert_clean(caught.value)
    assert (kernels.cache.read("p"), kernels.asked) == (before, 0)
    endpoint.answers = [says(pair(1))]
    assert shown(credentials) == access(1)


def a_status(number: int) -> Callable[[TokenEndpoint, ExitStack], str]:
    def answers(endpoint: TokenEndpoint, stack: ExitStack) -> str:
        endpoint.answers = [says({}, number)]
        return f"{endpoint.url}/oauth/token"

    return answers


def nobody_listens(endpoint: TokenEndpoint, stack: ExitStack) -> str:
    free = stack.enter_context(socket.socket())
    free.bind(("127.0.0.1", 0))
    return f"http://127.0.0.1:{free.getsockname()[1]}/token"


def no_such_name(endpoint: TokenEndpoint, stack: ExitStack) -> str:
    return "https://outgrow.invalid/token"


def no_tls(endpoint: TokenEndpoint, stack: ExitStack) -> str:
    return endpoint.url.replace("http:", "https:")


def a_proxy_says_407(endpoint: TokenEndpoint, stack: ExitStack) -> str:
    def refuse(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    proxy = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    environment = stack.enter_context(pytest.MonkeyPatch.context())
    environment.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
    environment.delenv("no_proxy", raising=False)
    environment.delenv("NO_PROXY", raising=False)
    threading.Thread(target=refuse, args=(proxy,), daemon=True).start()
    return "https://outgrow.example/token"


@pytest.mark.parametrize(
    ("failing", "cause"),
    [
        *((a_status(number), f"status {number}") for number in (500, 502, 503, 504, 429)),
        (nobody_listens, "the connection was refused"),
        (no_such_name, "its name cannot be looked up"),
        (no_tls, "no encrypted connection came about"),
        (a_proxy_says_407, "the proxy did not let the request through"),
    ],
    ids=["500", "502", "503", "504", "429", "refused", "DNS", "TLS", "proxy"],
)
def test_r07_a_server_that_fails_signs_nobody_out(
    endpoint: TokenEndpoint, tmp_path: Path, failing: Callable[[TokenEndpoint, ExitStack], str], cause: str
) -> None:
    """The token is kept; one that still lives is used on, without asking again and again; else the cause is named."""
    with ExitStack() as stack:
        token_url = failing(endpoint, stack)
        kernels = Kernels(endpoint, FileCache(tmp_path / "kept"), token_url=token_url)
        credentials = kernels.signed_in()
        before = kernels.cache.read("p")
        kernels.clock.now += 3600 - 30
        assert [shown(credentials) for _ in range(3)] == [access(0)] * 3
        assert len(endpoint.bodies) <= 1
        kernels.clock.now += 60
        with pytest.raises(ApiUnavailable, match=cause) as caught:
            credentials.authorization()
        assert caught.value.next_step
        assert_clean(caught.value)
        assert (kernels.cache.read("p"), kernels.asked) == (before, 0)


def test_r07_afterwards_all_is_well(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The same token that could not be renewed is renewed once the server answers again."""
    endpoint.answers = [says({}, 503), says(pair(1))]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with pytest.raises(ApiUnavailable):
        credentials.authorization()
    assert shown(credentials) == access(1)
    assert kernels.sent == [pair(0)["refresh_token"]] * 2


@pytest.mark.parametrize(
    "answer",
    [
        says(b"<html>Please sign in to the hotel's network</html>", Content_Type="text/html"),
        says(b""),
        says(b"AT-CANARY-1", Content_Type="text/plain"),
        says(b"AT-CANARY-no gzip", Content_Encoding="gzip"),
        says(b"access_token=AT-CANARY-1&token_type=bearer", Content_Type="application/x-www-form-urlencoded"),
    ],
    ids=["portal", "nothing", "text", "no gzip", "form"],
)
def test_r10_an_answer_that_is_none(kernels: Kernels, endpoint: TokenEndpoint, answer: Any) -> None:
    """A clear error with a next step and no prompt; the token is kept, and renewed afterwards."""
    endpoint.answers = [answer]
    credentials = kernels.signed_in()
    before = kernels.cache.read("p")
    kernels.clock.now += 3600
    with pytest.raises((UnexpectedAnswer, ApiUnavailable)) as caught:
        credentials.authorization()
    assert caught.value.next_step
    assert_clean(caught.value)
    assert (kernels.cache.read("p"), kernels.asked) == (before, 0)
    endpoint.answers = [says(pair(1))]
    assert shown(credentials) == access(1)


@pytest.mark.parametrize("kind", ["mac", "bearer", "BEARER", "Bearer", None])
def test_r12_kinds_of_tokens(kernels: Kernels, endpoint: TokenEndpoint, kind: str | None) -> None:
    """One that is no bearer token is refused and the old one kept; in any spelling, or unnamed, it is one."""
    answer = pair(1, token_type=kind)
    if kind is None:
        del answer["token_type"]
    endpoint.answers = [says(answer)]
    credentials = kernels.signed_in()
    before = kernels.cache.read("p")
    kernels.clock.now += 3600
    if kind == "mac":
        with pytest.raises(UnexpectedAnswer, match="not a bearer token"):
            credentials.authorization()
        assert kernels.cache.read("p") == before
    else:
        assert shown(credentials) == access(1)


@pytest.mark.parametrize(
    "answer", [says({}, 503), says({"m": 1}, 403), says(b"<html>"), says({"error": "invalid_client"}, 401), hangs_up]
)
def test_s02_nothing_in_any_frame(kernels: Kernels, endpoint: TokenEndpoint, answer: Any) -> None:
    """No secret in any frame behind what reaches the person."""
    endpoint.answers = [answer]
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    with pytest.raises((ApiUnavailable, UnexpectedAnswer, ConfigError)) as caught:
        credentials.authorization()
    assert_clean(caught.value)


def test_s02_a_cache_of_a_newer_version(kernels: Kernels) -> None:
    """F10: the error names the file; no frame holds its bytes."""
    kernels.signed_in()
    cache = kernels.cache
    assert isinstance(cache, FileCache)
    path = cache.path("p")
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    with pytest.raises(CacheError, match="newer version") as caught:
        kernels.kernel().authorization()
    assert_clean(caught.value)


def test_s02_a_place_that_cannot_be_written(kernels: Kernels, tmp_path: Path) -> None:
    """F13: no frame behind the error holds what was to be written."""
    cache = FileCache(tmp_path / "kept2")
    with cache.exclusive("p") as held:
        held.reserve()
        cache.path("p").mkdir()
        with pytest.raises(CacheError) as caught:
            held.write(kernels.entry())
    assert_clean(caught.value)
