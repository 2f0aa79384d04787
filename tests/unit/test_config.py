"""Settings: where each comes from, what may travel where, and what is refused before anything is sent."""

import contextlib
import os
import pickle
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.config import Config, Secret, config_folder, is_loopback, origin, resolve
from outgrow_nb.config.urls import checked
from outgrow_nb.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder: the root of a git repository."""
    made = tmp_path / "project"
    made.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=made, check=True)
    return made


def write_env(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(mode)
    return path


def environment(folder: Path, **values: str) -> dict[str, str]:
    return {"OUTGROW_CONFIG_DIR": str(folder / "kept"), "HOME": str(folder.parent), **values}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_computer(host: str) -> None:
    """Loopback names and addresses."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", [None, "", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "1.1"])
def test_h01_look_alikes(host: str | None) -> None:
    """What merely looks like this computer is not."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://outgrow.example",
        "http://127.0.0.1.evil.example",
        "https://user:pw@app.outgrow.co",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://host:99999",
        "https://host:0",
        "https://ho st",
        "https://host\\@evil.example",
        "https://[::1",
        "app.outgrow.co",
    ],
)
def test_h01_l18_addresses_refused(url: str) -> None:
    """No secret goes to an address that is plain http elsewhere, or hides where it leads."""
    with pytest.raises(ConfigError, match="base_url"):
        Config(base_url=url)


def test_addresses_accepted() -> None:
    """Plain http here, https anywhere; the two bases lose their final slash, endpoints stay as they are."""
    assert checked("x", "http://[::1]:8000/a/") == "http://[::1]:8000/a"
    config = Config(base_url="https://a.example/", token_url="https://a.example/o/token/")
    assert config.base == "https://a.example"
    assert config.token_endpoint == "https://a.example/o/token/"
    assert origin("https://A.example/x") == "https://a.example:443"
    assert origin("http://a.example:8080") == "http://a.example:8080"


@given(st.text())
def test_any_address_is_taken_or_refused(text: str) -> None:
    """A total check: an address or a ConfigError, nothing else."""
    with contextlib.suppress(ConfigError):
        assert checked("base_url", text)


def test_defaults_by_credential() -> None:
    """Correction 1: a key is never sent to the sign-in's default, and one address set serves both."""
    plain = Config()
    assert plain.key_api == "https://api-calc.outgrow.co/api/v1"
    assert plain.bearer_api == "https://app.outgrow.co/api/v1"
    assert plain.authorization_endpoint == "https://app.outgrow.co/oauth/authorize"
    assert plain.revocation_endpoint == "https://app.outgrow.co/oauth/revoke"
    assert Config(api_url="https://x.example/v1").key_api == Config(api_url="https://x.example/v1").bearer_api
    assert Config(base_url="https://b.example").key_api == "https://api-calc.outgrow.co/api/v1"
    assert Config(base_url="https://b.example").expected_issuer == "https://b.example"


def test_redirects() -> None:
    """A loopback redirect is listened to, its port is fixed or free; another is for the paste alone."""
    assert Config().redirect_port is None
    assert Config(redirect_uri="http://localhost:3000/callback").redirect_port == 3000
    assert not Config(redirect_uri="https://notebooks.example/callback").redirect_is_loopback
    with pytest.raises(ConfigError, match="query"):
        Config(redirect_uri="http://localhost/callback?a=b")


@pytest.mark.parametrize("wrong", [{"client_auth": "jwt"}, {"workers": 0}])
def test_other_words(wrong: dict[str, object]) -> None:
    """Unknown words and numbers are refused with the way out."""
    with pytest.raises(ConfigError):
        Config(**wrong)  # type: ignore[arg-type]


def test_secrets_show_themselves_to_nobody() -> None:
    """No repr, str, format or pickle gives a secret out."""
    secret = Secret("canary-123456")
    config = Config(client_secret="canary-123456")
    for shown in (repr(secret), str(secret), f"{secret}", repr(config), repr({"a": secret}), str(vars(config))):
        assert "canary" not in shown
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert secret == Secret("canary-123456")
    assert secret != "canary-123456"
    assert len({secret, Secret("canary-123456")}) == 1
    assert not Secret("")
    assert Config(client_secret="").secret is None


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
    assert settings.source == "the argument"
    assert settings.refresh_token is None
    path.unlink()
    settings = resolve(environ=environment(folder, OUTGROW_REFRESH_TOKEN="seed"), start=folder)
    assert settings.refresh_token == Secret("seed")
    assert settings.source == "the environment"
    assert "seed" not in repr(settings)


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


