"""What follows a successful exchange: who is it, is it the profile's owner, keep it, say so."""

from collections.abc import Callable, Sequence

from outgrow_nb.auth import messages, renewal
from outgrow_nb.auth.cache import kept_for
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, SignInError, SignInExpired
from outgrow_nb.records import Account


def person(account: Account | None) -> str:
    """An account in a few words: ``ana@acme.com (Acme)``."""
    if account is None:
        return "an Outgrow account"
    name = account.email or account.name or account.id or "an Outgrow account"
    return f"{name} ({account.company})" if account.company else name


class Completion:
    """Ends a sign-in.

    Args:
        credentials: Takes what was signed in.
        identify: Asks Outgrow whose token it is; None where it does not say.
        check_key: Asks Outgrow for the content ids of a key; `SignInExpired` where it refuses the key.
        permit: Raises where a typed secret must not go to the configured host.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        identify: Callable[[Config, Token], Account | None],
        check_key: Callable[[Config, Secret], Sequence[str]],
        permit: Callable[[str], None],
    ) -> None:
        self.credentials = credentials
        self._identify, self._check_key, self._permit = identify, check_key, permit

    def token(self, token: Token, *, keep: bool = True) -> str:
        """Keeps a new token and says who signed in.

        Raises:
            SignInError: Somebody else than the profile's owner signed in; the tokens were given back.
        """
        credentials = self.credentials
        account = self._identify(credentials.config, token)
        entry = Entry(config=credentials.config, token=token, account=account)
        owner = self._owner()
        if account is not None and owner is not None and account.id and owner.id and owner.id != account.id:
            renewal.give_back(credentials.config, entry)
            now, before = account.email or account.id, owner.email or owner.id
            raise SignInError(*messages.other_account(now, before, now.split("@")[0]))
        saved = credentials.accept(entry, keep=keep)
        return f"Signed in to Outgrow as {person(account)} · {self._kept(saved, keep)}"

    def key(self, key: Secret, *, keep: bool = True, source: str = "the sign-in panel") -> str:
        """Checks an API key, keeps it and says what it opens.

        Raises:
            SignInError: Outgrow refuses the key.
            ConfigError: The key would go to a host that a ``.env`` chose.
        """
        self._permit(source)
        credentials = self.credentials
        refused = False
        ids: Sequence[str] = ()
        try:
            ids = self._check_key(credentials.config, key)
        except SignInExpired:
            refused = True
        if refused:
            raise SignInError(messages.KEY_REFUSED)
        entry = Entry(config=credentials.config, api_key=key, contents=len(ids), content_ids=tuple(sorted(ids)))
        taken = self._holds_other(entry)
        saved = credentials.accept(entry, keep=keep and not taken)
        if taken:
            return f"{contents_text(len(ids))} · {messages.place_taken(credentials.profile, taken)}"
        if not saved:
            return f"{contents_text(len(ids))} · {self._kept(saved, keep)}"
        cache, profile = credentials.cache, credentials.profile
        place = f"saved on this computer in {cache.place(profile)} ({cache.protection(profile)})"
        return f"{contents_text(len(ids))} · {place if cache.durable else 'for this kernel only'}."

    def _holds_other(self, entry: Entry) -> str:
        """What the profile holds that this key must not replace, in words; "" where it may.

        A key takes the place of a key of the same account alone, and of what has ended.
        """
        credentials = self.credentials
        try:
            _, _, kept = kept_for(credentials.cache, credentials.profile, entry.config)
        except CacheError:
            return ""  # told when the key is saved, which meets the same trouble
        ended = credentials.entry is not None and not credentials.signed_in
        if kept is None or ended or not entry.is_other_account(kept):
            return ""
        return "another account's API key" if kept.api_key is not None else f"the sign-in of {person(kept.account)}"

    def adopted(self) -> str:
        """Says that another notebook signed in."""
        entry = self.credentials.entry
        return f"Signed in from another notebook as {person(entry.account if entry else None)}."

    def _owner(self) -> Account | None:
        try:
            kept = self.credentials.cache.read(self.credentials.profile)
        except CacheError:
            return None  # told when the sign-in is saved, which meets the same trouble
        return kept.account if kept is not None and kept.serves(self.credentials.config) else None

    def _kept(self, saved: bool, keep: bool) -> str:
        credentials = self.credentials
        if saved and credentials.cache.durable:
            return f"saved sign-in ({credentials.cache.protection(credentials.profile)})"
        if saved:
            return "for this kernel only"
        if not keep:
            return "for this kernel only, as you chose"
        return messages.cannot_save(credentials.cache.place(credentials.profile), credentials.unsaved_because)


def contents_text(count: int | None) -> str:
    """How an API key introduces itself."""
    if count is None:
        return "Connected with an API key"
    return f"Connected with an API key · {count} content{'' if count == 1 else 's'}"
