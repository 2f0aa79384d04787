"""Guards of what is kept on disk: the file, its folder, its lock, its key."""

from tests.breakages.case import Breakage

FILES, CACHE, ENTRY, VAULT, RENEWAL = (
    f"auth/{name}.py" for name in ("files", "filecache", "entry", "vault", "renewal")
)

SAVED = (
    Breakage("F01", FILES, "missing.mkdir(mode=0o700, exist_ok=True)", "missing.mkdir(exist_ok=True)", "unit/test_auth_folders.py"),
    Breakage("F02", FILES, "os.fchmod(descriptor, 0o600)", "pass", "unit/test_auth_files.py"),
    Breakage("F03", FILES, "elif info.st_mode & 0o022:", "elif False:", "unit/test_auth_folders.py"),
    Breakage("F04", FILES, "os.O_RDONLY | _NOFOLLOW |", "os.O_RDONLY |", "unit/test_auth_files.py"),
    Breakage("F05", CACHE, 'path.with_suffix(".lock")', 'path.with_suffix(".lock").resolve()', "unit/test_auth_filecache.py"),
    Breakage("F06", FILES, "if not stat.S_ISREG(info.st_mode):", "if False:", "unit/test_auth_files.py"),
    Breakage("F07", CACHE, "            _aside(self._path, str(damage))\n            return None", "            return None", "unit/test_auth_damage.py"),
    Breakage("F08", CACHE, "if len(data) <= MAX_BYTES:", "if True:", "unit/test_auth_damage.py"),
    Breakage("F09", ENTRY, 'pattern=r"^[\\x21-\\x7e]+\\Z"', 'pattern=r""', "unit/test_auth_entry_bytes.py"),
    Breakage("F10", ENTRY, "if version is not None and version > VERSION:", "if False:", "unit/test_auth_damage.py"),
    Breakage("F11", ENTRY, "        config.token_endpoint,\n", "", "unit/test_auth_entry.py"),
    Breakage("F12", FILES, "Path(self._temporary).replace(self._path)", "self._path.write_bytes(data)", "processes/test_file_under_fire.py"),
    Breakage("F13", RENEWAL, "held.reserve()", "pass", "wire/test_no_place.py"),
    Breakage("F14", RENEWAL, "held.delete()  # the kept", "pass  # the kept", "processes/test_no_room.py"),
    Breakage("F15", FILES, "os.ftruncate(self._descriptor, len(data))", "pass", "processes/test_file_under_fire.py"),
    Breakage("F16", CACHE, '.replace(".", "%2E")', "", "unit/test_auth_profiles.py"),
    Breakage("F09", CACHE, "_aside(self._path, str(damage))\n            return None", "files.quarantine(self._path)\n            return None", "unit/test_auth_damage.py"),
    Breakage("F17", "auth/cache.py", "if found is None or found.serves(config) else (own, None, None)", "", "unit/test_auth_profiles.py"),
    Breakage("F17", CACHE, 'path.with_suffix(".lock")', 'self.folder / "all.lock"', "unit/test_auth_profiles.py"),
    Breakage("K01", VAULT, "reason = self._unfit() or self._refuses(key)", 'reason = ""', "unit/test_auth_vault.py"),
    Breakage("K02", VAULT, "same = isinstance(held, str) and Secret(held) == text", "same = True", "unit/test_auth_vault.py"),
    Breakage("K03", VAULT, "answers.get(timeout=self._seconds)", "answers.get()", "unit/test_auth_vault.py"),
    Breakage("K04", VAULT, "text.reveal()))", "text.reveal() * 99))", "unit/test_auth_vault.py"),
    Breakage("K05", RENEWAL, "if base is not mine and _fresh(", "if False and _fresh(", "processes/test_sealed.py"),
    Breakage("K06", CACHE, "return vault.new_key(where) if anew or not head else None", "return vault.new_key(where)", "unit/test_auth_vault.py"),
    Breakage("K07", VAULT, 'if "plaintext" in kind.__name__.lower():', "if False:", "unit/test_auth_vault.py"),
)  # fmt: skip
