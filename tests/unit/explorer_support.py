"""An explorer's material for tests: the sandbox's leads, made in this process, as an account would read them."""

import ast
import html
import re
from typing import Any

import pandas as pd

from outgrow_nb.notebook.explorer_panel import Explorer
from outgrow_nb.notebook.exploring import Exploring
from outgrow_nb.notebook.lines import Names
from outgrow_nb.notebook.views import VIEWS, Choice, Part
from tests.unit.explore_support import PLAN, THUMB, sandbox_read

DRAFT = "Autumn lookbook"
BY_LABEL = {one.label: one for one in VIEWS}


class Shelf:
    """Stands where an account stands: contents of the sandbox, and which were read.

    Attributes:
        reads: As of an account.
        asked: Each content that was read.
        failing: What the next reads raise.
    """

    reads = True

    def __init__(self, titles: tuple[str, ...] = (PLAN, THUMB, DRAFT)) -> None:
        self._titles = titles
        self.asked: list[str | None] = []
        self.failing: list[BaseException] = []

    def contents(self) -> list[tuple[str, str | None]]:
        if self.failing:
            raise self.failing.pop(0)
        return [(title, title) for title in self._titles]

    def read(self, content: str | None) -> Part:
        self.asked.append(content)
        if self.failing:
            raise self.failing.pop(0)
        read = sandbox_read(3, 2_000, self._titles)
        ids = [item.id for item in read.contents if item.title == content]
        return Part(leads=read.leads(ids), answers=read.answers(ids), questions=read.questions_frame(ids))


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


def table_of(code: str, namespace: dict[str, Any]) -> pd.DataFrame:
    """Runs the first line of an explorer's code, and of the second the part that makes the table."""
    first, second = code.split("\n")
    exec(first, namespace)
    call = ast.parse(second.removesuffix(";"), mode="eval").body
    assert isinstance(call, ast.Call)
    if ".plot." in ast.unparse(call.func):
        assert isinstance(call.args[0], ast.Call)
        call = call.args[0]
    made: pd.DataFrame = eval(ast.unparse(call), namespace)
    return made


def choice(label: str, content: str | None = PLAN, **more: object) -> Choice:
    """What a person chooses; the view by its label."""
    return Choice(content=content, view=BY_LABEL[label], **more)  # type: ignore[arg-type]
