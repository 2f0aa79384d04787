"""What the API needs to know of a sign-in: a value that authorizes one request, and a way to wait for it."""

from dataclasses import dataclass, field
from typing import Protocol

from outgrow_nb.config import Secret
from outgrow_nb.errors import SignInExpired, SignInRequired


@dataclass(frozen=True)
class Bearer:
    """An access token (RFC 6750): one header, the same for every request."""

    token: Secret = field(repr=False)

    def secrets(self) -> tuple[Secret, ...]:
        """What must stand in no message."""
        return (self.token,)


@dataclass(frozen=True)
class ApiKey:
    """An account's API key (confirmed): a header for one call, a part of the path for the others."""

    key: Secret = field(repr=False)

    def secrets(self) -> tuple[Secret, ...]:
        """What must stand in no message."""
        return (self.key,)


Authorization = Bearer | ApiKey


class Credential(Protocol):
    """The seam between who is signed in and what is read."""

    def authorization(self, rejected: Authorization | None = None) -> Authorization:
        """An authorization that is valid as far as anybody knows; refreshed when it is due.

        Args:
            rejected: The authorization that Outgrow has just refused with a 401.

        Raises:
            SignInRequired: Nobody is signed in.
            SignInExpired: The saved sign-in has ended.
        """
        ...

    def wait(self) -> None:
        """Lets a person sign in, and returns once they have; called from the caller's own thread.

        Raises:
            SignInError: They did not.
        """
        ...


@dataclass(frozen=True)
class Fixed:
    """A credential that is one authorization and cannot be renewed: to check a token or key before it is kept."""

    held: Authorization

    def authorization(self, rejected: Authorization | None = None) -> Authorization:
        """The authorization; once refused there is no other.

        Raises:
            SignInExpired: It was refused.
        """
        if rejected is not None:
            raise SignInExpired("Outgrow refused the sign-in.", "Sign in again.")
        return self.held

    def wait(self) -> None:
        """Nobody is asked.

        Raises:
            SignInRequired: Always.
        """
        raise SignInRequired("Nobody is asked here.", "Sign in again.")