def test_e01_without_addresses_anything_goes(folder: Path) -> None:
    """A `.env` that names no address leads nothing astray."""
    write_env(folder, "OUTGROW_CLIENT_ID=x")
    resolve(environ=environment(folder, OUTGROW_CLIENT_SECRET="s"), start=folder).refuse_foreign("the panel")


@pytest.mark.skipif(os.name == "nt", reason="modes and owners are POSIX")
@pytest.mark.parametrize("mode", [0o602, 0o620])
def test_e02_a_dotenv_others_can_write(folder: Path, mode: int) -> None:
    """It is not used, and the warning names it."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted", mode=mode)
    with pytest.warns(UserWarning, match="can be written by other users") as told:
        settings = resolve(environ=environment(folder), start=folder)
    assert str(path) in str(told[0].message)
    assert settings.config.client_id is None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root, to give a file away")
def test_e02_a_dotenv_of_another_user(folder: Path) -> None:
    """Likewise one that somebody else owns."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=planted")
    os.chown(path, 65534, 65534)
    with pytest.warns(UserWarning, match="belongs to another user"):
        assert resolve(environ=environment(folder), start=folder).config.client_id is None


def test_e02_the_search_ends(folder: Path) -> None:
    """At the root of the repository, at the home folder, and a folder named `.env` is none."""
    write_env(folder.parent, "OUTGROW_CLIENT_ID=planted-above")
    assert resolve(environ=environment(folder), start=folder).config.client_id is None
    elsewhere = folder.parent / "plain"
    (elsewhere / ".env").mkdir(parents=True)
    assert resolve(environ={**environment(folder), "HOME": str(elsewhere)}, start=elsewhere).config.client_id is None
    assert resolve(environ=environment(folder), start=elsewhere).config.client_id == "planted-above"


def test_e03_the_config_folder_is_not_read_from_a_dotenv(folder: Path) -> None:
    """It is ignored with a word."""
    write_env(folder, "OUTGROW_CONFIG_DIR=/planted", "OUTGROW_CLIENT_ID=x")
    with pytest.warns(UserWarning, match="OUTGROW_CONFIG_DIR"):
        settings = resolve(environ=environment(folder), start=folder)
    assert settings.folder == folder / "kept"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_secret_in_a_readable_dotenv(folder: Path) -> None:
    """One warning that says what to run; none for a file without secrets."""
    path = write_env(folder, "OUTGROW_CLIENT_ID=x", mode=0o644)
    resolve(environ=environment(folder), start=folder)
    write_env(folder, "OUTGROW_CLIENT_SECRET=s", mode=0o644)
    with pytest.warns(UserWarning, match=f"chmod 600 {path}"):
        resolve(environ=environment(folder), start=folder)


def test_a_secret_in_a_tracked_dotenv(folder: Path) -> None:
    """Git publishes it: said once, with what to do."""
    write_env(folder, "OUTGROW_CLIENT_SECRET=s")
    resolve(environ=environment(folder), start=folder)
    subprocess.run(["git", "add", "-f", ".env"], cwd=folder, check=True)
    with pytest.warns(UserWarning, match="git tracks it"):
        resolve(environ=environment(folder), start=folder)


def test_a_dotenv_that_is_no_text(folder: Path) -> None:
    """Said with its path."""
    path = folder / ".env"
    path.write_bytes(b"\xff\xfe\x00O\x00U")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="UTF-8"):
        resolve(environ=environment(folder), start=folder)


def test_f16_the_config_folder() -> None:
    """The user's own by default, an absolute path when set."""
    assert config_folder({"OUTGROW_CONFIG_DIR": "/a b/ü"}) == Path("/a b/ü")
    assert config_folder({}).name == "outgrow-nb"
    with pytest.raises(ConfigError, match="absolute"):
        config_folder({"OUTGROW_CONFIG_DIR": "relative/.."})
