"""The authorization server's addresses: /oauth/authorize, /oauth/token, /oauth/revoke, and its metadata."""

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    OAuth2Error,
    RefreshTokenGrant,
    RevocationEndpoint,
    TokenEndpoint,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outgrow_nb.sandbox.authorize_routes import AuthorizeRoutes
from outgrow_nb.sandbox.clients import Client
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.grants import Grants
from outgrow_nb.sandbox.stats import Stats
from outgrow_nb.sandbox.token_request import FormBody, form_body
from outgrow_nb.sandbox.validator import SCOPES, Validator

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthRoutes:
    """The authorization server of one sandbox.

    Args:
        issuer: Base URL, named in every redirect (RFC 9207).
        clients: Registered clients by id.
        grants: Codes and tokens.
        clock: The server's time.
        faults: What is wrong now.
        stats: What to count in.
        pkce_required: See `Validator`.
    """

    def __init__(
        self,
        *,
        issuer: str,
        clients: dict[str, Client],
        grants: Grants,
        clock: Clock,
        faults: Faults,
        stats: Stats,
        pkce_required: bool,
    ) -> None:
        self._issuer = issuer
        self._faults = faults
        self._stats = stats
        validator = Validator(clients=clients, grants=grants, clock=clock, faults=faults, pkce_required=pkce_required)
        code = AuthorizationCodeGrant(
            validator, pre_auth=[validator.check_challenge], pre_token=[validator.check_verifier]
        )
        bearer: Any = BearerToken(
            validator, token_generator=lambda _: secrets.token_urlsafe(32), expires_in=lambda _: int(faults.access_ttl)
        )
        grant_types = {"authorization_code": code, "refresh_token": RefreshTokenGrant(validator)}
        endpoint = AuthorizationEndpoint("code", bearer, {"code": code})
        self._authorize = AuthorizeRoutes(issuer=issuer, clients=clients, endpoint=endpoint, clock=clock)
        self._token = TokenEndpoint("authorization_code", bearer, grant_types)
        self._revoke = RevocationEndpoint(validator)

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/oauth/authorize", self._authorize.ask, methods=["GET"]),
            Route("/oauth/authorize", self._authorize.decide, methods=["POST"]),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/revoke", self.revoke, methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", self.metadata, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        read = form_body(await request.body(), request.headers.get("content-type", ""))
        if read.problem:
            return _unreadable(read)
        try:
            _, text, status = self._token.create_token_response(
                str(request.url), "POST", urlencode(read.pairs), _headers(request)
            )
        except OAuth2Error as error:
            text, status = error.json, error.status_code
        answer = json.loads(text or "{}")
        return _json(self._adjusted(answer, read) if status == 200 else answer, status)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009."""
        read = form_body(await request.body(), request.headers.get("content-type", ""))
        if read.problem:
            return _unreadable(read)
        _, text, status = self._revoke.create_revocation_response(
            str(request.url), "POST", urlencode(read.pairs), _headers(request)
        )
        return _json(json.loads(text or "{}"), status)

    async def metadata(self, _: Request) -> Response:
        """RFC 8414."""
        return JSONResponse(
            {
                "issuer": self._issuer,
                "authorization_endpoint": f"{self._issuer}/oauth/authorize",
                "token_endpoint": f"{self._issuer}/oauth/token",
                "revocation_endpoint": f"{self._issuer}/oauth/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
                "scopes_supported": list(SCOPES),
                "authorization_response_iss_parameter_supported": True,
            }
        )

    def _adjusted(self, answer: dict[str, Any], read: FormBody) -> dict[str, Any]:
        """The answer as the faults want it."""
        if dict(read.pairs).get("grant_type") == "refresh_token":
            self._stats.refreshed += 1
            if self._faults.rotation == "omit":
                del answer["refresh_token"]
        if self._faults["expires_in"]:
            answer["expires_in"] = json.loads(self._faults["expires_in"])
        return answer


def _json(answer: Any, status: int) -> Response:
    challenge = {"WWW-Authenticate": 'Basic realm="Outgrow sandbox"'} if status == 401 else {}
    return JSONResponse(answer, status, {**_NO_STORE, **challenge})


def _unreadable(read: FormBody) -> Response:
    return _json({"error": "invalid_request", "error_description": read.problem}, 400)


def _headers(request: Request) -> dict[str, str]:
    """What oauthlib reads: how the client proves itself. The body is form-encoded by now, whatever it was."""
    shown = request.headers.get("authorization")
    return {} if shown is None else {"Authorization": shown}
