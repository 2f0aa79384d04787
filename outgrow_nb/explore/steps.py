"""How far people get: the funnel, from leads or from the service's own counts."""

from typing import Any

import numpy as np
import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.explore.columns import statuses
from outgrow_nb.explore.groups import Groups, counts, groups
from outgrow_nb.explore.shares import ratio, share
from outgrow_nb.explore.tables import table
from outgrow_nb.frames.arrays import Ints, choice
from outgrow_nb.frames.schema import STATUSES

_COUNTED = ("views", "starts", "completions", "leads")


def funnel(leads_or_analytics: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """How many reached each step, the later ones a part of the earlier.

    From leads: started >= partial (answered something) >= completed. A lead of unknown status is at no step; `attrs`
    counts them as `unknown`. From the service's own counts: views >= starts >= completions >= leads; a step that one
    of the periods does not tell is left out, so that without views no step and no rate has that word. There
    completions of starts is the completion rate, leads of views the conversion rate.

    Args:
        leads_or_analytics: A frame of `og.leads()` or of `og.analytics()`.
        by: A column to split by, such as "utm_source" or "content"; None does not split.

    Returns:
        The column `by` (category) where given; step (ordered category); n (int64: reached it); share, low, high
        (Float64: of the group's first step, with its 95 % Wilson interval); of_previous (Float64: of the step before,
        NA for the first). NA where the service counts more at a step than before it.

    Raises:
        ConfigError: It is neither frame; no such column.
    """
    frame = leads_or_analytics
    split = groups(frame, by)
    if "status" in frame:
        status = statuses(frame)
        steps: tuple[str, ...] = STATUSES
        n = np.array([counts(split.codes, len(split), status >= place) for place in range(3)])
        facts: dict[str, Any] = {"base": "leads of known status", "unknown": int((status < 0).sum())}
    elif {"starts", "completions"} <= set(frame.columns):
        steps = tuple(name for name in _COUNTED if name in frame and (not len(frame) or frame[name].notna().all()))
        n = np.array([_sums(frame[name], split) for name in steps]).reshape(len(steps), len(split))
        facts = {"base": f"{steps[0]} counted by Outgrow" if steps else "nothing counted", "unknown": 0}
    else:
        raise ConfigError("The frame has no status, and no starts and completions.", "Give leads or analytics.")
    return _as_table(frame, split, steps, n, facts)


def _sums(values: pd.Series, split: Groups) -> Ints:
    return np.bincount(split.codes, weights=values.to_numpy(dtype=np.float64), minlength=len(split)).astype(np.int64)


def _as_table(
    frame: pd.DataFrame, split: Groups, steps: tuple[str, ...], n: Ints, facts: dict[str, Any]
) -> pd.DataFrame:
    size = len(steps)
    flat = n.T.reshape(-1)
    place = np.tile(np.arange(size), len(split))
    start = flat - flat if not size else np.repeat(n[0], size)
    before = np.roll(flat, 1)
    of_previous = ratio(flat, before)
    of_previous[place == 0] = pd.NA
    columns = {"step": choice(place, steps, ordered=True), "n": flat, **share(flat, start), "of_previous": of_previous}
    first = split.column(np.repeat(np.arange(len(split)), size))
    return table(frame, "funnel", columns, first=first, **facts)
