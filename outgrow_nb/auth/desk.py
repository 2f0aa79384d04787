"""`Desk`: opens sign-ins for one profile, waits for them, and knows when another kernel was faster."""

import threading
import time
from collections.abc import Callable
from functools import partial

from outgrow_nb.auth import messages
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State
from outgrow_nb.errors import (
    CacheError,
    SignInCancelled,
    SignInError,
    SignInExpired,
    SignInTimeout,
)
from outgrow_nb.wire import stoppable

_LOOK_SECONDS = 0.5


class Desk:
    """Where one profile's sign-ins are opened and waited for; knows no front end.

    Args:
        completion: Ends a sign-in.
        before_open: Called with the new sign-in's redirect, so that an older one gives its port back.
        remote: The browser is on another computer than this kernel.
    """

    def __init__(self, completion: Completion, *, before_open: Callable[["Desk"], None], remote: bool = False) -> None:
        self.completion, self.remote = completion, remote
        self._before_open = before_open
        self.signin: SignIn | None = None
        self.keep = True
        self._lock = threading.RLock()

    @property
    def credentials(self) -> Credentials:
        """Whom a sign-in is for."""
        return self.completion.credentials

    def open(self) -> SignIn:
        """A new sign-in; an older one ends."""
        with self._lock:  # a cell that waits must not take the old one's end for the end
            self.close()
            self._before_open(self)
            entry = self.credentials.entry
            known = (entry.api_key,) if entry is not None and entry.api_key is not None else ()
            self.signin = SignIn(
                config=self.credentials.config,
                on_token=lambda token: self.completion.token(token, keep=self.keep),
                on_key=lambda key: self.completion.key(key, keep=self.keep),
                remote=self.remote,
                known=known,
            )
            return self.signin

    def close(self) -> None:
        """Ends the sign-in under way, if there is one, and gives its port back."""
        if self.signin is not None:
            self.signin.cancel()

    def wait(self, listen: Callable[[float], str | None]) -> None:
        """Waits for the sign-in under way: redirect, paste, another kernel, deadline, or Stop.

        Args:
            listen: Waits at most so many seconds for typed text, which goes to whatever stands first.

        Raises:
            SignInTimeout, SignInCancelled, SignInError: It ended otherwise.
        """
        looked = 0.0
        try:
            while not (signin := self._current()).status.final:
                stoppable(partial(_hear, signin, listen))
                now = time.monotonic()
                if now - looked >= _LOOK_SECONDS:
                    looked = now
                    self.adopt()
                if now > signin.deadline:
                    signin.time_out()
        except KeyboardInterrupt:
            self.close()
            raise
        if signin.status.state is State.TIMED_OUT:
            raise SignInTimeout(*messages.in_two(messages.TIMED_OUT))
        if signin.status.state is State.CANCELLED:
            raise SignInCancelled(*messages.in_two(messages.CANCELLED))
        if signin.status.state is State.BLOCKED:
            raise SignInError(*messages.in_two(signin.status.text))

    def _current(self) -> SignIn:
        with self._lock:
            return self.signin or self.open()

    def adopt(self) -> bool:
        """Whether another kernel has signed in to this profile meanwhile; the sign-in under way then ends well."""
        try:
            entry = self.credentials.look()
        except (CacheError, SignInExpired):
            return False  # an unreadable cache cannot help; the sign-in goes on, and saving will say so
        if entry is None or not self.credentials.signed_in:
            return False
        if self.signin is not None and not self.signin.status.final:
            self.signin.adopted(self.completion.adopted())
        return True


def _hear(signin: SignIn, listen: Callable[[float], str | None]) -> None:
    """Takes what was typed; it is gone with this frame, whatever is raised later."""
    text = listen(0.1)
    if text:
        (signin.key if signin.key_first else signin.paste)(text)
