"""`connect()`: where it looks for a sign-in, in which order, and who is asked where there is none."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import outgrow_nb
from outgrow_nb import connection
from outgrow_nb.auth import messages
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.status import State
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret, Settings
from outgrow_nb.errors import ConfigError, OutgrowError, SignInError, SignInRequired
from outgrow_nb.wire import ApiKey, Bearer
from tests.wire.clients import bearer_config, key_config, signed_in, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def held(og: outgrow_nb.Outgrow) -> Any:
    """What the client would authorize a request with."""
    return og._credentials.authorization()


def application(sandbox: Sandbox) -> dict[str, str]:
    return {
        "OUTGROW_CLIENT_ID": sandbox.client_id,
        "OUTGROW_CLIENT_SECRET": sandbox.client_secret,
        "OUTGROW_BASE_URL": sandbox.base_url,
    }


def key_of(og: outgrow_nb.Outgrow) -> str:
    authorization = held(og)
    assert isinstance(authorization, ApiKey)
    return authorization.key.reveal()


# --- where it looks


def test_argument_then_environment_then_dotenv_then_saved(sandbox: Sandbox, place: Place) -> None:
    """Each source goes before the next; the repr says which one it was."""
    signed_in_before = signed_in(sandbox)
    place.save(signed_in_before)
    og = outgrow_nb.connect(config=bearer_config(sandbox))
    assert isinstance(held(og), Bearer)
    assert repr(og).endswith("ana.silva@example.com (Northwind Gardens) · saved sign-in>")

    path = place.dotenv(OUTGROW_API_KEY="key-of-dotenv", OUTGROW_API_URL=sandbox.api_url)
    og = outgrow_nb.connect()
    assert key_of(og) == "key-of-dotenv"
    assert repr(og) == f"<Outgrow: Connected with an API key · API key from {path}>"

    place.set(OUTGROW_API_KEY="key-of-environment", OUTGROW_API_URL=sandbox.api_url)
    og = outgrow_nb.connect()
    assert key_of(og) == "key-of-environment"
    assert repr(og) == "<Outgrow: Connected with an API key · API key from the environment>"

    taken = "for this kernel only, since the profile 'default' holds the sign-in of ana.silva@example.com"
    with pytest.warns(UserWarning, match=f"The API key stands in this notebook.*{taken}"):
        og = outgrow_nb.connect(api_key=sandbox.api_key, config=key_config(sandbox))
    assert key_of(og) == sandbox.api_key
    kept = place.saved()
    assert kept is not None
    assert kept.token == signed_in_before.token


def test_two_accounts_keys_under_one_name(sandbox: Sandbox, place: Place) -> None:
    """A key of another account takes no key's place; one of the same account does, and keeps its people's hashes."""
    kept = replace(with_key(sandbox), api_key=Secret("of-another"), content_ids=("of-nobody-here",))
    place.save(kept)
    with pytest.warns(UserWarning, match="holds another account's API key"):
        outgrow_nb.connect(api_key=sandbox.api_key, config=key_config(sandbox))
    assert place.saved() == kept
    with pytest.warns(UserWarning, match="It is saved now"):
        mine = outgrow_nb.connect("mine", api_key=sandbox.api_key, config=key_config(sandbox))
    ids = tuple(mine.contents()["content_id"])
    place.save(replace(kept, content_ids=(ids[0], "deleted-since"), mask_key=Secret("ab" * 32)))
    with pytest.warns(UserWarning, match="It is saved now"):
        outgrow_nb.connect(api_key=sandbox.api_key, config=key_config(sandbox))
    now = place.saved()
    assert now is not None
    assert (now.api_key, now.mask_key) == (Secret(sandbox.api_key), Secret("ab" * 32))


def test_a_key_serves_no_application(sandbox: Sandbox, place: Place) -> None:
    """A folder with an application of its own does not read with the key that another folder saved."""
    place.save(with_key(sandbox))
    place.dotenv(**application(sandbox))
    with pytest.raises(SignInRequired):
        outgrow_nb.connect()
    assert place.saved() is not None


def test_masked_by_a_key_of_the_environment(sandbox: Sandbox, place: Place) -> None:
    """Scheduled runs with OUTGROW_API_KEY give a person the same hash each time, though nothing is kept."""
    place.set(OUTGROW_API_KEY=sandbox.api_key, OUTGROW_API_URL=sandbox.api_url)
    first, second = (outgrow_nb.connect(pii="mask").person_id("ana@example.com") for _ in range(2))
    assert first == second
    assert not place.config.exists()


def test_a_sandbox_that_is_no_more(place: Place) -> None:
    """The sign-in to a sandbox that was made anew is let go: no other profile is left of it."""
    old = Entry(
        config=Config(client_id="gone", base_url="http://127.0.0.1:1"),
        token=Token(access=Secret("AT"), obtained_at=0.0),
    )
    place.save(old, "sandbox")
    with pytest.raises(SignInRequired):
        outgrow_nb.connect(sandbox=True)
    assert FileCache(place.config).names() == []


@pytest.mark.parametrize("given", [{"profile": "acme"}, {"api_key": "k"}, {"config": Config(workers=2)}])
def test_the_sandbox_takes_no_settings(place: Place, given: dict[str, Any]) -> None:
    """What would be ignored is refused."""
    with pytest.raises(ConfigError, match="The sandbox has a profile"):
        outgrow_nb.connect(sandbox=True, **given)


def test_saved_and_valid_asks_nothing(sandbox: Sandbox, place: Place) -> None:
    """With a saved token that is still good, `connect()` makes no request at all, nor does `whoami()`."""
    place.save(signed_in(sandbox))
    sandbox.control(reset_stats=True)
    og = outgrow_nb.connect()
    assert og.whoami()["kept_in"][0] == str(FileCache(place.config).path("default"))
    assert sandbox.stats()["requests"] == {}
    assert sandbox.stats()["hits"] == 0


def test_saved_in_folder_a_used_in_folder_b(sandbox: Sandbox, place: Place) -> None:
    """Correction 6: the sign-in keeps its application; elsewhere without a `.env` it works and renews itself."""
    place.dotenv(**application(sandbox))
    entry = signed_in(sandbox)
    place.save(entry)
    assert len(outgrow_nb.connect().contents()) == 14
    place.go("elsewhere")
    sandbox.control(expire_access=True, reset_stats=True)
    og = outgrow_nb.connect()
    assert len(og.contents()) == 14
    assert sandbox.stats()["hits"] == 1
    now = place.saved()
    assert now is not None
    assert now.token != entry.token
    assert now.config.secret == entry.config.secret


def test_another_profile(sandbox: Sandbox, place: Place) -> None:
    """A profile by argument or setting is a sign-in of its own."""
    place.save(signed_in(sandbox))
    place.save(signed_in(sandbox, who=1), "björn & co")
    assert "Northwind Gardens" in repr(outgrow_nb.connect())
    assert "Fjordlys Solar" in repr(outgrow_nb.connect("björn & co"))
    place.set(OUTGROW_PROFILE="björn & co")
    assert "Fjordlys Solar" in repr(outgrow_nb.connect())
    assert "Northwind Gardens" in repr(outgrow_nb.connect("default"))


def test_offline_with_a_saved_sign_in(sandbox: Sandbox, place: Place) -> None:
    """Without network `connect()` still says who is signed in; the first call says what is wrong."""
    entry = signed_in(sandbox)
    assert entry.token is not None
    gone = Config(client_id="app-1", base_url=f"http://127.0.0.1:{free_port()}")
    old = type(entry.token)(access=entry.token.access, refresh=entry.token.refresh, obtained_at=1.0, lifetime=60.0)
    place.save(Entry(config=gone, token=old, account=entry.account))
    og = outgrow_nb.connect()
    assert "ana.silva@example.com" in repr(og)
    with pytest.raises(outgrow_nb.ApiUnavailable, match="the connection was refused"):
        og.contents()


# --- keys


def test_key_as_argument(sandbox: Sandbox, place: Place) -> None:
    """Correction 9: a literal key works, is checked and saved, and warns at the caller's line; then it is found."""
    with pytest.warns(UserWarning, match="delete it from the cell") as told:
        og = outgrow_nb.connect(api_key=f" {sandbox.api_key}\n", config=key_config(sandbox))
    assert [warning.filename for warning in told] == [__file__]
    assert repr(og) == "<Outgrow: Connected with an API key · 14 contents · saved API key>"
    assert len(og.contents()) == 14
    again = outgrow_nb.connect()
    assert len(again.contents()) == 14
    assert "saved API key" in repr(again)


