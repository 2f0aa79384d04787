"""Puts the settings of one `connect()` together: argument, environment, `.env`; secrets stay with their source."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from outgrow_nb.config import dotenv_file
from outgrow_nb.config.model import Config
from outgrow_nb.config.secret import Secret
from outgrow_nb.errors import ConfigError

_FIELDS = {
    "OUTGROW_CLIENT_ID": "client_id",
    "OUTGROW_CLIENT_SECRET": "client_secret",
    "OUTGROW_REDIRECT_URI": "redirect_uri",
    "OUTGROW_BASE_URL": "base_url",
    "OUTGROW_API_URL": "api_url",
}
_URLS = ("OUTGROW_BASE_URL", "OUTGROW_API_URL")
_SECRETS = ("OUTGROW_CLIENT_SECRET", "OUTGROW_API_KEY", "OUTGROW_REFRESH_TOKEN")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one `connect()` works with.

    Attributes:
        config: How to reach Outgrow; only what somebody set, the rest None.
        profile: The name the sign-in is kept under.
        api_key: A key from the argument or a setting, and where it came from.
        refresh_token: A refresh token from a setting, used as a seed.
        source: Where the secret came from, in words ("the argument", "the environment", the path of ``.env``).
        folder: The folder that holds the saved sign-ins.
        dotenv_urls: The ``.env`` that names where to send secrets, when one does.
    """

    config: Config
    profile: str
    api_key: Secret | None = field(default=None, repr=False)
    refresh_token: Secret | None = field(default=None, repr=False)
    source: str = ""
    folder: Path
    dotenv_urls: Path | None = None

    def refuse_foreign(self, secret_source: str) -> None:
        """Stops a secret of another source from going to an address that a ``.env`` chose (E01).

        Raises:
            ConfigError: Naming the file and the host.
        """
        if self.dotenv_urls is not None and secret_source != str(self.dotenv_urls):
            raise _astray(self.dotenv_urls, self.config, secret_source)


def config_folder(environ: Mapping[str, str]) -> Path:
    """The folder of the saved sign-ins: OUTGROW_CONFIG_DIR, else the user's config directory for ``outgrow-nb``.

    Raises:
        ConfigError: The folder is not an absolute path.
    """
    return _absolute(_named_folder(environ))


def _absolute(folder: Path) -> Path:
    if not folder.is_absolute():
        raise ConfigError(f"The config folder {folder} is not an absolute path.", "Set OUTGROW_CONFIG_DIR to one.")
    return folder


def _named_folder(environ: Mapping[str, str]) -> Path:
    named = environ.get("OUTGROW_CONFIG_DIR")
    try:
        return Path(named).expanduser() if named else platformdirs.user_config_path("outgrow-nb", appauthor=False)
    except RuntimeError:  # "~somebody" whom this computer does not know, or its own user as in some containers
        return Path(named or "~/.config/outgrow-nb")


def resolve(
    *,
    config: Config | None = None,
    profile: str | None = None,
    api_key: str | None = None,
    environ: Mapping[str, str] | None = None,
    start: Path | None = None,
) -> Settings:
    """Reads every source once and puts them together: argument, environment, ``.env``.

    Args:
        config: What the caller set; its blanks are filled.
        profile: The profile's name, else OUTGROW_PROFILE, else "default".
        api_key: A key given as an argument.
        environ: The environment, `os.environ` unless told.
        start: Where the search for ``.env`` begins, the working directory unless told.

    Raises:
        ConfigError: A setting that cannot be used, or an address from ``.env`` for a secret of another source.
    """
    from_environment, home, folder = _environment(environ)
    argument, given = Secret(api_key or ""), config or Config()
    del environ, api_key  # from here on no frame that a traceback shows holds a secret in the clear
    path, from_file = dotenv_file.read((start or Path.cwd()).resolve(), home)
    merged = {**from_file, **from_environment}

    named = {name: attr for name, attr in _FIELDS.items() if name in merged}
    settings = given.with_missing({attr: _value(name, merged[name]) for name, attr in named.items()})
    key = argument or merged.get("OUTGROW_API_KEY")
    refresh = merged.get("OUTGROW_REFRESH_TOKEN") if not argument else None
    if refresh and not all("!" <= char <= "~" for char in refresh.reveal()):
        raise ConfigError("OUTGROW_REFRESH_TOKEN can't be one.", "Copy it again, without spaces.")

    def source(name: str) -> str:
        return "the environment" if name in from_environment else str(path)

    urls_from_file = path is not None and any(
        name in from_file and name not in from_environment and getattr(given, _FIELDS[name]) is None for name in _URLS
    )
    if key:
        secret_source = "the argument" if argument else source("OUTGROW_API_KEY")
    else:
        secret_source = source("OUTGROW_REFRESH_TOKEN") if refresh else ""
    if urls_from_file and path is not None:
        sources = {secret_source} if secret_source else set()
        if settings.secret is not None:
            sources.add("the argument" if given.secret else source("OUTGROW_CLIENT_SECRET"))
        for foreign in sorted(sources - {str(path)}):
            raise _astray(path, settings, foreign)
    return Settings(
        config=settings,
        profile=profile or merged.get("OUTGROW_PROFILE", Secret("default")).reveal(),
        api_key=key,
        refresh_token=refresh,
        source=secret_source,
        folder=_absolute(folder),
        dotenv_urls=path if urls_from_file else None,
    )


def _environment(environ: Mapping[str, str] | None) -> tuple[dict[str, Secret], Path | None, Path]:
    """The ``OUTGROW_…`` variables, the home folder, and the folder of the saved sign-ins."""
    environ = os.environ if environ is None else environ
    return dotenv_file.wrapped(environ), _home(environ), _named_folder(environ)


def _home(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("HOME")
    try:
        return (Path(named) if named else Path.home()).resolve()  # without HOME the computer's list of users knows
    except RuntimeError:
        return None


def _value(name: str, held: Secret) -> str | Secret:
    return held if name in _SECRETS else held.reveal()


def _astray(path: Path, config: Config, source: str) -> ConfigError:
    host = urlsplit(config.api_url or config.base).hostname
    return ConfigError(
        f"{path} would send a secret from {source} to {host}.",
        "If you trust that host, set OUTGROW_BASE_URL or OUTGROW_API_URL where the secret is set, "
        "or put the secret into the same file.",
    )
