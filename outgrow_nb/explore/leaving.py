"""At which question people leave: dropoff."""

from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import column, statuses
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.paths import COMPLETED, forms, leavers, paths, skipped
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
    form = forms(split.codes, position, len(split))
    leads = paths(column(asked, "lead_id"), split.codes, position, statuses(asked))
    gone = (leads.status >= 0) & (leads.status != COMPLETED)
    left, spread = leavers(form, leads, gone, skipped(form, leads, position))
    known = counts(leads.content, len(split), leads.status >= 0)
    n = whole(known[form.content] - (pd.Series(left).groupby(form.content).cumsum().to_numpy() - left))
    base = np.where(form.place == 1, 0, n)
    interval = share((left / spread).round(), (base / spread).round())
    names = _names(column(asked, "column"), form.cell(split.codes, position), len(n))
    columns = {
        "position": pd.arrays.IntegerArray(form.place, np.zeros(len(n), bool)),
        "column": texts(names),
        "text": texts(_wordings(names, questions)),
        "n": n,
        "left": left,
        "rate": ratio(left, base),
        "low": interval["low"],
        "high": interval["high"],
        "worst": truths(_worst(form.content, interval["low"], interval["high"])),
    }
    after = gone & (leads.last >= form.most[leads.content])
    told = {"unknown": int((leads.status < 0).sum()), "after_last": int(after.sum())}
    first = split.column(form.content)
    return table(answers, "dropoff", columns, first=first, base="leads with an answer, status known", **told)


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
