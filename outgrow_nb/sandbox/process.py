"""Finds the sandbox of a folder, or starts it as a process of its own; two kernels that start at once share one."""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from outgrow_nb.errors import CacheError, ConfigError
from outgrow_nb.sandbox import remote
from outgrow_nb.sandbox.alive import started
from outgrow_nb.sandbox.server import ready
from outgrow_nb.sandbox.settings import Settings
from outgrow_nb.sandbox.state_file import State, read_state

STATE_NAME = "sandbox.json"
LINGER_SECONDS = 600.0
START_SECONDS = 30.0
LOCK_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Running:
    """A sandbox that listens and has proved that it is ours.

    Attributes:
        base_url: The authorization server, also its issuer.
        api_url: Both dialects of the API.
        client_id: The client with a secret.
        client_secret: Its secret.
        redirect_uri: Registered; any port may be added to it.
        api_key: Of the first company.
        state_file: Where its state is kept.
        pid: Its process.
    """

    base_url: str
    api_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_key: str = field(repr=False)
    state_file: Path
    pid: int


def ensure(
    folder: Path,
    *,
    settings: Settings | None = None,
    linger: float = LINGER_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Running:
    """The sandbox of a folder: the running one, or a new process with the same port, clients and sign-ins.

    This process is registered as a user; the server ends itself `linger` seconds after the last user did.

    Args:
        folder: Private folder (0700) for its state file, lock and log; made if missing.
        settings: None = whatever runs, else the defaults. Given: the running one must have these (the port aside).
        linger: Seconds; used when a process is started.
        sleep: Waits.
        monotonic: Measures the wait.

    Raises:
        ConfigError: It does not start, or runs with other settings.
        CacheError: Folder, lock or state file cannot be used.
    """
    path = folder / STATE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "sandbox.lock", timeout=LOCK_SECONDS, mode=0o600):
            state = _running(path)
            if state is None:
                state = _start(path, settings or Settings(), linger=linger, sleep=sleep, monotonic=monotonic)
            elif settings is not None and state.settings != settings.as_json():
                raise ConfigError(
                    "A sandbox with other settings is already running.",
                    f"Stop it first (process {state.pid}), or leave the settings out to use it.",
                )
            me = {"pid": os.getpid(), "started": started(os.getpid())}
            remote.order(state.port, state.control_secret, {"use": me})
    except Timeout as error:
        raise CacheError(
            "Another process has been starting the sandbox for a minute.",
            f"Try again, or delete {folder}/sandbox.lock.",
        ) from error
    except OSError as error:
        raise CacheError(
            f"The sandbox cannot use {folder}: {error.strerror}.", "Free the place and try again."
        ) from error
    known = ready(state)
    return Running(**vars(known), state_file=path, pid=state.pid)


def _running(path: Path) -> State | None:
    """The state of a server that listens and proves that it knows the secret; None if there is none."""
    state = read_state(path)
    if state is None or state.port == 0:
        return None
    proved = remote.is_ours(state.port, state.control_secret, challenge=secrets.token_hex(16))
    return state if proved else None


def _start(
    path: Path,
    settings: Settings,
    *,
    linger: float,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
) -> State:
    log = path.with_suffix(".log")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    errors = os.open(log, flags, 0o600)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "outgrow_nb.sandbox", *_options(settings, path, linger)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=path.parent,  # nothing in the notebook's folder can stand in for a module
            **_detached(),
        )
    finally:
        os.close(errors)
    # Reaps the process when it ends, so that it is no zombie of this kernel.
    threading.Thread(target=process.wait, name="outgrow-sandbox", daemon=True).start()
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and process.poll() is None:
        state = _running(path)
        if state is not None and state.pid == process.pid:
            return state
        sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["It said nothing."]
    process.terminate()
    raise ConfigError(f"The sandbox did not start: {said[-1][:200]}", f"See {log}, then try again.")


def _options(settings: Settings, path: Path, linger: float) -> list[str]:
    options = {
        "port": settings.port,
        "leads": settings.leads,
        "seed": settings.seed,
        "access-ttl": settings.access_ttl,
        "refresh-grace": settings.refresh_grace,
        "latency-ms": settings.latency_ms,
        "pkce": settings.pkce,
        "until": settings.until,
        "state-file": path,
        "linger": linger,
    }
    faults = [f"--fault={name}={value}" for name, value in settings.faults.items()]
    return [f"--{name}={value}" for name, value in options.items()] + faults


def _detached() -> dict[str, Any]:
    """A session of its own, so that a Ctrl-C in the kernel's terminal does not reach the server."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
