"""Sign-ins as the tests handle them: made of a token answer, named by a digest, asked whose they are."""

import hashlib
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.records import Account
from outgrow_nb.wire import Authorization, Bearer


def digest(secret: Secret) -> str:
    """How a token is named in an answer."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()


def signed_in(config: Config, tokens: dict[str, Any], account: dict[str, Any]) -> Entry:
    """An entry of a token answer, received now."""
    return Entry(
        config=config,
        token=Token(
            access=Secret(tokens["access_token"]),
            refresh=Secret(tokens["refresh_token"]),
            obtained_at=time.time(),
            lifetime=float(tokens["expires_in"]),
            scope=tokens.get("scope"),
        ),
        account=Account(**account),
    )


def me(config: Config, held: Authorization) -> tuple[int, dict[str, Any]]:
    """Asks the API who is signed in: its status and the account."""
    assert isinstance(held, Bearer)
    api = urlsplit(config.bearer_api)
    connection = http.client.HTTPConnection(api.netloc, timeout=30)
    try:
        connection.request("GET", f"{api.path}/me", headers={"Authorization": f"Bearer {held.token.reveal()}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read()).get("data") or {}
    finally:
        connection.close()
