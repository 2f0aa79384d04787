"""Who is signed in, how, and where that is kept: the facts behind `whoami()` and `profiles()`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from outgrow_nb.auth.cache import TokenCache
from outgrow_nb.auth.completion import contents_text, person
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One sign-in, without its secrets.

    Attributes:
        who: The account in a few words.
        email: Its e-mail, None for an API key or where Outgrow does not say.
        name: Its name, likewise.
        company: Its company, likewise.
        way: ``"sign-in"`` or ``"API key"``.
        profile: The name it is kept under.
        kept_in: The file, or "this kernel's memory".
        protection: ``"encrypted"``, ``"not encrypted"`` or ``"in memory"``.
        access_until: When the access token ends; None where Outgrow does not say, and for a key.
        renews: Whether it is renewed by itself then.
    """

    who: str
    email: str | None
    name: str | None
    company: str | None
    way: str
    profile: str
    kept_in: str
    protection: str
    access_until: datetime | None
    renews: bool


def facts(credentials: Credentials) -> Facts | None:
    """The facts as this kernel knows them, without asking Outgrow; None where nobody is signed in."""
    entry, cache, profile = credentials.entry, credentials.cache, credentials.profile
    if entry is None or not credentials.signed_in:
        return None
    if not credentials.saved:
        return _told(entry, profile, "this kernel's memory", "in memory")
    return _told(entry, profile, cache.place(profile), cache.protection(profile))


def kept_facts(cache: TokenCache, profile: str) -> Facts | None:
    """The facts of what a cache keeps; None where it keeps nothing.

    Raises:
        CacheError: It cannot be read.
    """
    entry = cache.read(profile)
    return _told(entry, profile, cache.place(profile), cache.protection(profile)) if entry is not None else None


def _who(entry: Entry, *, unused: bool) -> str:
    if unused:
        return "a refresh token that has not been used yet"
    return person(entry.account) if entry.api_key is None else contents_text(entry.contents)


def _told(entry: Entry, profile: str, kept_in: str, protection: str) -> Facts:
    account, token, until = entry.account, entry.token, None
    unused = token is not None and not token.obtained_at  # a refresh token of the environment, as it was set
    if token is not None and token.lifetime is not None and not unused:
        until = datetime.fromtimestamp(token.obtained_at + token.lifetime, UTC)
    return Facts(
        who=_who(entry, unused=unused),
        email=account.email if account else None,
        name=account.name if account else None,
        company=account.company if account else None,
        way="sign-in" if entry.api_key is None else "API key",
        profile=profile,
        kept_in=kept_in,
        protection=protection,
        access_until=until,
        renews=token is not None and token.refresh is not None,
    )
