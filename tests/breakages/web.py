"""Guards of every request: where it goes, how long it lasts, how large its answer may be, when it is sent again."""

from tests.breakages.case import Breakage

SESSION, TRANSPORT = "wire/session.py", "api/transport.py"

WEB = (
    Breakage("H01", SESSION, 'checked("This address", f"{address.scheme}://{address.netloc}")', "pass", "wire/test_session.py"),
    Breakage("H01", "config/urls.py", 'if parts.scheme == "http" and not is_loopback(parts.hostname):', "if False:", "unit/test_config.py"),
    Breakage("H02", SESSION, "            verify=verify,", "            verify=False,", "wire/test_session_tls.py"),
    Breakage("H03", SESSION, "session.max_redirects = 0", "session.max_redirects = 5", "wire/test_session.py"),
    Breakage("H04", SESSION, "session.auth = _NoNetrc()", "session.auth = None", "wire/test_session.py"),
    Breakage("H05", "api/endpoints.py", 'if not value or "/" in value or value in (".", ".."):', "if not value:", "wire/test_pages.py"),
    Breakage("H06", TRANSPORT, "for turn in range(RETRIES + 1):", "for turn in range(1):", "wire/test_transport_again.py"),
    Breakage("H07", SESSION, "max_retries=0", "max_retries=__import__('urllib3').Retry(3, allowed_methods=None, status_forcelist=(500, 502, 503, 504, 429))", "wire/test_session.py"),
    Breakage("H08", "api/patience.py", "return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_ASKED)", "return seconds", "unit/test_retry_after.py"),
    Breakage("H09", SESSION, "timeout=(CONNECT_SECONDS, self._read_seconds)", "timeout=None", "wire/test_session_broken.py"),
    Breakage("H10", "wire/deadline.py", "if left <= 0:", "left = max(left, 9.0)\n        if False:", "wire/test_session_broken.py"),
    Breakage("H11", SESSION, "if size > self._max_bytes:", "if False:", "wire/test_session.py"),
    Breakage("H12", TRANSPORT, "odd=UnexpectedAnswer(shown, error.next_step) if status < 400 else None", "odd=None", "wire/test_pages.py"),
    Breakage("H13", SESSION, "session.cookies.set_policy(_NoCookies())", "pass", "wire/test_session.py"),
    Breakage("H14", "api/patience.py", "self._quiet_until = max(self._quiet_until, self._clock() + wait)", "pass", "wire/test_transport_again.py"),
    Breakage("H15", SESSION, "proxies = {}  #", "pass  #", "wire/test_session_proxy.py"),
    Breakage("H16", TRANSPORT, "                    break\n                continue", "                    break\n                break", "wire/test_transport_again.py"),
)  # fmt: skip
