"""The contents of Northwind Gardens, the first invented company: one of each type, and a draft without leads."""

from typing import Any

from outgrow_nb.sandbox.catalog import Content, Question, choices, identity


def _ask(content: str, key: str, text: str, kind: str, *options: Any, **more: Any) -> Question:
    name = f"northwind/{content}/{key}"
    made = choices(name, *options)
    scored = any(option.score is not None for option in made)
    return Question(
        id=identity(name), text=text, kind=kind, options=made, scored=scored or more.pop("scored", False), **more
    )


def _content(number: int, key: str, title: str, kind: str, share: int, *questions: Question, **more: Any) -> Content:
    name = f"northwind/{key}"
    return Content(
        key=key,
        number=number,
        id=identity(name),
        parentapp=identity(f"{name}/parent"),
        title=title,
        type=kind,
        status=more.pop("status", "Live"),
        share=share,
        from_month=more.pop("from_month", 0),
        questions=questions,
        **more,
    )


def _plan() -> Content:
    c = "plan"
    return _content(
        1, "which-plan-fits-you", "Which plan fits you?", "Outcome quiz", 300,
        _ask(c, "goal", "<p>What do you want from your <b>garden</b>?</p>", "single choice",
             ("A quiet place", 4, 28), ("Room to play", 8, 24), ("Food on the table", 14, 26),
             ("Something to show off", 20, 22)),
        _ask(c, "size", "How large is it, in square metres?", "number", low=12, high=1800),
        _ask(c, "help", "Which of these would you like help with?", "multiple choice",
             ("Lawn", 2, 40), ("Hedges &amp; trees", 4, 30), ("Watering", 4, 34), ("Planting plans", 6, 26),
             ("Pots", 1, 18)),
        _ask(c, "skill", "How sure of yourself are you with plants?", "rating", low=1, high=5, scored=True),
        _ask(c, "budget", "What is your monthly budget?", "single choice",
             ("Under $50", 2, 30), ("$50 to $99", 8, 34), ("$100 to $199", 16, 24), ("$200 or more", 22, 12),
             leak=420, old_text="How much do you spend a month?", renamed_at=470),
        _ask(c, "hours", "Hours a week you would like to spend on it", "slider", low=0, high=20),
        _ask(c, "zip", "Your ZIP code", "text", style="zip"),
        _ask(c, "note", "Anything else we should know?", "text", style="remark", required=False),
        _ask(c, "call", "Shall we call you?", "single choice", "Yes", "No"),
        outcomes=("Starter", "Seasons", "Full care", "Signature"), call_matters=True,
    )  # fmt: skip


def _thumb() -> Content:
    c = "thumb"
    return _content(
        2, "how-green-is-your-thumb", "How green is your thumb?", "Graded quiz", 120,
        _ask(c, "rose", "When is the best time to prune most roses?", "single choice",
             ("Late winter", 10, 45), ("Midsummer", 0, 25), ("Never", 0, 12), ("Whenever it rains", 0, 18)),
        _ask(c, "fern", "Which of these like shade?", "multiple choice",
             ("Ferns", 5, 60), ("Hostas", 5, 46), ("Lavender", 0, 20), ("Tomatoes", 0, 14)),
        _ask(c, "soil", "What does lime do to <em>acid</em> soil?", "single choice",
             ("Makes it less acid", 10, 52), ("Makes it more acid", 0, 28), ("Nothing", 0, 20)),
        _ask(c, "frost", "Which plant stands the most frost?", "single choice",
             ("Snowdrop", 10, 50), ("Basil", 0, 12), ("Begonia", 0, 16), ("Lemon tree", 0, 22)),
        _ask(c, "fun", "How much did you enjoy this quiz?", "rating", low=1, high=5),
        _ask(c, "call", "Shall we call you?", "single choice", "Yes", "No"),
        outcomes=("Seedling", "Sapling", "Old oak"), call_matters=False,
    )  # fmt: skip


def _lawn() -> Content:
    c = "lawn"
    return _content(
        3, "what-will-your-lawn-cost", "What will your lawn cost?", "Numerical calculator", 140,
        _ask(c, "length", "Length (m)", "number", low=2, high=80, style="half"),
        _ask(c, "width", "Width (m)", "number", low=2, high=60, style="half"),
        _ask(c, "grass", "Which grass?", "single choice",
            ("Play lawn", None, 50), ("Ornamental lawn", None, 22), ("Wildflower meadow", None, 28)),
        _ask(c, "slope", "How steep is it, in per cent?", "slider", low=0, high=30),
        _ask(c, "zip", "ZIP code of the lawn", "text", style="zip", old_text="ZIP", renamed_at=300),
        results="lawn",
    )  # fmt: skip


def _water() -> Content:
    c = "water"
    return _content(
        4, "save-water-save-money", "Save water, save money", "Numerical calculator", 80,
        _ask(c, "beds", "How many beds do you water?", "number", low=1, high=40),
        _ask(c, "minutes", "Minutes a day", "slider", low=5, high=90),
        _ask(c, "source", "Where does the water come from?", "single choice", "Tap", "Rain barrel", "Well"),
        _ask(c, "install", "When could we install it?", "date", style="date", required=False),
        results="water", described=False,
    )  # fmt: skip


