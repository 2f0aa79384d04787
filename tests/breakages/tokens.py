"""Guards of what a token endpoint may answer, and of what is asked of it."""

from tests.breakages.case import Breakage

TOKEN, PROTOCOL, RENEWAL, CREDENTIALS = (f"auth/{name}.py" for name in ("token", "protocol", "renewal", "credentials"))

TOKENS = (
    Breakage("R01", TOKEN, "(previous.refresh if previous else None)", "None", "unit/test_auth_token.py"),
    Breakage("R02", RENEWAL, "held.write(entry)", "pass", "wire/test_auth_renewal.py"),
    Breakage("R03", TOKEN, "if not isinstance(scope, str) or not scope.isprintable():", "if False:", "unit/test_auth_token.py"),
    Breakage("R04", CREDENTIALS, "self._ended = problem", "pass", "wire/test_credentials.py"),
    Breakage("R05", RENEWAL, "return Renewed(kept, saved=True)", "raise", "wire/test_auth_renewal.py"),
    Breakage("R06", PROTOCOL, '    "invalid_client",\n', "", "wire/test_auth_exchange.py"),
    Breakage("R07", PROTOCOL, "return ReplyLost(trouble) if was_sent(error) else trouble", 'return RefusedByServer("invalid_grant", "")', "wire/test_auth_renewal_failing.py"),
    Breakage("R08", RENEWAL, "for _ in range(2):", "for _ in range(1):", "wire/test_credentials_failing.py"),
    Breakage("R09", RENEWAL, "if lost:", "if False:", "wire/test_auth_renewal.py"),
    Breakage("R10", TOKEN, "    if not isinstance(answer, dict):\n", '    if not isinstance(answer, dict):\n        raise RefusedByServer("invalid_grant", "")\n', "wire/test_auth_exchange.py"),
    Breakage("R11", TOKEN, "if error is not None or not 200 <= status < 300:", "if error is not None:", "unit/test_auth_token.py"),
    Breakage("R12", TOKEN, 'if not isinstance(kind, str) or kind.lower() != "bearer":', "if False:", "unit/test_auth_token.py"),
    Breakage("R13", "wire/session.py", "session.max_redirects = 0", "session.max_redirects = 5", "wire/test_auth_exchange.py"),
    Breakage("R14", PROTOCOL, "refresh_token=held.reveal(), scope=config.scope", "refresh_token=held.reveal()", "wire/test_auth_exchange.py"),
    Breakage("R15", "wire/deadline.py", "if left <= 0:", "left = max(left, 9.0)\n        if False:", "wire/test_auth_silence.py"),
    Breakage("R16", "api/transport.py", 'answer.status in (401, "401")', 'answer.status in (401, "401", 403)', "wire/test_transport.py"),
    Breakage("R17", PROTOCOL, "answer = session.post(endpoint, data=fields, auth=_client_auth(config))", "answer = session.post(endpoint, data=fields, auth=_client_auth(config))\n            if answer.status_code == 401:\n                answer = session.post(endpoint, data=fields, auth=_client_auth(config))", "wire/test_auth_exchange.py"),
    Breakage("R18", CREDENTIALS, "self._flight or self._take_off(rejected)", "self._take_off(rejected)", "wire/test_credentials.py"),
    Breakage("R19", CREDENTIALS, "                if flight.problem is None and entry is not None:\n                    return entry.authorization()", "                if flight.problem is None and entry is not None:\n                    continue", "wire/test_credentials_failing.py"),
    Breakage("R20", TOKEN, "self.obtained_at - 300 <= now < ", "now < ", "wire/test_credentials.py"),
    Breakage("R21", "api/patience.py", "self._clock() if theirs is None else theirs", "self._clock()", "wire/test_transport_again.py"),
    Breakage("T01", TOKEN, "return min(seconds, _TEN_YEARS) if seconds >= 1 else None", "return seconds", "unit/test_auth_lifetime.py"),
    Breakage("T02", TOKEN, 'answer.get("expires_in")', 'answer.get("expires_in", answer.get("expires_at"))', "unit/test_auth_token.py"),
    Breakage("T03", TOKEN, "if any(not 33 <= ord(char) <= 126 for char in value):", "if False:", "unit/test_auth_token.py"),
    Breakage("T04", TOKEN, ", object_pairs_hook=_no_twins", "", "unit/test_auth_token.py"),
    Breakage("T05", TOKEN, "if error is not None or not 200 <= status < 300:", 'if "access_token" not in answer:', "unit/test_auth_token.py"),
    Breakage("T06", TOKEN, "plain(words, secrets) if", "words if", "unit/test_auth_token.py"),
)  # fmt: skip
