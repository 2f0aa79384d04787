"""A kernel in a process of its own that may not lock files: signs in, renews, and tells what became of it as JSON.

Run as ``python -m tests.wire.kernel_without_a_lock '{"folder": …, "url": …, "errno": …}'``; with an ``errno`` the
operating system itself answers every `flock` with that error, as it does for file systems that have none.
"""

import ctypes
import json
import platform
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import OutgrowError
from outgrow_nb.records import Account
from outgrow_nb.wire import Bearer

FLOCK = {"x86_64": 73, "aarch64": 32}.get(platform.machine())  # the number of the system call


class _Step(ctypes.Structure):
    """`struct sock_filter` of Linux."""

    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of Linux."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Step)))


def without_flock(errno: int) -> None:
    """From now on every `flock` of this process fails with that error, by a seccomp filter; for good."""
    assert FLOCK is not None
    load, equal, give = 0x20, 0x15, 0x06
    told = ((load, 0, 0, 0), (equal, 0, 1, FLOCK), (give, 0, 0, 0x50000 | errno), (give, 0, 0, 0x7FFF0000))
    steps = (_Step * 4)(*(_Step(*step) for step in told))
    program = _Program(4, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, with_filter = 38, 22, 2
    assert libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0
    assert libc.prctl(set_seccomp, with_filter, ctypes.byref(program), 0, 0) == 0


class Kernel:
    """One kernel, whose clock is set by hand."""

    def __init__(self, folder: str, url: str) -> None:
        self.ahead = 0.0
        self._config = Config(client_id="app", base_url=url)
        self.credentials = Credentials(
            profile="p",
            config=self._config,
            cache=FileCache(Path(folder), lock_seconds=5),
            ask=self._ask,
            clock=lambda: time.time() + self.ahead,
        )

    def _ask(self, reason: OutgrowError) -> None:
        raise reason

    def sign_in(self) -> str:
        """Ends a sign-in, as the panel does, and gives what the person reads."""
        completion = Completion(
            self.credentials,
            identify=lambda config, token: Account(id="1", email="ana@example.com"),
            check_key=lambda config, key: (),
            permit=lambda source: None,
        )
        token = Token(
            access=Secret("AT-CANARY-00000000"),
            refresh=Secret("RT-CANARY-00000000"),
            obtained_at=time.time(),
            lifetime=3600.0,
        )
        return completion.token(token)

    def call(self) -> str:
        """The number of the token that a call would use, or what went wrong."""
        try:
            held = self.credentials.authorization()
        except OutgrowError as error:
            return f"{type(error).__name__}: {error}"
        assert isinstance(held, Bearer)
        return held.token.reveal()[-1]


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a sign-in, or of the one that is kept, now and an hour later."""
    if asked["errno"]:
        without_flock(asked["errno"])
    kernel = Kernel(asked["folder"], asked["url"])
    told: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if asked["sign_in"]:
            told["says"] = kernel.sign_in()
        told["calls"] = [kernel.call(), kernel.call()]
        kernel.ahead = 3600
        told["later"] = [kernel.call(), kernel.call()]
    return {**told, "saved": kernel.credentials.saved, "warnings": [str(one.message) for one in caught]}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