def test_refused_key_as_argument(sandbox: Sandbox, place: Place) -> None:
    """A wrong literal key is told at once and not saved."""
    with pytest.raises(SignInError, match="Outgrow refused this key"):
        outgrow_nb.connect(api_key="wrong", config=key_config(sandbox))
    assert place.saved() is None


@pytest.mark.parametrize("key", ["KEY-CANARY/x", "ключ-CANARY", "KEY\x00CANARY"])
def test_impossible_key(place: Place, key: str) -> None:
    """What cannot be a key is refused before any request, and not shown."""
    with pytest.raises(ConfigError) as caught:
        outgrow_nb.connect(api_key=key)
    assert "CANARY" not in str(caught.value)
    if "\x00" not in key:
        place.set(OUTGROW_API_KEY=key)
        with pytest.raises(ConfigError, match="API key from the environment"):
            outgrow_nb.connect()


def test_key_of_the_environment(sandbox: Sandbox, place: Place) -> None:
    """OUTGROW_API_KEY works and is not saved."""
    place.set(OUTGROW_API_KEY=sandbox.api_key, OUTGROW_API_URL=sandbox.api_url)
    og = outgrow_nb.connect()
    assert len(og.contents()) == 14
    assert place.saved() is None


def test_refused_key_of_the_environment(sandbox: Sandbox, place: Place) -> None:
    """When Outgrow refuses the environment's key, the message names the variable."""
    place.set(OUTGROW_API_KEY="wrong", OUTGROW_API_URL=sandbox.api_url)
    with pytest.raises(SignInError, match="OUTGROW_API_KEY"):
        outgrow_nb.connect().contents()


