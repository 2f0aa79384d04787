"""`connect`: resolves a sign-in quietly, else picks who asks: the panel, the terminal, or nobody."""

import hashlib
import os
import sys
import warnings
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol, TextIO

from outgrow_nb import terminal
from outgrow_nb.auth.cache import TokenCache, forget_foreign
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.client import Outgrow
from outgrow_nb.client.identity import check_key, identify
from outgrow_nb.config import Config, Secret, Settings, cleaned_key, config_folder, resolve
from outgrow_nb.errors import ApiUnavailable, ConfigError, OutgrowError, SignInError
from outgrow_nb.store import Store

SANDBOX_PROFILE = "sandbox"

# The one piece of state of this module: a cell that is run again must close the listener that the earlier run opened,
# and nothing but the kernel itself outlives a run.
_DESKS: "weakref.WeakSet[Desk]" = weakref.WeakSet()


class Asker(Protocol):
    """Who asks a person to sign in."""

    @property
    def remote(self) -> bool:
        """Whether the browser is most likely on another computer than this kernel."""
        ...

    @property
    def progress(self) -> TextIO | None:
        """Where a line may tell how far a read is; None where nobody looks."""
        ...

    def greet(self, client: Outgrow) -> None:
        """Shows who is signed in, where nothing had to be asked."""
        ...

    def offer(self, desk: Desk) -> None:
        """Offers the sign-in and returns at once."""
        ...

    def ask(self, desk: Desk, reason: OutgrowError) -> None:
        """Waits until somebody has signed in, or raises `reason`."""
        ...


def connect(
    profile: str | None = None,
    *,
    sandbox: bool = False,
    api_key: str | None = None,
    config: Config | None = None,
    store: str | os.PathLike[str] | None = None,
    wait: bool = False,
    tz: str = "UTC",
    pii: Literal["keep", "mask"] = "keep",
) -> Outgrow:
    """Connects to Outgrow: quietly where you are signed in, with a button where you are not.

    Looks at the argument, then OUTGROW_API_KEY and OUTGROW_REFRESH_TOKEN, then the saved sign-in of the profile.
    Where none is there, a notebook shows the sign-in panel and goes on; a terminal asks; a run that cannot ask raises.

    Args:
        profile: The name the sign-in is kept under, "default" unless OUTGROW_PROFILE says otherwise.
        sandbox: Use the embedded Outgrow with invented people; no account is needed and no setting is read.
        api_key: An API key, saved for next time. Better typed into the panel: this one stands in the notebook.
        config: How to reach Outgrow, where the settings do not say.
        store: A folder to keep leads in, so that only what is new is fetched; without it leads touch no disk. They
            stand there in the clear, readable by you alone.
        wait: Wait here until somebody has signed in.
        tz: The time zone of every frame's times, a name such as "Europe/Berlin".
        pii: "keep", or "mask" to replace contact data in every frame by keyed hashes.

    Returns:
        The client; its data methods wait for the sign-in where that is still pending.

    Raises:
        ConfigError: Settings are missing or contradict each other; or `store` holds something else than leads.
        SignInRequired: Nobody is signed in and nobody can be asked here.
        SignInError: The key was refused, or the sign-in did not end well.
    """
    key = Secret(api_key or "")
    del api_key  # from here on no frame that a traceback shows holds it in the clear
    kept = Store(Path(store)) if store is not None else None
    settings = _settings(profile, sandbox=sandbox, key=key, config=config)
    asker = _asker()
    desk = open_desk(settings, asker)
    source = _resolve_quietly(desk, settings)
    client = Outgrow(
        desk.credentials, source=source, sandbox=sandbox, tz=tz, pii=pii, progress=asker.progress, store=kept
    )
    if desk.credentials.signed_in:
        asker.greet(client)
    else:
        asker.offer(desk)
        if wait and not desk.credentials.signed_in:
            desk.credentials.wait()
    return client


def desk_for(*, profile: str | None, sandbox: bool, saved: bool = False) -> Desk:
    """One profile's sign-in for the command line, which asks by itself; `saved`: as if no setting held a secret."""
    settings = _settings(None if sandbox else profile, sandbox=sandbox)
    if saved and (settings.api_key or settings.refresh_token):
        name = "OUTGROW_API_KEY" if settings.api_key else "OUTGROW_REFRESH_TOKEN"
        warnings.warn(f"{name} is set in {settings.source}, and connect() uses that first.", stacklevel=2)
        settings = replace(settings, api_key=None, refresh_token=None)
    return open_desk(settings, terminal.TerminalAsker())


def start_sandbox() -> None:
    """Starts the embedded Outgrow, or finds it running."""
    _sandbox_settings()


