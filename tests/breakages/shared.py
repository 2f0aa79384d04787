"""Guards of one sign-in that several threads and kernels share, and of its end."""

from tests.breakages.case import Breakage

CACHE, RENEWAL, CREDENTIALS, PROTOCOL = (
    f"auth/{name}.py" for name in ("filecache", "renewal", "credentials", "protocol")
)

SHARED = (
    Breakage("C01", CREDENTIALS, "self._flight or self._take_off(rejected)", "self._take_off(rejected)", "wire/test_auth_renewal.py"),
    Breakage("C02", RENEWAL, "if base is not mine and _fresh(", "if False and _fresh(", "wire/test_credentials.py"),
    Breakage("C03", RENEWAL, "except BaseException as error:", "except ZeroDivisionError as error:", "wire/test_auth_renewal.py"),
    Breakage("C04", CACHE, "lock.acquire(timeout=self._lock_seconds)", "pass", "processes/test_one_refresh.py"),
    Breakage("C05", CACHE, "filelock.FileLock(path.with_suffix(\".lock\"), mode=0o600, fallback_to_soft=False)", "filelock.SoftFileLock(path.with_suffix(\".lock\"))", "processes/test_one_refresh.py"),
    Breakage("C06", RENEWAL, "            if not _fresh(kept, base, rejected, clock()):\n                raise\n", "", "processes/test_one_refresh.py"),
    Breakage("C07", CACHE, "        if problem:\n            raise problem\n        try:", "        try:", "processes/test_one_refresh.py"),
    Breakage("C08", RENEWAL, "if base is not mine and _fresh(", "if False and _fresh(", "processes/test_one_refresh.py"),
    Breakage("C09", CREDENTIALS, "if rejected != held and not self._must_renew(entry, now):", "if rejected is None and not self._must_renew(entry, now):", "wire/test_credentials.py"),
    Breakage("C10", CREDENTIALS, "self._lock, self._flight = threading.RLock(), None", "pass", "processes/test_interrupts.py"),
    Breakage("C11", CREDENTIALS, 'name="outgrow-nb renewal", daemon=False).start()', 'name="outgrow-nb renewal", daemon=False).run()', "processes/test_interrupts.py"),
    Breakage("C11", CREDENTIALS, ", daemon=False).start()", ").start()", "wire/test_auth_renewal.py"),
    Breakage("C12", RENEWAL, "if kept is None and was_kept and not newer_than_kept:", "if False:", "processes/test_siblings.py"),
    Breakage("C13", CREDENTIALS, "if mine is not None and mine.is_other_account(found):", "if False:", "wire/test_completion.py"),
    Breakage("C14", "auth/files.py", "missing.mkdir(mode=0o700, exist_ok=True)", "missing.mkdir(mode=0o700)", "unit/test_auth_folders.py"),
    Breakage("C15", CACHE, "fallback_to_soft=False", "fallback_to_soft=True", "wire/test_no_lock.py"),
    Breakage("C16", CREDENTIALS, "self._ask, self._clock, self._lock = ask, clock, threading.RLock()", "self._ask, self._clock, self._lock = ask, clock, threading.Lock()", "wire/test_nested.py"),
    Breakage("O01", PROTOCOL, '(("refresh_token", old.refresh), ("access_token", old.access))', '(("access_token", old.access), ("refresh_token", old.refresh))', "wire/test_auth_revocation.py"),
    Breakage("O02", PROTOCOL, "return False  # told to the person", "continue  # told to the person", "wire/test_auth_revocation.py"),
    Breakage("O03", RENEWAL, "entry is None or give_back(", "give_back(", "wire/test_auth_unsaved.py"),
    Breakage("O04", CREDENTIALS, "elif self._saved and self._entry is not None:", "elif False:", "wire/test_completion.py"),
    Breakage("O05", RENEWAL, "raise SignInExpired(*(messages.REPLY_LOST if lost else messages.ENDED))", "raise RefusedByServer('', '')", "wire/test_revoked.py"),
)  # fmt: skip
