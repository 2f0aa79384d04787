"""`Vault`: seals what a cache keeps, with a key that the computer's own keyring holds."""

import base64
import os
import queue
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from outgrow_nb.auth.entry import Corrupt
from outgrow_nb.config import Secret
from outgrow_nb.errors import CacheError

SERVICE = "outgrow-nb"
_MAGIC = b"outgrow-nb sealed 1 "
_ID_BYTES, _KEY_BYTES, _NONCE_BYTES = 8, 32, 12
HEAD = len(_MAGIC) + 2 * _ID_BYTES + 1
KEYRING_SECONDS = 3.0
_UNLOCK = (
    "Unlock the keyring of the session you signed in from and run this again, use another profile, or forget that "
    "sign-in with outgrow-nb logout."
)


class KeyUnavailable(CacheError):
    """The cache is sealed, and this computer or session does not give out the key."""


@dataclass(frozen=True)
class Key:
    """One profile's key; the sealed file names it by its id, the keyring holds it under that id."""

    id: str
    secret: Secret = field(repr=False)


class Vault:
    """Seals and opens a profile's bytes with AES-256-GCM, bound to the profile's name.

    Whether the keyring can be trusted is found out once, at the first sign-in to be kept: it must answer within
    `seconds`, give back what it was given, and not keep plain text. What is sealed stays sealed: a kernel that cannot
    have the key says so and writes nothing in its place.

    Args:
        seconds: How long the keyring may take to answer; it may be waiting for a person in another window.
    """

    def __init__(self, *, seconds: float = KEYRING_SECONDS) -> None:
        self._seconds = seconds
        self._trusted: bool | None = None

    def new_key(self, where: str) -> Key | None:
        """A new key that the keyring holds from now on; None where there is no keyring to trust.

        Args:
            where: What it is for, for the message.

        Raises:
            KeyUnavailable: The keyring held keys for this very cache before and does not answer now.
        """
        if self._trusted is False:
            return None
        key = Key(secrets.token_hex(_ID_BYTES), Secret(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()))
        reason = self._unfit() or self._refuses(key)
        if self._trusted and reason:
            raise KeyUnavailable(f"The key for {where} can't be kept: {reason}.", _UNLOCK)
        self._trusted = not reason
        return None if reason else key

    def key_of(self, kept: bytes, where: str) -> Key:
        """The key that a sealed file names.

        Raises:
            Corrupt: It names none.
            KeyUnavailable: The key cannot be had.
        """
        name = _id(kept)
        if name is None:
            raise Corrupt("sealed")
        reason = self._unfit()
        if not reason:
            held, reason = self._ask(lambda: _keyring().get_password(SERVICE, name))
            key = Key(name, Secret(held)) if isinstance(held, str) else None
            del held
            if key is not None and _is_key(key):
                return key
            reason = reason or "the keyring here does not hold it"
        raise KeyUnavailable(f"{where} is encrypted, and its key can't be had: {reason}.", _UNLOCK)

    def open(self, kept: bytes, profile: str, where: str) -> bytes:
        """What was sealed.

        Raises:
            Corrupt: The bytes are not what was sealed for this profile.
            KeyUnavailable: The key cannot be had.
        """
        key = self.key_of(kept, where)
        from cryptography.exceptions import InvalidTag  # an extra, which a key proves to be there

        nonce, sealed = kept[HEAD : HEAD + _NONCE_BYTES], kept[HEAD + _NONCE_BYTES :]
        try:
            opened: bytes = _cipher(key).decrypt(nonce, sealed, profile.encode("utf-8", "surrogatepass"))
        except (InvalidTag, ValueError):
            raise Corrupt("sealed") from None  # ValueError: a nonce that was cut short
        return opened

    def forget(self, kept: bytes) -> None:
        """Deletes the key of a file that is about to be deleted; a keyring that refuses keeps a key to nothing."""
        name = _id(kept)
        if name is not None and not self._unfit():
            self._ask(lambda: _keyring().delete_password(SERVICE, name))

    def _unfit(self) -> str:
        """Why the keyring cannot hold a key, "" where it may."""
        if find_spec("keyring") is None or find_spec("cryptography") is None:
            return "encryption is not installed here (pip install 'outgrow-nb[keyring]')"
        weakness, problem = self._ask(lambda: _weakness(_keyring()))
        return problem or str(weakness)

    def _refuses(self, key: Key) -> str:
        """Why a new key cannot be kept, "" where the keyring gave it back as it got it."""
        text = key.secret
        _, problem = self._ask(lambda: _keyring().set_password(SERVICE, key.id, text.reveal()))
        if problem:
            return problem
        held, problem = self._ask(lambda: _keyring().get_password(SERVICE, key.id))
        same = isinstance(held, str) and Secret(held) == text
        del held
        return problem or ("" if same else "the keyring here forgets what it is given")

    def _ask(self, call: Callable[[], Any]) -> tuple[Any, str]:
        """The keyring's answer, or why there is none; a keyring that hangs is left hanging in its thread."""
        answers: queue.SimpleQueue[tuple[Any, str]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put((call(), ""))
            except Exception as error:  # noqa: BLE001 - backends raise what their platform raises; it is told
                answers.put((None, f"the keyring here failed ({type(error).__name__})"))

        threading.Thread(target=run, name="outgrow-nb keyring", daemon=True).start()
        try:
            return answers.get(timeout=self._seconds)
        except queue.Empty:
            return None, f"the keyring here did not answer within {self._seconds:g} s"


def is_sealed(kept: bytes) -> bool:
    """Whether the bytes are of a sealed file."""
    return kept.startswith(_MAGIC)


def seal(data: bytes, key: Key, profile: str) -> bytes:
    """The bytes, readable with the key and for this profile alone."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed: bytes = _cipher(key).encrypt(nonce, data, profile.encode("utf-8", "surrogatepass"))
    return _MAGIC + key.id.encode() + b"\n" + nonce + sealed


def _cipher(key: Key) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(base64.b64decode(key.secret.reveal()))


def _is_key(key: Key) -> bool:
    try:
        return len(base64.b64decode(key.secret.reveal(), validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _id(kept: bytes) -> str | None:
    name = kept[len(_MAGIC) : HEAD - 1]
    whole = len(kept) >= HEAD and kept[HEAD - 1 : HEAD] == b"\n" and set(name) <= set(b"0123456789abcdef")
    return name.decode() if whole else None


def _keyring() -> Any:
    import keyring

    return keyring.get_keyring()


def _weakness(backend: Any) -> str:
    """Why a backend is no place for a key; of a chain the first one counts, which is the one it writes to."""
    chain = list(getattr(backend, "backends", ()))
    kind = type(chain[0] if chain else backend)
    if kind.__module__ == "keyring.backends.fail":
        return "there is no keyring here"
    if "plaintext" in kind.__name__.lower():
        return "the keyring here keeps plain text"
    return ""
