"""Where each setting comes from, and what may travel where (E01, E03)."""

import os
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.config import Config, Secret, resolve
from outgrow_nb.errors import ConfigError
from tests.helpers_auth import assert_clean
from tests.unit.config_support import environment, project, write_env

folder = pytest.fixture(project)


def test_argument_environment_dotenv_default(folder: Path) -> None:
    """The order of the sources, setting by setting; `.env` stays out of the environment."""
    write_env(folder, "OUTGROW_CLIENT_ID=from-file", "OUTGROW_PROFILE=file", "OUTGROW_REDIRECT_URI=http://localhost/f")
    start = folder / "deep" / "er"
    start.mkdir(parents=True)
    settings = resolve(environ=environment(folder), start=start)
    assert settings.config.client_id == "from-file"
    assert settings.profile == "file"
    assert settings.config.base == "https://app.outgrow.co"
    given = environment(folder, OUTGROW_CLIENT_ID=" from-environment ", OUTGROW_PROFILE="")
    settings = resolve(environ=given, start=start)
    assert settings.config.client_id == "from-environment"
    assert settings.profile == "file"
    settings = resolve(config=Config(client_id="argument"), profile="mine", environ=given, start=start)
    assert settings.config.client_id == "argument"
    assert settings.profile == "mine"
    assert settings.config.redirect == "http://localhost/f"
    assert "OUTGROW_CLIENT_ID" not in os.environ
    assert resolve(environ={"OUTGROW_CONFIG_DIR": "/kept"}, start=folder.parent).profile == "default"


def test_keys_and_their_source(folder: Path) -> None:
    """Where a secret came from is told in words; an argument comes first and sets the refresh token aside."""
    path = write_env(folder, "OUTGROW_API_KEY=file-key")
    settings = resolve(environ=environment(folder), start=folder)
    assert settings.api_key == Secret("file-key")
    assert settings.source == str(path)
    settings = resolve(environ=environment(folder, OUTGROW_API_KEY="env-key"), start=folder)
    assert settings.source == "the environment"
    settings = resolve(api_key="arg", environ=environment(folder, OUTGROW_REFRESH_TOKEN="r"), start=folder)
    assert (settings.api_key, settings.source) == (Secret("arg"), "the argument")
    assert settings.refresh_token is None
    path.unlink()
    settings = resolve(environ=environment(folder, OUTGROW_REFRESH_TOKEN="seed"), start=folder)
    assert settings.refresh_token == Secret("seed")
    assert settings.source == "the environment"
    assert "seed" not in repr(settings)
    settings = resolve(environ=environment(folder, OUTGROW_CLIENT_SECRET="s"), start=folder)
    assert (settings.api_key, settings.refresh_token, settings.source) == (None, None, "")
    settings = resolve(environ=environment(folder, OUTGROW_REFRESH_TOKEN="!~"), start=folder)
    assert settings.refresh_token == Secret("!~")


@pytest.mark.parametrize("name", ["OUTGROW_API_KEY", "OUTGROW_REFRESH_TOKEN", "OUTGROW_CLIENT_SECRET"])
@pytest.mark.parametrize("address", ["OUTGROW_BASE_URL", "OUTGROW_API_URL"])
def test_e01_a_dotenv_cannot_lead_a_secret_astray(folder: Path, name: str, address: str) -> None:
    """An address from `.env` with a secret from elsewhere is refused, naming file and host."""
    path = write_env(folder, f"{address}=https://evil.example/api")
    with pytest.raises(ConfigError, match=r"evil\.example") as caught:
        resolve(environ=environment(folder, **{name: "a-secret-value"}), start=folder)
    assert str(path) in caught.value.problem
    assert "a-secret-value" not in str(caught.value)
    resolve(environ=environment(folder, **{name: "a-secret-value", address: "https://good.example"}), start=folder)
    resolve(
        config=Config(base_url="https://good.example", api_url="https://good.example/v1"),
        environ=environment(folder, **{name: "a-secret-value"}),
        start=folder,
    )
    write_env(folder, f"{address}=https://own.example/api", f"{name}=a-secret-value")
    settings = resolve(environ=environment(folder), start=folder)
    settings.refuse_foreign(str(path))
    with pytest.raises(ConfigError, match=r"own\.example"):
        settings.refuse_foreign("the sign-in panel")


@pytest.mark.parametrize("address", ["OUTGROW_BASE_URL", "OUTGROW_API_URL"])
@pytest.mark.parametrize(
    "argument",
    [{"api_key": "KEY-CANARY-1"}, {"config": Config(client_secret="SECRET-CANARY-1")}],
    ids=["key", "secret"],
)
def test_e01_a_secret_of_the_argument(folder: Path, address: str, argument: dict[str, Any]) -> None:
    """A secret given to `connect` itself does not go to an address from `.env`, though `.env` holds one as well."""
    write_env(folder, f"{address}=https://evil.example/api", "OUTGROW_API_KEY=k", "OUTGROW_CLIENT_SECRET=s")
    resolve(environ=environment(folder), start=folder)
    with pytest.raises(ConfigError, match=r"would send a secret from the argument to evil\.example") as caught:
        resolve(environ=environment(folder), start=folder, **argument)
    assert_clean(caught.value)


def test_e01_without_addresses_anything_goes(folder: Path) -> None:
    """A `.env` that names no address leads nothing astray."""
    write_env(folder, "OUTGROW_CLIENT_ID=x")
    resolve(environ=environment(folder, OUTGROW_CLIENT_SECRET="s"), start=folder).refuse_foreign("the panel")


def test_e03_the_config_folder_is_not_read_from_a_dotenv(folder: Path) -> None:
    """It is ignored with a word."""
    write_env(folder, "OUTGROW_CONFIG_DIR=/planted", "OUTGROW_CLIENT_ID=x")
    with pytest.warns(UserWarning, match="OUTGROW_CONFIG_DIR"):
        settings = resolve(environ=environment(folder), start=folder)
    assert settings.folder == folder / "kept"


@pytest.mark.parametrize("token", ["RT CANARY 1", "RT-CANARY-é", "RT-CANARY-\udcff", "RT-CANARY\n1"])
def test_e04_a_seed_that_can_be_none(folder: Path, token: str) -> None:
    """A refresh token with spaces or other letters could be neither sent nor saved: refused at once, not shown."""
    with pytest.raises(ConfigError, match="OUTGROW_REFRESH_TOKEN") as caught:
        resolve(environ=environment(folder, OUTGROW_REFRESH_TOKEN=token, OUTGROW_CLIENT_ID="nb"), start=folder)
    assert_clean(caught.value)


@pytest.mark.parametrize("name", ["OUTGROW_CLIENT_ID", "OUTGROW_CLIENT_SECRET", "OUTGROW_BASE_URL"])
def test_bytes_that_are_no_text(folder: Path, name: str) -> None:
    """A setting with half a character is refused by its name, not shown."""
    with pytest.raises(ConfigError, match=name.removeprefix("OUTGROW_").lower()) as caught:
        resolve(environ=environment(folder, **{name: "https://a.example/SECRET-CANARY-\udcff"}), start=folder)
    assert "CANARY" not in f"{caught.value!r} {caught.value}"
