"""What can go wrong, as one tree; each error says the problem in one line and the next step in another.

::

    Exception
    └── OutgrowError
        ├── ConfigError            a setting is missing, contradicts another, or would send a secret astray
        ├── SignInError            the sign-in did not end well
        │   ├── SignInRequired     nobody can be asked here
        │   ├── SignInTimeout      nobody came back in time
        │   ├── SignInCancelled    the person pressed Stop
        │   ├── SignInDeclined     the person did not allow access
        │   └── SignInExpired      the saved sign-in has ended
        ├── CacheError             what is kept on this computer cannot be read or written
        ├── ApiError               Outgrow's API did not give what was asked for
        │   ├── ApiUnavailable     unreachable, too slow, or failing
        │   ├── RateLimited        too many requests; carries ``retry_after``
        │   ├── Forbidden          signed in, but not allowed this
        │   ├── UnknownContent     no content of that id or title; names near matches
        │   └── UnexpectedAnswer   an answer that is not what the API documents
        └── PartialFetch           a read was cut; what had arrived is kept, ``resume()`` fetches the rest

    KeyboardInterrupt
    └── StoppedFetch               the person pressed Stop while leads arrived; carries a ``partial``

    UserWarning
    └── SchemaDrift                Outgrow sent fields or options that nobody announced
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any


class OutgrowError(Exception):
    """Base of every error of this package.

    Args:
        problem: What happened, one sentence, no secret in it.
        next_step: What the reader does now, one sentence.
    """

    def __init__(self, problem: str, next_step: str = "") -> None:
        super().__init__(problem, next_step)
        self.problem = problem
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.problem}\n{self.next_step}" if self.next_step else self.problem

    def _render_traceback_(self) -> list[str]:
        """What a notebook cell shows: two lines instead of sixty (IPython's hook for exceptions)."""
        return [f"{type(self).__name__}: {self.problem}", *([self.next_step] if self.next_step else [])]


class ConfigError(OutgrowError):
    """A setting is missing, contradicts another, or would send a secret to the wrong place."""


class SignInError(OutgrowError):
    """The sign-in did not end well; nothing was saved."""


class SignInRequired(SignInError):
    """A sign-in is needed and nobody can be asked here (no terminal, no notebook input, or a worker thread)."""


class SignInTimeout(SignInError):
    """Nobody finished the sign-in in time."""


class SignInCancelled(SignInError):
    """The person stopped the sign-in."""


class SignInDeclined(SignInError):
    """The person did not allow access."""


class SignInExpired(SignInError):
    """The saved sign-in has ended: revoked, unused too long, or its key was replaced."""


class CacheError(OutgrowError):
    """A saved sign-in or a store of leads cannot be read, locked or written; the message names the path."""


class ApiError(OutgrowError):
    """Outgrow's API did not give what was asked for."""


class ApiUnavailable(ApiError):
    """Outgrow cannot be reached, takes too long, or fails; the saved sign-in is untouched."""


class RateLimited(ApiError):
    """Outgrow asks to slow down for longer than this package waits by itself.

    Attributes:
        retry_after: How long Outgrow asked to wait, when it said so.
    """

    def __init__(self, problem: str, next_step: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(problem, next_step)
        self.retry_after = retry_after


class Forbidden(ApiError):
    """The account is signed in, but may not read this."""


class UnknownContent(ApiError):
    """No content has that id or title, or several have that title."""


class UnexpectedAnswer(ApiError):
    """The answer is not what the API documents; nothing of it was used."""


class PartialFetch(OutgrowError):
    """A read of leads was cut; what had arrived is kept.

    Attributes:
        done: Leads that had arrived.
        total: Leads there are, None where Outgrow did not say.
        retry_after: How long Outgrow asked to wait, when it said so.
    """

    def __init__(
        self,
        problem: str,
        next_step: str = "",
        *,
        done: int = 0,
        total: int | None = None,
        retry_after: timedelta | None = None,
        frame: Callable[[], Any] | None = None,
        resume: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__(problem, next_step)
        self.done, self.total, self.retry_after = done, total, retry_after
        self._frame, self._resume = frame, resume

    @property
    def frame(self) -> Any:
        """The DataFrame of what had arrived, with the columns and dtypes of the whole."""
        return self._frame() if self._frame else None

    def resume(self) -> Any:
        """Fetches what is missing, and returns the very DataFrame that the call would have.

        Raises:
            PartialFetch: It was cut again; what has arrived meanwhile is kept too.
        """
        return self._resume() if self._resume else None


class StoppedFetch(KeyboardInterrupt):
    """The person pressed Stop while leads arrived.

    Attributes:
        partial: What had arrived, and the way to go on.
    """

    def __init__(self, partial: PartialFetch) -> None:
        super().__init__(*partial.args)
        self.partial = partial

    def _render_traceback_(self) -> list[str]:
        """What a notebook cell shows."""
        return [f"KeyboardInterrupt: {self.partial.problem}", self.partial.next_step]


class SchemaDrift(UserWarning):
    """Outgrow sent fields, kinds or options that nobody announced; they are kept and named."""
