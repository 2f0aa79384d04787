"""`make gallery`: every picture on the sandbox's invented leads, as PNG files and one page to look at them."""

import html
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["MPLBACKEND"] = "agg"

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import outgrow_nb
from outgrow_nb import explore, plot
from tests import person

ROOT = Path(__file__).resolve().parents[1]
QUIZ = "Which plan fits you?"
SINCE, UNTIL = "2025-11-01", "2026-06-24"


def main() -> int:
    """Returns the exit status."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["OUTGROW_CONFIG_DIR"] = home
        done = person.login("--sandbox")
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            return 1
        made = pictures(*read(outgrow_nb.connect(sandbox=True)))
        for name, draw in made.items():
            shown = draw()
            figure = shown if isinstance(shown, Figure) else shown.get_figure(root=True)
            assert figure is not None
            figure.savefig(folder / f"{name}.png", dpi=100)
            plt.close(figure)
    blocks = [
        f'<figure><img src="{html.escape(name)}.png" alt="{html.escape(name)}"><figcaption>{html.escape(name)}'
        "</figcaption></figure>"
        for name in made
    ]
    page = "<!doctype html><meta charset=utf-8><title>outgrow_nb.plot</title><style>body{font-family:sans-serif;"
    page += "max-width:760px;margin:auto}img{max-width:100%}figcaption{color:#666}</style>" + "\n".join(blocks)
    (folder / "index.html").write_text(page, encoding="utf-8")
    sys.stdout.write(f"{len(made)} pictures: {folder / 'index.html'}\n")
    return 0


def read(og: "outgrow_nb.Outgrow") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leads, answers and questions of a quiz, and leads of all contents."""
    leads = og.leads(QUIZ, SINCE, UNTIL)
    answers, questions = og.answers(QUIZ, SINCE, UNTIL), og.questions(QUIZ)
    return leads, answers, questions, og.leads(None, SINCE, UNTIL)


def pictures(
    leads: pd.DataFrame, answers: pd.DataFrame, questions: pd.DataFrame, everything: pd.DataFrame
) -> dict[str, Callable[[], Axes | Figure]]:
    """Each picture by its name; the first part of a name is the function's."""
    columns = dict(zip(questions["text"], questions["column"], strict=True))
    call, budget = str(columns["Shall we call you?"]), str(columns["What is your monthly budget?"])
    ends = leads.assign(won=pd.Series(leads[call].map({"Yes": True, "No": False}), dtype="boolean"))
    several = next(column.partition("[")[0] for column in leads.columns if "[" in column)
    nobody = leads.head(0)
    return {
        "timeline": lambda: plot.timeline(explore.timeline(leads)),
        "timeline-by": lambda: plot.timeline(explore.timeline(leads, freq="M", by="utm_source")),
        "timeline-days": lambda: plot.timeline(explore.timeline(leads, freq="D")),
        "timeline-empty": lambda: plot.timeline(explore.timeline(nobody)),
        "funnel": lambda: plot.funnel(explore.funnel(leads)),
        "funnel-by": lambda: plot.funnel(explore.funnel(leads, by="utm_source")),
        "dropoff": lambda: plot.dropoff(explore.dropoff(answers, questions=questions)),
        "conversion": lambda: plot.conversion(explore.conversion(ends, "won", by="utm_source")),
        "conversion-question": lambda: plot.conversion(explore.conversion(ends, "won", by=budget), questions=questions),
        "conversion-few": lambda: plot.conversion(explore.conversion(ends.head(60), "won", by="utm_campaign")),
        "lift": lambda: plot.lift(explore.lift(ends, "won", by="utm_source")),
        "lift-several": lambda: plot.lift(
            explore.lift(ends, "won", by=["utm_source", "outcome", "device"]), questions=questions
        ),
        "bands": lambda: plot.bands(explore.bands(ends, "won")),
        "scores": lambda: plot.scores(explore.scores(leads, by="utm_source")),
        "scores-all": lambda: plot.scores(explore.scores(leads)),
        "outcomes": lambda: plot.outcomes(explore.outcomes(leads)),
        "outcomes-by": lambda: plot.outcomes(explore.outcomes(leads, by="utm_source")),
        "relate": lambda: plot.relate(explore.relate(ends.drop(columns=call), "won"), questions=questions),
        "options": lambda: plot.options(explore.options(leads, budget), questions=questions),
        "options-several": lambda: plot.options(explore.options(leads, several), questions=questions),
        "crosstab": lambda: plot.crosstab(explore.crosstab(leads, "utm_source", budget), questions=questions),
        "hours": lambda: plot.hours(explore.hours(leads, tz="Europe/Berlin")),
        "results": lambda: plot.results(explore.results(leads, "score")),
        "duration": lambda: plot.duration(explore.duration(leads, by="device")),
        "missing": lambda: plot.missing(explore.missing(leads), questions=questions),
        "sources": lambda: plot.sources(explore.sources(everything)),
        "dashboard": lambda: plot.dashboard(leads, answers, questions=questions),
    }


if __name__ == "__main__":
    sys.exit(main())
