"""Sign-ins that could not be saved, were not to be saved, or are given back: what is sent, kept and deleted then."""

import pytest

from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.masking import mask_key
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import ApiKey
from tests.helpers_auth import CLIENT_SECRET, TokenEndpoint, pair, says, swept, token_endpoint
from tests.wire.renewal_support import BOB, Kernels, Troubled, access, shown, troubled_kernels

no_canary = pytest.fixture(autouse=True)(swept)
endpoint = pytest.fixture(token_endpoint)
kernels = pytest.fixture(troubled_kernels)


@pytest.mark.parametrize("deletable", [True, False])
def test_f14_the_save_fails_after_the_request(kernels: Kernels, endpoint: TokenEndpoint, deletable: bool) -> None:
    """From memory, one warning, and once the disk works the newest token is saved; no spent one is ever sent."""
    endpoint.answers = [says(pair(number)) for number in range(1, 9)]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    trouble = CacheError("Can't write the file.", "Free some space.")
    kernels.cache.fails = {"write": trouble} if deletable else {"write": trouble, "delete": trouble}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        assert shown(credentials) == access(1)
    assert shown(credentials) == access(1)
    assert not credentials.saved
    assert (kernels.cache.read("p") is None) == deletable
    kernels.cache.fails = {}
    kernels.clock.now += 3600
    assert shown(credentials) == access(2)
    assert credentials.saved
    assert shown(kernels.kernel()) == access(2)
    assert kernels.sent == [pair(0)["refresh_token"], pair(1)["refresh_token"]]


def test_f14_a_mask_key_does_not_bring_the_spent_token_back(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """What is written after a failed save is the newest sign-in, not what the disk still held."""
    endpoint.answers = [says(pair(1, refresh_token="RT-CANARY-00000000"))]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"write": CacheError("Can't write.", "")}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        shown(credentials)
    kernels.cache.fails = {}
    assert len(mask_key(credentials)) == 32
    assert shown(credentials) == access(1)
    assert shown(kernels.kernel()) == access(1)
    assert len(kernels.sent) == 1


def test_a_sign_out_after_a_failed_save_gives_the_newest_back(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The tokens in memory are revoked, not the spent ones on disk."""
    endpoint.answers = [says(pair(1, refresh_token="RT-CANARY-00000000")), says(b"")]
    credentials = kernels.signed_in()
    assert isinstance(kernels.cache, Troubled)
    kernels.cache.fails = {"write": CacheError("Can't write.", "")}
    kernels.clock.now += 3600
    with pytest.warns(UserWarning, match="this kernel only"):
        shown(credentials)
    assert credentials.sign_out()
    assert endpoint.bodies[-1]["token"] == access(1)
    assert kernels.cache.read("p") is None


def test_l20_users_in_memory_are_not_mixed(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Not kept, renewed, then somebody else, not kept either: the second person's token is the one that is renewed."""
    endpoint.answers = [says(pair(1)), says(pair(6))]
    credentials = kernels.kernel()
    assert not credentials.accept(kernels.entry(0), keep=False)
    kernels.clock.now += 3600
    assert shown(credentials) == access(1)
    assert not credentials.accept(kernels.entry(5, account=BOB), keep=False)
    assert shown(credentials) == access(5)
    kernels.clock.now += 3600
    assert shown(credentials) == access(6)
    assert kernels.sent == [pair(0)["refresh_token"], pair(5)["refresh_token"]]
    assert kernels.cache.read("p") is None


def test_a02_kept_after_one_that_was_not(kernels: Kernels) -> None:
    """The box "Keep on this computer" counts for each sign-in, not for all that follow."""
    credentials = kernels.kernel()
    credentials.accept(kernels.entry(0), keep=False)
    assert credentials.accept(kernels.entry(1), keep=True)
    assert credentials.saved
    assert kernels.cache.read("p") is not None


def test_a01_signing_out_of_an_environment_key(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """The sign-in that somebody keeps in the same profile is not touched."""
    kernels.signed_in()
    key = Entry(config=kernels.config, api_key=Secret("KEY-CANARY-1"))
    by_key = kernels.kernel(entry=key, kept=False)
    assert by_key.authorization() == ApiKey(Secret("KEY-CANARY-1"))
    assert by_key.sign_out()
    assert endpoint.bodies == []
    assert shown(kernels.kernel()) == access(0)


def test_c13_signing_out_of_what_another_person_replaced(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Mine is given back; somebody else's saved sign-in stays."""
    endpoint.answers = [says(b"")]
    mine = kernels.signed_in(0)
    kernels.signed_in(5, account=BOB)
    assert mine.sign_out()
    assert {body["token"] for body in endpoint.bodies} == {access(0), pair(0)["refresh_token"]}
    assert shown(kernels.kernel()) == access(5)


def test_f11_signing_out_elsewhere_sends_no_token_there(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """A profile of another server is given back to its own server, and forgotten."""
    endpoint.answers = [says(b"")]
    kernels.signed_in()
    for other in token_endpoint():
        elsewhere = kernels.kernel(config=Config(client_id="app", client_secret="s" * 12, base_url=other.url))
        assert elsewhere.sign_out()
        assert other.bodies == []
    assert [body["client_secret"] for body in endpoint.bodies] == [CLIENT_SECRET] * 2
    assert kernels.cache.read("p") is None


def test_o03_twice_and_with_nothing(kernels: Kernels, endpoint: TokenEndpoint) -> None:
    """Signing out where nobody is signed in, or again, is fine; a torn file and its copies go as well."""
    endpoint.answers = [says(b"")]
    credentials = kernels.signed_in()
    cache = kernels.cache
    assert isinstance(cache, FileCache)
    cache.path("p").write_bytes(b"{torn")
    with pytest.warns(UserWarning, match="damaged"):
        assert cache.read("p") is None
    assert list(cache.folder.glob("*.corrupt-*"))
    (cache.folder / ".new-profile-p.json-abcd1234").touch()  # a write that was killed
    for _ in range(3):
        assert credentials.sign_out()
    assert [path.suffix for path in cache.folder.iterdir()] == [".lock"]


def test_memory_alone(endpoint: TokenEndpoint) -> None:
    """A `MemoryCache` renews and signs out like any other."""
    endpoint.answers = [says(pair(1)), says(b"")]
    kernels = Kernels(endpoint, MemoryCache())
    credentials = kernels.signed_in()
    kernels.clock.now += 3600
    assert shown(credentials) == access(1)
    assert not credentials.saved
    assert credentials.sign_out()
    assert kernels.cache.read("p") is None
