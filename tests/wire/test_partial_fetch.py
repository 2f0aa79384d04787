"""A read that is cut keeps what has arrived, and `resume()` gives the very frame that the call would have."""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from outgrow_nb.client import Outgrow
from outgrow_nb.errors import ApiUnavailable, PartialFetch, RateLimited, SignInExpired, StoppedFetch, UnexpectedAnswer
from tests.kernels.live import live
from tests.wire.clients import Asked, client, credentials, signed_in, until, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_connection import application

LEADS = "/api/v1/leads"
pytestmark = pytest.mark.filterwarnings("ignore::outgrow_nb.errors.SchemaDrift")


@pytest.fixture
def og(sandbox: Sandbox) -> Outgrow:
    """A client with two threads."""
    return client(signed_in(sandbox))


def cut(sandbox: Sandbox, read: Callable[[], object], after: int = 5) -> PartialFetch:
    """Lets so many pages through, then asks to wait longer than anybody does."""
    sandbox.control(clear=True)
    sandbox.control(delay=f"0*{after}@{LEADS}")
    sandbox.control(status=f"429@{LEADS}", retry_after=3600)
    with pytest.raises(PartialFetch) as caught:
        read()
    sandbox.control(clear=True)
    return caught.value


def test_a_cut_and_the_rest(sandbox: Sandbox, og: Outgrow) -> None:
    """What had arrived is a frame of the same columns; the rest is fetched without asking for a page twice."""
    usual = og.leads()
    part = cut(sandbox, og.leads)
    assert isinstance(part.__cause__, RateLimited)
    assert part.retry_after == timedelta(hours=1)
    assert 0 < part.done < len(usual)
    assert part.frame.dtypes.astype(str).equals(usual.dtypes.astype(str))
    assert len(part.frame) == part.done
    assert set(part.frame["lead_id"]) < set(usual["lead_id"])
    assert f"{part.done:,}" in part.problem
    assert "leads had arrived and are kept" in part.problem
    assert part.next_step == "Go on in the next cell: import sys; leads = sys.last_value.resume()"
    sandbox.control(reset_stats=True)
    pd.testing.assert_frame_equal(part.resume(), usual)
    assert sandbox.stats()["requests"] == {"GET /api/v1/leads": 14 - 5}


def test_cut_again_and_again(sandbox: Sandbox, og: Outgrow) -> None:
    """Each time a little more; the same frame in the end, and the client remembers it as its last read."""
    usual = og.leads(answers="wide")
    part = cut(sandbox, lambda: og.leads(answers="wide"), after=2)
    for _ in range(3):
        before = part.done
        part = cut(sandbox, part.resume, after=3)
        assert part.done > before
    pd.testing.assert_frame_equal(part.resume(), usual)
    sandbox.control(reset_stats=True)
    assert len(og.answers())
    assert sandbox.stats()["requests"] == {}


@pytest.mark.parametrize("name", ["answers", "questions"])
def test_answers_and_questions(sandbox: Sandbox, og: Outgrow, name: str) -> None:
    """They go on as themselves."""
    usual = getattr(client(signed_in(sandbox)), name)()
    pd.testing.assert_frame_equal(cut(sandbox, getattr(og, name)).resume(), usual)


def test_of_how_many(sandbox: Sandbox, og: Outgrow) -> None:
    """Where every content has told its total, the message says it."""
    plan = og.contents().set_index("title").loc["Which plan fits you?", "leads"]
    part = cut(sandbox, lambda: og.leads(["Which plan fits you?", "How are we doing?"]), after=1)
    assert part.total is None
    assert "of" not in part.problem.partition("arrived")[0]
    part = cut(sandbox, part.resume, after=0)
    assert part.done in (plan, 80)


def test_a_server_that_fails_for_good(sandbox: Sandbox, og: Outgrow) -> None:
    """After the retries it is a cut like another, without a time to wait for."""
    usual = og.leads()
    sandbox.control(delay=f"0*12@{LEADS}")
    sandbox.control(status=f"503@{LEADS}")
    with pytest.raises(PartialFetch, match="Outgrow fails at the moment") as caught:
        og.leads()
    assert isinstance(caught.value.__cause__, ApiUnavailable)
    assert caught.value.retry_after is None
    sandbox.control(clear=True)
    pd.testing.assert_frame_equal(caught.value.resume(), usual)


def test_nothing_had_arrived(sandbox: Sandbox, og: Outgrow) -> None:
    """A failure before the first page is the failure itself."""
    sandbox.control(status=f"429@{LEADS}", retry_after=3600)
    with pytest.raises(RateLimited):
        og.leads()


