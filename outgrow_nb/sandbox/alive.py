"""Whether a process lives: by its number and the moment it started, since numbers are used again."""

import subprocess
import sys
from pathlib import Path


def started(pid: int) -> str | None:
    """A text that tells this process from a later one of the same number; None if no such process lives."""
    if pid <= 0:
        return None
    if sys.platform == "linux":
        return _started_linux(pid)
    if sys.platform == "win32":
        return _started_windows(pid)
    asked = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, when = asked.stdout.strip().partition(" ")
    return None if not when or state.startswith("Z") else when.strip()


def lives(pid: int, since: str) -> bool:
    """Whether the very process that started then still runs."""
    return started(pid) == since


def _started_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name in parentheses may hold anything (proc(5))
    return None if fields[0] in "ZX" else fields[19]


def _started_windows(pid: int) -> str | None:  # pragma: no cover - runs on Windows only
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return None
    try:
        code = wintypes.DWORD()
        times = [wintypes.FILETIME() for _ in range(4)]
        still_active = 259
        kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
        if code.value != still_active:
            return None
        kernel.GetProcessTimes(wintypes.HANDLE(handle), *(ctypes.byref(time) for time in times))
        return f"{times[0].dwHighDateTime}.{times[0].dwLowDateTime}"
    finally:
        kernel.CloseHandle(wintypes.HANDLE(handle))
