"""What only the sandbox has: proof of identity, counts, and a place to order faults. Needs the state file's secret."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.accounts import PEOPLE
from outgrow_nb.sandbox.faults import Faults
from outgrow_nb.sandbox.grants import Grants
from outgrow_nb.sandbox.proof import HEADER, control_proof, identity_proof, same
from outgrow_nb.sandbox.stats import Stats

PREFIX = "/__sandbox__/"
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Control:
    """The control endpoint of one server.

    Attributes:
        secret: From the state file; never sent.
        faults: What orders change.
        grants: What orders end.
        stats: What is told.
        register: Notes a process (pid, start time) that uses the server.
    """

    secret: str
    faults: Faults
    grants: Grants
    stats: Stats
    register: Callable[[int, str], None]

    def routes(self) -> list[Route]:
        """Its three addresses."""
        return [
            Route(PREFIX + "identity", self.identity, methods=["GET"]),
            Route(PREFIX + "stats", self.tell, methods=["GET"]),
            Route(PREFIX + "control", self.order, methods=["POST"]),
        ]

    async def identity(self, request: Request) -> Response:
        """Prove who is listening here, to whoever brings a challenge."""
        challenge = request.query_params.get("challenge", "")
        if not 16 <= len(challenge) <= 128:
            return JSONResponse({"message": "A challenge has 16 to 128 characters."}, 422)
        proof = identity_proof(self.secret, port=request.scope["server"][1], challenge=challenge)
        return JSONResponse({"proof": proof}, headers=_NO_STORE)

    async def tell(self, request: Request) -> Response:
        """The counts."""
        if not self._proved(request, b""):
            return _unproved()
        return JSONResponse(self._counts(), headers=_NO_STORE)

    async def order(self, request: Request) -> Response:
        """Change something, by a JSON object of fault names and values, and of these actions.

        ``clear`` (true): no faults any more; ``reset_stats`` (true); ``expire_access`` (true): every access token ends;
        ``revoke`` ("all" or an e-mail address): grants end; ``advance`` (seconds): the server's clock moves on;
        ``use`` ({"pid", "started"}): a process uses this server.
        """
        body = await request.body()
        if not self._proved(request, body):
            return _unproved()
        try:
            wanted = json.loads(body)
            if not isinstance(wanted, dict):
                raise ConfigError("The order is not a JSON object.")
            self._obey(wanted)
        except (ValueError, RecursionError, ConfigError) as error:
            return JSONResponse({"message": str(error)}, 422)
        return JSONResponse(self._counts(), headers=_NO_STORE)

    def _obey(self, wanted: dict[str, Any]) -> None:
        if wanted.pop("clear", False):
            self.faults.clear()
        if wanted.pop("reset_stats", False):
            self.stats.reset()
            self.grants.reuses = self.grants.revoked = 0
        if wanted.pop("expire_access", False):
            self.grants.end_access_tokens()
        who = wanted.pop("revoke", None)
        if who is not None:
            ids = {"all": None, **{person.email: person.id for person in PEOPLE}}
            if who not in ids:
                raise ConfigError(f"Nobody here is called {who!r}.", f"Choose one of {', '.join(ids)}.")
            self.grants.revoke_of(ids[who])
        use = wanted.pop("use", None)
        if isinstance(use, dict):
            pid, started = use.get("pid"), use.get("started")
            if not isinstance(pid, int) or not isinstance(started, str):
                raise ConfigError("A process is named by its number and the moment it started.")
            self.register(pid, started)
        if "advance" in wanted:
            wanted["clock_skew"] = float(self.faults["clock_skew"]) + float(wanted.pop("advance"))
        self.faults.update({name: str(value) for name, value in wanted.items()})

    def _counts(self) -> dict[str, Any]:
        return self.stats.as_json() | {"reuses": self.grants.reuses, "grants_revoked": self.grants.revoked}

    def _proved(self, request: Request, body: bytes) -> bool:
        shown = request.headers.get(HEADER, "")
        expected = control_proof(
            self.secret, nonce=shown.partition(":")[0], method=request.method, path=request.url.path, body=body
        )
        return same(shown, expected)


def _unproved() -> Response:
    return JSONResponse({"message": "Only who holds the sandbox's state file may do this."}, 403)
