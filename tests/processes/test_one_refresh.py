"""One refresh across kernels (C04-C09): real processes, signals and time, a server that revokes on reuse, no grace."""

import random
import signal
import time

import pytest

from tests.processes.kernels import Answer, Died, Kernel, Profile, until

pytestmark = pytest.mark.xdist_group("processes")
EIGHT = 8
EXPIRIES = 10
HOUR = 3600.0


def all_call(kernels: list[Kernel], **options: float) -> list[Answer | None]:
    """Every kernel makes a data call at once; None for one that died."""
    for kernel in kernels:
        kernel.order("call", **options)
    return [answer_or_death(kernel) for kernel in kernels]


def answer_or_death(kernel: Kernel) -> Answer | None:
    try:
        return kernel.answer()
    except Died:
        return None


def lost(answers: list[Answer | None]) -> int:
    """How many kernels that live lost their sign-in."""
    return sum(answer is not None and not answer.fine for answer in answers)


def figures(profile: Profile, title: str, **more: int) -> dict[str, int]:
    """Prints what happened, and returns it."""
    stats = profile.sandbox.stats()
    found = {"refreshes": stats["hits"], "reuse": stats["reuses"], **more}
    print(f"{title}: " + ", ".join(f"{name} {value}" for name, value in found.items()))
    return found


def test_c04_eight_kernels_share_ten_expiries(profile: Profile) -> None:
    """8 processes x 10 expiries, by a 401 and by the clock in turn: 10 refreshes, 0 reuse, 0 sign-ins lost."""
    kernels, ahead, missing = profile.start(EIGHT), 0.0, 0
    for round_ in range(EXPIRIES):
        if round_ % 2:
            ahead += HOUR
        else:
            profile.expire()
        answers = all_call(kernels, ahead=ahead)
        missing += lost(answers)
        assert len({answer.token for answer in answers if answer}) == 1
    found = figures(profile, f"C04, {EIGHT} processes x {EXPIRIES} expiries", lost=missing)
    assert found == {"refreshes": EXPIRIES, "reuse": 0, "lost": 0}


def test_c04_with_killed_lock_holders(profile: Profile) -> None:
    """The same while random lock holders are killed before the POST or after the replace: the same figures."""
    draw = random.Random(4)
    kernels, ahead, missing, killed = profile.start(EIGHT), 0.0, 0, 0
    for round_ in range(EXPIRIES):
        if round_ % 2:
            ahead += HOUR
        else:
            profile.expire()
        for kernel in draw.sample(kernels, 2):
            kernel.ask("at", step=draw.choice(("locked", "reserved", "replaced")), action="kill")
        answers = all_call(kernels, ahead=ahead)
        missing += lost(answers)
        alive = [kernel for kernel, answer in zip(kernels, answers, strict=True) if answer is not None]
        killed += EIGHT - len(alive)
        kernels = alive + profile.start(EIGHT - len(alive))
    found = figures(profile, f"C04 with SIGKILL, {EIGHT} processes x {EXPIRIES} expiries", lost=missing, killed=killed)
    assert killed >= 5
    assert found == {"refreshes": EXPIRIES, "reuse": 0, "lost": 0, "killed": killed}