# --- what a `.env` may not do


def test_address_of_a_dotenv_and_key_of_the_environment(sandbox: Sandbox, place: Place) -> None:
    """E01: a `.env` cannot send another source's secret somewhere; refused, naming file and host."""
    path = place.dotenv(OUTGROW_API_URL="https://collector.example/api")
    for key in ({"OUTGROW_API_KEY": "KEY-CANARY-1"}, {"OUTGROW_REFRESH_TOKEN": "RT-CANARY-1"}):
        place.set(**key)
        with pytest.raises(ConfigError) as caught:
            outgrow_nb.connect()
        assert caught.value.problem == f"{path} would send a secret from the environment to collector.example."
        place.environment.delenv(next(iter(key)))
    with pytest.raises(ConfigError, match="a secret from the argument"):
        outgrow_nb.connect(api_key="KEY-CANARY-2")


def test_address_of_a_dotenv_and_a_saved_sign_in(sandbox: Sandbox, place: Place) -> None:
    """F11: a saved token goes to the server it came from and nowhere else."""
    place.save(signed_in(sandbox))
    place.dotenv(OUTGROW_BASE_URL="https://collector.example", OUTGROW_CLIENT_ID=sandbox.client_id)
    with pytest.raises(SignInRequired):
        outgrow_nb.connect()


# --- a refresh token as seed


