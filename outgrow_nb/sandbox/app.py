"""Puts one sandbox together: authorization server, both dialects, control endpoint, and the door before them."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from outgrow_nb.sandbox.api_bearer import BearerApi
from outgrow_nb.sandbox.api_key import KeyApi
from outgrow_nb.sandbox.clients import registered
from outgrow_nb.sandbox.clock import Clock
from outgrow_nb.sandbox.company import companies
from outgrow_nb.sandbox.consent import error_page, home_page
from outgrow_nb.sandbox.control import Control
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.gate import Gate
from outgrow_nb.sandbox.grants import Grants
from outgrow_nb.sandbox.oauth_routes import OAuthRoutes
from outgrow_nb.sandbox.pages import Pages
from outgrow_nb.sandbox.replies import failure
from outgrow_nb.sandbox.settings import Settings
from outgrow_nb.sandbox.state_file import State
from outgrow_nb.sandbox.stats import Stats

_API = "/api/v1"


def build_app(
    settings: Settings, state: State, *, port: int, save: Callable[[], None], register: Callable[[int, str], None]
) -> ASGIApp:
    """The ASGI application of one server.

    Args:
        settings: What it was started with.
        state: Secrets and what an earlier process kept; its `grants` are kept up to date.
        port: Where it listens.
        save: Writes `state` away; called before anybody is told of a change.
        register: Notes a process that uses the server.
    """

    def keep() -> None:
        state.grants = grants.as_json()
        save()

    clock = Clock()
    faults = Faults(settings, clock)
    stats, pages = Stats(), Pages()
    grants = Grants(keep, state.grants)
    accounts = companies(settings)
    bearer = BearerApi(companies=accounts, grants=grants, clock=clock, faults=faults, pages=pages)
    by_key = KeyApi(company=accounts["northwind"], api_key=state.api_key, faults=faults, pages=pages)
    oauth = OAuthRoutes(
        issuer=f"http://127.0.0.1:{port}",
        clients=registered(state.client_secret),
        grants=grants,
        clock=clock,
        faults=faults,
        stats=stats,
        pkce_required=settings.pkce == "required",
    )

    async def contents(request: Request) -> Response:
        """Both dialects share this address; the header tells them apart."""
        return await (by_key.contents(request) if "api-key" in request.headers else bearer.contents(request))

    async def home(_: Request) -> Response:
        return home_page()

    control = Control(state.control_secret, faults, grants, stats, register)
    routes = [
        Route("/", home, methods=["GET"]),
        Route(f"{_API}/me", bearer.me, methods=["GET"]),
        Route(f"{_API}/calculator", contents, methods=["GET"]),
        Route(f"{_API}/calculator/{{content_id}}/questions", bearer.questions, methods=["GET"]),
        Route(f"{_API}/calculator/{{content_id}}/analytics", bearer.analytics, methods=["GET"]),
        Route(f"{_API}/leads", bearer.leads, methods=["GET"]),
        Route(f"{_API}/get_cal/{{api_key}}", by_key.names, methods=["GET"]),
        Route(f"{_API}/get_leads/{{api_key}}/{{content_id}}", by_key.leads, methods=["GET"]),
        *oauth.routes(),
        *control.routes(),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_page})
    app.router.redirect_slashes = False
    return Gate(app, faults=faults, stats=stats, clock=clock)


async def _no_such_page(request: Request, error: Any) -> Response:
    if request.url.path.startswith("/api/"):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
        return failure(error.status_code, code, "There is no such call.", error.headers)
    return error_page(
        title="There is no such page",
        problem="The sandbox has nothing at this address.",
        next_step="Go back to the notebook and click its sign-in link again.",
        status=error.status_code,
    )
