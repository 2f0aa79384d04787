"""Kernels that sign out, sign in, or change the person while others live (C12-C14): real processes."""

import concurrent.futures
import signal
import time

import pytest

from tests.person import decide, follow
from tests.processes.kernels import Profile

pytestmark = pytest.mark.xdist_group("processes")


def test_c12_sign_out_while_a_sibling_refreshes(profile: Profile) -> None:
    """A signs out during B's POST: B's save does not bring the session back, and B then says that it is over."""
    leaver, renewer = profile.start(2)
    assert leaver.ask("call").fine
    profile.expire()
    renewer.ask("at", step="posted", action="freeze")
    renewer.order("call")
    renewer.freezes("posted")
    leaver.order("sign_out")
    leaver.reaches("waiting")
    time.sleep(0.2)  # were there no lock, it would be done by now
    renewer.send(signal.SIGCONT)
    assert leaver.answer().more["confirmed"]
    renewer.answer()  # it may have got its data just before
    assert profile.kept() is None
    hits = profile.sandbox.stats()["hits"]
    after = renewer.ask("call")
    assert (after.error, after.prompts) == ("SignInExpired", 1)
    assert "signed out" in after.says
    assert profile.kept() is None
    assert profile.sandbox.stats()["hits"] == hits == 1
    assert profile.sandbox.stats()["grants_revoked"] == 1


def test_c12_refresh_that_waits_while_a_sibling_signs_out(profile: Profile) -> None:
    """B waits for the lock in which A signs out: B sends nothing, saves nothing, and says that it is over."""
    leaver, renewer = profile.start(2)
    assert renewer.ask("call").fine
    profile.expire()
    leaver.ask("at", step="locked", action="freeze")
    leaver.order("sign_out")
    leaver.freezes("locked")
    renewer.order("call")
    renewer.reaches("waiting")
    leaver.send(signal.SIGCONT)
    assert leaver.answer().more["confirmed"]
    answer = renewer.answer()
    assert (answer.error, answer.prompts) == ("SignInExpired", 1)
    assert "signed out" in answer.says
    assert profile.kept() is None
    assert profile.sandbox.stats()["hits"] == 0


def test_c13_another_person_signs_in_while_a_kernel_lives(profile: Profile) -> None:
    """A signs in as Björn: B, which serves Ana, says so and never hands out Björn's data."""
    switcher, living = profile.start(2)
    assert living.ask("call").who == "ana.silva@example.com"
    bjorn = profile.person(1)
    assert switcher.ask("accept", **bjorn).more["saved"]
    for _ in range(2):
        answer = living.ask("call")
        assert (answer.error, answer.who) == ("SignInExpired", None)
        assert bjorn["account"]["email"] in answer.says
    assert switcher.ask("call").who == bjorn["account"]["email"]


def test_c13_another_person_signs_in_while_a_refresh_waits(profile: Profile) -> None:
    """The same while B waits for the lock to renew Ana's token: what it finds there is not used either."""
    switcher, living = profile.start(2)
    assert living.ask("call").fine
    bjorn = profile.person(1)
    switcher.order("hold")
    switcher.reaches("holding")
    living.order("call", ahead=3600.0)
    living.reaches("waiting")
    switcher.ask("release", **bjorn)
    answer = living.answer()
    assert (answer.error, answer.who) == ("SignInExpired", None)
    assert bjorn["account"]["email"] in answer.says
    assert profile.sandbox.stats()["hits"] == 0
    assert living.ask("call").error == "SignInExpired"


def test_c14_two_kernels_sign_in_at_once(profile: Profile) -> None:
    """Both sign-ins end well, the cache holds one of them whole, and every kernel works with it."""
    profile.file.unlink()
    first, second = profile.start(2)
    links = [kernel.ask("begin").more["link"] for kernel in (first, second)]
    with concurrent.futures.ThreadPoolExecutor(2) as people:
        destinations = list(people.map(decide, links))
        pages = list(people.map(follow, destinations))
    assert [page.status_code for page in pages] == [200, 200]
    for kernel in (first, second):
        assert kernel.ask("finish").more["state"] == "SIGNED_IN"
    assert profile.kept() is not None
    calls = [kernel.ask("call") for kernel in (first, second, *profile.start(1))]
    assert all(call.fine for call in calls)
    assert len({call.token for call in calls}) == 1
    profile.expire()
    assert all(kernel.ask("call").fine for kernel in profile.kernels)
    stats = profile.sandbox.stats()
    assert (stats["hits"], stats["reuses"]) == (1, 0)