def test_seed_in_two_processes(sandbox: Sandbox, place: Place) -> None:
    """E04: OUTGROW_REFRESH_TOKEN is spent once; what it becomes serves the next process too."""
    seed = sandbox.sign_in()["refresh_token"]
    place.set(**application(sandbox), OUTGROW_REFRESH_TOKEN=seed)
    sandbox.control(reset_stats=True)
    code = "import outgrow_nb; og = outgrow_nb.connect(); print(len(og.contents()), repr(og))"
    for _ in range(2):
        done = place.python(code)
        assert done.stdout.startswith("14 "), done.stderr
        assert "refresh token from the environment" in done.stdout
        assert seed not in done.stdout + done.stderr
    stats = sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)
    assert [path for path in place.config.iterdir() if seed in path.name + path.read_text()] == []


def test_refused_seed(sandbox: Sandbox, place: Place) -> None:
    """A seed that Outgrow refuses is a setting to change, told in two lines, without showing it."""
    place.set(**application(sandbox), OUTGROW_REFRESH_TOKEN="RT-CANARY-spent")
    with pytest.raises(ConfigError) as caught:
        outgrow_nb.connect()
    assert str(caught.value) == (
        "The refresh token from the environment no longer works.\nSet a new OUTGROW_REFRESH_TOKEN."
    )
    assert "CANARY" not in repr(caught.value)


def test_seed_that_cannot_be_used(sandbox: Sandbox, place: Place) -> None:
    """Without an application, or with a cache that forgets, the seed is not spent."""
    place.set(OUTGROW_REFRESH_TOKEN="RT-CANARY-1", OUTGROW_BASE_URL=sandbox.base_url)
    with pytest.raises(ConfigError, match="needs OUTGROW_CLIENT_ID"):
        outgrow_nb.connect()
    place.set(**application(sandbox))
    with pytest.raises(ConfigError, match="a MemoryCache would lose"):
        outgrow_nb.connect(config=Config(cache=outgrow_nb.MemoryCache()))
    assert sandbox.stats()["hits"] == 0


# --- nobody signed in


def test_script_without_a_terminal(sandbox: Sandbox, place: Place) -> None:
    """A script that nobody watches raises SignInRequired at once, in two lines, and opens no port."""
    place.set(**application(sandbox))
    code = (
        "import time, outgrow_nb\nstarted = time.monotonic()\n"
        "try:\n    outgrow_nb.connect(wait=True)\n"
        "except outgrow_nb.SignInRequired as error:\n    print(time.monotonic() - started < 5)\n    print(error)"
    )
    assert place.python(code).stdout.splitlines() == ["True", *messages.NOBODY]


def test_script_without_any_stdin(sandbox: Sandbox, place: Place) -> None:
    """The same where the file descriptor itself is closed, as under some schedulers."""
    place.set(**application(sandbox))
    code = (
        "import outgrow_nb\ntry:\n    outgrow_nb.connect()\n"
        "except outgrow_nb.SignInRequired as error:\n    print(error)"
    )
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -c '{code}' 0<&-"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == list(messages.NOBODY), done.stderr


def test_nothing_is_set(place: Place) -> None:
    """Neither an application nor a key, and no notebook: a setting is missing, and the message says which."""
    with pytest.raises(ConfigError) as caught:
        outgrow_nb.connect()
    assert (caught.value.problem, caught.value.next_step) == messages.NOTHING_SET


def test_a_sign_in_that_has_ended(sandbox: Sandbox, place: Place) -> None:
    """R04: a revoked sign-in is told once, then somebody is asked; the file stays until the next sign-in."""
    place.save(signed_in(sandbox))
    sandbox.control(revoke="all", advance=4000)
    kept = place.saved()
    assert kept is not None
    assert kept.token is not None
    old = type(kept.token)(access=kept.token.access, refresh=kept.token.refresh, obtained_at=1.0, lifetime=60.0)
    place.save(Entry(config=kept.config, token=old, account=kept.account))
    with (
        pytest.warns(UserWarning, match="Your saved sign-in has ended") as told,
        pytest.raises(SignInRequired),
    ):
        outgrow_nb.connect()
    assert [warning.filename for warning in told] == [__file__]
    assert place.saved() is not None


