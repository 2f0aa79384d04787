"""At which question people leave: dropoff."""

from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import column, statuses
from outgrow_nb.explore.groups import counts, groups
from outgrow_nb.explore.shares import share, truths
from outgrow_nb.explore.tables import table, texts, whole
from outgrow_nb.frames.arrays import Ints


def dropoff(answers: pd.DataFrame, *, questions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Of the people who were shown a question, how many left there, in form order.

    Somebody who did not complete left at the question after the last one they answered. Base are leads of known
    status with at least one answer: who left before the first answer is in no row of `answers`, `funnel` counts them,
    and the first question's rate is NA. A lead that completed was shown every question. A lead of unknown status is
    in no number; `attrs` counts them as `unknown`, and as `after_last` those who answered the last question and did
    not complete.

    Args:
        answers: A frame of `og.answers()`.
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
    size, most = len(split), np.zeros(len(split), np.int64)
    np.maximum.at(most, split.codes, position)
    codes, start = np.repeat(np.arange(size), most), np.cumsum(most) - most
    place = np.arange(len(codes)) - start[codes] + 1
    content, last, status = _leads(asked, split.codes, position)
    gone, after = (status >= 0) & (status != 2), last >= most[content]
    left = counts((start[content] + last)[gone & ~after], len(codes))
    n = counts(content, size, status >= 0)[codes] - (pd.Series(left).groupby(codes).cumsum().to_numpy() - left)
    rate = share(left, np.where(place == 1, 0, n), name="rate")
    names = _names(column(asked, "column"), start[split.codes] + position - 1, len(codes))
    columns = {
        "position": pd.arrays.IntegerArray(place, np.zeros(len(place), bool)),
        "column": texts(names),
        "text": texts(_wordings(names, questions)),
        "n": whole(n),
        "left": left,
        **rate,
        "worst": truths(_worst(codes, rate["low"], rate["high"])),
    }
    told = {"unknown": int((status < 0).sum()), "after_last": int((gone & after).sum())}
    return table(
        answers, "dropoff", columns, first=split.column(codes), base="leads with an answer, status known", **told
    )


def _leads(asked: pd.DataFrame, content: Ints, position: Ints) -> tuple[Ints, Ints, Ints]:
    """By lead its content, the last position it answered, and its status."""
    lead, _ = pd.factorize(column(asked, "lead_id"))
    frame = pd.DataFrame({"content": content, "lead": lead, "position": position, "status": statuses(asked)})
    made = frame.groupby(["content", "lead"], sort=False).max().reset_index()
    at, last, status = (made[name].to_numpy(dtype=np.int64) for name in ("content", "position", "status"))
    return at, last, status


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
