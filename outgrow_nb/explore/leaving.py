"""At which question people leave: dropoff."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import Floats, column, statuses
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.shares import ratio, share, truths
from outgrow_nb.explore.tables import table, texts, whole
from outgrow_nb.frames.arrays import Ints


def dropoff(answers: pd.DataFrame, *, questions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Of the people who were shown a question, how many left there, in form order.

    Somebody who did not complete left after the last question they answered. Where the next one may be skipped they
    left there, or skipped it and left later; they are spread as often as it is skipped by those who went on, and the
    interval is widened by what that adds to chance. Base are leads of known status with at least one answer: who left
    before the first answer is in no row of `answers` (`funnel` counts them), and the first question's rate is NA.

    Args:
        answers: A frame of `og.answers()`. A lead of unknown status is in no number; `attrs` counts them as `unknown`,
            and as `after_last` those who answered the last question and did not complete.
        questions: The frame of `og.questions()`, for the questions' texts; else they are made from the column names.

    Returns:
        content (category); position (Int64: from 1); column (str); text (str: the question); n (int64: shown); left
        (int64); rate, low, high (Float64: left of n, with its 95 % Wilson interval); worst (boolean: True where its
        whole interval lies above those of all other questions of the content, so that none is named while
        intervals overlap).

    Raises:
        ConfigError: A column is missing.
    """
    asked = answers[column(answers, "position").notna()].reset_index(drop=True)
    split, position = groups(asked, "content"), asked["position"].to_numpy(dtype=np.int64)
    most = np.zeros(len(split), np.int64)
    np.maximum.at(most, split.codes, position)
    form = _Form(np.repeat(np.arange(len(split)), most), np.cumsum(most) - most)
    leads = _leads(asked, split.codes, position)
    gone, after = (leads["status"] >= 0) & (leads["status"] != 2), leads["position"] >= most[leads["content"]]
    left, spread = _left(form, leads, gone, _skipped(form, asked, split.codes, position, leads))
    known = counts(leads["content"].to_numpy(), len(split), (leads["status"] >= 0).to_numpy())
    n = whole(known[form.content] - (pd.Series(left).groupby(form.content).cumsum().to_numpy() - left))
    rate = share((left / spread).round(), np.where(form.place == 1, 0, n / spread).round(), name="rate")
    names = _names(column(asked, "column"), form.cell(split.codes, position), len(n))
    columns = {
        "position": pd.arrays.IntegerArray(form.place, np.zeros(len(n), bool)),
        "column": texts(names),
        "text": texts(_wordings(names, questions)),
        "n": n,
        "left": left,
        "rate": ratio(left, np.where(form.place == 1, 0, n)),
        "low": rate["low"],
        "high": rate["high"],
        "worst": truths(_worst(form.content, rate["low"], rate["high"])),
    }
    told = {"unknown": int((leads["status"] < 0).sum()), "after_last": int((gone & after).sum())}
    first = split.column(form.content)
    return table(answers, "dropoff", columns, first=first, base="leads with an answer, status known", **told)


class _Form(NamedTuple):
    """Every position of every content, one after another: the content of each, and where each content starts."""

    content: Ints
    start: Ints

    @property
    def place(self) -> Ints:
        """Of each its position in its content, from 1."""
        return np.arange(len(self.content)) - self.start[self.content] + 1

    def cell(self, content: Any, position: Any) -> Ints:
        """Where a content's position stands among all."""
        return np.asarray(self.start[content] + position - 1, np.int64)


def _leads(asked: pd.DataFrame, content: Ints, position: Ints) -> pd.DataFrame:
    """One row a lead: its content, the last position it answered, and its status."""
    lead, _ = pd.factorize(column(asked, "lead_id"))
    frame = pd.DataFrame({"content": content, "lead": lead, "position": position, "status": statuses(asked)})
    return frame.groupby(["content", "lead"], sort=False).max().reset_index()


def _skipped(form: _Form, asked: pd.DataFrame, content: Ints, position: Ints, leads: pd.DataFrame) -> Floats:
    """By position the share of those who went on that had not answered it."""
    lead, _ = pd.factorize(column(asked, "lead_id"))
    pairs = pd.DataFrame({"content": content, "lead": lead, "at": position}).drop_duplicates()
    merged = pairs.merge(leads, on=["content", "lead"])
    on = merged[(merged["status"] == 2) | (merged["position"] > merged["at"])]
    answered = counts(form.cell(on["content"].to_numpy(), on["at"].to_numpy()), len(form.content))
    done = counts(leads["content"].to_numpy(), len(form.start), (leads["status"] == 2).to_numpy())
    rest = leads[leads["status"] != 2]
    ends = counts(form.cell(rest["content"].to_numpy(), rest["position"].to_numpy()), len(form.content))
    beyond = pd.Series(ends[::-1]).groupby(form.content[::-1]).cumsum().to_numpy()[::-1] - ends
    passed = done[form.content] + beyond
    gone_on = np.divide(answered, passed, out=np.ones(len(passed)), where=passed > 0)
    return np.asarray(1 - gone_on, np.float64)


def _left(form: _Form, leads: pd.DataFrame, gone: Any, skipped: Floats) -> tuple[Ints, Floats]:
    """By position how many left there, and how much larger its variance is than that of a plain count.

    If s of those who go on skip a question, then for 1 - s leavers whose last answer it is there are s who skipped it,
    and whose last answer is an earlier one: these are taken from those who seem to have left at the question itself.
    """
    last = leads[gone]
    seen = counts(form.cell(last["content"].to_numpy(), last["position"].to_numpy()), len(form.content))
    stays = np.where(skipped < 1, 1 - skipped, 1)
    unseen, noise = seen * skipped / stays, seen / stays**2
    left, carried = np.zeros(len(seen)), 0.0
    for at in np.flatnonzero(form.place > 1):
        pool = seen[at - 1] + (carried if form.place[at] > 2 else 0.0)
        carried = min(unseen[at], pool)
        left[at] = pool - carried
    variance = np.where(form.place == 1, 0, noise[np.arange(len(seen)) - 1] + skipped**2 * noise)
    spread = np.maximum(np.divide(variance, left, out=np.ones(len(left)), where=left >= 1), 1)
    exact = (skipped == 0) & (skipped[np.arange(len(seen)) - 1] == 0)
    return np.diff(left.cumsum().round(), prepend=0).astype(np.int64), np.where(exact, 1.0, spread)


def _names(columns: pd.Series, cell: Ints, size: int) -> list[str | None]:
    """By position the column of its question; None where nobody answered it."""
    found = columns.astype(object).groupby(cell).first()
    return [found.get(place) for place in range(size)]


def _worst(codes: Ints, low: Any, high: Any) -> Any:
    lows, highs = (one.to_numpy(dtype=np.float64, na_value=np.nan) for one in (low, high))
    worst = np.zeros(len(codes), bool)
    for code in np.unique(codes):
        at = np.flatnonzero((codes == code) & ~np.isnan(lows))
        if len(at) > 1:
            top = at[np.argmax(lows[at])]
            worst[top] = lows[top] > max(highs[one] for one in at if one != top)
    return worst


def _wordings(names: list[str | None], questions: pd.DataFrame | None) -> list[str | None]:
    known = {}
    if questions is not None:
        known = dict(zip(column(questions, "column"), column(questions, "text"), strict=True))
    return [None if name is None else known.get(name) or name.replace("_", " ").strip().capitalize() for name in names]