def _readiness() -> Content:
    c = "ready"
    agree = (("Not at all", 0, 12), ("A little", 3, 26), ("Mostly", 7, 38), ("Completely", 10, 24))
    return _content(
        5, "garden-readiness-check", "Garden readiness check", "Assessment", 80,
        _ask(c, "soil", "My soil drains well.", "single choice", *agree),
        _ask(c, "tools", "I own the tools I need.", "single choice", *agree),
        _ask(c, "time1", "How much time do you have?", "single choice",
            ("None", 0, 15), ("A weekend", 6, 55), ("Plenty", 10, 30)),
        _ask(c, "place", "Where is your garden?", "location", style="location", required=False),
        _ask(c, "time2", "How much time do you have?", "opinion scale", low=0, high=10),
        outcomes=("Not yet", "Nearly", "Ready"),
    )  # fmt: skip


def _gardener() -> Content:
    c = "gardener"
    return _content(
        6, "what-kind-of-gardener", "What kind of gardener are you?", "Personality quiz", 70,
        _ask(c, "morning", "Your ideal Sunday morning?", "single choice",
            "Weeding in peace", "A plant market", "Reading about soil", "Still asleep"),
        _ask(c, "colour", "Pick your colours", "multiple choice", "White", "Pink", "Blue", "Everything 🌈"),
        _ask(c, "rank", "Rank what matters to you", "ranking", "Scent", "Colour", "Harvest", "Wildlife"),
        _ask(c, "words", "Describe your garden in three words", "text", style="words", required=False),
        outcomes=("The Dreamer", "The Collector", "The Professor", "The Free Spirit"), from_month=3,
    )  # fmt: skip


def _tool() -> Content:
    c = "tool"
    return _content(
        7, "find-the-right-spade", "Find the right spade", "Recommendation", 50,
        _ask(c, "height", "How tall are you, in cm?", "number", low=148, high=204),
        _ask(c, "hand", "Which hand do you use?", "single choice",
            ("Right", None, 86), ("Left", None, 12), ("Both", None, 2)),
        _ask(c, "ground", "What is the ground like?", "single choice", "Clay", "Sand", "Stony", "No idea"),
        outcomes=("The Badger", "The Mole", "The Heron"), described=False,
    )  # fmt: skip


def _poll() -> Content:
    c = "poll"
    return _content(
        8, "tulips-or-daffodils", "Tulips or daffodils?", "Poll", 60,
        _ask(c, "pick", "Tulips or daffodils?", "single choice",
            ("Tulips", None, 53), ("Daffodils", None, 41), ("Neither, thanks", None, 6)),
        from_month=12,
    )  # fmt: skip


def _survey() -> Content:
    c = "survey"
    return _content(
        9, "how-are-we-doing", "How are we doing?", "Survey", 40,
        _ask(c, "nps", "How likely are you to recommend us to a friend?", "opinion scale", low=0, high=10),
        _ask(c, "stars", "Rate our last visit", "rating", low=1, high=5),
        _ask(c, "why", "Why?", "text", style="remark", required=False),
        _ask(c, "like", "What did you like?", "multiple choice",
            "Friendly people", "On time", "Tidy work", "Fair price", "id"),
    )  # fmt: skip


def _form() -> Content:
    c = "form"
    return _content(
        10, "ask-for-a-garden-plan", "Ask for a garden plan", "Form", 25,
        _ask(c, "id", "id", "text", style="reference"),
        _ask(c, "mail", "Where shall we send it?", "e-mail", style="e-mail"),
        _ask(c, "phone", "Phone for questions", "phone", style="phone", required=False),
        _ask(c, "photo", "A photo of the place", "file", style="file", required=False),
        _ask(c, "start", "When would you like to start?", "date", style="date"),
        from_month=6,
    )  # fmt: skip


def _bot() -> Content:
    c = "bot"
    return _content(
        11, "ask-fern", "Ask Fern 🌿", "Chatbot", 20,
        _ask(c, "topic", "Hi, I'm Fern! What can I help you with?", "single choice",
            "Plants", "My order", "Opening hours", "Something else"),
        _ask(c, "say", "Tell me a little more", "text", style="remark"),
        _ask(c, "city", "Which city are you in?", "text", style="city", required=False),
        from_month=9,
    )  # fmt: skip


def _giveaway() -> Content:
    c = "greenhouse"
    return _content(
        12, "win-a-greenhouse", "Win a greenhouse!", "Giveaway", 10,
        _ask(c, "guess", "How many tomatoes did ours bear last year?", "number", low=40, high=900),
        _ask(c, "rules", "I have read the rules", "single choice", ("Yes", None, 100)),
        from_month=14,
    )  # fmt: skip


def _gift() -> Content:
    c = "gift"
    return _content(
        13, "gift-finder", "Gift finder", "E-commerce recommendation", 5,
        _ask(c, "who", "Who is it for?", "single choice", "A friend", "Family", "Me!"),
        _ask(c, "price", "Up to how much?", "slider", low=10, high=250),
        outcomes=("Seed box", "Copper can", "Bonsai kit"), from_month=10,
    )  # fmt: skip


def _draft() -> Content:
    c = "autumn"
    return _content(
        14, "autumn-lookbook", "Autumn lookbook", "Outcome quiz", 0,
        _ask(c, "leaf", "Which leaf is yours?", "single choice", "Maple", "Beech", "Ginkgo"),
        status="Draft", from_month=17,
    )  # fmt: skip


def contents() -> tuple[Content, ...]:
    """Every content of Northwind Gardens, the largest first."""
    return (
        _plan(), _thumb(), _lawn(), _water(), _readiness(), _gardener(), _tool(),
        _poll(), _survey(), _form(), _bot(), _giveaway(), _gift(), _draft(),
    )  # fmt: skip
