"""Proofs by HMAC-SHA-256 from the state file's secret, which itself never travels."""

import hashlib
import hmac
import secrets

HEADER = "X-Sandbox-Proof"


def new_nonce() -> str:
    """32 hex digits nobody has used before."""
    return secrets.token_hex(16)


def identity_proof(secret: str, *, port: int, challenge: str) -> str:
    """What the true server on that port answers to a challenge; bound to the port, so that it cannot be relayed."""
    return _mac(secret, "identity", str(port), challenge)


def control_proof(secret: str, *, nonce: str, method: str, path: str, body: bytes) -> str:
    """What the control endpoint wants to see in `HEADER`: nonce, colon, MAC over the request."""
    return f"{nonce}:{_mac(secret, 'control', nonce, method, path, hashlib.sha256(body).hexdigest())}"


def same(one: str, other: str) -> bool:
    """Whether two proofs are equal, in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _mac(secret: str, *parts: str) -> str:
    text = "\n".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
