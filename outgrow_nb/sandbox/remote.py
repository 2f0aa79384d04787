"""Talks to a sandbox from another process: is it ours, what to tell it. No proxy, no redirects."""

import http.client
import json
from typing import Any

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.proof import HEADER, control_proof, identity_proof, new_nonce, same

_HOST = "127.0.0.1"
_SECONDS = 5.0
_MOST_BYTES = 1024 * 1024


def is_ours(port: int, secret: str, *, challenge: str) -> bool:
    """Whether the server on that port knows the secret. Tells it nothing.

    Args:
        port: On 127.0.0.1.
        secret: From the state file.
        challenge: New random text.
    """
    try:
        status, answer = _ask(port, "GET", f"/__sandbox__/identity?challenge={challenge}", b"", {})
    except (OSError, http.client.HTTPException, ValueError):
        return False  # nobody listens there, or somebody who does not speak our protocol
    proof = answer.get("proof") if isinstance(answer, dict) else None
    expected = identity_proof(secret, port=port, challenge=challenge)
    return status == 200 and isinstance(proof, str) and same(proof, expected)


def order(port: int, secret: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Send an order to the control endpoint; gives the counts.

    Args:
        port: On 127.0.0.1, of a server that proved itself.
        secret: From the state file.
        wanted: See `Control.order`.

    Raises:
        ConfigError: The server refused.
    """
    return _control(port, secret, "POST", "/__sandbox__/control", json.dumps(wanted).encode())


def counts(port: int, secret: str) -> dict[str, Any]:
    """The counts of a server.

    Raises:
        ConfigError: The server refused.
    """
    return _control(port, secret, "GET", "/__sandbox__/stats", b"")


def _control(port: int, secret: str, method: str, path: str, body: bytes) -> dict[str, Any]:
    proof = control_proof(secret, nonce=new_nonce(), method=method, path=path, body=body)
    try:
        status, answer = _ask(port, method, path, body, {HEADER: proof, "Content-Type": "application/json"})
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ConfigError("The sandbox did not answer.", "Run the cell again to start it anew.") from error
    if status != 200 or not isinstance(answer, dict):
        reason = answer.get("message") if isinstance(answer, dict) else None
        raise ConfigError(f"The sandbox refused the order ({status}): {reason}", "Check what was asked for.")
    return answer


def _ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(_HOST, port, timeout=_SECONDS)
    try:
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read(_MOST_BYTES))
    finally:
        connection.close()
