"""/oauth/authorize: shows the consent page, takes Allow or Deny, sends the browser back."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import AccessDeniedError, AuthorizationEndpoint, FatalClientError, OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from outgrow_nb.sandbox.accounts import PEOPLE, person_by_id
from outgrow_nb.sandbox.clients import Client
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.consent import consent_page, error_page
from outgrow_nb.sandbox.token_request import form_body
from outgrow_nb.sandbox.validator import SCOPES

_COOKIE = "outgrow_sandbox_browser"
_PENDING_SECONDS = 600
_MOST_PENDING = 200
_CLICK_AGAIN = "Go back to the notebook and click its sign-in link again."
_PROBLEMS = {
    "Mismatching redirect URI.": "The address to return to is not one that is registered for this client.",
    "Invalid redirect URI.": "The address to return to is not one that is registered for this client.",
    "Missing redirect URI.": "The request does not say which registered address to return to.",
    "Invalid client_id parameter value.": "No client of that id is registered here.",
    "Missing client_id parameter.": "The request does not say which client asks.",
}


@dataclass(frozen=True)
class Pending:
    """A consent page that was shown and waits for Allow or Deny.

    Attributes:
        uri: The authorization request.
        scopes: What it asks for.
        browser: Hash of the cookie of the browser that opened it.
        ends: Server time after which it is too old.
    """

    uri: str = field(repr=False)
    scopes: list[str]
    browser: str = field(repr=False)
    ends: float


class AuthorizeRoutes:
    """The part of the authorization server that a person sees.

    Args:
        issuer: Base URL, named in every redirect (RFC 9207).
        clients: Registered clients by id.
        endpoint: oauthlib's side of it.
        clock: The server's time.
    """

    def __init__(
        self, *, issuer: str, clients: dict[str, Client], endpoint: AuthorizationEndpoint, clock: Clock
    ) -> None:
        self._issuer = issuer
        self._clients = clients
        self._endpoint = endpoint
        self._clock = clock
        self._pending: dict[str, Pending] = {}

    async def ask(self, request: Request) -> Response:
        """Show the consent page, or say why not; an error goes back to the client where the redirect is a good one."""
        uri = str(request.url)
        try:
            scopes, asked = self._endpoint.validate_authorization_request(uri, "GET", None, {})
        except FatalClientError as error:
            return _unusable(_PROBLEMS.get(error.description or "", error.description or "It is not complete."))
        except OAuth2Error as error:
            return self._back(error.in_uri(error.redirect_uri or ""))
        except ValueError:
            return _unusable("Its address cannot be read.")
        browser = request.cookies.get(_COOKIE) or secrets.token_urlsafe(24)
        ticket = self._remember(Pending(uri, list(scopes), _hash(browser), self._clock.now() + _PENDING_SECONDS))
        target = urlsplit(asked["redirect_uri"])
        page = consent_page(
            client_name=self._clients[asked["client_id"]].name,
            people=PEOPLE,
            allows=[SCOPES[scope] for scope in scopes],
            ticket=ticket,
            form_target=f"{target.scheme}://{target.netloc}",
            goes_to=target.netloc,
        )
        page.set_cookie(_COOKIE, browser, path="/oauth/authorize", httponly=True, samesite="lax")
        return page

    async def decide(self, request: Request) -> Response:
        """Allow or Deny was pressed."""
        form = dict(form_body(await request.body(), "application/x-www-form-urlencoded").pairs)
        pending = self._pending.get(form.get("ticket", ""))
        if pending is None or pending.ends <= self._clock.now():
            return error_page(
                title="This page is too old",
                problem="The request was answered before, or more than ten minutes have passed.",
                next_step=_CLICK_AGAIN,
                status=400,
            )
        own_origin = request.headers.get("origin") in (None, f"http://{request.headers['host']}")
        if not own_origin or _hash(request.cookies.get(_COOKIE, "")) != pending.browser:
            return error_page(
                title="This answer came from elsewhere",
                problem="Allow or Deny was not pressed in the browser that opened this page.",
                next_step=_CLICK_AGAIN,
                status=403,
            )
        person, decision = person_by_id(form.get("person", "")), form.get("decision")
        if decision not in ("allow", "deny") or (decision == "allow" and person is None):
            return error_page(
                title="Nothing was chosen",
                problem="The form came back without a person or an answer.",
                next_step="Go back, choose a person and press Allow or Deny.",
                status=400,
            )
        del self._pending[form["ticket"]]
        if decision == "deny":
            _, asked = self._endpoint.validate_authorization_request(pending.uri, "GET", None, {})
            return self._back(AccessDeniedError(request=asked["request"]).in_uri(asked["redirect_uri"]))
        allowed: dict[str, Any] = {"user": person}
        headers, _, _ = self._endpoint.create_authorization_response(
            pending.uri, "GET", None, {}, scopes=pending.scopes, credentials=allowed
        )
        return self._back(headers["Location"])

    def _remember(self, pending: Pending) -> str:
        now = self._clock.now()
        self._pending = {key: old for key, old in self._pending.items() if old.ends > now}
        while len(self._pending) >= _MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        ticket = secrets.token_urlsafe(24)
        self._pending[ticket] = pending
        return ticket

    def _back(self, location: str) -> Response:
        named = add_params_to_uri(location, [("iss", self._issuer)])
        return RedirectResponse(named, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _unusable(problem: str) -> Response:
    return error_page(
        title="This sign-in link cannot be used",
        problem=problem,
        next_step="Check the client id and the redirect address in the program that sent you here, then start again.",
        status=400,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
