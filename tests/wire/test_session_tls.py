"""The hardened session over TLS: whom it trusts, and that the deadline holds there too (H02)."""

from pathlib import Path

import pytest
import requests

from outgrow_nb.wire import unreachable, was_sent
from tests.wire.fault_server import drip, hardened, over_tls, self_signed, send


@pytest.mark.parametrize(
    ("host", "days", "trusted", "why"),
    [
        ("localhost", 9, False, "self-signed"),
        ("localhost", -1, True, "expired"),
        ("x", 9, True, "Hostname mismatch"),
    ],
)
def test_h02_untrusted_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, trusted: bool, why: str
) -> None:
    """Self-signed, expired, another host's: an error that says so, and nothing was sent."""
    certificate = self_signed(tmp_path, host, days)
    other = self_signed(tmp_path, "another", 9)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate if trusted else other))
    with over_tls(certificate) as fault:
        with pytest.raises(requests.exceptions.SSLError, match=why) as caught:
            hardened().get(fault.url + "/", headers={"Authorization": "Bearer AT-CANARY"})
        assert fault.seen == []
    assert "certificate" in unreachable("localhost", caught.value).problem
    assert not was_sent(caught.value)


def test_h02_a_bundle_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE is honoured, and the deadline holds over TLS as well."""
    certificate = self_signed(tmp_path, "localhost")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with over_tls(certificate) as fault:
        fault.answers["/"] = send(b"well")
        fault.answers["/drip"] = drip
        assert hardened().get(fault.url + "/").content == b"well"
        with pytest.raises(requests.exceptions.ReadTimeout):
            hardened(seconds=0.3).get(fault.url + "/drip")
