"""When a title may say a finding: one group is ahead, known, not few, and its interval overlaps with no other."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from outgrow_nb.plot import words
from outgrow_nb.plot.reading import Floats


def ahead(
    title: str, names: Sequence[str], low: Floats, high: Floats, *, few: npt.NDArray[np.bool_], texts: Sequence[str]
) -> str:
    """The title, and who is ahead where somebody is.

    Args:
        title: What is shown.
        names: The groups.
        low: Where each interval begins.
        high: Where it ends.
        few: Groups that rest on too few.
        texts: Each group's value in words.
    """
    real = [place for place in range(len(names)) if not few[place] and low[place] == low[place]]
    if len(real) < 2:
        return title
    best = max(real, key=lambda place: float(low[place]))
    if names[best] == words.UNKNOWN or low[best] <= max(high[place] for place in real if place != best):
        return title
    return f"{title}: “{words.cut(names[best])}” is ahead with {texts[best]}"
