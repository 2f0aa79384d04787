"""Guards of a sign-in under way: its listener, its links, its answers, its pastes."""

from tests.breakages.case import Breakage

ATTEMPTS, SIGNIN, PASTE, PROTOCOL = (f"auth/{name}.py" for name in ("attempts", "signin", "paste", "protocol"))
LOOPBACK, SERVER = "auth/loopback.py", "auth/loopback_server.py"

LISTENER = (
    Breakage("L01", LOOPBACK, '.get(host, [host])', '.get(host, ["0.0.0.0"])', "wire/test_auth_loopback.py"),
    Breakage("L02", SERVER, 'if self.command != "GET":', "if False:", "wire/test_auth_loopback.py"),
    Breakage("L03", ATTEMPTS, "if hmac.compare_digest(known.encode(), _bytes(state)):", "if True:", "wire/test_signin.py"),
    Breakage("L04", PASTE, "return found if len(found) == len(pairs) else None", "return found", "wire/test_signin.py"),
    Breakage("L05", SERVER, 'if self.headers.get_all("Host") != [routes.authority]:', "if False:", "wire/test_auth_loopback.py"),
    Breakage("L06", SERVER, "        if not self._is_navigation():\n            return self._empty(204)\n        page", "        page", "wire/test_auth_loopback.py"),
    Breakage("L07", ATTEMPTS, "del self._open[found.state.reveal()]", "pass", "wire/test_signin.py"),
    Breakage("L07", SIGNIN, 'name="outgrow-nb close", daemon=False', 'name="outgrow-nb close"', "wire/test_signin.py"),
    Breakage("L08", SIGNIN, 'if fields.get("error") == "access_denied":', "if False:", "wire/test_signin.py"),
    Breakage("L09", SERVER, '            ("Content-Security-Policy", pages.CONTENT_SECURITY_POLICY),\n', "", "wire/test_auth_loopback.py"),
    Breakage("L09", SERVER, "        self._empty(code)", "        super().send_error(code, message, explain)", "wire/test_auth_loopback.py"),
    Breakage("L10", ATTEMPTS, "return not self.issuer_required", "return True", "wire/test_signin_exchange.py"),
    Breakage("L11", ATTEMPTS, 'code_challenge=client.create_code_challenge(verifier, "S256")', "code_challenge=verifier", "wire/test_signin_exchange.py"),
    Breakage("L12", ATTEMPTS, 'code_challenge_method="S256"', 'code_challenge_method="plain"', "wire/test_signin_exchange.py"),
    Breakage("L13", ATTEMPTS, "state, verifier = generate_token(43), client.create_code_verifier(64)", 'state, verifier = generate_token(43), "v" * 64', "wire/test_signin_exchange.py"),
    Breakage("L14", PROTOCOL, "    except ReplyLost as lost:\n", "    except ReplyLost:\n        return _post(config, made.token_endpoint, body, secrets=(code,), clock=clock)\n    except ZeroDivisionError as lost:\n", "wire/test_auth_exchange.py"),
    Breakage("L15", SIGNIN, "self._timer.start()", "pass", "wire/test_signin.py"),
    Breakage("L15", SIGNIN, "self._end(Status(State.TIMED_OUT, messages.TIMED_OUT))", "pass", "unit/test_auth_desk.py"),
    Breakage("L16", PASTE, ".strip(_WRAPPING)", "", "wire/test_signin_paste.py"),
    Breakage("L17", LOOPBACK, "_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)", "_NO_SUCH_ADDRESS = ()", "wire/test_auth_loopback_port.py"),
    Breakage("L18", "config/urls.py", 'if parts.scheme not in ("https", "http"):', "if False:", "unit/test_config.py"),
    Breakage("L19", "auth/token.py", "plain(words, secrets) if", "words if", "wire/test_signin_exchange.py"),
    Breakage("L20", "auth/credentials.py", "            except CacheError as error:\n                saved, self", "            except ZeroDivisionError as error:\n                saved, self", "wire/test_completion.py"),
    Breakage("L21", LOOPBACK, "self._bind(host, parts.port or 0)", "self._bind(host, 0)", "wire/test_auth_loopback_port.py"),
    Breakage("L22", SERVER, "return hmac.compare_digest(path.encode(\"utf-8\", \"surrogateescape\"), self.go.reveal().encode())", 'return path.startswith("/go/")', "wire/test_auth_loopback.py"),
    Breakage("L23", LOOPBACK, '{"localhost": ["127.0.0.1", "::1"]}', '{"localhost": ["127.0.0.1"]}', "wire/test_auth_loopback_port.py"),
    Breakage("L24", SERVER, "struct.pack(\"ii\", 1, 0)", "struct.pack(\"ii\", 0, 0)", "wire/test_auth_loopback_port.py"),
    Breakage("L24", SERVER, "        self.socket.bind(", "        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n        self.socket.bind(", "wire/test_auth_loopback_port.py"),
    Breakage("L25", ATTEMPTS, "if not hmac.compare_digest(_bytes(held), found.cookie.reveal().encode()):", "if False:", "wire/test_signin.py"),
    Breakage("L26", SERVER, "        if not self._is_navigation():\n            return self._empty(204)\n        leave", "        leave", "wire/test_auth_loopback.py"),
    Breakage("L27", SIGNIN, "elif not self.config.pkce_enforced:", "elif False:", "wire/test_signin_paste.py"),
)  # fmt: skip
