"""Any order of calls, crashes, lost replies, sign-outs, other people and clock steps: what must always hold, holds.

Several clients share one folder and a server that rotates refresh tokens and ends a grant when an old one is used.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from outgrow_nb.auth.cache import Held
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry, unpack
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError, OutgrowError, SignInExpired, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint
from tests.wire.machine_server import LIFETIME, Server

PROFILE = "default"
CLIENTS = 3
CLIENT = st.integers(0, CLIENTS - 1)
MEANWHILE = st.sampled_from(["nothing", "nothing", "call", "sign out", "sign out, unheard", "sign in as B"])
WEATHER = st.sampled_from(["fine", "fine", "fine", "fine", "outage", "lost", "lost with grace", "lost twice"])
PASSED = st.sampled_from([0.0, 3590.0, 4000.0, 4000.0])
STEPS = ("before the POST", "before the replace", "after the replace")


class Crash(BaseException):
    """The kernel ends here."""


class Crashing(FileCache):
    """A file cache whose kernel ends, or whose disk is full, at a step."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, lock_seconds=2.0)
        self.crash = ""
        self.full = ""
        self.meanwhile: Callable[[], None] | None = None

    def at(self, step: str) -> None:
        if self.crash == step:
            raise Crash
        if self.full == step:
            raise CacheError(f"Can't write {self.folder} (No space left on device).", "Free some space.")

    @contextmanager
    def exclusive(self, profile: str) -> Iterator[Held]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with super().exclusive(profile) as held:
            yield _Crashing(self, held)


class _Crashing:
    def __init__(self, cache: Crashing, held: Held) -> None:
        self._cache, self._held = cache, held

    def read(self) -> Entry | None:
        return self._held.read()

    def reserve(self) -> None:
        self._held.reserve()
        self._cache.at("before the POST")

    def write(self, entry: Entry, *, anew: bool = False) -> None:
        self._cache.at("before the replace")
        self._held.write(entry, anew=anew)
        self._cache.at("after the replace")

    def delete(self) -> None:
        self._held.delete()


class Client:
    """One kernel.

    Attributes:
        user: Whose authorization it has given out since somebody last signed in here.
        foreign: When it last signed out, somebody else's sign-in was kept, and stayed.
        signed_out: A person signed out here; what others keep is not taken over at once.
    """

    def __init__(self, folder: Path, config: Config, clock: "SignInMachine") -> None:
        self.cache = Crashing(folder)
        self.credentials = Credentials(
            profile=PROFILE, config=config, cache=self.cache, ask=lambda reason: None, clock=lambda: clock.time
        )
        self.user: str | None = None
        self.signed_out = self.foreign = False


