"""What the authorization server remembers: codes, and grants with the hashes of their tokens; rotation and reuse."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

CODE_SECONDS = 60
Verdict = Literal["fresh", "within grace", "reused", "unknown"]


def digest(secret: str) -> str:
    """SHA-256 of a token or code; the only form in which one is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Code:
    """An authorization code that was given out.

    Attributes:
        client_id: To whom.
        person_id: Who allowed it.
        redirect_uri: Where it was sent; must be named again.
        challenge: PKCE challenge (S256), or None.
        scopes: What was allowed.
        ends: Server time after which it is worthless.
        grant_id: The grant it was exchanged for; None = not used yet.
    """

    client_id: str
    person_id: str
    redirect_uri: str
    challenge: str | None
    scopes: list[str]
    ends: float
    grant_id: str | None = None


@dataclass
class Grant:
    """One sign-in: everything that came from one code.

    Attributes:
        client_id: To whom.
        person_id: Whose.
        scopes: What was allowed.
        revoked: True once ended.
        access: Hash of an access token to the server time it ends.
        access_scopes: Hash of an access token to its scopes, where narrower than the grant's.
        refresh: Hash of a refresh token to the server time it was rotated away; None = in use.
    """

    client_id: str
    person_id: str
    scopes: list[str]
    revoked: bool = False
    access: dict[str, float] = field(default_factory=dict)
    access_scopes: dict[str, list[str]] = field(default_factory=dict)
    refresh: dict[str, float | None] = field(default_factory=dict)


class Grants:
    """Codes and grants, in memory; `save` is called after every change, before anybody is told of it.

    Args:
        save: Keeps the plain form of everything.
        kept: What an earlier server process saved.
    """

    def __init__(self, save: Callable[[], None], kept: dict[str, Any] | None = None) -> None:
        self._save = save
        kept = kept or {}
        self._codes = {key: Code(**value) for key, value in kept.get("codes", {}).items()}
        self._grants = {key: Grant(**value) for key, value in kept.get("grants", {}).items()}
        self._by_access = {token: key for key, grant in self._grants.items() for token in grant.access}
        self._by_refresh = {token: key for key, grant in self._grants.items() for token in grant.refresh}
        self.reuses = 0
        self.revoked = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values for the state file; hashes only."""
        return {
            "codes": {key: asdict(code) for key, code in self._codes.items()},
            "grants": {key: asdict(grant) for key, grant in self._grants.items()},
        }

    def add_code(self, code: str, given: Code, now: float) -> None:
        """Remember a code; forgets those that ended more than an hour ago."""
        self._codes = {key: old for key, old in self._codes.items() if old.ends > now - 3600}
        self._codes[digest(code)] = given
        self._save()

    def code(self, code: str) -> Code | None:
        """A code that was given out, used or not, ended or not."""
        return self._codes.get(digest(code))

    def use_code(self, code: str, grant_id: str) -> None:
        """Mark a code as exchanged."""
        self._codes[digest(code)].grant_id = grant_id
        self._save()

    def open(self, grant_id: str, client_id: str, person_id: str, scopes: list[str]) -> None:
        """Begin a grant without tokens."""
        self._grants[grant_id] = Grant(client_id, person_id, scopes)

    def add_tokens(
        self, grant_id: str, *, access: str, ends: float, scopes: list[str], refresh: str | None, now: float
    ) -> None:
        """Remember a pair of tokens; access tokens that ended are forgotten."""
        grant = self._grants[grant_id]
        for old in [token for token, end in grant.access.items() if end < now - 3600]:
            del grant.access[old], self._by_access[old]
            grant.access_scopes.pop(old, None)
        key = digest(access)
        grant.access[key] = ends
        self._by_access[key] = grant_id
        if scopes != grant.scopes:
            grant.access_scopes[key] = scopes
        if refresh is not None and digest(refresh) not in grant.refresh:
            grant.refresh[digest(refresh)] = None
            self._by_refresh[digest(refresh)] = grant_id
        self._save()

    def rotate_away(self, refresh: str, now: float) -> None:
        """Note that a refresh token has a successor now."""
        grant = self._grants[self._by_refresh[digest(refresh)]]
        if grant.refresh[digest(refresh)] is None:
            grant.refresh[digest(refresh)] = now
        self._save()

    def judge_refresh(self, refresh: str, client_id: str, *, now: float, grace: float) -> Verdict:
        """What a refresh token presented by a client is worth."""
        grant = self._grants.get(self._by_refresh.get(digest(refresh), ""))
        if grant is None or grant.revoked or grant.client_id != client_id:
            return "unknown"
        rotated = grant.refresh[digest(refresh)]
        if rotated is None:
            return "fresh"
        return "within grace" if now - rotated < grace else "reused"

    def of_refresh(self, refresh: str) -> tuple[str, Grant] | None:
        """The grant of a refresh token, ended or not."""
        grant_id = self._by_refresh.get(digest(refresh))
        return None if grant_id is None else (grant_id, self._grants[grant_id])

    def of_access(self, access: str, now: float) -> tuple[Grant, list[str]] | None:
        """The grant and scopes of a valid access token, or None."""
        key = digest(access)
        grant = self._grants.get(self._by_access.get(key, ""))
        if grant is None or grant.revoked or grant.access[key] <= now:
            return None
        return grant, grant.access_scopes.get(key, grant.scopes)

    def revoke(self, grant_id: str) -> None:
        """End a grant with all its tokens."""
        grant = self._grants[grant_id]
        if not grant.revoked:
            grant.revoked = True
            self.revoked += 1
            self._save()

    def revoke_token(self, token: str, client_id: str) -> None:
        """RFC 7009: a refresh token ends its grant, an access token only itself; another client's is left alone."""
        found = self.of_refresh(token)
        if found is not None:
            if found[1].client_id == client_id:
                self.revoke(found[0])
            return
        grant = self._grants.get(self._by_access.get(digest(token), ""))
        if grant is not None and grant.client_id == client_id:
            grant.access[digest(token)] = 0.0
            self._save()

    def end_access_tokens(self) -> int:
        """Make every access token worthless from now on; refresh tokens stay. Gives how many there were."""
        ended = 0
        for grant in self._grants.values():
            ended += len(grant.access)
            grant.access = dict.fromkeys(grant.access, 0.0)
        self._save()
        return ended

    def revoke_of(self, person_id: str | None) -> int:
        """End every grant of a person (None: of everybody). Gives how many ended."""
        ids = [key for key, grant in self._grants.items() if not grant.revoked and person_id in (None, grant.person_id)]
        for grant_id in ids:
            self.revoke(grant_id)
        return len(ids)
