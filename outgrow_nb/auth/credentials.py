"""`Credentials`: one profile's sign-in, shared by every thread; gives out a valid authorization or says why not."""

import os
import threading
import time
import warnings
import weakref
from collections.abc import Callable
from dataclasses import replace

from outgrow_nb.auth import messages, renewal
from outgrow_nb.auth.cache import MemoryCache, TokenCache, keep_in, kept_for
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.renewal import Flight
from outgrow_nb.config import Config
from outgrow_nb.errors import ApiUnavailable, CacheError, OutgrowError, SignInExpired, SignInRequired
from outgrow_nb.wire import ApiKey, Authorization

_PAUSE_AFTER_FAILURE = 10.0


class Credentials:
    """One profile's sign-in.

    Args:
        profile: The name it is kept under, unless that holds a sign-in for other settings; see `kept_for`.
        config: How to reach Outgrow; completed from what is kept.
        cache: Where it is kept.
        ask: Lets a person sign in and returns once they have; raises where nobody can be asked.
        entry: What to begin with when it does not come from the cache: a key or a refresh token of the environment.
        kept: Whether what comes next is written to the cache (not for a key of the environment).
        clock: POSIX seconds.

    Attributes:
        keeps: Whether sign-ins are kept at all; what the environment holds is not.
    """

    def __init__(
        self,
        *,
        profile: str,
        config: Config,
        cache: TokenCache,
        ask: Callable[[OutgrowError], None],
        entry: Entry | None = None,
        kept: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.profile, self.config, self.cache = profile, config, cache
        self._ask, self._clock, self._lock = ask, clock, threading.RLock()
        self.keeps = self._kept = kept
        self._entry = entry
        if hasattr(os, "register_at_fork"):
            mine = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: (found := mine()) and found())
        self._stamp = object()  # like nothing that is kept, so it is looked at
        self._saved = self._unsaved = False
        self._memory = MemoryCache()
        self._ended: OutgrowError | None = None
        self._was: Entry | None = None  # before somebody signed out elsewhere
        self._flight: Flight | None = None
        self._not_before, self.unsaved_because = 0.0, ""

    def __repr__(self) -> str:
        return f"<Credentials of profile {self.profile!r}, {'signed in' if self._entry else 'not signed in'}>"

    @property
    def entry(self) -> Entry | None:
        """Who is signed in, as far as this kernel knows."""
        return self._entry

    @property
    def saved(self) -> bool:
        """Whether the sign-in outlives this kernel."""
        return self._saved and self.cache.durable and not self._unsaved

    def look(self) -> Entry | None:
        """Takes over what another kernel saved, signed out or renewed; costs one look at the file's stamp.

        Raises:
            SignInExpired: Another kernel signed out, or signed in as somebody else.
            CacheError: The saved sign-in cannot be read.
        """
        with self._lock:
            return self._look()

    def authorization(self, rejected: Authorization | None = None) -> Authorization:
        """See `outgrow_nb.wire.Credential.authorization`."""
        problem: OutgrowError
        for _ in range(2):
            with self._lock:
                entry = self._look()
                if self._ended is not None:
                    raise type(self._ended)(*self._ended.args)
                if entry is None:
                    raise SignInRequired(*messages.NOBODY)
                held = entry.authorization()
                if isinstance(held, ApiKey):
                    if rejected == held:
                        self._ended = SignInExpired(*(messages.KEY_ENDED if self.keeps else messages.KEY_WRONG))
                        continue
                    return held
                now = self._clock()
                if rejected != held and not self._must_renew(entry, now):
                    return held
                flight = self._flight or self._take_off(rejected)
            flight.done.wait()
            warning, flight.warning = flight.warning, ""
            if warning:
                warnings.warn(warning, stacklevel=2)
            with self._lock:
                entry = self._entry
                if flight.problem is None and entry is not None:
                    return entry.authorization()
                problem = flight.problem or SignInRequired(*messages.NOBODY)
                token = entry.token if entry else None
                usable = token is not None and rejected is None and not token.is_over(self._clock())
                if usable and entry is not None and isinstance(problem, ApiUnavailable | CacheError):
                    self._not_before = self._clock() + _PAUSE_AFTER_FAILURE
                    return entry.authorization()
            raise type(problem)(*problem.args)
        raise SignInExpired(*messages.KEY_ENDED)

    def wait(self) -> None:
        """See `outgrow_nb.wire.Credential.wait`."""
        with self._lock:
            reason = self._ended or SignInRequired(*messages.NOBODY)
        self._ask(reason)

    @property
    def signed_in(self) -> bool:
        """Whether there is a sign-in that nobody has ended."""
        with self._lock:
            return self._entry is not None and self._ended is None

    def accept(self, entry: Entry, *, keep: bool = True) -> bool:
        """Takes a finished sign-in, and keeps it unless `keep` is False.

        Returns:
            Whether it is saved; False where the cache cannot be written, so that it lasts for this kernel only.
        """
        saved, self.unsaved_because = self.keeps and keep, ""
        if saved:
            try:
                self.profile, entry = keep_in(self.cache, self.profile, entry)
            except CacheError as error:
                saved, self.unsaved_because = False, error.problem  # told to the person by the caller
        if not saved:
            _, entry = keep_in(self._memory, self.profile, entry)
        with self._lock:
            self._kept = saved
            self._entry, self._was, self._ended, self._saved, self._unsaved = entry, None, None, saved, False
            self.config = entry.complete(self.config)
            self._stamp = self.cache.stamp(self.profile)
            return saved

    def amend(self, change: Callable[[Entry], Entry]) -> Entry:
        """Changes what is kept, under its lock, beginning with what another kernel may have saved meanwhile.

        Raises:
            SignInRequired: Nobody is signed in.
            CacheError: It cannot be kept.
        """
        mine = self.look()
        if mine is None:
            raise SignInRequired(*messages.NOBODY)
        with self._place.exclusive(self.profile) as held:
            made = change(mine if self._unsaved else held.read() or mine)
            held.write(made)
        with self._lock:
            self._entry, self._stamp, self._unsaved = made, self.cache.stamp(self.profile), False
        return made

    def sign_out(self) -> bool:
        """Gives the tokens back and forgets them, here and where they are kept; see `renewal.forget`."""
        mine, unsaved = self.entry, self._unsaved
        confirmed = renewal.forget(self.profile, self.config, self._place, mine, newer_than_kept=unsaved)
        with self._lock:
            self._kept, self._entry, self._was, self._ended = self.keeps, None, None, None
            self._saved = self._unsaved = False
            self._stamp = self.cache.stamp(self.profile)
        return confirmed

    @property
    def _place(self) -> TokenCache:
        return self.cache if self._kept else self._memory

    def _after_fork(self) -> None:
        """In a forked child: the thread that renews, and whoever held the lock, exist in the parent alone."""
        self._lock, self._flight = threading.RLock(), None

    def _must_renew(self, entry: Entry, now: float) -> bool:
        """Whether the token is to be renewed before it is used; after a failure a valid one is used for a while."""
        token = entry.token
        if token is None or not (token.is_due(now) or entry.exposed):
            return False
        return token.is_over(now) or (token.refresh is not None and now >= self._not_before)

    def _look(self) -> Entry | None:
        if not self._kept or self._unsaved or self.cache.stamp(self.profile) == self._stamp:
            return self._entry
        if self._entry is None:
            self.profile, self._stamp, found = kept_for(self.cache, self.profile, self.config)
        else:
            self._stamp = self.cache.stamp(self.profile)
            try:
                found = self.cache.read(self.profile)
            except CacheError:
                found = self._entry  # good until it must be renewed, which needs the file and says what is wrong
        if found is not None and found.serves(self.config):
            self._meet(found)
        elif found is None and self._saved and self._stamp is not None:
            self._unsaved = True  # what was kept was damaged: the next renewal keeps this again
        elif self._saved and self._entry is not None:
            self._was, self._entry, self._saved = self._entry, None, False
            self._ended = SignInExpired(*messages.SIGNED_OUT_ELSEWHERE)
        return self._entry

    def _meet(self, found: Entry) -> None:
        """Adopts what a sibling kernel saved; the same person's, or nothing at all."""
        mine = self._entry or self._was
        if mine is not None and mine.is_other_account(found):
            self._ended = SignInExpired(*messages.somebody_else(found.account.email if found.account else None))
            return
        self._entry, self._ended, self._saved = found, None, True
        self.config = found.complete(self.config)

    def _take_off(self, rejected: Authorization | None) -> Flight:
        self._flight = flight = Flight()
        # not a daemon: once the old token is spent, the new one is saved even while the kernel shuts down
        threading.Thread(target=self._fly, args=(flight, rejected), name="outgrow-nb renewal", daemon=False).start()
        return flight

    def _fly(self, flight: Flight, rejected: Authorization | None) -> None:
        with self._lock:
            entry, unsaved, saved, cache = self._entry, self._unsaved, self._saved, self._place
        done, problem = renewal.attempt(
            self.profile, self.config, cache, entry,
            rejected=rejected, newer_than_kept=unsaved, was_kept=saved, clock=self._clock,
        )  # fmt: skip
        with self._lock:
            self._flight, flight.problem = None, problem
            if isinstance(problem, SignInExpired):
                self._ended = problem
            elif done is not None:
                self._entry = replace(done.entry, exposed=False)
                self._saved, self._unsaved = done.saved and self._kept, not done.saved
                self._not_before, flight.warning = 0.0, done.warning
                self._stamp = object()
        flight.done.set()
