"""One profile's sign-in over its life, against the real sandbox: adopted, renewed once, ended, given back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outgrow_nb.auth.cache import MemoryCache, TokenCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import (
    ApiUnavailable,
    CacheError,
    ConfigError,
    OutgrowError,
    SignInError,
    SignInExpired,
    SignInRequired,
)
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer
from tests.wire.sandbox_fixtures import Sandbox

ANA = Account(id="ana", email="ana.silva@example.com", company="Northwind Gardens")
BEA = Account(id="bea", email="bea@example.org")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def nobody(reason: OutgrowError) -> None:
    raise reason


@pytest.fixture
def make(sandbox: Sandbox, tmp_path: Path, clock: Clock) -> Callable[..., Credentials]:
    """Credentials of one profile in one cache; call it again for another kernel's."""

    def made(cache: TokenCache | None = None, **changes: object) -> Credentials:
        settings: dict[str, object] = {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "base_url": sandbox.base_url,
            **changes,
        }
        config = Config(**settings)  # type: ignore[arg-type]
        kept = cache or FileCache(tmp_path / "kept")
        return Credentials(profile="default", config=config, cache=kept, ask=nobody, clock=clock)

    return made


def token_of(sandbox: Sandbox, clock: Clock, **answer: object) -> Token:
    given = sandbox.sign_in()
    return Token(
        access=Secret(given["access_token"]),
        refresh=Secret(given["refresh_token"]),
        obtained_at=clock.now,
        lifetime=3600.0,
        scope="profile contents leads",
    )


def signed_in(sandbox: Sandbox, clock: Clock, credentials: Credentials, account: Account | None = ANA) -> Entry:
    entry = Entry(config=credentials.config, token=token_of(sandbox, clock), account=account)
    credentials.accept(entry)
    return entry


def bearer(credentials: Credentials) -> Bearer:
    held = credentials.authorization()
    assert isinstance(held, Bearer)
    return held


def test_nobody_is_signed_in(make: Callable[..., Credentials]) -> None:
    """No sign-in: the error names the ways out, and `wait` asks."""
    credentials = make()
    with pytest.raises(SignInRequired, match="OUTGROW_API_KEY"):
        credentials.authorization()
    with pytest.raises(SignInRequired):
        credentials.wait()
    assert facts(credentials) is None
    assert "not signed in" in repr(credentials)


