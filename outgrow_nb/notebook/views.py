"""What the explorer can show: each view's table and its picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from outgrow_nb import explore, plot
from outgrow_nb.plot.offscreen import png


@dataclass(frozen=True)
class View:
    """One way to look at leads.

    Attributes:
        label: What a person reads.
        function: Of `explore`, and of `plot` where it draws.
        splits: Takes a column to split by.
        draws: There is a picture of that name.
        needs: The frame it reads.
    """

    label: str
    function: str
    splits: bool = True
    draws: bool = True
    needs: Literal["leads", "answers"] = "leads"


VIEWS = (
    View("Overview", "overview", splits=False, draws=False),
    View("Funnel", "funnel"),
    View("Timeline", "timeline"),
    View("Sources", "sources", splits=False),
    View("Scores", "scores"),
    View("Drop-off", "dropoff", splits=False, needs="answers"),
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person has chosen.

    Attributes:
        content: A title or id; None is all of them.
        view: A view.
        since: First day; None is open.
        until: Last day, included; None is open.
        by: A column to split by.
    """

    content: str | None
    view: View
    since: date | None = None
    until: date | None = None
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """The frames of a choice: one content, one period.

    Attributes:
        leads: Of the period.
        answers: Of the same leads; None where nobody has them.
        questions: The data dictionary; None where nobody has it.
    """

    leads: pd.DataFrame
    answers: pd.DataFrame | None = None
    questions: pd.DataFrame | None = None


def table(choice: Choice, part: Part) -> pd.DataFrame:
    """The view's table.

    Raises:
        OutgrowError: A column is missing.
    """
    made: pd.DataFrame = getattr(explore, choice.view.function)(
        part.leads if choice.view.needs == "leads" else part.answers, **_arguments(choice, part)
    )
    return made


def picture(choice: Choice, part: Part, made: pd.DataFrame) -> tuple[bytes, str] | None:
    """The view's picture as PNG, and its title; None for a view that is a table."""
    if not choice.view.draws:
        return None
    known: dict[str, Any] = {}
    if asks(choice, part) and choice.view.needs == "leads":
        known["questions"] = part.questions
    return png(getattr(plot, choice.view.function), made, **known)


def options(choice: Choice, part: Part) -> Mapping[str, str]:
    """What the view's function is told beyond its frame, as plain values."""
    found = {"by": choice.by} if choice.by is not None and choice.view.splits else {}
    return {"freq": _freq(part.leads), **found} if choice.view.function == "timeline" else found


def _arguments(choice: Choice, part: Part) -> Mapping[str, Any]:
    return {"questions": part.questions} if choice.view.needs == "answers" else MappingProxyType(options(choice, part))


def asks(choice: Choice, part: Part) -> bool:
    """Whether a question's text stands in the picture."""
    if part.questions is None:
        return False
    split = choice.by is not None and choice.view.splits and choice.by in set(part.questions["column"])
    return split or choice.view.needs == "answers"


def _freq(leads: pd.DataFrame) -> str:
    """Days for a month and a half, weeks for a year and a half, months beyond."""
    span = leads["created_at"].max() - leads["created_at"].min()
    days = 0 if pd.isna(span) else span.days
    return "D" if days <= 45 else "W" if days <= 550 else "M"
