"""Profiles of any name, and several at once: files and locks of their own, inside the folder (F16, F17)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outgrow_nb.auth.cache import Held, MemoryCache, TokenCache, keep_in
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import TokenEndpoint, pair, says, swept, token_endpoint
from tests.unit.kept_support import ENTRY, NOW, OTHER, Kernel, forget, put, within

no_canary = pytest.fixture(autouse=True)(swept)
here, there = pytest.fixture(token_endpoint), pytest.fixture(token_endpoint)
NAMES = [
    "default",
    "..",
    ".",
    "",
    "a/b",
    "../../etc/passwd",
    "C:\\x",
    "with some spaces ",
    "Ana Müller",
    "日本",
    "%2E",
    "a*b?[c]",
    "x\0y",
    "line\nbreak",
    "~",
]


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache", lock_seconds=0.2)


@given(name=st.text(st.characters(), max_size=40) | st.sampled_from(NAMES))
def test_f16_no_name_leaves_the_folder(name: str) -> None:
    """Whatever a profile is called, its file and lock are plain names inside the folder."""
    folder = Path("cache")
    path = FileCache(folder).path(name)
    assert path.parent == path.with_suffix(".lock").parent == folder
    assert path.name.startswith("profile-")
    assert path.suffixes == [".json"]
    assert path.name.isascii()
    assert path.name.isprintable()
    assert not set(path.name) & set('/\\*?[]:"<>|')


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_f16_f17_profiles_of_any_name(files: FileCache, kind: str) -> None:
    """Spaces, dots, slashes and all: each keeps its own entry; forgetting one leaves the others."""
    cache: TokenCache = files if kind == "file" else MemoryCache()
    kept = {name: replace(ENTRY, contents=number) for number, name in enumerate(NAMES)}
    for name, entry in kept.items():
        put(cache, name, entry)
    assert {name: cache.read(name) for name in NAMES} == kept
    forget(cache, "..")
    assert cache.read("..") is None
    assert cache.read(".") == kept["."]


def test_f16_nothing_is_made_outside(files: FileCache) -> None:
    """Whatever the names, nothing stands beside the folder or in a folder below it."""
    for name in NAMES:
        put(files, name)
    assert [path.name for path in files.folder.parent.iterdir()] == [files.folder.name]
    assert {path.suffix for path in files.folder.iterdir() if path.is_file()} == {".json", ".lock"}
    assert len(list(files.folder.iterdir())) == 2 * len(NAMES)


@pytest.mark.parametrize("name", ["x" * 300, "日" * 40], ids=["ascii", "quoted"])
def test_f16_a_name_too_long(files: FileCache, name: str) -> None:
    """A name too long for the file system is one clear error, not a crash."""
    put(files)
    with pytest.raises(CacheError):
        files.read(name)
    assert files.stamp(name) is None
    with pytest.raises(CacheError, match="Can't lock"):
        put(files, name)


def test_f16_a_name_with_half_a_character(files: FileCache) -> None:
    """A name that is no proper text, as a terminal may pass it on, works or is one clear error."""
    try:
        put(files, "a\udce9")
    except CacheError as error:
        assert error.next_step  # noqa: PT017 - either outcome is right
    else:
        assert files.read("a\udce9") == ENTRY
        assert len(files.names()) == 1


def test_names(files: FileCache) -> None:
    """The kept profiles are listed by the names they were given, sorted; locks and leftovers are not profiles."""
    assert files.names() == []
    for name in NAMES:
        put(files, name)
    forget(files, "~")
    files.path("default").write_bytes(b"")
    with pytest.warns(UserWarning, match="damaged"):
        files.read("default")
    assert files.names() == sorted(set(NAMES) - {"~", "default"})


@example(names={chr(0xDCE9), chr(0xDCEA)})
@given(names=st.sets(st.text(st.characters(), max_size=20), min_size=2, max_size=2))
def test_f17_no_two_names_share_a_file(names: set[str]) -> None:
    """Two profiles never share a file or a lock."""
    one, two = (FileCache(Path("cache")).path(name) for name in names)
    assert one != two
    assert one.with_suffix(".lock") != two.with_suffix(".lock")


def test_f17_locks_of_their_own(files: FileCache) -> None:
    """While one profile is locked, another is locked, written, read and forgotten."""
    put(files, "another")
    with files.exclusive("default"):
        within(5, lambda: put(files, "another", OTHER))
        assert files.read("another") == OTHER
        within(5, lambda: forget(files, "another"))
        with pytest.raises(CacheError, match="renewing the sign-in"):
            put(files)


def test_f17_servers_and_applications_at_once(files: FileCache, here: TokenEndpoint, there: TokenEndpoint) -> None:
    """Four profiles of two servers and two applications renew at once: each server sees its own tokens alone."""
    kernels: dict[str, Kernel] = {}
    for number, (server, client) in enumerate([(here, "a"), (here, "b"), (there, "a"), (there, "b")]):
        access, refresh = Secret(f"AT-CANARY-{number}"), Secret(f"RT-CANARY-{number}")
        token = Token(access=access, refresh=refresh, obtained_at=NOW, lifetime=3600)
        config = Config(client_id=client, client_secret=f"SECRET-CANARY-{number}", token_url=server.url)
        kernels[f"profile {number}"] = kernel = Kernel(files, config, f"profile {number}")
        kernel.accept(replace(ENTRY, config=config, token=token))
        kernel.now += 3600
    here.answers, there.answers = [says(pair(5)), says(pair(5))], [says(pair(6)), says(pair(6))]
    start, got = threading.Barrier(4), {}

    def call(name: str, kernel: Kernel) -> None:
        start.wait()
        got[name] = kernel.authorization()

    threads = [threading.Thread(target=call, args=item) for item in kernels.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    five, six = Bearer(Secret("AT-CANARY-00000005")), Bearer(Secret("AT-CANARY-00000006"))
    assert got == {"profile 0": five, "profile 1": five, "profile 2": six, "profile 3": six}
    for server, mine in ((here, "01"), (there, "23")):
        seen = {(body["client_id"], body["client_secret"], body["refresh_token"]) for body in server.bodies}
        assert seen == {
            (client, f"SECRET-CANARY-{number}", f"RT-CANARY-{number}")
            for client, number in zip("ab", mine, strict=True)
        }
        assert len(server.bodies) == 2
    assert {name: files.read(name) for name in kernels} == {name: kernel.entry for name, kernel in kernels.items()}


def test_f17_one_name_for_two_servers(files: FileCache, here: TokenEndpoint, there: TokenEndpoint) -> None:
    """One profile used for two servers: each keeps its own sign-in, in this kernel and in the next one."""
    ours, others = Config(client_id="nb", token_url=here.url), Config(client_id="nb", token_url=there.url)
    first, second = Kernel(files, ours), Kernel(files, others)
    first.accept(replace(ENTRY, config=first.config))
    assert second.look() is None
    second.accept(replace(OTHER, config=second.config, account=None))
    here.answers, there.answers = [says(pair(5))], [says(pair(6))]
    first.now = second.now = NOW + 1e9
    assert first.authorization() == Bearer(Secret("AT-CANARY-00000005"))
    assert second.authorization(second.authorization()) == Bearer(Secret("AT-CANARY-00000006"))
    assert [[body["refresh_token"] for body in server.bodies] for server in (here, there)] == [
        ["RT-CANARY-1"],
        ["RT-CANARY-2"],
    ]
    for config, kernel in ((ours, first), (others, second)):
        later = Kernel(files, config)
        assert (later.look(), later.profile) == (kernel.entry, kernel.profile)
    assert Kernel(files, Config()).look() == first.entry
    assert files.names() == ["default", second.profile]


def test_f17_faster_to_the_name(files: FileCache) -> None:
    """Another application's kernel takes the name between the look and the lock: both sign-ins are kept."""

    class Late(FileCache):
        @contextmanager
        def exclusive(self, profile: str) -> Iterator[Held]:
            if profile == "default":
                put(files, entry=replace(ENTRY, config=Config(client_id="faster")))
            with super().exclusive(profile) as held:
                yield held

    name, _ = keep_in(Late(files.folder), "default", replace(ENTRY, config=Config(client_id="late")))
    assert files.names() == ["default", name]
    assert [kept.config.client_id for kept in map(files.read, files.names()) if kept] == ["faster", "late"]


def test_f17_sign_ins_at_once_under_one_name(files: FileCache) -> None:
    """Nobody was signed in when two kernels of two applications began: whoever ends second takes nobody's place."""
    kernels = [Kernel(files, Config(client_id=name)) for name in ("one", "two")]
    assert [kernel.look() for kernel in kernels] == [None, None]
    for kernel in kernels:
        kernel.accept(replace(ENTRY, config=kernel.config))
    assert [kernel.look() for kernel in kernels] == [replace(ENTRY, config=kernel.config) for kernel in kernels]
    kernels[0].sign_out()
    assert Kernel(files, kernels[1].config).look() == kernels[1].entry
