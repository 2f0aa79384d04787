"""No secret on any path through the transport: not in errors and their frames, nor in any log."""

import gc
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from outgrow_nb.api import decode, endpoints, pages
from outgrow_nb.api.transport import Transport
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ApiError, Forbidden, OutgrowError, UnexpectedAnswer
from outgrow_nb.wire import ApiKey, Fixed
from tests.wire.clients import bearer_config, credentials, signed_in
from tests.wire.fault_server import FaultServer, fault_server, send
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.transport_support import CANARY, Clock, key_transport, patient, read, standing_clock, trouble

clock = pytest.fixture(standing_clock)
by_key = pytest.fixture(key_transport)
fault = pytest.fixture(fault_server)


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
def test_s02_s04_no_key_on_any_error_path(
    sandbox: Sandbox, by_key: Callable[..., Transport], debug: pytest.LogCaptureFixture, fault: Any
) -> None:
    """The key stands in a path, and in no exception, frame, repr or log record at DEBUG."""
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


def test_s04_no_token_in_any_log(sandbox: Sandbox, debug: pytest.LogCaptureFixture) -> None:
    """Neither tokens nor the client secret stand in a log at DEBUG, a renewal included."""
    held = credentials(signed_in(sandbox))
    secrets = [*tokens_of(held), sandbox.client_secret]
    sandbox.control(expire_access=True)
    own = Transport(bearer_config(sandbox), held)
    assert read(own)
    secrets += tokens_of(held)
    sweep = Sweep(secrets)
    assert len(set(secrets)) == 5
    sandbox.control(status="401@/api")
    with pytest.raises(Forbidden) as caught:
        read(own)
    sweep.error(caught.value)
    sweep.text(repr(own) + repr(held) + repr(held.entry) + repr(vars(held)))
    for record in debug.records:
        sweep.text(record.getMessage() + repr(record.__dict__))
    assert sweep.looked > 5


def tokens_of(held: Any) -> list[str]:
    return [held.entry.token.access.reveal(), held.entry.token.refresh.reveal()]


def test_s07_a_key_that_the_server_repeats(sandbox: Sandbox, by_key: Callable[..., Transport]) -> None:
    """A server that quotes the key in its message is not quoted with it."""

    def quote(_body: bytes) -> None:
        raise decode.EnvelopeProblem(400, f"no such key: {sandbox.api_key}")

    error = trouble(lambda: by_key().read(endpoints.KEY_CONTENTS, quote), ApiError)
    assert error.problem == "Outgrow did not accept /get_cal/{api_key} (status 400): no such key: […]."


@pytest.mark.parametrize("before", range(0, 90, 3))
def test_s07_a_web_page_that_repeats_the_address(fault: FaultServer, clock: Clock, before: int) -> None:
    """A gateway may put the address that was asked for into its page's title: not even half the key is shown."""
    title = f"{'x' * before} http://outgrow.example/get_cal/{CANARY} does not answer"
    page = f"<html><title>{title}</title></html>".encode()
    fault.answers[f"/get_cal/{CANARY}"] = send(page, content_type=f"text/html+{CANARY}")
    made = patient(Config(api_url=fault.url), Fixed(ApiKey(Secret(CANARY))), clock)
    error = trouble(lambda: pages.key_content_ids(made), UnexpectedAnswer)
    assert "a web page titled" in error.problem
    assert not [start for start in range(len(CANARY) - 8) if CANARY[start : start + 8] in str(error)]
