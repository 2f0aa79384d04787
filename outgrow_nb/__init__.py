"""Outgrow leads as pandas DataFrames, from one line and one click on a login button.

::

    import outgrow_nb

    og = outgrow_nb.connect()
    og.contents()
    leads = og.leads("Which plan fits you?", since="90d")

Names load on first use, so that ``import outgrow_nb`` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from outgrow_nb import explore, plot, sandbox
    from outgrow_nb.auth.cache import MemoryCache, TokenCache
    from outgrow_nb.auth.filecache import FileCache
    from outgrow_nb.client import Outgrow
    from outgrow_nb.client.dashboard import read_export
    from outgrow_nb.client.saved import profiles
    from outgrow_nb.config import Config
    from outgrow_nb.connection import connect
    from outgrow_nb.errors import (
        ApiError,
        ApiUnavailable,
        CacheError,
        ConfigError,
        Forbidden,
        OutgrowError,
        PartialFetch,
        RateLimited,
        SchemaDrift,
        SignInCancelled,
        SignInDeclined,
        SignInError,
        SignInExpired,
        SignInRequired,
        SignInTimeout,
        UnexpectedAnswer,
        UnknownContent,
    )
    from outgrow_nb.notebook.explorer import explorer

__all__ = [
    "ApiError",
    "ApiUnavailable",
    "CacheError",
    "Config",
    "ConfigError",
    "FileCache",
    "Forbidden",
    "MemoryCache",
    "Outgrow",
    "OutgrowError",
    "PartialFetch",
    "RateLimited",
    "SchemaDrift",
    "SignInCancelled",
    "SignInDeclined",
    "SignInError",
    "SignInExpired",
    "SignInRequired",
    "SignInTimeout",
    "TokenCache",
    "UnexpectedAnswer",
    "UnknownContent",
    "connect",
    "explore",
    "explorer",
    "plot",
    "profiles",
    "read_export",
    "sandbox",
]

_ROOMS = {
    "Config": "config",
    "FileCache": "auth.filecache",
    "MemoryCache": "auth.cache",
    "Outgrow": "client",
    "TokenCache": "auth.cache",
    "connect": "connection",
    "explorer": "notebook.explorer",
    "profiles": "client.saved",
    "read_export": "client.dashboard",
}


def __getattr__(name: str) -> Any:
    """Loads a public name from its room at first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'outgrow_nb' has no attribute {name!r}")
    if name in ("explore", "plot", "sandbox"):
        return importlib.import_module(f"outgrow_nb.{name}")
    value = getattr(importlib.import_module(f"outgrow_nb.{_ROOMS.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
