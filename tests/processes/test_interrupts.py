"""Ctrl-C and fork in the middle of a refresh (C10, C11): real signals, real children."""

import signal
import time

import pytest

from tests.processes.kernels import Died, Profile, until

pytestmark = pytest.mark.xdist_group("processes")
AT_ONCE = 1.0


def test_c10_a_fork_inside_the_lock_leaves_it_to_the_parent(profile: Profile) -> None:
    """The child is refused while the parent holds the lock, unlocks nothing, and gets it afterwards."""
    (parent,) = profile.start(1)
    (other,) = profile.start(1, lock_seconds=0.5)
    profile.expire()
    parent.order("fork_while_holding")
    parent.reaches("child-was-refused")
    busy = other.ask("call")
    assert (busy.error, profile.sandbox.stats()["hits"]) == ("CacheError", 0)
    parent.order("go-on")
    assert parent.answer().more["child"] == 0
    assert other.ask("call").fine


def test_c10_a_fork_during_a_renewal_does_not_deadlock_the_child(profile: Profile) -> None:
    """Forked while a thread of the parent renews: parent and child both get their data, from one refresh."""
    (parent,) = profile.start(1)
    profile.expire()
    profile.sandbox.control(delay="1000*1@/oauth/token")
    assert parent.ask("fork_while_renewing").more["child"] == 0
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)
    assert parent.ask("call").fine


def test_c11_ctrl_c_while_waiting_for_the_lock(profile: Profile) -> None:
    """KeyboardInterrupt reaches the caller at once; the kernel goes on, the lock is free, the cache intact."""
    holder, stopped = profile.start(2)
    holder.order("hold")
    holder.reaches("holding")
    profile.expire()
    stopped.order("call")
    stopped.reaches("waiting")
    pressed = time.monotonic()
    stopped.send(signal.SIGINT)
    answer = stopped.answer()
    assert (answer.error, answer.prompts) == ("KeyboardInterrupt", 0)
    assert answer.when - pressed < AT_ONCE
    holder.ask("release")
    assert holder.ask("call").fine
    assert stopped.ask("call").fine
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)


def test_c11_ctrl_c_during_the_post(profile: Profile) -> None:
    """KeyboardInterrupt reaches the caller at once; POST and save finish, the lock is free, nothing is spent twice."""
    stopped, other = profile.start(2)
    profile.expire()
    before = profile.refresh_token()
    profile.sandbox.control(delay="2000*1@/oauth/token")
    stopped.order("call")
    until(lambda: profile.sandbox.stats()["hits"] == 1)
    pressed = time.monotonic()
    stopped.send(signal.SIGINT)
    answer = stopped.answer()
    assert (answer.error, answer.prompts) == ("KeyboardInterrupt", 0)
    assert answer.when - pressed < AT_ONCE
    assert profile.refresh_token() == before
    assert other.ask("call").fine
    assert profile.refresh_token() != before
    assert stopped.ask("call").fine
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)


def test_c11_ctrl_c_that_ends_the_process_during_the_post(profile: Profile) -> None:
    """A script that ends on Ctrl-C after the old token was sent still saves the new one."""
    (stopped,) = profile.start(1)
    profile.expire()
    before = profile.refresh_token()
    profile.sandbox.control(delay="1000*1@/oauth/token")
    stopped.order("call", fatal=True)
    until(lambda: profile.sandbox.stats()["hits"] == 1)
    stopped.send(signal.SIGINT)
    with pytest.raises(Died, match="130"):
        stopped.answer()
    assert profile.refresh_token() != before
    assert profile.start(1)[0].ask("call").fine
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)
