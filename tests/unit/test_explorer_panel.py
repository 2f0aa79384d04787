"""The explorer's panel: what is drawn, what a choice does, what stays in a notebook. Real widgets, no kernel."""

import html
import json
import re
import sys
import threading
import time
from datetime import date
from typing import Any

import ipywidgets
import pytest

from outgrow_nb.errors import ApiUnavailable, PartialFetch, SignInRequired
from outgrow_nb.notebook.explorer import Explorer, names
from outgrow_nb.notebook.exploring import Exploring, Shown
from outgrow_nb.notebook.lines import Names
from outgrow_nb.notebook.views import Choice
from tests.unit.explore_support import PLAN, THUMB
from tests.unit.explorer_support import DRAFT, Shelf


class Seen:
    """A panel, and the eyes and hands of a person."""

    def __init__(
        self, shelf: Shelf | None = None, *, start: bool = True, exploring: type[Exploring] = Exploring
    ) -> None:
        self.shelf = shelf or Shelf()
        self.panel = Explorer(exploring(self.shelf, Names))
        if start:
            self.panel.start()

    def control(self, label: str) -> Any:
        return next(one for one in self.panel._chosen if one.description == label)

    def choose(self, label: str, value: object) -> None:
        self.control(label).value = value

    def look(self, view: str) -> None:
        control = self.control("View")
        control.value = dict(control.options)[view]

    @property
    def line(self) -> str:
        found = re.search(r'role="status"[^>]*>(.*?)</div>', self.panel._line.value, re.DOTALL)
        assert found is not None
        return html.unescape(found[1])

    @property
    def bad(self) -> bool:
        return "outgrow-nb-line bad" in self.panel._line.value

    @property
    def code(self) -> str:
        found = re.search(r"<textarea[^>]*>(.*?)</textarea>", self.panel._code.value, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    @property
    def again(self) -> bool:
        return bool(self.panel._again.layout.display != "none")


def test_starts_with_the_first_content() -> None:
    """The first content is read and shown; how many leads of what stands above; code stands below."""
    seen = Seen()
    assert seen.shelf.asked == [PLAN]
    assert re.fullmatch(rf"[\d,]+ leads · {re.escape(PLAN)}", seen.line)
    assert "completed_share" in seen.panel._numbers.value
    assert seen.code == f'leads = og.leads("{PLAN}")\noutgrow_nb.explore.overview(leads)'
    assert not seen.again
    assert not any(control.disabled for control in seen.panel._chosen if control.description != "Split by")


def test_choices_change_what_is_shown() -> None:
    """View, split and period change picture and code; a view that cannot be split says so by its control."""
    seen = Seen()
    seen.look("Funnel")
    plain = seen.panel._picture.value
    assert 'alt="How far people get' in plain
    assert not seen.control("Split by").disabled
    seen.choose("Split by", "utm_source")
    assert 'by="utm_source"' in seen.code
    assert seen.panel._picture.value != plain
    seen.look("Sources")
    assert seen.control("Split by").disabled
    assert "utm_source" not in seen.code
    seen.look("Drop-off")
    assert "What is your monthly budget?" in seen.panel._picture.value + seen.panel._numbers.value


def test_periods_and_dates_go_together() -> None:
    """A period fills the dates; own dates are an own period; the code has both days."""
    seen = Seen()
    period = seen.control("Period")
    period.value = dict(period.options)["Last 30 days"]
    since, until = seen.control("From").value, seen.control("To").value
    assert (until - since).days == 29
    assert f'since="{since}", until="{until}"' in seen.code
    seen.choose("From", date(2026, 1, 1))
    assert period.value == "Own dates"
    assert 'since="2026-01-01"' in seen.code
    seen.choose("To", date(2025, 1, 1))
    assert "last day is before the first" in seen.line
    assert seen.bad
    seen.choose("To", None)
    assert not seen.bad
    period.value = (None, None)
    assert seen.control("From").value is None
    assert "since" not in seen.code


def test_another_content() -> None:
    """Choosing a content reads it, keeps a split that it has too, and begins with all of its time."""
    seen = Seen()
    seen.look("Funnel")
    seen.choose("Split by", "utm_source")
    seen.choose("From", date(2026, 1, 1))
    seen.choose("Content", THUMB)
    assert seen.shelf.asked == [PLAN, THUMB]
    assert THUMB in seen.line
    assert seen.control("Split by").value == "utm_source"
    assert seen.code.startswith(f'leads = og.leads("{THUMB}")\n')
    seen.choose("Content", PLAN)
    assert seen.shelf.asked == [PLAN, THUMB]


def test_nobody_yet() -> None:
    """A content without leads says so in every view."""
    seen = Seen()
    seen.choose("Content", DRAFT)
    for view in ("Overview", "Funnel", "Timeline", "Sources", "Scores", "Drop-off"):
        seen.look(view)
        assert seen.line == f"No leads of “{DRAFT}” in this period."
        assert not seen.bad


def test_an_account_without_content() -> None:
    """Nothing to choose: the panel says it, and tries again on a click."""
    seen = Seen(Shelf(()))
    assert seen.line == "This account has no content yet."


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


def test_what_a_notebook_saves() -> None:
    """The saved output is a sentence; the widgets' state holds counts and no person."""
    seen = Seen()
    for view in ("Funnel", "Sources", "Drop-off"):
        seen.look(view)
        bundle = seen.panel._frame._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert data["text/plain"] == repr(seen.panel._frame)
        assert "run this cell" in data["text/html"]
        state = json.dumps([str(one.get_state()) for one in _walk(seen.panel._frame)])
        assert not re.search(r"[\w.]@\w", state)


def _walk(widget: Any) -> list[Any]:
    return [widget, *(found for child in getattr(widget, "children", ()) for found in _walk(child))]


def test_a_reader_who_hears() -> None:
    """Every control has a label, the status is announced, the picture has words, the code box a name."""
    seen = Seen()
    seen.look("Funnel")
    controls = [one for one in _walk(seen.panel._frame) if isinstance(one, ipywidgets.DOMWidget)]
    assert seen.control("Split by").value == ""  # None would show as an empty box
    chosen = [one for one in controls if hasattr(one, "options") or isinstance(one, ipywidgets.DatePicker)]
    assert len(chosen) == 6
    assert all(one.description for one in chosen)
    assert 'role="status" aria-live="polite"' in seen.panel._line.value
    assert re.search(r'<img alt="[^"]{20,}"', seen.panel._picture.value)
    assert 'aria-label="Code of this view"' in seen.panel._code.value


def test_names_are_those_of_the_notebook() -> None:
    """What things are called is looked up where the person works."""
    subject, package = Shelf(), sys.modules["outgrow_nb"]
    assert names(subject, {"acme": subject, "_": subject, "on": package}) == Names(package="on", source="acme")
    assert names(subject, {"acme": subject, "og": subject, "outgrow_nb": package}) == Names()
    assert names(subject, {"_3": subject}) == Names(imports=True)


def test_unreachable() -> None:
    """Outgrow cannot be reached: problem and next step, then a click reads what there is."""
    shelf = Shelf()
    shelf.failing = [ApiUnavailable("Can't reach Outgrow.", "Check the network.")]
    seen = Seen(shelf)
    assert seen.line == "Can't reach Outgrow. Check the network."
    seen.panel._again.click()
    assert PLAN in seen.line
