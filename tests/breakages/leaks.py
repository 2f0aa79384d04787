"""Guards of secrets, of settings, of keys, and of foreign words."""

from tests.breakages.case import Breakage

SECRET, PANEL = "config/secret.py", "notebook/panel.py"

LEAKS = (
    Breakage("S01", SECRET, 'return "Secret(…)"', "return self._value", "unit/test_secrets_copies.py"),
    Breakage("S02", "auth/filecache.py", "del found, data  # secrets", "pass  # secrets", "unit/test_secrets_cache.py"),
    Breakage("S02", "auth/files.py", "del data, view  # tokens", "pass  # tokens", "unit/test_auth_writing.py"),
    Breakage("S03", SECRET, 'return "Secret(…)"', "return self._value", "kernels/test_secrets_notebook.py"),
    Breakage("S04", "wire/session.py", "logging.getLogger(name).addFilter(_KEYLESS_LOG)", "pass", "wire/test_secrets_logs.py"),
    Breakage("S05", PANEL, 'text, box.value = box.value, ""', "text = box.value", "unit/test_secrets_widgets.py"),
    Breakage("S06", SECRET, "    def __reduce__(self) -> NoReturn:", "    def _reduce(self) -> NoReturn:", "unit/test_secrets_copies.py"),
    Breakage("S07", "wire/redact.py", "    for form in (once, plus, quote(once, safe=\"\"), quote(plus, safe=\"\")):\n", "    for form in ():\n", "unit/test_redact.py"),
    Breakage("S07", "wire/redact.py", "for offset in range(3):", "for offset in range(1):", "unit/test_redact.py"),
    Breakage("S08", SECRET, 'return "Secret(…)"', "return self._value", "kernels/test_secrets_notebook.py"),
    Breakage("S09", PANEL, ".tag(sync=True, echo_update=False)", ".tag(sync=True, echo_update=True)", "unit/test_secrets_widgets.py"),
    Breakage("E01", "config/settings.py", "raise _astray(path, settings, foreign)", "pass", "unit/test_config_sources.py"),
    Breakage("E02", "config/dotenv_file.py", 'return "can be written by other users"', "pass", "unit/test_config_dotenv.py"),
    Breakage("E02", "config/dotenv_file.py", 'if folder == home or (folder / ".git").exists():', "if False:", "unit/test_config_dotenv.py"),
    Breakage("E03", "config/dotenv_file.py", 'if found.pop("OUTGROW_CONFIG_DIR", None):', "if False:", "unit/test_config_sources.py"),
    Breakage("E04", "config/settings.py", 'if refresh and not all("!" <= char <= "~" for char in refresh.reveal()):', "if False:", "unit/test_config_sources.py"),
    Breakage("A01", "client/outgrow.py", 'tables.warn("The API key itself still works: make a new one in Outgrow to end it.")', "pass", "wire/test_client.py"),
    Breakage("A02", "notebook/environment.py", 'Place("Google Colab", remote=True, shared=True)', 'Place("Google Colab", remote=True)', "unit/test_environment.py"),
    Breakage("A03", "auth/filecache.py", "if self._lockless is not None and entry.token is not None:", "if self._lockless is not None:", "wire/test_no_lock.py"),
    Breakage("A04", "auth/entry.py", "and not seen[0] & seen[1]", "and False", "unit/test_auth_entry.py"),
    Breakage("X01", "notebook/view.py", "_marked(html.escape(text))", "_marked(text)", "unit/test_view.py"),
    Breakage("X01", "notebook/explorer_view.py", "f'{html.escape(shown.code)}</textarea>", "f'{shown.code}</textarea>", "unit/test_explorer.py"),
    Breakage("X02", "plot/words.py", r'.replace("$", r"\$")', "", "unit/test_plot_words.py"),
    Breakage("X03", "sandbox/control.py", "return same(shown, expected)", "return True", "wire/test_sandbox_faults.py"),
)  # fmt: skip