# --- the sandbox's profile


def test_profile_of_the_sandbox(sandbox: Sandbox, place: Place) -> None:
    """Correction 9: the embedded Outgrow's profile is never adopted by name."""
    place.save(signed_in(sandbox), "sandbox")
    with pytest.raises(ConfigError) as caught:
        outgrow_nb.connect("sandbox")
    assert caught.value.next_step == "Use connect(sandbox=True)."
    place.set(OUTGROW_PROFILE="sandbox")
    with pytest.raises(ConfigError):
        outgrow_nb.connect()


def test_sandbox_reads_no_setting(place: Place) -> None:
    """`connect(sandbox=True)` starts it and ignores every OUTGROW_ credential and address."""
    place.set(OUTGROW_API_KEY="KEY-CANARY-1", OUTGROW_BASE_URL="https://collector.example", OUTGROW_PROFILE="other")
    with pytest.raises(SignInRequired):
        outgrow_nb.connect(sandbox=True)
    state = json.loads((place.config / "sandbox.json").read_text())
    connection.start_sandbox()
    assert json.loads((place.config / "sandbox.json").read_text())["pid"] == state["pid"]
    os.kill(state["pid"], 15)


# --- sign-ins of earlier runs


class Quiet:
    """An asker that draws nothing."""

    remote, progress = False, None

    def greet(self, client: outgrow_nb.Outgrow) -> None:
        """Nothing."""

    def offer(self, desk: Any) -> None:
        """Nothing."""

    def ask(self, desk: Any, reason: OutgrowError) -> None:
        raise reason


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def open_desk(place: Place) -> Callable[..., Any]:
    def make(profile: str, config: Config) -> Any:
        return connection.open_desk(Settings(config=config, profile=profile, folder=place.config), Quiet())

    return make


def test_an_earlier_run_gives_its_port_back(open_desk: Callable[..., Any]) -> None:
    """A cell that is run again ends the sign-in that it began before, so that the registered port is free."""
    fixed = Config(client_id="app-1", redirect_uri=f"http://127.0.0.1:{free_port()}/callback")
    first, second, other = (open_desk(name, fixed) for name in ("default", "default", "other"))
    one = first.open()
    two = second.open()
    assert (one.status.state, two.status.state) == (State.CANCELLED, State.READY)
    three = other.open()
    assert (two.status.state, three.status.state) == (State.CANCELLED, State.READY)
    other.close()


def test_sign_ins_that_do_not_meet_live_on(open_desk: Callable[..., Any]) -> None:
    """Another profile on another port is left alone."""
    anywhere = Config(client_id="app-1")
    first, second = open_desk("one", anywhere), open_desk("two", anywhere)
    one, two = first.open(), second.open()
    assert (one.status.state, two.status.state) == (State.READY, State.READY)
    first.close()
    second.close()


# --- whose token it is


def test_a_server_that_does_not_say_who(open_desk: Callable[..., Any], sandbox: Sandbox) -> None:
    """If `/me` fails the sign-in succeeds all the same; with it the name is there."""
    desk = open_desk("default", bearer_config(sandbox))
    token = signed_in(sandbox).token
    sandbox.control(status="404@/api/v1/me")
    assert desk.completion.token(token) == "Signed in to Outgrow as an Outgrow account · saved sign-in (not encrypted)"
    sandbox.control(clear=True)
    assert "ana.silva@example.com (Northwind Gardens)" in desk.completion.token(token)


def test_a_check_of_a_key_is_one_request(open_desk: Callable[..., Any], sandbox: Sandbox) -> None:
    """A key is checked by `get_cal`, the one call that is known to tell good keys from bad ones."""
    desk = open_desk("default", key_config(sandbox))
    entry = with_key(sandbox)
    sandbox.control(reset_stats=True)
    assert "14 contents" in desk.completion.key(entry.api_key)
    (asked,) = sandbox.stats()["requests"].items()
    assert asked[1] == 1
    assert asked[0].startswith("GET /api/v1/get_cal")
