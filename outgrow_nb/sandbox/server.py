"""Runs one sandbox in this process: binds the port, serves until told to stop or until nobody uses it any more."""

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.clients import CONFIDENTIAL_ID, REGISTERED_REDIRECTS
from outgrow_nb.sandbox.settings import Settings
from outgrow_nb.sandbox.state_file import State, new_state, read_state, write_state

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Where the sandbox listens and what a program needs to use it.

    Attributes:
        base_url: The authorization server, also its issuer.
        api_url: Both dialects of the API.
        client_id: The client with a secret; "outgrow-nb-public" has none.
        client_secret: Its secret.
        redirect_uri: Registered; any port may be added to it.
        api_key: Of the first company.
    """

    base_url: str
    api_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_key: str = field(repr=False)


def ready(state: State) -> Ready:
    """What the state file says about a server that listens."""
    base_url = f"http://{HOST}:{state.port}"
    return Ready(
        base_url=base_url,
        api_url=f"{base_url}/api/v1",
        client_id=CONFIDENTIAL_ID,
        client_secret=state.client_secret,
        redirect_uri=REGISTERED_REDIRECTS[0],
        api_key=state.api_key,
    )


def serve(
    settings: Settings,
    *,
    on_ready: Callable[[Ready], None],
    state_file: Path | None = None,
    linger: float | None = None,
) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM.

    Args:
        settings: Which sandbox.
        on_ready: Called once it listens.
        state_file: Where port, clients and grants are kept between processes; None = nowhere.
        linger: Seconds after which it ends when no registered process lives; None = never.

    Raises:
        ConfigError: The extra `sandbox` is not installed, or the port is taken.
        CacheError: The state file cannot be read or written.
    """
    try:
        from outgrow_nb.sandbox.engine import run
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The sandbox needs the package {error.name}, which is not installed.",
            "Run: python -m pip install 'outgrow-nb[sandbox]'",
        ) from error
    state = (read_state(state_file) if state_file else None) or new_state()
    listener = listen(settings.port, state.port)
    state.port, state.pid, state.settings = listener.getsockname()[1], os.getpid(), settings.as_json()

    def save() -> None:
        if state_file is not None:
            write_state(state_file, state)

    save()
    run(settings, state, listener=listener, save=save, on_listening=lambda: on_ready(ready(state)), linger=linger)


def listen(wanted: int, earlier: int) -> socket.socket:
    """A socket that listens on 127.0.0.1.

    Args:
        wanted: The port to use; 0 = the earlier one if it is free, else any.
        earlier: Where an earlier process of this sandbox listened; 0 = nowhere.

    Raises:
        ConfigError: The wanted port is taken.
    """
    for port in (wanted,) if wanted else dict.fromkeys((earlier, 0)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Connections of the earlier process linger for a minute; a port somebody listens on stays refused.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(512)
        except OSError:
            listener.close()
            continue
        return listener
    raise ConfigError(f"Port {wanted} is in use.", "Choose another with --port, or leave it out for a free one.")
