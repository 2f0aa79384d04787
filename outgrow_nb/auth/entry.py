"""What one profile keeps: the sign-in and the settings it needs to be renewed; to and from the bytes of a cache."""

import re
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Literal

import msgspec

from outgrow_nb.auth import messages
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, ConfigError, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Authorization, Bearer

VERSION = 1
_KEY = re.compile(r"[0-9a-f]{64}")
MAX_BYTES = 1 << 20
_SAVED = tuple(item.name for item in fields(Config) if item.name not in ("client_secret", "workers", "cache"))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One profile's sign-in.

    Attributes:
        config: The settings it was made with; enough to renew it in a folder without ``.env``.
        token: The tokens, for a sign-in.
        api_key: The key, for an account without one.
        account: Who signed in; None for a key, or where Outgrow did not say.
        contents: How many contents the key saw when it was checked.
        content_ids: The contents the key saw when it was checked: what a key's account is known by.
        mask_key: 32 random bytes in hex: what this account's people are hashed with; made at its first use.
        exposed: Others could read the file it came from, so it is renewed at the next use.
    """

    config: Config
    token: Token | None = None
    api_key: Secret | None = field(default=None, repr=False)
    account: Account | None = None
    contents: int | None = None
    content_ids: tuple[str, ...] = ()
    mask_key: Secret | None = field(default=None, repr=False)
    exposed: bool = field(default=False, compare=False)

    def serves(self, settings: Config) -> bool:
        """Whether this sign-in was made for the very server and application that `settings` names (F11)."""
        wanted = settings.with_missing({name: getattr(self.config, name) for name in _SAVED})
        if self.api_key is not None:  # checked at one API address, and used where no other application is meant
            application = (wanted.client_id, wanted.base) == (self.config.client_id, self.config.base)
            return application and wanted.key_api == self.config.key_api
        return binding(wanted) == binding(self.config)

    def authorization(self) -> Authorization:
        """What it authorizes a request with.

        Raises:
            SignInRequired: It holds neither a key nor a token.
        """
        if self.api_key is not None:
            return ApiKey(self.api_key)
        if self.token is None:
            raise SignInRequired(*messages.NOBODY)
        return Bearer(self.token.access)

    def is_other_account(self, other: "Entry") -> bool:
        """Whether the two are two accounts, as far as both are known."""
        if (self.api_key is None) != (other.api_key is None):
            return True
        if self.api_key is not None:
            seen = set(self.content_ids), set(other.content_ids)
            return self.api_key != other.api_key and all(seen) and not seen[0] & seen[1]
        mine, theirs = self.account, other.account
        return mine is not None and theirs is not None and None not in (mine.id, theirs.id) and mine.id != theirs.id

    def after(self, before: "Entry | None") -> "Entry":
        """This sign-in with the mask key that the same account had before."""
        if before is None or before.mask_key is None or self.is_other_account(before):
            return self
        return replace(self, mask_key=before.mask_key)

    def complete(self, settings: Config) -> Config:
        """`settings` with its blanks filled from this sign-in, the client secret included."""
        saved = {name: getattr(self.config, name) for name in _SAVED}
        return settings.with_missing({**saved, "client_secret": self.config.secret})


def binding(config: Config) -> tuple[str, ...]:
    """The server and application that a sign-in is for: nothing of it is ever sent to another."""
    return (
        config.client_id or "",
        config.token_endpoint,
        config.revocation_endpoint,
        config.expected_issuer,
        config.bearer_api,
    )


_Text = Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]  # what may stand in a header
_Time = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class _StoredToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    access_token: _Text
    obtained_at: _Time
    refresh_token: _Text | None = None
    lifetime: _Time | None = None
    scope: str | None = None


class _StoredConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    client_id: str | None = None
    client_secret: str | None = None
    redirect_uri: str | None = None
    base_url: str | None = None
    api_url: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None
    issuer: str | None = None
    scope: str | None = None
    client_auth: Literal["post", "basic"] = "post"
    pkce_enforced: bool = False


class _Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    version: int
    config: _StoredConfig
    token: _StoredToken | None = None
    api_key: _Text | None = None
    account: Account | None = None
    contents: int | None = None
    content_ids: tuple[str, ...] = ()
    mask_key: str | None = None


class _Version(msgspec.Struct):
    version: int


class Corrupt(Exception):
    """The bytes are not an entry; the message names the field, never the value."""


def pack(entry: Entry) -> bytes:
    """The entry as JSON, secrets included: for a cache alone.

    Raises:
        CacheError: It holds what could not be read again; the message names the field, never the value.
    """
    data, problem = b"", ""
    try:
        data = msgspec.json.encode(_stored(entry))
        unpack(data, "")
    except Corrupt as error:
        problem = str(error)
    except UnicodeEncodeError:
        problem = "half a character"
    if len(data) > MAX_BYTES:
        problem = "too large"
    if problem:
        del data  # it holds secrets, and this frame stands in a traceback
        raise CacheError(f"This sign-in can't be saved ({problem}).", "It works until the kernel ends.")
    return data


def _stored(entry: Entry) -> _Stored:
    token = entry.token
    return _Stored(
        version=VERSION,
        config=_StoredConfig(
            **{name: getattr(entry.config, name) for name in _SAVED},
            client_secret=entry.config.secret.reveal() if entry.config.secret else None,
        ),
        token=_StoredToken(
            access_token=token.access.reveal(),
            refresh_token=token.refresh.reveal() if token.refresh is not None else None,
            obtained_at=token.obtained_at,
            lifetime=token.lifetime,
            scope=token.scope,
        )
        if token
        else None,
        api_key=entry.api_key.reveal() if entry.api_key is not None else None,
        account=entry.account,
        contents=entry.contents,
        content_ids=entry.content_ids,
        mask_key=entry.mask_key.reveal() if entry.mask_key is not None else None,
    )


def unpack(data: bytes, where: str) -> Entry:
    """The entry in `data`.

    Args:
        data: What a cache held.
        where: Its place, for the message.

    Raises:
        Corrupt: Not an entry.
        CacheError: Written by a newer version of this package; left as it is.
    """
    version, stored, problem = None, None, ""
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version == VERSION:
            stored = msgspec.json.decode(data, type=_Stored)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        problem = _field(error)
    if version is not None and version > VERSION:
        del data  # it holds secrets, and this frame stands in a traceback
        raise CacheError(
            f"{where} was written by a newer version of outgrow-nb.", "Update outgrow-nb, or use another profile."
        )
    if stored is None or (stored.token is None) == (stored.api_key is None):
        raise Corrupt(problem or "neither a token nor a key")
    try:
        config = Config(**msgspec.structs.asdict(stored.config))
    except ConfigError:
        raise Corrupt("config") from None
    if stored.mask_key is not None and not _KEY.fullmatch(stored.mask_key):
        raise Corrupt("$.mask_key")
    return Entry(
        config=config,
        token=_token(stored.token) if stored.token else None,
        api_key=Secret(stored.api_key) if stored.api_key else None,
        account=stored.account,
        contents=stored.contents,
        content_ids=stored.content_ids,
        mask_key=Secret(stored.mask_key) if stored.mask_key else None,
    )


def _field(error: Exception) -> str:
    text = str(error)
    return text[text.rfind("$") :].rstrip("`") if "$" in text else "not JSON"


def _token(stored: _StoredToken) -> Token:
    return Token(
        access=Secret(stored.access_token),
        refresh=Secret(stored.refresh_token) if stored.refresh_token else None,
        obtained_at=stored.obtained_at,
        lifetime=stored.lifetime,
        scope=stored.scope,
    )
