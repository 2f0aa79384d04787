"""What follows a sign-in, against the real sandbox: kept or not, told, given back, and one account to a profile."""

from collections.abc import Callable

import pytest

from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import (
    SignInError,
    SignInExpired,
    SignInRequired,
)
from outgrow_nb.wire import ApiKey
from tests.wire.credentials_support import (
    ANA,
    BEA,
    Clock,
    bearer,
    credentials_of_one_profile,
    hand_set_clock,
    signed_in,
    token_of,
)
from tests.wire.sandbox_fixtures import Sandbox

clock = pytest.fixture(hand_set_clock)
make = pytest.fixture(credentials_of_one_profile)


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
    expected = "Signed in from another notebook as ana.silva@example.com (Northwind Gardens)."
    assert completion.adopted() == expected
