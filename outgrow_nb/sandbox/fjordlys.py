"""The contents of Fjordlys Solar, the second invented company: a small account with three pieces."""

from outgrow_nb.sandbox.catalog import Content, Question, choices, identity


def contents() -> tuple[Content, ...]:
    """Every content of Fjordlys Solar."""

    def ask(
        key: str, text: str, kind: str, *options: tuple[str, float | None, int], low: int = 0, high: int = 0
    ) -> Question:
        name = f"fjordlys/{key}"
        made = choices(name, *options)
        scored = any(option.score is not None for option in made)
        return Question(id=identity(name), text=text, kind=kind, options=made, low=low, high=high, scored=scored)

    def content(number: int, key: str, title: str, kind: str, share: int, *questions: Question, results: str = "",
                outcomes: tuple[str, ...] = ()) -> Content:  # fmt: skip
        name = f"fjordlys/{key}"
        return Content(
            key=key, number=number, id=identity(name), parentapp=identity(f"{name}/parent"), title=title, type=kind,
            status="Live", share=share, from_month=6, questions=questions, results=results, outcomes=outcomes,
        )  # fmt: skip

    return (
        content(
            31, "what-will-the-sun-save-you", "What will the sun save you?", "Numerical calculator", 500,
            ask("roof", "Roof area in m²", "number", low=10, high=220),
            ask("bill", "Your last yearly bill", "number", low=300, high=4200),
            results="water",
        ),
        content(
            32, "is-your-roof-ready", "Is your roof ready?", "Assessment", 350,
            ask("faces", "Which way does it face?", "single choice",
                ("South", 10, 40), ("East or west", 6, 45), ("North", 0, 15)),
            ask("age", "How old is it?", "single choice", ("New", 10, 25), ("10 to 30 years", 6, 50), ("Older", 2, 25)),
            outcomes=("Not yet", "Ready"),
        ),
        content(
            33, "solar-news", "Solar news by e-mail", "Form", 150,
            ask("often", "How often?", "single choice", ("Weekly", None, 30), ("Monthly", None, 70)),
        ),
    )  # fmt: skip
