"""An explorer's material for tests: the sandbox's leads, made in this process, as an account would read them."""

import ast
from typing import Any

import pandas as pd

from outgrow_nb.errors import OutgrowError
from outgrow_nb.notebook.views import Part
from tests.unit.explore_support import PLAN, THUMB, sandbox_read

DRAFT = "Autumn lookbook"


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


class Trouble(OutgrowError):
    """Something that Outgrow says."""


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
