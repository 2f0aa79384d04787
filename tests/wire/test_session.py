"""The hardened session over real sockets: where it goes, what it carries, and how much it reads."""

import gzip
import logging
import tracemalloc
import zlib
from pathlib import Path

import pytest
import requests

from outgrow_nb.errors import ConfigError
from outgrow_nb.wire import TooLarge, unreachable
from tests.helpers_auth import Answer as PostAnswer
from tests.helpers_auth import TokenEndpoint, hangs_up, says, token_endpoint
from tests.wire.fault_server import Answer, FaultServer, fault_server, hardened, over_tls, raw, self_signed, send

fault = pytest.fixture(fault_server)
endpoint = pytest.fixture(token_endpoint)
BEARER = {"Authorization": "Bearer AT-CANARY-1"}


def test_an_answer(fault: FaultServer) -> None:
    """Whole, decompressed, over one connection that is used again."""
    fault.answers["/"] = send(gzip.compress(b"[1]"), content_encoding="gzip")
    session = hardened()
    assert [session.get(fault.url + "/").json() for _ in range(2)] == [[1], [1]]
    fault.answers["/"] = send(b"")
    assert session.get(fault.url + "/").content == b""
    assert len(set(fault.ports)) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_h03_r13_redirects_are_refused(
    fault: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """No second request, to whatever host, port or path; nor a downgrade to plain http."""
    for other in fault_server():
        for target in ("/elsewhere", f"{other.url}/", other.url.replace("127.0.0.1", "localhost"), "//evil.example/"):
            fault.answers["/"] = send(status=status, location=target)
            with pytest.raises(requests.TooManyRedirects) as caught:
                hardened().get(fault.url + "/", headers=BEARER)
            assert "redirect" in unreachable("h", caught.value).problem
        certificate = self_signed(tmp_path, "localhost")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with over_tls(certificate) as encrypted:
            encrypted.answers["/"] = send(status=status, location=f"{other.url}/")
            with pytest.raises(requests.TooManyRedirects):
                hardened().get(encrypted.url + "/", headers=BEARER)
        assert other.seen == []
    assert {path for path, _ in fault.seen} == {"/"}


def test_h04_netrc_is_not_sent(fault: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ~/.netrc for the host neither replaces the bearer nor is sent without one."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc-secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    fault.answers["/"] = send()
    hardened().get(fault.url + "/")
    hardened().get(fault.url + "/", headers={"Authorization": "Bearer x"})
    assert [headers.get("authorization") for _, headers in fault.seen] == [None, "Bearer x"]


def test_h13_cookies_are_not_kept(fault: FaultServer) -> None:
    """What a server sets is neither kept nor sent back, to it or to another."""
    fault.answers["/"] = send(set_cookie="a=b; Path=/")
    session = hardened()
    for other in fault_server():
        other.answers["/"] = send()
        for url in (fault.url, fault.url, other.url):
            session.get(url + "/")
        assert [headers.get("cookie") for _, headers in (*fault.seen, *other.seen)] == [None] * 3
    assert not list(session.cookies)


@pytest.mark.parametrize(
    "url",
    [
        "http://outgrow.example/api",
        "http://127.0.0.1.evil.example/api",
        "http://localhost.evil.example/api",
        "http://2130706433.evil.example/api",
        "https://user:pw@127.0.0.1/api",
        "http://127.0.0.1@evil.example/api",
    ],
)
@pytest.mark.parametrize("oauthlib", ["0", "1", None])
def test_h01_addresses_that_get_nothing(monkeypatch: pytest.MonkeyPatch, url: str, oauthlib: str | None) -> None:
    """Plain http elsewhere and look-alikes are refused before any byte, whatever oauthlib's variable says."""
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    if oauthlib is not None:
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", oauthlib)
    session = hardened()
    session.auth = None  # or requests would read a user name out of the address
    with pytest.raises(ConfigError, match=r"plain http|user name"):
        session.get(url, headers=BEARER)


@pytest.mark.parametrize("answer", [hangs_up, *(says({}, status, Retry_After="0") for status in (429, 502, 503, 504))])
def test_h07_a_post_is_sent_once(endpoint: TokenEndpoint, answer: PostAnswer) -> None:
    """Whatever comes back, or nothing: the server may have acted, so nobody sends it again."""
    endpoint.answers = [answer]
    session = hardened()
    for _ in range(2):  # the second one over a connection that was used before
        try:
            assert session.post(endpoint.url, data={"a": "b"}).status_code >= 429
        except requests.ConnectionError:
            assert answer is hangs_up
    assert len(endpoint.bodies) == 2


def test_h11_too_large(fault: FaultServer) -> None:
    """Stopped at the cap, and where a small body grows out of all proportion."""
    fault.answers["/big"] = send(b"x" * 2000)
    with pytest.raises(TooLarge) as caught:
        hardened(max_bytes=1000).get(fault.url + "/big")
    assert "larger" in unreachable("h", caught.value).problem
    fault.answers["/bomb"] = send(gzip.compress(b"0" * (8 << 20)), content_encoding="gzip")
    with pytest.raises(TooLarge):
        hardened(max_bytes=64 << 20, max_ratio=50).get(fault.url + "/bomb")
    assert len(hardened(max_bytes=64 << 20).get(fault.url + "/bomb").content) == 8 << 20


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
def test_h11_a_bomb_takes_little_room(fault: FaultServer, coding: str) -> None:
    """50 MB in 48 KB are not unpacked before they are found too large, however they were packed."""
    packed = zlib.compress(b"0" * 50_000_000) if coding == "deflate" else gzip.compress(b"0" * 50_000_000)
    packed = gzip.compress(packed) if "," in coding else packed
    assert len(packed) < 50_000
    fault.answers["/"] = send(packed, content_encoding=coding)
    session = hardened(max_bytes=1 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            session.get(fault.url + "/")
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"),
        raw(b"HTTP/1.1 200 " + b"y" * 1_000_000 + b"\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 1_000_000),
    ],
    ids=["one long", "many", "status line", "chunk size"],
)
def test_h11_huge_headers(fault: FaultServer, answer: Answer) -> None:
    """A header without end is given up, as a connection that broke off."""
    fault.answers["/"] = answer
    with pytest.raises(requests.ConnectionError) as caught:
        hardened().get(fault.url + "/")
    assert unreachable("h", caught.value).problem.endswith("the connection broke off.")


@pytest.mark.parametrize(
    "answer", [send(), raw(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n{}")], ids=["well", "odd headers"]
)
def test_s04_the_key_is_not_logged(fault: FaultServer, caplog: pytest.LogCaptureFixture, answer: Answer) -> None:
    """urllib3 logs paths, of odd answers even as a warning that any notebook shows: an API key in them is not there."""
    fault.answers["/v1/get_leads/canary-key-123/77"] = fault.answers["/v1/get_cal/canary-key-123"] = answer
    with caplog.at_level(logging.DEBUG):
        hardened().get(f"{fault.url}/v1/get_leads/canary-key-123/77")
        hardened().get(f"{fault.url}/v1/get_cal/canary-key-123")
    assert "/v1/get_leads/{api_key}/77" in caplog.text
    assert "canary" not in caplog.text
