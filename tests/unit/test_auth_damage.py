"""A damaged file of a sign-in: moved aside, and the sign-in asked for once, whatever the damage (F07-F10)."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outgrow_nb.auth.cache import keep_in
from outgrow_nb.auth.entry import MAX_BYTES, VERSION, pack
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.config import Secret
from outgrow_nb.errors import CacheError
from outgrow_nb.wire import Bearer
from tests.helpers_auth import assert_clean, swept
from tests.unit.kept_support import ENTRY, Kernel, mode, posix, put, within

no_canary = pytest.fixture(autouse=True)(swept)
PLAIN = pack(ENTRY)
TOLD = r"was damaged \((.+)\); it is kept aside as profile-default\.json\.corrupt-\d+\. Sign in again\.$"
unmoved = pytest.mark.filterwarnings("ignore:The saved sign-in:UserWarning")


@pytest.fixture
def files(tmp_path: Path) -> FileCache:
    cache = FileCache(tmp_path / "cache")
    put(cache)
    return cache


def aside(files: FileCache) -> list[Path]:
    """The damaged files that were moved aside, oldest first."""
    return sorted(files.folder.glob("*.corrupt-*"))


def assert_asked_once(files: FileCache) -> str:
    """Of two kernels that meet what is there one says what is wrong and asks for a sign-in, once; it is kept."""
    first, second = Kernel(files), Kernel(files)
    with pytest.warns(UserWarning, match=TOLD) as told:
        given = [kernel.call() for kernel in (first, second) * 10]
    assert given == [Bearer(Secret("AT-CANARY-1"))] * 20
    assert (first.asked, second.asked) == (1, 0)
    (words,) = (str(one.message) for one in told)
    found = re.search(TOLD, words)
    assert found is not None
    assert words.startswith(f"The saved sign-in in {files.path('default')} ")
    return found[1]


@posix
@unmoved
def test_f07_cut_at_every_byte(files: FileCache) -> None:
    """A file cut at any byte is none; it is moved aside whole and 0600, named by the time, three copies at most."""
    path = files.path("default")
    data = path.read_bytes()
    assert len(data) > 200
    for length in range(len(data)):
        path.touch(0o600)
        path.write_bytes(data[:length])
        before = time.time_ns()
        assert files.read("default") is None
        assert not path.exists()
        *older, newest = aside(files)
        assert newest.read_bytes() == data[:length]
        assert mode(newest) == 0o600
        moment = re.fullmatch(r"profile-default\.json\.corrupt-(\d+)", newest.name)
        assert moment is not None
        assert before <= int(moment[1]) <= time.time_ns()
        assert [len(file.read_bytes()) for file in older] == list(range(max(0, length - 2), length))
    assert files.read("default") is None
    assert len(aside(files)) == 3
    path.touch(0o600)
    path.write_bytes(data)
    assert files.read("default") == ENTRY


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.8, 0.999])
def test_f07_asked_once(files: FileCache, part: float) -> None:
    """A kernel that meets a file that is cut asks for one sign-in, and nothing more ever after."""
    path = files.path("default")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    assert_asked_once(files)
    assert len(aside(files)) == 1


DAMAGE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "one byte": lambda: b"{",
    "zeros": lambda: b"\0" * 4096,
    "random": lambda: bytes(range(256)) * 16,
    "utf-16": lambda: PLAIN.decode().encode("utf-16"),
    "utf-16 without mark": lambda: PLAIN.decode().encode("utf-16-le"),
    "byte order mark": lambda: b"\xef\xbb\xbf" + PLAIN,
    "list": lambda: b"[]",
    "null": lambda: b"null",
    "number": lambda: b"1",
    "text": lambda: b'"x"',
    "nothing in it": lambda: b"{}",
    "deep": lambda: b"[" * 100_000,
    "deep inside": lambda: b'{"version":1,"x":' + b"[" * 100_000,
    "deep in a field": lambda: b'{"version":1,"config":' + b'{"client_id":' * 100_000,
    "long number": lambda: b'{"version":' + b"9" * 5000 + b"}",
    "long number inside": lambda: PLAIN.replace(b'"version"', b'"contents":' + b"9" * 5000 + b',"version"'),
    "half a character": lambda: PLAIN.replace(b'"ana@', b'"\\ud800ana@'),
    "no character": lambda: PLAIN.replace(b'"ana@', b'"\xffana@'),
    "twice": lambda: PLAIN + PLAIN,
    "just too large": lambda: b" " * (MAX_BYTES + 1 - len(PLAIN)) + PLAIN,
    "50 MB": lambda: b" " * (50_000_000 - len(PLAIN)) + PLAIN,
    "50 MB of depth": lambda: b"[" * 50_000_000,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_f08_no_entry(files: FileCache, name: str) -> None:
    """Nothing, noise, other encodings, endless JSON: moved aside as it is, within a second, and asked for once."""
    path, data = files.path("default"), DAMAGE[name]()
    path.write_bytes(data)
    with pytest.warns(UserWarning, match=TOLD):
        assert within(1, lambda: files.read("default")) is None
    assert not path.exists()
    (moved,) = aside(files)
    assert moved.stat().st_size == len(data)
    assert len(data) > MAX_BYTES or moved.read_bytes() == data
    moved.rename(path)
    assert_asked_once(files)


def test_f08_the_largest_size(files: FileCache) -> None:
    """A file of exactly the largest size is read."""
    files.path("default").write_bytes(b" " * (MAX_BYTES - len(PLAIN)) + PLAIN)
    assert files.read("default") == ENTRY


READ = """
import re, sys
from pathlib import Path
from outgrow_nb.auth.filecache import FileCache
def highest():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
cache = FileCache(Path(sys.argv[1]))
cache.read("warm")
before = highest()
found = cache.read("default")
print(found, highest() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where the memory of a process is told")
@pytest.mark.parametrize("name", ["50 MB", "50 MB of depth", "just too large", "deep", "deep inside"])
def test_f08_little_memory(files: FileCache, name: str) -> None:
    """A process that meets such a file does not grow by more than 8 MB."""
    put(files, "warm")
    files.path("default").write_bytes(DAMAGE[name]())
    done = subprocess.run([sys.executable, "-c", READ, str(files.folder)], capture_output=True, text=True)
    found, grown = done.stdout.split()
    assert found == "None", done.stderr
    assert int(grown) < 8 * 1024


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("token.access_token", 5),
        ("token.access_token", ["AT-CANARY-9"]),
        ("token.refresh_token", "RT-CANARY-9 é"),
        ("token.obtained_at", "RT-CANARY-9"),
        ("config", "SECRET-CANARY-9"),
        ("config.base_url", "http://SECRET-CANARY-9.example"),
        ("account", ["CODE-CANARY-9"]),
        ("version", "CODE-CANARY-9"),
        ("mask_key", "CODE-CANARY-9"),
    ],
)
def test_f09_wrong_types(files: FileCache, where: str, value: object) -> None:
    """A value of the wrong kind makes the file none: moved aside, asked once, its field named, its value nowhere."""
    stored: dict[str, Any] = json.loads(PLAIN)
    inner = stored
    *folders, name = where.split(".")
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    files.path("default").write_bytes(json.dumps(stored).encode())
    assert assert_asked_once(files) in (
        f"$.{where}",
        "config",
    )  # an address that cannot be one: the settings as a whole
    assert len(aside(files)) == 1


@pytest.mark.parametrize("body", [PLAIN, b'{"config":"of another shape"}', b'{"token":{"access_token":5}}'])
def test_f10_a_newer_version(files: FileCache, body: bytes) -> None:
    """A newer version's file is an error with its path, and stays where and as it is, whatever this kernel does."""
    path = files.path("default")
    data = json.dumps({**json.loads(body), "version": VERSION + 1}).encode()
    path.write_bytes(data)
    for use in (files.read, lambda profile: keep_in(files, profile, ENTRY), lambda profile: Kernel(files).look()):
        with pytest.raises(CacheError, match="was written by a newer version") as caught:
            use("default")
        assert str(path) in caught.value.problem
        assert "Update" in caught.value.next_step
        assert_clean(caught.value)
    kernel = Kernel(files)
    assert not kernel.accept(ENTRY)
    assert isinstance(kernel.authorization(), Bearer)
    assert path.read_bytes() == data
    assert not aside(files)