def test_c06_a_grace_period_saves_kernels_killed_anywhere(profile: Profile) -> None:
    """With 30 s of grace the holder may be killed at any moment, the server's commit included: 0 lost."""
    draw = random.Random(6)
    # the answer to a refresh comes in small bits, so that many kills fall between the commit and the replace
    profile.sandbox.control(refresh_grace=30, drip="0.0005@/oauth/token")
    kernels, missing, in_window = profile.start(5), 0, 0
    for _ in range(EXPIRIES // 2):
        profile.expire()
        before, committed = profile.refresh_token(), profile.sandbox.stats()["refreshed"]
        for kernel in kernels:
            kernel.order("call")
        until(lambda: any(kernel.step == "reserved" for kernel in profile.kernels))
        holder = next(kernel for kernel in profile.kernels if kernel.step == "reserved")
        time.sleep(draw.uniform(0.0, 0.3))
        holder.send(signal.SIGKILL)
        holder.process.wait()
        in_window += profile.sandbox.stats()["refreshed"] > committed and profile.refresh_token() == before
        kernels.remove(holder)
        missing += lost([kernel.answer() for kernel in kernels])
        kernels += profile.start(1)
    found = figures(profile, "C06 with grace", lost=missing, killed=EXPIRIES // 2, in_window=in_window)
    assert found["reuse"] == found["lost"] == 0
    assert in_window >= 1


def test_c05_a_killed_holder_frees_the_lock(profile: Profile) -> None:
    """SIGKILL of the lock holder, idle or just before its POST: the next one has the lock within 0.5 s, 0 lost."""
    waiting = profile.start(3)
    for step in ("locked", "reserved"):
        (holder,) = profile.start(1)
        holder.ask("at", step=step, action="freeze")
        profile.expire()
        holder.order("call")
        holder.freezes(step)
        for kernel in waiting:
            kernel.order("call")
        for kernel in waiting:
            kernel.reaches("waiting")
        hiccup = longest_hiccup(0.3)
        killed = time.monotonic()
        holder.send(signal.SIGKILL)
        first = min(kernel.reaches("locked")["when"] for kernel in waiting)
        assert lost([kernel.answer() for kernel in waiting]) == 0
        print(f"C05 at {step}: next holder after {first - killed:.3f} s (hiccups of this machine: {hiccup:.3f} s)")
        assert first - killed < 0.5 + hiccup
    assert figures(profile, "C05") == {"refreshes": 2, "reuse": 0}


def longest_hiccup(seconds: float) -> float:
    """How much later than asked a sleep of 50 ms, the lock's poll interval, ends on this machine now."""
    worst, ends = 0.0, time.monotonic() + seconds
    while (began := time.monotonic()) < ends:
        time.sleep(0.05)
        worst = max(worst, time.monotonic() - began - 0.05)
    return worst


def test_c06_killed_between_commit_and_replace(profile: Profile) -> None:
    """SIGKILL in the one window that loses a token without grace: one prompt each, no loop, the file stays."""
    holder, *others = profile.start(4)
    profile.expire()
    profile.sandbox.control(drip="0.05*1@/oauth/token")  # commits, then answers byte by byte
    before = profile.file.read_bytes()
    holder.order("call")
    until(lambda: profile.sandbox.stats()["refreshed"] == 1)
    holder.send(signal.SIGKILL)
    answers = all_call(others)
    assert [(answer.error, answer.prompts) for answer in answers if answer] == [("SignInExpired", 1)] * 3
    assert profile.file.read_bytes() == before
    hits = profile.sandbox.stats()["hits"]
    assert hits <= 1 + len(others)
    for kernel in others:
        assert kernel.ask("authorization", times=100).error == "SignInExpired"
    assert profile.sandbox.stats()["hits"] == hits
    assert others[0].ask("accept", **profile.person()).more["saved"]
    assert lost(all_call(others + profile.start(1))) == 0


@pytest.mark.parametrize("step", ["reserved", "posted"])
def test_c07_a_frozen_holder_is_named_busy(profile: Profile, step: str) -> None:
    """SIGSTOP past the lock wait: others raise with advice and ask the server nothing; all recover after SIGCONT."""
    (holder,) = profile.start(1)
    others = profile.start(3, lock_seconds=0.7)
    holder.ask("at", step=step, action="freeze")
    profile.expire()
    holder.order("call")
    holder.freezes(step)
    hits = 1 if step == "posted" else 0
    for answer in all_call(others):
        assert answer is not None
        assert (answer.error, answer.prompts) == ("CacheError", 0)
        assert str(profile.file) in answer.says
        assert "Restart that kernel" in answer.says
    assert profile.sandbox.stats()["hits"] == hits
    holder.send(signal.SIGCONT)
    assert holder.answer().fine
    assert lost(all_call(others)) == 0
    assert figures(profile, f"C07 at {step}") == {"refreshes": 1, "reuse": 0}


def test_c08_a_kernel_frozen_while_it_waits_adopts(profile: Profile) -> None:
    """Asleep in the queue for the lock while a sibling renews three times: it adopts, hits unchanged."""
    sleeper, sibling = profile.start(2)
    sibling.order("hold")
    sibling.reaches("holding")
    profile.expire()
    sleeper.order("call")
    sleeper.reaches("waiting")
    sleeper.freeze()
    sibling.ask("release")
    for _ in range(3):
        profile.expire()
        assert sibling.ask("call").fine
    sleeper.send(signal.SIGCONT)
    assert sleeper.answer().fine
    assert figures(profile, "C08") == {"refreshes": 3, "reuse": 0}


def test_c09_a_kernel_that_slept_adopts_what_a_sibling_saved(profile: Profile) -> None:
    """Frozen with an old token in memory: it re-reads the file before it asks, so there is no 401 and no refresh."""
    sleeper, sibling = profile.start(2)
    assert sleeper.ask("call").fine
    sleeper.freeze()
    for _ in range(3):
        profile.expire()
        newest = sibling.ask("call")
        assert newest.fine
    sleeper.send(signal.SIGCONT)
    profile.sandbox.control(reset_stats=True)
    assert sleeper.ask("call").token == newest.token
    assert figures(profile, "C09") == {"refreshes": 0, "reuse": 0}
    assert profile.sandbox.stats()["requests"] == {"GET /api/v1/me": 1}
