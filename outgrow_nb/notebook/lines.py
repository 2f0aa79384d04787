"""The two lines of code that make the view that is shown; they run as they stand in the person's notebook."""

import json
from dataclasses import dataclass

from outgrow_nb.notebook.views import Choice, Part, asks, options


@dataclass(frozen=True)
class Names:
    """What things are called in the notebook of the person.

    Attributes:
        package: The module `outgrow_nb`.
        source: What the explorer was given.
        imports: The package is not known there: the code begins with its import.
    """

    package: str = "outgrow_nb"
    source: str = "og"
    imports: bool = False


def code(choice: Choice, part: Part, names: Names, *, reads: bool) -> str:
    """The line that reads, and the line that shows.

    Args:
        choice: What is shown.
        part: Its frames.
        names: What things are called.
        reads: The source is an account; else it is a frame of leads.
    """
    view, asked = choice.view, asks(choice, part)
    content = [] if choice.content is None else [_text(choice.content)]
    questions = [f"questions={names.source}.questions({', '.join(content)})"] if asked else []
    frame = view.needs if reads else "part"
    if not reads:
        first = names.source + _rows(choice, content)
    elif asked and view.needs == "leads":
        # The name of a question's column comes from the oldest text in the read: all of it is read, then cut.
        first = f"{names.source}.leads({', '.join(content)}){_rows(choice, [])}"
    else:
        days = [f'{name}="{day}"' for name, day in (("since", choice.since), ("until", choice.until)) if day]
        first = f"{names.source}.{view.needs}({', '.join([*content, *days])})"
    given = [f"{name}={_text(value)}" for name, value in options(choice, part).items()]
    in_table = questions if view.needs == "answers" else []
    second = f"{names.package}.explore.{view.function}({', '.join([frame, *given, *in_table])})"
    if view.draws:
        in_picture = questions if view.needs == "leads" else []
        second = f"{names.package}.plot.{view.function}({', '.join([second, *in_picture])});"
    return f"{'import outgrow_nb; ' if names.imports else ''}{frame} = {first}\n{second}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _rows(choice: Choice, content: list[str]) -> str:
    """What picks the rows of a frame of leads."""
    tests = [f'(frame["content"] == {name})' for name in content]
    tests += [f'(frame["created_at"] >= "{choice.since}")'] if choice.since else []
    tests += [f'(frame["created_at"].dt.strftime("%Y-%m-%d") <= "{choice.until}")'] if choice.until else []
    return f".loc[lambda frame: {' & '.join(tests)}]" if tests else ""
