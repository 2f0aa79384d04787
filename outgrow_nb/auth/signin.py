"""One sign-in as a small state machine that knows no widget: links, redirects, pastes and keys in, a `Status` out."""

import secrets
import threading
import time
from collections.abc import Callable

from outgrow_nb.auth import messages, pages, paste, protocol
from outgrow_nb.auth.attempts import Attempt, Attempts, begin, cookie_name
from outgrow_nb.auth.loopback import Loopback, PortTaken
from outgrow_nb.auth.loopback_server import Departure
from outgrow_nb.auth.status import State, Status
from outgrow_nb.auth.token import RefusedByServer, Token
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ConfigError, OutgrowError
from outgrow_nb.wire import plain

SIGN_IN_SECONDS = 600.0
_WRONG_BEFORE_SLOW = 10


class SignIn:
    """One sign-in from the first link to its end; both routes are open all the time.

    Args:
        config: How to reach Outgrow.
        on_token: Keeps a new token and says who signed in; an `OutgrowError` from it is shown.
        on_key: Checks and keeps an API key; likewise.
        remote: The browser is on another computer than the kernel.
        known: Secrets a person may paste by mistake.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        *,
        config: Config,
        on_token: Callable[[Token], str],
        on_key: Callable[[Secret], str],
        remote: bool = False,
        known: tuple[Secret, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.config, self.remote = config, remote or not config.redirect_is_loopback
        self.deadline = time.monotonic() + SIGN_IN_SECONDS
        self._on_token, self._on_key, self._known, self._clock = on_token, on_key, known, clock
        self._lock, self._exchange = threading.RLock(), threading.RLock()
        self._watchers: list[Callable[[Status], None]] = []
        self._attempts, self._tab_waits = Attempts(), False
        self._loopback: Loopback | None = None
        self._drawn: Attempt | None = None
        self._timer: threading.Timer | None = None
        self.status = Status(State.READY, messages.READY_KEY if not config.client_id else "")
        if config.client_id:
            self._open()

    def __repr__(self) -> str:
        return f"<SignIn {self.status.state}>"

    @property
    def key_first(self) -> bool:
        """Whether the API key stands first: there is no application to sign in to."""
        return not self.config.client_id

    @property
    def link(self) -> Secret | None:
        """What the button opens; None where there is no way to sign in but a key, or after the end."""
        if self.status.final:
            return None
        if self._drawn is not None:
            return self._drawn.url
        return Secret(self._loopback.link) if self._loopback is not None else None

    @property
    def redirect_uri(self) -> str:
        """Where the browser ends up after Allow."""
        return self._loopback.redirect_uri if self._loopback is not None else self.config.redirect

    def watch(self, watcher: Callable[[Status], None]) -> None:
        """Calls `watcher` with each new status, from whatever thread it happens in."""
        self._watchers.append(watcher)

    def authorization_address(self) -> Secret:
        """A provider's address for another try, for a terminal or a remote browser."""
        return self._begin(cookie=None).url

    def paste(self, text: str) -> Status:
        """Takes what a person pasted; the text is neither shown nor kept."""
        found = paste.read(text, authorization_endpoint=self.config.authorization_endpoint, known=self._known)
        if isinstance(found, paste.Redirect):
            self._answered(found.fields, cookies=None)
        elif isinstance(found, paste.BareCode):
            self._bare(found.code)
        elif found is paste.Hint.GO_LINK:
            self._say(Status(State.READY, messages.kernel_elsewhere(), self.authorization_address()))
        elif found is paste.Hint.OWN_ADDRESS:
            self._say(Status(State.FAILED, messages.OWN_ADDRESS))
        elif found is paste.Hint.CREDENTIAL:
            self._say(Status(State.FAILED, messages.NOT_FOR_HERE))
        else:
            self._say(Status(State.FAILED, messages.not_a_code(self.redirect_uri)))
        return self.status

    def key(self, text: str) -> Status:
        """Takes an API key, checks it with Outgrow and keeps it."""
        cleaned = "".join(text.split())
        if not cleaned:
            self._say(Status(State.FAILED, messages.READY_KEY))
        elif not cleaned.isprintable() or "/" in cleaned or not cleaned.isascii():
            self._say(Status(State.FAILED, messages.KEY_REFUSED))
        else:
            self._finish(lambda: self._on_key(Secret(cleaned)))
        return self.status

    def adopted(self, text: str) -> None:
        """Another notebook signed in to the same profile; whoever has just come back here is let in first."""
        with self._exchange:
            self._end(Status(State.ADOPTED, text))

    def cancel(self) -> None:
        """The person stopped, or begins again: the port is free when this returns."""
        self._end(Status(State.CANCELLED, messages.CANCELLED))
        if self._loopback is not None:
            self._loopback.close()

    def time_out(self) -> None:
        """Nobody came back; who has just come is let in first."""
        with self._exchange:
            self._end(Status(State.TIMED_OUT, messages.TIMED_OUT))

    def _open(self) -> None:
        if self.config.redirect_is_loopback:
            try:
                self._loopback = Loopback(
                    self.config.redirect,
                    nonce=Secret(secrets.token_urlsafe(24)),
                    on_go=self._departs,
                    on_redirect=self._returns,
                )
            except PortTaken as taken:
                self.status = Status(State.BLOCKED, taken.message)
                return
        if self.remote:
            self._drawn = self._begin(cookie=None)
        self.status = Status(State.READY, messages.READY_REMOTE if self.remote else messages.READY)
        self._timer = threading.Timer(SIGN_IN_SECONDS, self.time_out)
        self._timer.daemon = True
        self._timer.start()

    def _begin(self, *, cookie: Secret | None) -> Attempt:
        return self._attempts.add(begin(self.config, self.redirect_uri, cookie=cookie), keep=self._drawn)

    def _departs(self) -> Departure | None:
        if self.status.final:
            return None
        cookie = Secret(secrets.token_urlsafe(24))
        made = self._begin(cookie=cookie)
        return Departure(made.url, cookie_name(made), cookie)

    def _returns(self, query: str, cookies: dict[str, str]) -> pages.Page:
        fields = paste.parameters(query)
        if fields is None or not fields.keys() & {"code", "error"}:
            return pages.REFUSED
        self._tab_waits = True
        return self._answered(fields, cookies=cookies)

    def _answered(self, fields: dict[str, str], *, cookies: dict[str, str] | None) -> pages.Page:
        """What a redirect said; `cookies` is None for a paste."""
        made = self._take(fields.get("state", ""), cookies)
        if made is None:
            if cookies is None:
                self._say(Status(State.FAILED, messages.OLD_TAB))
            return pages.OLD_TAB
        if "code" in fields and "error" in fields:
            return self._failed(messages.USED_CODE)
        if ("code" in fields or "iss" in fields) and not made.accepts_issuer(fields.get("iss")):
            return self._failed(messages.OTHER_ISSUER)
        if fields.get("error") == "access_denied":
            self._say(Status(State.DECLINED, messages.DECLINED))
            return pages.DECLINED
        if "error" in fields:
            words = plain(fields.get("error_description") or fields["error"], (made.state, made.verifier), 120)
            return self._failed(f"Outgrow did not sign you in: {words}. Use the link above to try again.")
        return self._redeem(made, Secret(fields["code"]))

    def _take(self, state: str, cookies: dict[str, str] | None) -> Attempt | None:
        """The attempt of that state; a state we do not know costs the asker time, never the sign-in."""
        found = self._attempts.take(state, cookies)
        if found is None and cookies is not None and self._attempts.wrong > _WRONG_BEFORE_SLOW:
            threading.Event().wait(0.5)
        elif found is not None and found is self._drawn:  # its link cannot be used again, and the next status draws it
            self._drawn = self._begin(cookie=None)
        return found

    def _bare(self, code: Secret) -> None:
        newest = self._attempts.newest()
        if newest is None:
            self._say(Status(State.FAILED, messages.USE_LINK_FIRST))
        elif not self.config.pkce_enforced:
            self._say(Status(State.FAILED, messages.whole_address(self.redirect_uri)))
        else:
            self._take(newest.state.reveal(), None)
            self._redeem(newest, code)

    def _redeem(self, made: Attempt, code: Secret) -> pages.Page:
        return self._finish(lambda: self._on_token(protocol.exchange(self.config, made, code, clock=self._clock)))

    def _finish(self, work: Callable[[], str]) -> pages.Page:
        """Runs one exchange to its end, one at a time; its outcome is the next status."""
        with self._exchange:
            if self.status.final:
                return pages.OLD_TAB
            self._say(Status(State.EXCHANGING, messages.EXCHANGING))
            try:
                text = work()
            except RefusedByServer as refusal:
                return self._failed(messages.refused(refusal.code))
            except OutgrowError as error:
                wrong = error if isinstance(error, ConfigError) else None
                return self._failed(" ".join(part for part in (error.problem, error.next_step) if part), wrong)
            except Exception as error:  # noqa: BLE001 - whoever waits in the browser and the notebook must be told
                return self._failed(messages.unexpected(type(error).__name__))
            self._end(Status(State.SIGNED_IN, text))
            return pages.SIGNED_IN

    def _failed(self, text: str, wrong: ConfigError | None = None) -> pages.Page:
        self._say(Status(State.FAILED, text, settings_wrong=wrong))
        return pages.FAILED

    def _say(self, status: Status) -> bool:
        """Whether it came before the end, which nothing changes."""
        with self._lock:
            if self.status.final:
                return False
            self.status = status
        for watcher in tuple(self._watchers):
            watcher(status)
        return True

    def _end(self, status: Status) -> None:
        if not self._say(status):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._attempts.clear()
        if self._loopback is not None and status.state is State.SIGNED_IN and self._tab_waits:
            last = {"after_page": True}  # no daemon, as the thread that serves the tab is: a program's end waits for it
            threading.Thread(target=self._loopback.close, kwargs=last, name="outgrow-nb close", daemon=False).start()
        elif self._loopback is not None:
            self._loopback.close()
