"""The explorer's panel: what is drawn, what a choice does, what stays in a notebook. Real widgets, no kernel."""

import json
import re
import sys
from datetime import date
from typing import Any

import ipywidgets

from outgrow_nb.notebook.explorer import names
from outgrow_nb.notebook.lines import Names
from tests.unit.explore_support import PLAN, THUMB
from tests.unit.explorer_support import DRAFT, Seen, Shelf


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