class SignInMachine(RuleBasedStateMachine):
    """Kernels that share a profile."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.endpoint = TokenEndpoint()
        self.server = Server(self.endpoint)
        self.skew = 0.0
        self.config = Config(client_id="app", base_url=self.endpoint.url)
        self.clients = [self._client() for _ in range(CLIENTS)]
        self.excused: set[str] = set()
        self.crashed = False

    @property
    def time(self) -> float:
        """The kernels' clock, which may be wrong."""
        return 1_000_000.0 + self.server.now + self.skew

    @property
    def path(self) -> Path:
        return FileCache(self.folder).path(PROFILE)

    def kept(self) -> Entry | None:
        """What the file holds."""
        return unpack(self.path.read_bytes(), "") if self.path.exists() else None

    def kept_refresh(self) -> str | None:
        entry = self.kept()
        return entry.token.refresh.reveal() if entry and entry.token and entry.token.refresh else None

    def _client(self) -> Client:
        return Client(self.folder, self.config, self)

    def _alive(self) -> set[str]:
        return {name for name, grant in self.server.grants.items() if not grant.revoked}

    @initialize(user=st.sampled_from("AB"))
    def begin(self, user: str) -> None:
        """Somebody signs in first."""
        self.sign_in(0, user)
        for client in self.clients[1:]:
            self._call(client, must=True)

    @rule(who=CLIENT, user=st.sampled_from("AB"))
    def sign_in(self, who: int, user: str) -> None:
        """A person signs in in one kernel."""
        answer, client = self.server.sign_in(user), self.clients[who]
        token = Token(
            access=Secret(answer["access_token"]),
            refresh=Secret(answer["refresh_token"]),
            obtained_at=self.time,
            lifetime=LIFETIME,
            scope=None,
        )
        client.user, client.signed_out = None, False
        assert client.credentials.accept(Entry(config=self.config, token=token, account=Account(id=user)))

    @rule(who=CLIENT, other=CLIENT, meanwhile=MEANWHILE, weather=WEATHER, passed=PASSED)
    def call(self, who: int, other: int, meanwhile: str, weather: str, passed: float) -> None:
        """A data call: an authorization, and a second one after a 401; a sibling may be faster to the lock."""
        client, server = self.clients[who], self.server
        server.now += passed
        server.failing, server.deaf = weather == "outage", meanwhile == "sign out, unheard"
        server.lose = {"lost": [False], "lost with grace": [True], "lost twice": [True, True]}.get(weather, [])
        must_race = self._must_succeed(client) and self._must_succeed(self.clients[other])
        must = self._must_succeed(client) and (meanwhile == "nothing" or other == who)
        if other != who:
            client.cache.meanwhile = lambda: self._meanwhile(other, meanwhile)
        hits, kept = server.hits, all(one.credentials.saved or not one.credentials.entry for one in self.clients)
        self._call(client, must=must)
        asked, raced = server.hits - hits, client.cache.meanwhile is None and other != who
        client.cache.meanwhile = None
        server.failing, server.deaf, server.lose = False, False, []
        if server.lost == 2 and meanwhile == "nothing" and not self.skew:
            assert asked == 2, "no third try"
        if raced and meanwhile == "call" and weather == "fine" and kept and must_race and not self.skew:
            assert asked <= 1, "what a sibling has just renewed is adopted"
        if raced and meanwhile.startswith("sign out") and kept and not self.clients[other].foreign:
            assert not self.path.exists(), "a sign-in is not brought back to life"

    @rule(who=CLIENT, further=st.integers(1, CLIENTS - 1), meanwhile=MEANWHILE)
    def race(self, who: int, further: int, meanwhile: str) -> None:
        """A due renewal, and a sibling that is faster to the lock."""
        self.call(who, (who + further) % CLIENTS, meanwhile, "fine", 4000.0)

    @rule(who=CLIENT, weather=st.sampled_from(["lost", "lost with grace", "lost twice"]))
    def lost_reply(self, who: int, weather: str) -> None:
        """A due renewal whose reply is lost."""
        self.call(who, who, "nothing", weather, 4000.0)

    def _meanwhile(self, other: int, what: str) -> None:
        """What a sibling does while a kernel waits for the lock."""
        if what == "call":
            sibling = self.clients[other]
            with suppress(OutgrowError):
                held = sibling.credentials.authorization(rejected=self._now_held(sibling))
                self._never_two_people(sibling, self._owner(held))
        elif what.startswith("sign out"):
            self.sign_out(other)
        elif what == "sign in as B":
            self.sign_in(other, "B")

    def _call(self, client: Client, *, must: bool) -> None:
        server = self.server
        hits, reused, server.lost, alive = server.hits, len(server.reused), 0, self._alive()
        owner: str | None = None
        problem: OutgrowError | None = None
        try:
            held = client.credentials.authorization()
            owner = self._owner(held)
            if owner is None:
                held = client.credentials.authorization(rejected=held)
                owner = self._owner(held)
        except OutgrowError as error:
            problem = error
        self._never_two_people(client, owner)
        assert server.hits - hits <= 4 + server.lost, (
            "a renewal a call and kernel, one after a 401, one for a lost reply"
        )
        if server.lost:
            self.excused |= alive  # the newest token may exist nowhere
        assert set(server.reused[reused:]) <= self.excused, "an old token was sent without need"
        if must:
            assert problem is None, repr(problem)
            assert owner is not None
        if problem is not None:
            assert problem.problem
            assert problem.next_step
        if isinstance(problem, SignInExpired | SignInRequired):
            self._ended_stays_quiet(client)

    def _owner(self, held: object) -> str | None:
        assert isinstance(held, Bearer)
        return self.server.whose(held.token.reveal())

    def _must_succeed(self, client: Client) -> bool:
        """Whether the next call has to work: the file's sign-in is alive, and this kernel is not bound to another."""
        refresh, entry = self.kept_refresh(), client.credentials.entry
        if refresh is None or self.server.failing or self.server.lose or client.signed_out:
            return False
        grant = self.server.grants[self.server.grant_of(refresh)]
        bound = entry.account.id if entry is not None and entry.account is not None else None
        unsaved = entry is not None and entry.token is not None and not client.credentials.saved
        return self.server.current(refresh) and bound in (None, grant.user) and not unsaved

    @staticmethod
    def _never_two_people(client: Client, owner: str | None) -> None:
        """Invariant 1: what a kernel gives out belongs to one person until somebody signs in in that kernel."""
        if owner is not None:
            assert client.user in (None, owner)
            client.user = owner

    def _ended_stays_quiet(self, client: Client) -> None:
        """Invariant 6: a sign-in that has ended asks the server nothing more, however often it is called."""
        hits = self.server.hits
        before = client.cache.crash, client.cache.full
        for _ in range(5):
            try:
                client.credentials.authorization()
            except OutgrowError:
                continue
        client.cache.crash, client.cache.full = before
        assert self.server.hits <= hits + 1

    @rule(who=CLIENT, step=st.sampled_from(STEPS))
    def crash(self, who: int, step: str) -> None:
        """A kernel ends in the middle of a renewal; another one is started in its place."""
        client = self.clients[who]
        hits, alive = self.server.hits, self._alive()
        client.cache.crash = step
        with suppress(OutgrowError, Crash):
            client.credentials.authorization(rejected=self._now_held(client))
        if self.server.hits > hits and step == "before the replace":
            self.excused |= alive
        self.clients[who] = self._client()
        self.crashed = True

    @staticmethod
    def _now_held(client: Client) -> Bearer | None:
        entry = client.credentials.entry
        return Bearer(entry.token.access) if entry is not None and entry.token is not None else None

    @rule(who=CLIENT)
    def restart(self, who: int) -> None:
        """A kernel is restarted between two calls."""
        self.clients[who] = self._client()

    @rule(who=CLIENT, step=st.sampled_from(STEPS[:2]))
    def full_disk(self, who: int, step: str) -> None:
        """The disk is full for one call, before or after the server was asked."""
        client = self.clients[who]
        hits = self.server.hits
        client.cache.full = step
        try:
            held = client.credentials.authorization(rejected=self._now_held(client))
        except OutgrowError:
            held = None
        except UserWarning:
            held = client.credentials.authorization()
        client.cache.full = ""
        if step == "before the POST":
            assert self.server.hits == hits, "a full disk shows before anything is spent"
        elif self.server.hits > hits:
            self._never_two_people(client, self._owner(held) if held is not None else None)

    @rule(who=CLIENT)
    def sign_out(self, who: int) -> None:
        """A person signs out in one kernel."""
        client, before = self.clients[who], self.kept()
        entry = client.credentials.entry
        client.credentials.sign_out()
        client.user, client.signed_out = None, True
        foreign = before is not None and entry is not None and entry.is_other_account(before)
        client.foreign = foreign
        assert self.path.exists() == foreign

    @rule(seconds=st.sampled_from([60.0, 1800.0, 3590.0, 4000.0, 8 * 3600.0]))
    def time_passes(self, seconds: float) -> None:
        """So many seconds pass for everybody."""
        self.server.now += seconds

    @rule(seconds=st.sampled_from([7200.0, -7200.0, 0.0]))
    def clock_steps(self, seconds: float) -> None:
        """The computer's clock is set wrong, or right again."""
        self.skew = seconds

    @precondition(lambda self: self.path.exists())
    @rule(how=st.sampled_from(["delete", "cut", "noise"]))
    def harm_the_file(self, how: str) -> None:
        """Somebody deletes or damages the file by hand."""
        data = self.path.read_bytes()
        if how == "delete":
            self.path.unlink()
            return
        self.path.write_bytes(data[: len(data) // 2] if how == "cut" else b"\xff" + data)
        with suppress(UserWarning):  # told to the person
            FileCache(self.folder).read(PROFILE)  # moved aside, by whoever comes first

    @invariant()
    def file_is_whole(self) -> None:
        """Invariant 4: a whole entry or none, private, nothing half-written but after a crash, and no lock held."""
        self.kept()
        if self.path.exists():
            assert self.path.stat().st_mode & 0o777 == 0o600
        assert self.crashed or not list(self.folder.glob(".new-*"))
        with FileCache(self.folder, lock_seconds=0.5).exclusive(PROFILE):
            pass

    @invariant()
    def nothing_is_lost(self) -> None:
        """Invariant 2: what is kept is the newest token of its grant, unless a crash or lost reply took it away."""
        refresh = self.kept_refresh()
        if refresh is None:
            return
        name = self.server.grant_of(refresh)
        if not self.server.grants[name].revoked:
            assert self.server.current(refresh) or name in self.excused

    def teardown(self) -> None:
        self.endpoint.close()
        shutil.rmtree(self.folder)


SignInMachine.TestCase.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, derandomize=bool(os.environ.get("CI"))
)


TestSignInMachine = SignInMachine.TestCase
