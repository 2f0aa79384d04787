"""Waiting for a sign-in: how each ending is told, and what another kernel's sign-in means meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.loopback import Loopback
from outgrow_nb.auth.pages import NOT_FOUND
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError, SignInCancelled, SignInError, SignInExpired, SignInTimeout
from outgrow_nb.records import Account
from tests.helpers_auth import swept

no_canary = pytest.fixture(autouse=True)(swept)
APP = Config(client_id="app", base_url="https://outgrow.example")
KEY = "KEY-CANARY-1"


@pytest.fixture
def desk_for() -> Iterator[Callable[..., Desk]]:
    begun: list[Desk] = []

    def make(config: Config = APP, cache: TokenCache | None = None) -> Desk:
        def nobody(reason: OutgrowError) -> None:
            raise reason

        credentials = Credentials(profile="p", config=config, cache=cache or MemoryCache(), ask=nobody)
        completion = Completion(
            credentials,
            identify=lambda config, token: None,
            check_key=lambda config, key: ["1"],
            permit=lambda source: None,
        )
        begun.append(Desk(completion, before_open=lambda desk: None))
        return begun[-1]

    yield make
    for one in begun:
        one.close()


def doing(*steps: Callable[[], object]) -> Callable[[float], str | None]:
    """A keyboard at which these things happen, one a turn; a text is typed."""
    left = iter(steps)

    def listen(seconds: float) -> str | None:
        done = next(left)()
        return done if isinstance(done, str) else None

    return listen


def entry_of(config: Config, account: Account | None = None) -> Entry:
    token = Token(access=Secret("AT-CANARY-1"), refresh=Secret("RT-CANARY-1"), obtained_at=4e9, lifetime=3600.0)
    return Entry(config=config, token=token, account=account)


def stop() -> None:
    raise KeyboardInterrupt


def test_c11_stop(desk_for: Callable[..., Desk]) -> None:
    """Stop reaches the cell as it is; the sign-in has ended and its port is free."""
    desk = desk_for()
    signin = desk.open()
    link = signin.link
    assert link is not None
    with pytest.raises(KeyboardInterrupt):
        desk.wait(doing(lambda: None, stop))
    assert signin.status.state is State.CANCELLED
    again = Loopback(
        signin.redirect_uri, nonce=Secret("n"), on_go=lambda: None, on_redirect=lambda query, cookies: NOT_FOUND
    )
    again.close()


def test_l15_nobody_comes_back(desk_for: Callable[..., Desk]) -> None:
    """The deadline ends the wait, in the words of the timeout."""
    desk = desk_for()
    signin = desk.open()

    def pass_the_time() -> None:
        signin.deadline = 0.0

    with pytest.raises(SignInTimeout, match="10 minutes"):
        desk.wait(doing(pass_the_time))
    assert signin.link is None


def test_cancelled_in_the_panel(desk_for: Callable[..., Desk]) -> None:
    """Somebody else ended it: the waiting cell says so."""
    desk = desk_for()
    signin = desk.open()
    with pytest.raises(SignInCancelled):
        desk.wait(doing(signin.cancel))


def test_a_waiting_cell_follows_start_again(desk_for: Callable[..., Desk]) -> None:
    """A new sign-in takes the old one's place: its end is what counts."""
    desk = desk_for(Config())
    desk.wait(doing(desk.open, lambda: KEY))
    assert desk.credentials.signed_in


def test_l21_a_port_in_use(desk_for: Callable[..., Desk]) -> None:
    """Nothing is waited for where no link can be drawn."""
    holder = desk_for().open()
    desk = desk_for(Config(client_id="app", base_url="https://outgrow.example", redirect_uri=holder.redirect_uri))
    with pytest.raises(SignInError, match="is in use by another program"):
        desk.wait(doing())


def test_what_is_typed_goes_to_what_stands_first(desk_for: Callable[..., Desk]) -> None:
    """Without an application it is the key, with one it is the paste (correction 2)."""
    desk = desk_for(Config())
    desk.wait(doing(lambda: KEY))
    assert desk.signin is not None
    assert "API key" in desk.signin.status.text
    desk = desk_for()
    signin = desk.open()
    with pytest.raises(KeyboardInterrupt):
        desk.wait(doing(lambda: KEY, stop))
    assert not desk.credentials.signed_in
    signin = desk.open()
    signin.paste("two words")
    assert "doesn't look like a code" in signin.status.text


def test_a_known_key_is_no_code(desk_for: Callable[..., Desk]) -> None:
    """The saved key, pasted into the code box, is recognized and goes nowhere."""
    desk = desk_for()
    desk.credentials.accept(Entry(config=APP, api_key=Secret(KEY), content_ids=("f",)))
    assert desk.open().paste(KEY).text == messages.NOT_FOR_HERE


def test_c14_another_kernel_signs_in(desk_for: Callable[..., Desk], tmp_path: Path) -> None:
    """The waiting kernel adopts it and says whose it is."""
    cache = FileCache(tmp_path / "kept")
    waiting, other = desk_for(cache=cache), desk_for(cache=cache)
    signin = waiting.open()
    account = Account(email="ana@example.com")
    waiting.wait(doing(lambda: other.credentials.accept(entry_of(APP, account)), *[lambda: None] * 100_000))
    assert signin.status.text == "Signed in from another notebook as ana@example.com."
    assert signin.status.state is State.ADOPTED


def test_an_unreadable_cache_does_not_end_the_wait(desk_for: Callable[..., Desk], tmp_path: Path) -> None:
    """F06: it cannot help, and saving will say so."""
    cache = FileCache(tmp_path / "kept")
    cache.path("p").mkdir(parents=True)
    desk = desk_for(cache=cache)
    desk.open()
    assert not desk.adopt()


def test_another_person_is_not_adopted(desk_for: Callable[..., Desk], tmp_path: Path) -> None:
    """C13: what ended is not brought back by somebody else's sign-in."""
    cache = FileCache(tmp_path / "kept")
    mine, other = desk_for(cache=cache), desk_for(cache=cache)
    mine.credentials.accept(entry_of(APP, Account(id="1")))
    other.credentials.accept(entry_of(APP, Account(id="2", email="bob@example.org")))
    assert not mine.adopt()
    with pytest.raises(SignInExpired, match=r"bob@example\.org"):
        mine.credentials.authorization()


def test_a_bug_in_the_end_is_told(desk_for: Callable[..., Desk]) -> None:
    """Whoever waits is told that it went wrong, without what the bug holds, and may try again."""
    said = iter([RuntimeError("KEY-CANARY-in-a-bug")])

    def keep(key: Secret) -> str:
        for bug in said:
            raise bug
        return "Connected."

    signin = SignIn(config=Config(), on_token=lambda token: "", on_key=keep)
    assert signin.key(KEY) == Status(State.FAILED, messages.unexpected("RuntimeError"))
    assert signin.key(KEY).state is State.SIGNED_IN


def test_l15_the_deadline_waits_for_who_has_just_come() -> None:
    """A sign-in that is being checked when the time is over ends as it ends, not as timed out and saved."""
    checking, go_on = threading.Event(), threading.Event()

    def keep(key: Secret) -> str:
        checking.set()
        go_on.wait(5)
        return "Connected."

    signin = SignIn(config=Config(), on_token=lambda token: "", on_key=keep)
    typed = threading.Thread(target=signin.key, args=(KEY,))
    typed.start()
    checking.wait(5)
    over = threading.Thread(target=signin.time_out)
    over.start()
    over.join(0.1)
    go_on.set()
    for thread in (typed, over):
        thread.join(5)
    assert signin.status == Status(State.SIGNED_IN, "Connected.")