def open_desk(settings: Settings, asker: Asker) -> Desk:
    """Wires one profile's sign-in: what is kept, who asks, who says whose token it is."""
    cache: TokenCache = settings.config.cache or FileCache(settings.folder)
    environment_key = settings.api_key is not None and settings.source != "the argument"
    profile, entry = settings.profile, None
    if environment_key:
        entry = Entry(config=settings.config, api_key=settings.api_key)
    elif settings.refresh_token is not None:
        profile, entry = _seed(settings, cache)
    credentials = Credentials(
        profile=profile,
        config=settings.config,
        cache=cache,
        ask=lambda reason: asker.ask(desk, reason),
        entry=entry,
        kept=not environment_key,
    )
    completion = Completion(credentials, identify=identify, check_key=check_key, permit=settings.refuse_foreign)
    desk = Desk(completion, before_open=_make_room, remote=asker.remote)
    _DESKS.add(desk)
    return desk


def _resolve_quietly(desk: Desk, settings: Settings) -> str:
    """Finds a sign-in without asking anybody; says where it came from, "" where it is the saved one or none."""
    credentials = desk.credentials
    if settings.api_key is not None:
        if settings.source == "the argument":
            told = desk.completion.key(settings.api_key, source=settings.source)
            kept = "It is saved now: delete it from the cell, connect() finds it." if credentials.saved else told
            warnings.warn(f"The API key stands in this notebook. {kept}", stacklevel=3)
            return ""
        return f"API key from {settings.source}"
    try:
        credentials.look()
        if not credentials.signed_in:
            return ""
        credentials.authorization()
    except ApiUnavailable:
        pass  # offline: the sign-in stands, and the first call that needs Outgrow says what is wrong
    except SignInError as ended:
        if settings.refresh_token is not None:
            raise ConfigError(
                f"The refresh token from {settings.source} no longer works.", "Set a new OUTGROW_REFRESH_TOKEN."
            ) from None
        warnings.warn(str(ended), stacklevel=3)
        return ""
    return f"refresh token from {settings.source}" if settings.refresh_token is not None else ""


def _seed(settings: Settings, cache: TokenCache) -> tuple[str, Entry]:
    """A refresh token of the environment is a seed: what it becomes is kept under its hash and used from then on."""
    token = settings.refresh_token
    if token is None or not settings.config.client_id:
        raise ConfigError("OUTGROW_REFRESH_TOKEN needs OUTGROW_CLIENT_ID.", "Set both, or neither.")
    if not cache.durable:
        raise ConfigError(
            "OUTGROW_REFRESH_TOKEN is spent at its first use, and a MemoryCache would lose what follows.",
            "Use a FileCache with it.",
        )
    spent = Token(access=Secret("none yet"), refresh=token, obtained_at=0.0, lifetime=1.0)
    profile = f"seed-{hashlib.sha256(token.reveal().encode()).hexdigest()}"
    return profile, Entry(config=settings.config, token=spent)


def _settings(
    profile: str | None, *, sandbox: bool, key: Secret | None = None, config: Config | None = None
) -> Settings:
    if sandbox:
        if key or profile or config:
            raise ConfigError("The sandbox has a profile, keys and settings of its own.", "Leave out yours with it.")
        return _sandbox_settings()
    settings = resolve(config=config, profile=profile, api_key=key.reveal() if key else None)
    if settings.api_key is not None:
        settings = replace(settings, api_key=cleaned_key(settings.api_key, settings.source))
    if settings.profile.partition("@")[0] == SANDBOX_PROFILE:
        raise ConfigError('The profile "sandbox" is the embedded Outgrow\'s own.', "Use connect(sandbox=True).")
    return settings


def _sandbox_settings() -> Settings:
    """The embedded Outgrow's own settings; no OUTGROW_ credential or address is read."""
    from outgrow_nb.sandbox import process

    folder = config_folder(os.environ)
    running = process.ensure(folder)
    config = Config(
        client_id=running.client_id,
        client_secret=running.client_secret,
        redirect_uri=running.redirect_uri,
        base_url=running.base_url,
        api_url=running.api_url,
        pkce_enforced=True,
    )
    settings = Settings(config=config, profile=SANDBOX_PROFILE, folder=folder)
    forget_foreign(FileCache(folder), SANDBOX_PROFILE, config)  # of a sandbox that is no more
    return settings


def _asker() -> Asker:
    if "IPython" in sys.modules:
        from outgrow_nb.notebook import environment
        from outgrow_nb.notebook.ask import NotebookAsker

        if environment.in_notebook():
            return NotebookAsker(environment.detect(os.environ))
    return terminal.TerminalAsker()


def _make_room(newcomer: Desk) -> None:
    """Ends the pending sign-ins of earlier runs that stand in the way: the same profile, or the same fixed port."""
    mine = newcomer.credentials
    for desk in list(_DESKS):
        theirs = desk.credentials
        same_port = mine.config.redirect_port is not None and theirs.config.redirect_port == mine.config.redirect_port
        if desk is not newcomer and (theirs.profile == mine.profile or same_port):
            desk.close()