def test_a_sibling_kernel_adopts(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """What one kernel saves the other uses, without a request, with settings of its own left blank (correction 6)."""
    first = make()
    entry = signed_in(sandbox, clock, first)
    blank = Credentials(profile="default", config=Config(), cache=first.cache, ask=nobody, clock=clock)
    assert bearer(blank) == entry.authorization()
    assert blank.config.secret == Secret(sandbox.client_secret)
    clock.now += 3600
    assert bearer(blank) != entry.authorization()
    assert sandbox.stats()["hits"] == 1
    known = facts(blank)
    assert known is not None
    assert known.who == "ana.silva@example.com (Northwind Gardens)"
    assert known.renews


def test_f11_a_sign_in_of_another_server_is_not_used(
    make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock
) -> None:
    """Settings that name another server or application do not get the saved token."""
    signed_in(sandbox, clock, make())
    for changes in ({"base_url": "https://other.example"}, {"client_id": "other"}, {"api_url": "https://x.example"}):
        with pytest.raises(SignInRequired):
            make(**changes).authorization()


def test_c01_r18_one_refresh_for_all_threads(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """32 threads meet an expired token: one request, one new token; likewise when all of them get a 401."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    barrier = threading.Barrier(32)

    def ask(rejected: Bearer | None) -> object:
        barrier.wait()
        return credentials.authorization(rejected)

    with ThreadPoolExecutor(32) as pool:
        assert len(set(pool.map(ask, [None] * 32))) == 1
        assert sandbox.stats()["hits"] == 1
        now = bearer(credentials)
        assert len(set(pool.map(ask, [now] * 32))) == 1
    assert sandbox.stats()["hits"] == 2


def test_c02_sixteen_clients(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """16 clients of one process share the cache: one refresh, no reuse."""
    first = make()
    signed_in(sandbox, clock, first)
    clients = [make(first.cache) for _ in range(16)]
    for client in clients:
        bearer(client)
    clock.now += 3600
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(bearer, clients))) == 1
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (1, 0)


def test_c09_a_401_reads_the_file_first(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A kernel that was asleep adopts what its sibling renewed, and asks nothing."""
    first, second = make(), make()
    signed_in(sandbox, clock, first)
    old = bearer(second)
    new = first.authorization(old)
    assert second.authorization(old) == new
    assert sandbox.stats()["hits"] == 1


def test_r02_saved_before_it_is_used(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """The rotated pair stands on disk when the caller gets it."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    held = bearer(credentials)
    kept = credentials.cache.read("default")
    assert kept is not None
    assert kept.authorization() == held
    assert kept.account == ANA


def test_r01_an_answer_without_refresh_token(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A server that does not rotate: the old refresh token is kept."""
    sandbox.control(rotation="omit")
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    clock.now += 3600
    bearer(credentials)
    assert entry.token is not None
    assert credentials.entry is not None
    assert credentials.entry.token is not None
    assert credentials.entry.token.refresh == entry.token.refresh


def test_r04_ended_is_asked_once(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A revoked sign-in: one request, then the same answer a hundred times without another; the file stays."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(revoke="all")
    clock.now += 3600
    for _ in range(100):
        with pytest.raises(SignInExpired, match="ended"):
            credentials.authorization()
    assert sandbox.stats()["hits"] == 1
    assert credentials.cache.read("default") is not None
    signed_in(sandbox, clock, credentials)
    bearer(credentials)


def test_r06_a_wrong_application_is_no_prompt(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """invalid_client is a configuration error; the token is kept."""
    credentials = make(client_secret="wrong")
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    with pytest.raises(ConfigError, match="OUTGROW_CLIENT_ID"):
        credentials.authorization()
    assert credentials.cache.read("default") is not None


@pytest.mark.parametrize(
    "fault", [{"status": "503@/oauth/token"}, {"html": "@/oauth/token"}, {"drop": "@/oauth/token"}]
)
def test_r07_r10_a_failing_server_signs_nobody_out(
    make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock, fault: dict[str, str]
) -> None:
    """A still valid token is used on; a dead one gives an error that names the cause; afterwards all is well."""
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    sandbox.control(**fault)
    clock.now += 3600 - 30
    if "html" not in fault:
        assert bearer(credentials) == entry.authorization()
        hits = sandbox.stats()["requests"]["POST /oauth/token"]
        assert bearer(credentials) == entry.authorization()
        assert sandbox.stats()["requests"]["POST /oauth/token"] == hits
    clock.now += 60
    with pytest.raises(OutgrowError) as caught:
        credentials.authorization()
    assert not isinstance(caught.value, SignInError)
    sandbox.control(clear=True)
    assert bearer(credentials) != entry.authorization()


def test_r08_a_lost_reply_with_grace(
    start_sandbox: Callable[..., Sandbox], make: Callable[..., Credentials], tmp_path: Path, clock: Clock
) -> None:
    """The server commits and drops the connection; within its grace one retry gives the pair."""
    own = start_sandbox("--leads=20", "--refresh-grace=30")
    config = Config(client_id=own.client_id, client_secret=own.client_secret, base_url=own.base_url)
    cache = FileCache(tmp_path / "grace")
    credentials = Credentials(profile="default", config=config, cache=cache, ask=nobody, clock=clock)
    signed_in(own, clock, credentials)
    own.control(lose="*1@/oauth/token", reset_stats=True)
    clock.now += 3600
    bearer(credentials)
    assert own.stats()["hits"] == 2


def test_r09_a_lost_reply_without_grace(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Without grace: one retry, then a sign-in is needed and the text says why; no third try."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(lose="*1@/oauth/token")
    clock.now += 3600
    with pytest.raises(SignInExpired, match="reply"):
        credentials.authorization()
    with pytest.raises(SignInExpired):
        credentials.authorization()
    assert sandbox.stats()["hits"] == 2


def test_r13_a_redirect_is_not_followed(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """The token endpoint sends us elsewhere: refused, the token is kept."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(redirect=f"{sandbox.base_url}/stolen*1@/oauth/token")
    clock.now += 3600
    with pytest.raises(ApiUnavailable, match="redirect"):
        credentials.authorization()
    assert "POST /stolen" not in sandbox.stats()["requests"]
    bearer(credentials)


def test_r19_tokens_that_are_born_expired(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """At most one refresh a call."""
    sandbox.control(expires_in="1")
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 3600
    for count in range(1, 4):
        bearer(credentials)
        assert sandbox.stats()["hits"] == count
        clock.now += 1


def test_r20_the_clock_jumps(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Two hours forth and back: at worst one extra refresh each."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    clock.now += 7200
    bearer(credentials)
    clock.now -= 7200
    bearer(credentials)
    bearer(credentials)
    assert sandbox.stats()["hits"] <= 2


def test_f13_a_place_that_cannot_be_written(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Before the POST: the old token is not spent, the error names the path; a valid one is used on meanwhile."""
    credentials = make()
    entry = signed_in(sandbox, clock, credentials)
    assert isinstance(credentials.cache, FileCache)
    folder = credentials.cache.folder
    folder.chmod(0o777)
    clock.now += 3600 - 30
    assert bearer(credentials) == entry.authorization()
    clock.now += 60
    with pytest.raises(CacheError, match=str(folder)):
        credentials.authorization()
    assert sandbox.stats()["hits"] == 0
    folder.chmod(0o700)
    assert bearer(credentials) != entry.authorization()


def test_l20_signed_in_but_not_saved(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Usable in this kernel, renewed in this kernel, and never written."""
    credentials = make()
    assert isinstance(credentials.cache, FileCache)
    credentials.cache.folder.mkdir(mode=0o777)
    credentials.cache.folder.chmod(0o777)
    completion = Completion(
        credentials, identify=lambda config, token: ANA, check_key=lambda config, key: [], permit=lambda source: None
    )
    assert "for this kernel only: can't write" in completion.token(token_of(sandbox, clock))
    assert not credentials.saved
    clock.now += 3600
    bearer(credentials)
    clock.now += 3600
    bearer(credentials)
    assert (sandbox.stats()["hits"], sandbox.stats()["reuses"]) == (2, 0)


def test_a_sign_in_that_is_not_to_be_kept(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A02: "Keep on this computer" off leaves nothing on disk."""
    credentials = make()
    completion = Completion(
        credentials,
        identify=lambda config, token: None,
        check_key=lambda config, key: ["1"],
        permit=lambda source: None,
    )
    text = completion.token(token_of(sandbox, clock), keep=False)
    assert text == "Signed in to Outgrow as an Outgrow account · for this kernel only, as you chose"
    assert isinstance(credentials.cache, FileCache)
    assert credentials.cache.names() == []
    key = make()
    completion = Completion(
        key, identify=lambda config, token: None, check_key=lambda config, key: ["1"], permit=lambda source: None
    )
    assert "as you chose" in completion.key(Secret("some-key"), keep=False)
    assert key.cache.read("default") is None


def test_c12_o04_signed_out_elsewhere(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """One kernel signs out: both tokens are given back, the other's next call stops and nothing is resurrected."""
    first, second = make(), make()
    signed_in(sandbox, clock, first)
    held = bearer(second)
    assert first.sign_out()
    with pytest.raises(SignInExpired, match="signed out"):
        second.authorization()
    assert sandbox.get("/me", held.token.reveal()).status_code == 401
    assert first.cache.read("default") is None
    with pytest.raises(SignInRequired):
        first.authorization()
    assert first.sign_out()


def test_o02_a_server_that_cannot_revoke(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Local data goes anyway, and the caller is told that the access may live on."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    sandbox.control(drop="@/oauth/revoke")
    assert not credentials.sign_out()
    assert credentials.cache.read("default") is None


def test_c13_another_account_signs_in(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A living kernel notices, says so, and mixes nobody."""
    first, second = make(), make()
    signed_in(sandbox, clock, first)
    bearer(second)
    signed_in(sandbox, clock, first, BEA)
    with pytest.raises(SignInExpired, match=r"bea@example\.org"):
        second.authorization()


def test_the_profile_belongs_to_one_account(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Somebody else's sign-in is refused with the way out, and given back; after signing out anyone may."""
    credentials = make()
    signed_in(sandbox, clock, credentials)
    completion = Completion(
        credentials, identify=lambda config, token: BEA, check_key=lambda config, key: [], permit=lambda source: None
    )
    token = token_of(sandbox, clock)
    with pytest.raises(SignInError, match=r"bea@example\.org") as caught:
        completion.token(token)
    assert 'connect(profile="bea")' in caught.value.next_step
    assert sandbox.get("/me", token.access.reveal()).status_code == 401
    credentials.sign_out()
    assert "bea@example.org" in completion.token(token_of(sandbox, clock))


def test_a_key_that_ends(make: Callable[..., Credentials], clock: Clock) -> None:
    """A key is given out until Outgrow refuses it; then one message, no loop."""
    credentials = make(MemoryCache())
    completion = Completion(
        credentials,
        identify=lambda config, token: None,
        check_key=lambda config, key: ["a", "b"],
        permit=lambda s: None,
    )
    assert completion.key(Secret("k" * 12)) == "Connected with an API key · 2 contents · for this kernel only."
    held = credentials.authorization()
    assert isinstance(held, ApiKey)
    for _ in range(3):
        with pytest.raises(SignInExpired, match="worked before"):
            credentials.authorization(held)
    assert not credentials.signed_in


def test_a_key_says_where_it_is_kept(make: Callable[..., Credentials]) -> None:
    """Correction 3's sentence, and a refused key's."""
    credentials = make()

    def refuse(config: Config, key: Secret) -> list[str]:
        raise SignInExpired("no", "no")

    completion = Completion(
        credentials, identify=lambda config, token: None, check_key=lambda config, key: ["a"], permit=lambda s: None
    )
    place = credentials.cache.place("default")
    expected = f"Connected with an API key · 1 content · saved on this computer in {place} (not encrypted)."
    assert completion.key(Secret("k" * 12)) == expected
    refusing = Completion(credentials, identify=lambda config, token: None, check_key=refuse, permit=lambda s: None)
    with pytest.raises(SignInError, match="spaces don't matter"):
        refusing.key(Secret("k" * 12))


def test_the_mask_key_is_made_once(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """Every kernel of a profile hashes people alike, also after a refresh."""
    first, second = make(), make()
    signed_in(sandbox, clock, first)
    made = mask_key(first)
    assert len(made) == 32
    assert mask_key(second) == made
    clock.now += 3600
    bearer(second)
    assert mask_key(first) == made
    signed_in(sandbox, clock, first)
    assert mask_key(first) == made
    signed_in(sandbox, clock, first, BEA)
    assert mask_key(first) != made


def test_an_adopted_sign_in_is_told(make: Callable[..., Credentials], sandbox: Sandbox, clock: Clock) -> None:
    """A waiting kernel sees that another one signed in."""
    waiting, other = make(), make()
    assert waiting.look() is None
    signed_in(sandbox, clock, other)
    completion = Completion(
        waiting, identify=lambda config, token: None, check_key=lambda config, key: [], permit=lambda s: None
    )
    assert waiting.look() is not None
    assert waiting.adopted
    expected = "Signed in from another notebook as ana.silva@example.com (Northwind Gardens)."
    assert completion.adopted() == expected
