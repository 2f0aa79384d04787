"""What a person holds, however it is shown, pickled or copied: refused with a way out, or without a secret (S06)."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import pytest

import outgrow_nb
from outgrow_nb import Config, FileCache, MemoryCache, Outgrow
from outgrow_nb.api.transport import Transport
from outgrow_nb.auth.attempts import begin
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.entry import Entry, pack
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.config import Secret, Settings
from outgrow_nb.errors import OutgrowError, PartialFetch, StoppedFetch
from outgrow_nb.wire import Fixed
from tests.helpers_secrets import CANARY, Secrets, assert_faceless
from tests.unit.kept_support import FULL, KEYED

NEXT_STEP = "call outgrow_nb.connect() where it is needed"


def nobody(reason: OutgrowError) -> None:
    raise reason


def credentials(entry: Entry, cache: Any = None) -> Credentials:
    made = Credentials(profile="p", config=entry.config, cache=cache or MemoryCache(), ask=nobody)
    made.accept(entry)
    return made


@pytest.fixture(params=[FULL, KEYED], ids=["sign-in", "key"])
def og(request: pytest.FixtureRequest) -> Outgrow:
    """A client of somebody who is signed in."""
    return Outgrow(credentials(request.param))


WAYS: dict[str, Callable[[Any], object]] = {
    **{f"pickle {protocol}": lambda og, protocol=protocol: pickle.dumps(og, protocol) for protocol in range(6)},  # type: ignore[misc]
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "inside of something": lambda og: pickle.dumps({"og": [og]}),
    "a method": lambda og: pickle.dumps(og.leads),
    "cloudpickle": cloudpickle.dumps,
    "cloudpickle of a function that uses it": lambda og: cloudpickle.dumps(lambda title: og.leads(title)),
}


@pytest.mark.parametrize("way", WAYS)
def test_s06_a_client_is_refused(og: Outgrow, way: str) -> None:
    """However somebody tries to send a client elsewhere, the error says what to do instead."""
    with pytest.raises(TypeError, match="is not pickled") as caught:
        WAYS[way](og)
    assert NEXT_STEP in str(caught.value)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_s06_a_client_for_other_processes(og: Outgrow, method: str) -> None:
    """What `joblib`, `multiprocessing` and process pools show of it: our words."""
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool, pytest.raises(TypeError) as caught:
        pool.submit(len, og).result(timeout=30)  # type: ignore[arg-type]  # which never arrives
    assert str(caught.value).startswith("An Outgrow client")
    assert NEXT_STEP in str(caught.value)


def desk(entry: Entry, _: Path) -> Desk:
    completion = Completion(
        credentials(entry),
        identify=lambda config, token: None,
        check_key=lambda config, key: [],
        permit=lambda source: None,
    )
    return Desk(completion, before_open=lambda desk: None)


def lasting(entry: Entry) -> Entry:
    """A sign-in whose token does not end."""
    return replace(entry, token=replace(entry.token, lifetime=None)) if entry.token is not None else entry


def in_files(entry: Entry, folder: Path) -> Credentials:
    return credentials(entry, FileCache(folder / "kept"))


THINGS: dict[str, Callable[[Entry, Path], object]] = {
    "Outgrow": lambda entry, folder: Outgrow(in_files(entry, folder)),
    "Config": lambda entry, _: entry.config,
    "Credentials": in_files,
    "Entry": lambda entry, _: entry,
    "Token": lambda entry, _: entry.token,
    "Authorization": lambda entry, _: entry.authorization(),
    "Fixed": lambda entry, _: Fixed(entry.authorization()),
    "Transport": lambda entry, _: Transport(entry.config, Fixed(entry.authorization())),
    "Facts": lambda entry, folder: facts(in_files(entry, folder)),
    "FileCache": lambda entry, folder: in_files(entry, folder).cache,
    "MemoryCache": lambda entry, _: credentials(entry).cache,
    "Settings": lambda entry, folder: Settings(
        config=entry.config, profile="p", folder=folder, api_key=entry.api_key, refresh_token=Secret("RT-CANARY-1")
    ),
    "Desk": desk,
    "whoami": lambda entry, folder: Outgrow(in_files(lasting(entry), folder)).whoami(),
    "PartialFetch": lambda entry, _: PartialFetch("Cut.", "Go on.", resume=Outgrow(credentials(entry)).contents),
    "StoppedFetch": lambda entry, _: StoppedFetch(PartialFetch("Cut.", resume=Outgrow(credentials(entry)).contents)),
}


@pytest.mark.parametrize("entry", [FULL, KEYED], ids=["sign-in", "key"])
@pytest.mark.parametrize("name", THINGS)
def test_s01_s06_nothing_shows(name: str, entry: Entry, tmp_path: Path) -> None:
    """repr, str, format, vars, properties, HTML, attrs, pickles of every protocol, copies shallow and deep."""
    thing = THINGS[name](entry, tmp_path)
    assert CANARY in str(pack(entry)), "there is something to show"
    assert_faceless(thing)


@pytest.mark.parametrize("name", ["Config", "Credentials", "Entry", "Fixed", "Transport", "MemoryCache", "Settings"])
def test_s06_what_holds_a_secret_says_what_to_do(name: str, tmp_path: Path) -> None:
    """Whoever pickles or deep-copies a part of a client reads the same next step."""
    thing = THINGS[name](FULL, tmp_path)
    for way in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled or copied") as caught:
            way(thing)
        assert NEXT_STEP in str(caught.value)


@pytest.mark.parametrize("remote", [False, True])
def test_s01_s06_a_pending_sign_in(remote: bool) -> None:
    """The sign-in, its panel and its attempts while they are open: no state, verifier, nonce or whole address."""
    signin = SignIn(config=FULL.config, on_token=lambda token: "", on_key=lambda key: "", remote=remote)
    try:
        assert signin.link is not None
        made = begin(FULL.config, "http://127.0.0.1/callback", cookie=Secret("COOKIE-CANARY-1"))
        address = signin.authorization_address().reveal()
        newest = signin._attempts.newest()
        assert newest is not None
        hidden = [address, newest.state.reveal(), newest.verifier.reveal(), signin.link.reveal(), made.state.reveal()]
        for thing in (signin, signin.status, newest, made):
            assert_faceless(thing, Secrets(more=[*hidden, made.verifier.reveal(), made.url.reveal()]))
    finally:
        signin.cancel()


def test_s06_what_may_be_copied_still_works(tmp_path: Path) -> None:
    """What holds no secret goes through a pickle as it is."""
    public = Config(client_id="app", scope="leads")
    assert pickle.loads(pickle.dumps(public)) == public
    assert copy.deepcopy(public) == public
    error = pickle.loads(pickle.dumps(outgrow_nb.RateLimited("Slow.", "Later.")))
    assert (error.problem, error.next_step) == ("Slow.", "Later.")
    assert dataclasses.asdict(public)["client_id"] == "app"
