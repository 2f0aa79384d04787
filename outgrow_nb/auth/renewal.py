"""The refresh transaction: lock, re-read, adopt or renew, save, all before anybody uses the new token."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from outgrow_nb.auth import messages, protocol
from outgrow_nb.auth.cache import TokenCache
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.protocol import ReplyLost
from outgrow_nb.auth.token import RefusedByServer, Token
from outgrow_nb.auth.vault import KeyUnavailable
from outgrow_nb.config import Config
from outgrow_nb.errors import CacheError, OutgrowError, SignInExpired, SignInRequired
from outgrow_nb.wire import Authorization, Bearer


@dataclass(frozen=True)
class Renewed:
    """The outcome of one transaction."""

    entry: Entry
    saved: bool
    warning: str = ""


class Flight:
    """A renewal under way; whoever needs its outcome waits for it, and Ctrl-C leaves it to finish alone."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.problem: OutgrowError | None = None
        self.warning = ""


def attempt(
    profile: str,
    config: Config,
    cache: TokenCache,
    mine: Entry | None,
    *,
    rejected: Authorization | None,
    newer_than_kept: bool,
    was_kept: bool,
    clock: Callable[[], float],
) -> tuple[Renewed | None, OutgrowError | None]:
    """`renew`, with whatever goes wrong as a value: it runs in a thread that others wait for."""
    if mine is None:
        return None, SignInRequired(*messages.NOBODY)
    try:
        done = renew(
            profile, config, cache, mine,
            rejected=rejected, newer_than_kept=newer_than_kept, was_kept=was_kept, clock=clock,
        )  # fmt: skip
    except OutgrowError as error:
        return None, error
    except BaseException as error:  # noqa: BLE001 - whoever waits must be released, and told, whatever ends this thread
        return None, OutgrowError(f"Renewing the sign-in failed ({type(error).__name__}).", "Run the cell again.")
    return done, None


def renew(
    profile: str,
    config: Config,
    cache: TokenCache,
    mine: Entry,
    *,
    rejected: Authorization | None,
    newer_than_kept: bool,
    was_kept: bool,
    clock: Callable[[], float],
) -> Renewed:
    """Renews one profile's token, or adopts what another kernel has renewed meanwhile.

    Args:
        profile: The profile.
        config: How to reach Outgrow.
        cache: Where it is kept.
        mine: What this kernel holds.
        rejected: The authorization Outgrow refused, if that is the reason.
        newer_than_kept: An earlier save failed, so that the cache holds a spent token.
        was_kept: The cache held this sign-in; when it is gone now, somebody signed out.
        clock: POSIX seconds.

    Raises:
        SignInExpired: Outgrow says the sign-in is over, or another kernel signed out, or in as somebody else.
        CacheError: The cache cannot be locked or written; the old token was not spent.
        ConfigError, ApiUnavailable, UnexpectedAnswer: As `protocol.refresh`.
    """
    with cache.exclusive(profile) as held:
        kept = held.read()
        if kept is None and was_kept and not newer_than_kept:
            raise SignInExpired(*messages.SIGNED_OUT_ELSEWHERE)
        if kept is not None and mine.is_other_account(kept):
            raise SignInExpired(*messages.somebody_else(kept.account.email if kept.account else None))
        if kept is not None and not kept.serves(config):
            raise SignInExpired(*messages.OTHER_SERVER)  # neither used nor replaced: it is somebody's sign-in too
        base = mine if newer_than_kept or kept is None else kept
        if base is not mine and _fresh(base, mine, rejected, clock()):
            return Renewed(base, saved=True)
        if base.token is None:
            return Renewed(base, saved=True)
        held.reserve()
        try:
            fresh = _refresh(base.complete(config), base.token, clock)
        except SignInExpired:
            kept = held.read()  # again: a kernel that the lock does not reach may have been faster
            if newer_than_kept or kept is None or not kept.serves(config) or mine.is_other_account(kept):
                raise
            if not _fresh(kept, base, rejected, clock()):
                raise
            return Renewed(kept, saved=True)
        entry = replace(base, token=fresh, exposed=False)
        try:
            held.write(entry)
        except CacheError as error:
            if fresh.refresh != base.token.refresh:
                with suppress(CacheError):  # the warning below names the same place
                    held.delete()  # the kept token is spent: whoever sent it again would end the whole sign-in
            return Renewed(entry, False, messages.cannot_save(cache.place(profile), error.problem))
        return Renewed(entry, True, _narrowed(base.token, fresh))


def give_back(config: Config, entry: Entry) -> bool:
    """Revokes an entry's tokens; whether the server confirmed."""
    return entry.token is None or protocol.revoke(config, entry.token)


def forget(profile: str, config: Config, cache: TokenCache, mine: Entry | None, *, newer_than_kept: bool) -> bool:
    """Gives a sign-in's tokens back and deletes what is kept of it; somebody else's sign-in stays.

    Args:
        profile: The profile.
        config: How to reach Outgrow.
        cache: Where it is kept.
        mine: What this kernel holds.
        newer_than_kept: An earlier save failed, so that the cache holds a spent token.

    Returns:
        Whether Outgrow confirmed that the tokens are void; True for a key, which Outgrow keeps by design.

    Raises:
        CacheError: The cache cannot be locked, or deleted from.
    """
    with cache.exclusive(profile) as held:
        kept, locked_away = None, False
        try:
            kept = held.read()
        except KeyUnavailable:
            locked_away = True  # nobody can open it here; forgetting it is the way out that its message names
        foreign = mine is not None and kept is not None and mine.is_other_account(kept)
        entry = mine if newer_than_kept or foreign or kept is None else kept
        confirmed = entry is None or give_back(entry.complete(config) if entry.serves(config) else entry.config, entry)
        if not foreign:
            held.delete()
    return confirmed and not locked_away


def _fresh(kept: Entry, mine: Entry, rejected: Authorization | None, now: float) -> bool:
    """Whether another kernel has renewed it already."""
    token = kept.token
    if token is None or token == mine.token or Bearer(token.access) == rejected:
        return False
    return not token.is_due(now) and not kept.exposed


def _refresh(config: Config, token: Token, clock: Callable[[], float]) -> Token:
    lost = False
    for _ in range(2):
        try:
            return protocol.refresh(config, token, clock=clock)
        except ReplyLost as error:
            # The server may have spent the token; a server with a grace period gives the pair again, once.
            if lost:
                raise error.as_unavailable() from None
            lost = True
        except RefusedByServer:
            break
    raise SignInExpired(*(messages.REPLY_LOST if lost else messages.ENDED))


def _narrowed(old: Token, new: Token) -> str:
    missing = set((old.scope or "").split()) - set((new.scope or "").split())
    if not missing or new.scope is None:
        return ""
    return f"Outgrow renewed the sign-in with less access than before (without {', '.join(sorted(missing))})."
