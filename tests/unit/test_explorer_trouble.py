"""The explorer's panel when reading fails, is stopped, takes time, or clicks come from several threads."""

import threading
import time
from typing import Any

import pytest

from outgrow_nb.errors import ApiUnavailable, PartialFetch, SignInRequired
from outgrow_nb.notebook.exploring import Exploring, Shown
from outgrow_nb.notebook.views import Choice
from tests.unit.explore_support import PLAN, THUMB
from tests.unit.explorer_support import DRAFT, Seen, Shelf


def test_a_missing_sign_in_is_a_sentence() -> None:
    """Nobody is signed in: the message and its next step, no trace; after the sign-in a click goes on."""
    shelf = Shelf()
    shelf.failing = [SignInRequired("This run can't ask you.", "Set OUTGROW_API_KEY.")]
    seen = Seen(shelf)
    assert seen.line == (
        "Nobody is signed in. Sign in with connect() in a cell, then run this cell again, or click Try again."
    )
    assert seen.bad
    assert seen.again
    assert seen.code == ""
    seen.panel._again.click()
    assert not seen.again
    assert PLAN in seen.line


def test_a_cut_read_is_a_sentence() -> None:
    """A read that was cut names what happened and the button, not a cell; whatever is chosen next reads again."""
    seen = Seen()
    seen.shelf.failing = [PartialFetch("Outgrow stopped answering. 2 of 9 leads had arrived.", "Go on in a cell.")]
    seen.choose("Content", THUMB)
    assert seen.line == "Outgrow stopped answering. 2 of 9 leads had arrived. Click Try again."
    assert seen.again
    seen.look("Funnel")
    assert seen.shelf.asked == [PLAN, THUMB, THUMB]
    assert THUMB in seen.line
    assert not seen.again


def test_a_bug_is_a_sentence_too() -> None:
    """Whatever else goes wrong is named by its kind alone: its text may hold anything."""
    seen = Seen()
    seen.shelf.failing = [ZeroDivisionError("ana@example.com")]
    seen.choose("Content", THUMB)
    assert seen.line.startswith("Something went wrong (ZeroDivisionError).")
    assert "ana@" not in seen.panel._line.value


def test_stop_reaches_the_cell() -> None:
    """Stop while the first content is read: the panel says so, and the cell ends as Stop ends cells."""
    shelf = Shelf()
    shelf.failing = [KeyboardInterrupt()]
    seen = Seen(shelf, start=False)
    with pytest.raises(KeyboardInterrupt):
        seen.panel.start()
    assert "Reading was stopped." in seen.line
    assert seen.again


def test_says_what_it_reads_and_takes_no_choice_meanwhile() -> None:
    """While a content is read the panel names it, and its controls are off."""
    said: list[tuple[str, bool, bool]] = []
    seen: Seen

    class Slow(Shelf):
        def read(self, content: str | None) -> Any:
            on_main = threading.current_thread() is threading.main_thread()
            said.append((seen.line, all(one.disabled for one in seen.panel._chosen), on_main))
            return super().read(content)

    seen = Seen(Slow(), start=False)
    seen.panel.start()
    seen.choose("Content", THUMB)
    assert said == [
        (f"Reading the leads of “{PLAN}”…", True, True),  # in the cell: there a pending sign-in can be waited for
        (f"Reading the leads of “{THUMB}”…", True, False),  # after a click: there it is an error at once
    ]


def test_clicks_from_several_threads() -> None:
    """Clicks that arrive on threads of their own are taken one after the other; the last choice is shown."""
    at_once: list[int] = []
    drawing: list[Choice] = []

    class Slow(Exploring):
        def show(self, choice: Choice) -> Shown:
            drawing.append(choice)
            at_once.append(len(drawing))
            time.sleep(0.02)
            drawing.pop()
            return super().show(choice)

    seen = Seen(exploring=Slow)
    threads = [threading.Thread(target=seen.look, args=(view,)) for view in ("Funnel", "Timeline", "Sources", "Scores")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not seen.bad
    assert set(at_once) == {1}
    chosen = seen.control("View").value
    assert f"outgrow_nb.explore.{chosen.function}(" in seen.code


def test_a_choice_while_it_reads_is_not_lost() -> None:
    """Another content and another view are chosen while one is read: both are what is shown in the end."""
    reading, go_on = threading.Event(), threading.Event()

    class Slow(Shelf):
        def read(self, content: str | None) -> Any:
            if content == THUMB:
                reading.set()
                assert go_on.wait(60)
            return super().read(content)

    seen = Seen(Slow())
    click = threading.Thread(target=seen.choose, args=("Content", THUMB))
    click.start()
    assert reading.wait(60)
    seen.choose("Content", DRAFT)
    seen.look("Funnel")
    go_on.set()
    click.join(60)
    assert seen.line == f"No leads of “{DRAFT}” in this period."
    assert "outgrow_nb.explore.funnel(" in seen.code


def test_unreachable() -> None:
    """Outgrow cannot be reached: problem and next step, then a click reads what there is."""
    shelf = Shelf()
    shelf.failing = [ApiUnavailable("Can't reach Outgrow.", "Check the network.")]
    seen = Seen(shelf)
    assert seen.line == "Can't reach Outgrow. Check the network."
    seen.panel._again.click()
    assert PLAN in seen.line
