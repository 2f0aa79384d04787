"""The authorization server's rules, as oauthlib asks for them (RFC 6749, RFC 7636, RFC 7009, RFC 9700)."""

import re
import secrets
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import InvalidGrantError, InvalidRequestError, RequestValidator
from oauthlib.oauth2.rfc6749.errors import UnsupportedCodeChallengeMethodError

from outgrow_nb.sandbox.client_proof import presented
from outgrow_nb.sandbox.clients import Client, redirect_allowed
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.grants import CODE_SECONDS, Code, Grants

SCOPES = {
    "profile": "See your name, e-mail and company",
    "contents": "Read your quizzes and calculators",
    "leads": "Read the leads they brought you",
}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Validator(RequestValidator):
    """oauthlib's questions, answered from the registered clients and the grants.

    Args:
        clients: Registered clients by id.
        grants: Codes and tokens.
        clock: The server's time.
        faults: Grace, rotation and reuse detection as they are set now.
        pkce_required: Whether a client with a secret needs PKCE too; a public client always does.
    """

    def __init__(
        self, *, clients: dict[str, Client], grants: Grants, clock: Clock, faults: Faults, pkce_required: bool
    ) -> None:
        self._clients = clients
        self._grants = grants
        self._clock = clock
        self._faults = faults
        self._pkce_required = pkce_required

    # -- clients -----------------------------------------------------------------------------------------------------
    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """True for a client with a secret, an unknown one, and a public one that shows a secret."""
        name, secret, _ = presented(request)
        client = self._clients.get(name or "")
        return client is None or client.confidential or bool(secret)

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether the client proved itself by its secret, in the body or by Basic, not both."""
        name, secret, twice = presented(request)
        client = self._clients.get(name or "")
        if twice or client is None or not client.proves(secret or ""):
            return False
        request.client, request.client_id = client, client.client_id
        return True

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether it is a registered public client."""
        client = self._clients.get(presented(request)[0] or "")
        if client is None or client.confidential:
            return False
        request.client, request.client_id = client, client.client_id
        return True

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether it is registered."""
        request.client = self._clients.get(client_id)
        return request.client is not None

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Codes and refresh tokens only."""
        return grant_type in ("authorization_code", "refresh_token")

    # -- authorization request ---------------------------------------------------------------------------------------
    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> Any:
        """None: several are registered, so the request has to name one (RFC 6749 section 3.1.2.3)."""
        return None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Exact but for the port."""
        return redirect_allowed(redirect_uri)

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Codes only."""
        return response_type == "code"

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """Everything there is."""
        return list(SCOPES)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Known ones only."""
        return bool(scopes) and all(scope in SCOPES for scope in scopes)

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Always for a public client; for one with a secret as the server was started."""
        client = self._clients.get(client_id or "")
        return self._pkce_required or client is None or not client.confidential

    def check_challenge(self, request: Request) -> dict[str, Any]:
        """A `pre_auth` check: a challenge must look like S256's (RFC 7636 section 4.2)."""
        challenge = request.code_challenge
        if challenge is not None and request.code_challenge_method != "S256":
            raise UnsupportedCodeChallengeMethodError(request=request)
        for name in ("code_challenge", "code_challenge_method"):
            if name in request.duplicate_params:
                raise InvalidRequestError(description=f"Duplicate {name} parameter.", request=request)
        if challenge is not None and not _CHALLENGE.fullmatch(challenge):
            raise InvalidRequestError(description="code_challenge is not an S256 challenge.", request=request)
        return {}

    def save_authorization_code(self, client_id: str, code: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """Remember what was allowed."""
        person: Any = request.user
        now = self._clock.now()
        given = Code(
            client_id=client_id,
            person_id=person.id,
            redirect_uri=request.redirect_uri or "",
            challenge=request.code_challenge,
            scopes=list(request.scopes or []),
            ends=now + CODE_SECONDS,
        )
        self._grants.add_code(code["code"], given, now)

    # -- code exchange -----------------------------------------------------------------------------------------------
    def check_verifier(self, request: Request) -> None:
        """A `pre_token` check: the verifier's form, and no verifier for a code that had no challenge (RFC 9700)."""
        verifier = request.code_verifier
        if verifier is None:
            return
        if not _VERIFIER.fullmatch(verifier):
            raise InvalidRequestError(
                description="code_verifier is not 43 to 128 unreserved characters.", request=request
            )
        given = self._grants.code(request.code or "")
        if given is not None and given.challenge is None:
            raise InvalidGrantError(description="This code was asked for without PKCE.", request=request)

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a code is this client's, unused and young; a replayed one revokes what it gave."""
        given = self._grants.code(code)
        if given is None or given.client_id != client_id:
            return False
        if given.grant_id is not None:
            self._grants.revoke(given.grant_id)  # RFC 6749 section 4.1.2: a replayed code revokes what it gave
            return False
        if given.ends <= self._clock.now():
            return False
        request.user, request.scopes = given.person_id, list(given.scopes)
        return True

    def get_code_challenge(self, code: str, request: Request) -> Any:
        """What the code was asked for with."""
        given = self._grants.code(code)
        return given.challenge if given else None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        """S256, the only one there is."""
        return "S256"

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """The very address the code was sent to."""
        given = self._grants.code(code)
        if given is None or given.redirect_uri != redirect_uri:
            raise InvalidGrantError(description="redirect_uri is not the one the code was sent to.", request=request)
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Nothing: `save_token` has already tied the code to its grant."""

    # -- refresh -----------------------------------------------------------------------------------------------------
    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a refresh token may be used; a reused one revokes its grant."""
        verdict = self._grants.judge_refresh(
            refresh_token, client.client_id, now=self._clock.now(), grace=self._faults.refresh_grace
        )
        found = self._grants.of_refresh(refresh_token)
        if verdict == "reused" and found is not None:
            self._grants.reuses += 1
            if self._faults.reuse_detection:
                self._grants.revoke(found[0])
        if verdict not in ("fresh", "within grace") or found is None:
            return False
        request.user = found[1].person_id
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """What the grant allows."""
        found = self._grants.of_refresh(refresh_token)
        return list(found[1].scopes) if found else []

    def rotate_refresh_token(self, request: Request) -> bool:
        """Whether a refresh gives a new refresh token."""
        return self._faults.rotation == "on"

    def save_token(self, token: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """Remember tokens, under the grant of the refresh token or a new one for the code."""
        now = self._clock.now()
        found = self._grants.of_refresh(request.refresh_token or "")
        if request.grant_type == "refresh_token" and found is not None:
            grant_id = found[0]
            if token.get("refresh_token") not in (None, request.refresh_token):
                self._grants.rotate_away(request.refresh_token or "", now)
        else:
            grant_id = secrets.token_hex(12)
            self._grants.open(grant_id, request.client_id or "", str(request.user), list(request.scopes or []))
            self._grants.use_code(request.code or "", grant_id)
        self._grants.add_tokens(
            grant_id,
            access=token["access_token"],
            ends=now + self._faults.access_ttl,
            scopes=list(request.scopes or []),
            refresh=token.get("refresh_token"),
            now=now,
        )

    # -- revocation and use ------------------------------------------------------------------------------------------
    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:
        """RFC 7009."""
        self._grants.revoke_token(token, request.client_id or "")