def test_a_total_that_differs_is_refused(sandbox: Sandbox, og: Outgrow) -> None:
    """Pages that do not add up are no part of anything."""
    sandbox.control(total="+5")
    with pytest.raises(UnexpectedAnswer, match="reports"):
        og.leads("Which plan fits you?")


def test_c13_another_account_does_not_go_on(sandbox: Sandbox) -> None:
    """What one account began another does not end."""
    held = credentials(signed_in(sandbox))
    part = cut(sandbox, Outgrow(held).leads)
    held.sign_out()
    held.accept(signed_in(sandbox, who=1))
    with pytest.raises(SignInExpired, match="begun as another account"):
        part.resume()


def test_a_masked_part_after_a_sign_out(sandbox: Sandbox) -> None:
    """What had arrived is shown masked as the call would have, though nobody is signed in any more."""
    held = credentials(signed_in(sandbox))
    og = Outgrow(held, pii="mask")
    usual = og.leads()
    part = cut(sandbox, og.leads)
    held.sign_out()
    same = usual[usual["lead_id"].isin(part.frame["lead_id"])]
    assert part.frame.to_csv(index=False) == same.to_csv(index=False)


def test_a_pending_sign_in_and_a_mask(sandbox: Sandbox) -> None:
    """A masked read that begins with nobody signed in asks the person once, as any other."""
    asked = Asked([lambda: held.accept(signed_in(sandbox))])
    held = credentials(signed_in(sandbox), asked=asked)
    held.sign_out()
    assert Outgrow(held, pii="mask").leads()["first_name"].isna().all()
    assert len(asked.reasons) == 1


def test_with_a_key(sandbox: Sandbox) -> None:
    """One answer a content: the contents that came are kept."""
    og = client(with_key(sandbox))
    usual = og.leads()
    sandbox.control(clear=True)
    sandbox.control(delay="0*5@/api/v1/get_leads")
    sandbox.control(status="429@/api/v1/get_leads", retry_after=3600)
    with pytest.raises(PartialFetch) as caught:
        og.leads()
    sandbox.control(clear=True)
    pd.testing.assert_frame_equal(caught.value.resume(), usual)


def test_stop(sandbox: Sandbox, og: Outgrow) -> None:
    """Ctrl-C in the middle: a KeyboardInterrupt at once, no error to be caught by the way, and a way to go on."""
    usual = og.leads()
    sandbox.control(reset_stats=True)
    sandbox.control(delay=f"0*4@{LEADS}")
    sandbox.control(delay=f"3000@{LEADS}")

    def press() -> None:
        until(lambda: sandbox.stats()["requests"].get("GET /api/v1/leads", 0) >= 6)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(StoppedFetch) as caught:
        og.leads()
    presser.join()
    assert isinstance(caught.value, KeyboardInterrupt)
    assert not isinstance(caught.value, Exception)
    part = caught.value.partial
    assert "leads = sys.last_value.partial.resume()" in part.next_step
    sandbox.control(clear=True)
    pd.testing.assert_frame_equal(part.resume(), usual)


def test_the_next_cell_goes_on(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a kernel: two lines instead of a traceback, and the line they give works as it stands."""
    place = Place(tmp_path, monkeypatch)
    place.set(IPYTHONDIR=tmp_path / "ipython", JUPYTER_RUNTIME_DIR=tmp_path / "runtime", DISPLAY=":99")
    place.set(**application(sandbox))
    place.save(signed_in(sandbox))
    with live(place.root) as kernel:
        assert kernel.do("import outgrow_nb\nog = outgrow_nb.connect()")["status"] == "ok"
        sandbox.control(delay=f"0*5@{LEADS}")
        sandbox.control(status=f"429@{LEADS}", retry_after=3600)
        failed = kernel.do("leads = og.leads()")
        sandbox.control(clear=True)
        assert (failed["status"], failed["ename"], len(failed["traceback"])) == ("error", "PartialFetch", 2)
        line = failed["traceback"][1].partition(": ")[2]
        assert kernel.do(line)["status"] == "ok"
        cell = kernel.run("len(leads)")
        kernel.finish(cell)
        assert kernel.outputs(cell) == ["2000"]

        sandbox.control(reset_stats=True)
        sandbox.control(delay=f"0*5@{LEADS}")
        sandbox.control(delay=f"2000@{LEADS}")
        cell = kernel.run("leads = og.leads()")
        until(lambda: sandbox.stats()["requests"].get("GET /api/v1/leads", 0) >= 10)  # two have been answered
        time.sleep(0.3)
        kernel.manager.interrupt_kernel()
        failed = kernel.finish(cell)
        sandbox.control(clear=True)
        assert failed["status"] == "error"
        assert len(failed["traceback"]) == 2
        line = failed["traceback"][1].partition(": ")[2]
        assert kernel.do(f"{line}\nassert len(leads) == 2000")["status"] == "ok"
