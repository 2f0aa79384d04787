"""What the tests of kept sign-ins share: two sign-ins, odd modes, users and disks, and a bound on time."""

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from outgrow_nb.auth.cache import TokenCache
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.files import private_folder
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError, SignInExpired, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import Authorization

posix = pytest.mark.skipif(os.name == "nt", reason="modes, owners, links and pipes are POSIX's")
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
NOBODY = 65534
NOW = 1_700_000_000.0
ENTRY = Entry(
    config=Config(client_id="nb"),
    token=Token(access=Secret("AT-CANARY-1"), refresh=Secret("RT-CANARY-1"), obtained_at=NOW, lifetime=3600),
    account=Account(id="7", email="ana@acme.example"),
)
FULL = Entry(
    config=Config(
        client_id="nb",
        client_secret="SECRET-CANARY-1",
        base_url="https://app.outgrow.co",
        authorize_url="https://app.outgrow.co/oauth/authorize",
        scope="read",
        client_auth="basic",
        pkce_enforced=True,
    ),
    token=Token(
        access=Secret("AT-CANARY-1"), refresh=Secret("RT-CANARY-1"), obtained_at=NOW, lifetime=3600.5, scope="read"
    ),
    account=Account(id="7", email="ana@acme.example", name="Ana", company="Acmé"),
    mask_key=Secret("0f" * 32),
)
KEYED = Entry(config=Config(), api_key=Secret("KEY-CANARY-1"), contents=12, content_ids=("c1", "c2"))
OTHER = replace(ENTRY, token=Token(access=Secret("AT-CANARY-2"), refresh=Secret("RT-CANARY-2"), obtained_at=NOW + 1))

T = TypeVar("T")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def put(cache: TokenCache, profile: str = "default", entry: Entry = ENTRY) -> None:
    with cache.exclusive(profile) as held:
        held.write(entry)


def forget(cache: TokenCache, profile: str = "default") -> None:
    with cache.exclusive(profile) as held:
        held.delete()


class Kernel(Credentials):
    """A kernel's credentials, at a time that is set by hand, with a person who signs in whenever they are asked.

    Args:
        cache: Where the sign-in is kept.
        config: Its settings.
        profile: Its profile.
        person: What the person signs in with.

    Attributes:
        now: POSIX seconds.
        asked: How often the person was asked.
    """

    def __init__(
        self, cache: TokenCache, config: Config | None = None, profile: str = "default", person: Entry = ENTRY
    ) -> None:
        self.now, self.asked, self._person = NOW, 0, person
        settings = config or Config(client_id="nb")
        super().__init__(profile=profile, config=settings, cache=cache, ask=self._sign_in, clock=lambda: self.now)

    def _sign_in(self, reason: OutgrowError) -> None:
        self.asked += 1
        self.accept(self._person)

    def call(self) -> Authorization:
        """What a read of leads does: it asks the person where it has to."""
        try:
            return self.authorization()
        except (SignInRequired, SignInExpired):
            self.wait()
        return self.authorization()


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def private_file(tmp_path: Path) -> Path:
    """A private file that holds ``old``, alone in a private folder; use it as a fixture."""
    folder = tmp_path / "outgrow-nb"
    private_folder(folder)
    file = folder / "profile.json"
    file.touch(mode=0o600)
    file.write_bytes(b"old")
    return file


def shared_folder() -> Iterator[Path]:
    """A folder that other users can reach; use it as a fixture: `shared = pytest.fixture(shared_folder)`."""
    made = Path(tempfile.mkdtemp())
    yield made
    shutil.rmtree(made)


@contextmanager
def nobody(*owned: Path) -> Iterator[None]:
    """For root modes mean nothing: meanwhile this process is another user's, and so is what is `owned`."""
    if os.geteuid() != 0:
        yield
        return
    _give(owned, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        _give(owned, 0)


def _give(owned: Iterable[Path], user: int) -> None:
    for path in [below for top in owned for below in (top, *top.rglob("*"))]:
        os.chown(path, user, user)


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes meanwhile: a full disk."""
    import resource  # POSIX alone

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises; it fails where that takes longer, and does not wait for the end of it."""
    outcome: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"not done within {seconds} s"
    if raised:
        raise raised[0]
    return outcome[0]
