"""How far each lead got through a form, and where those who did not complete left it, questions skipped in between."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from outgrow_nb.explore.columns import Bools, Floats
from outgrow_nb.explore.groups import counts
from outgrow_nb.frames.arrays import Ints
from outgrow_nb.frames.schema import STATUSES

COMPLETED = STATUSES.index("completed")


class Form(NamedTuple):
    """Every position of every content, one after another.

    Attributes:
        content: Of each position the content.
        place: Of each its position in the content, from 1.
        most: By content the last position.
    """

    content: Ints
    place: Ints
    most: Ints

    def cell(self, content: Ints, position: Ints) -> Ints:
        """Where a content's position stands among all."""
        return (np.cumsum(self.most) - self.most)[content] + position - 1


class Paths(NamedTuple):
    """Leads that answered something.

    Attributes:
        row: By answer its lead.
        content: By lead its content.
        last: By lead the last position it answered.
        status: By lead, as `columns.statuses`.
    """

    row: Ints
    content: Ints
    last: Ints
    status: Ints


def forms(content: Ints, position: Ints, size: int) -> Form:
    """The positions of `size` contents, from those of every answer."""
    most = np.zeros(size, np.int64)
    np.maximum.at(most, content, position)
    of = np.repeat(np.arange(size), most)
    return Form(of, np.arange(len(of)) - (np.cumsum(most) - most)[of] + 1, most)


def paths(lead_id: pd.Series, content: Ints, position: Ints, status: Ints) -> Paths:
    """What each lead answered; an id is one lead in each content."""
    ids, _ = pd.factorize(lead_id)
    row, first = pd.factorize(content * (ids.max(initial=0) + 1) + ids)
    last, at = np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
    np.maximum.at(last, row, position)
    at[row] = np.arange(len(row))
    return Paths(row, content[at], last, status[at])


def skipped(form: Form, leads: Paths, position: Ints) -> Floats:
    """By position, of those who went on the share that had not answered it."""
    went_on = (leads.status[leads.row] == COMPLETED) | (leads.last[leads.row] > position)
    cell = form.cell(leads.content[leads.row], position)
    once = np.asarray(pd.unique(pd.Series(leads.row[went_on] * len(form.place) + cell[went_on])), np.int64)
    answered = counts(once % max(len(form.place), 1), len(form.place))
    completed = leads.status == COMPLETED
    ends = counts(form.cell(leads.content, leads.last), len(form.place), ~completed)
    beyond = pd.Series(ends[::-1]).groupby(form.content[::-1]).cumsum().to_numpy()[::-1] - ends
    passed = counts(leads.content, len(form.most), completed)[form.content] + beyond
    return np.asarray(1 - np.divide(answered, passed, out=np.ones(len(passed)), where=passed > 0), np.float64)


def leavers(form: Form, leads: Paths, gone: Bools, skips: Floats) -> tuple[Ints, Floats]:
    """By position how many left there, and how much larger the variance of that is than of a plain count.

    Where a share s of those who go on skip a question there are, for 1 - s leavers whose last answer is to it, s who
    skipped it too, whose last answer is an earlier one: these are taken from those who seem to have left at it.

    Args:
        form: The positions.
        leads: The leads.
        gone: By lead whether it left.
        skips: As `skipped` gives them.
    """
    seen = counts(form.cell(leads.content, leads.last), len(form.place), gone)
    stays = np.where(skips < 1, 1 - skips, 1)
    unseen, noise = seen * skips / stays, seen / stays**2
    left, carried = np.zeros(len(seen)), 0.0
    for at in np.flatnonzero(form.place > 1):
        pool = seen[at - 1] + (carried if form.place[at] > 2 else 0.0)
        carried = min(unseen[at], pool)
        left[at] = pool - carried
    before = np.arange(len(seen)) - 1
    spread = np.divide(noise[before] + skips**2 * noise, left, out=np.ones(len(left)), where=left >= 1)
    exact = (skips == 0) & (skips[before] == 0)
    return np.diff(left.cumsum().round(), prepend=0).astype(np.int64), np.where(exact, 1.0, np.maximum(spread, 1))
