"""Options of choice questions: what was answered to how it is labelled, in the order of the form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from outgrow_nb.frames.numbers import Amount, amount
from outgrow_nb.frames.text import plain_text
from outgrow_nb.records import Option

OTHER_LABEL = "(other)"
_SEPARATORS = (", ", "; ", " | ", ",", ";", "|")


@dataclass(frozen=True)
class Labels:
    """How answers to one question are labelled.

    Attributes:
        known: Labels of the form's options, in form order.
        of: Answer as received (text, plain text or option id) to label.
        as_received: Labels are the texts as received, and ids stay ids.
        hide_unknown: Answers that are no option of the form become one label, since a person may have written them.
    """

    known: tuple[str, ...]
    of: dict[str, str] = field(repr=False)
    as_received: bool
    hide_unknown: bool

    def label(self, answer: str) -> str | None:
        """The label of an answer; None for a blank one."""
        if (found := self.of.get(answer)) is not None:
            return found
        if not answer.strip():
            return None
        if self.hide_unknown and self.known:
            return self.of.get(plain_text(answer), OTHER_LABEL)
        return answer if self.as_received else self.of.get(plain_text(answer), plain_text(answer) or answer)

    def split(self, answer: str) -> Sequence[str]:
        """Labels of several choices written into one text; the whole text if the parts are not all options."""
        whole = self.label(answer)
        if whole is None:
            return ()
        if whole not in self.known:
            for separator in _SEPARATORS:
                parts = [self.of.get(part) or self.of.get(part.strip()) for part in answer.split(separator)]
                if len(parts) > 1 and all(parts):
                    return [part for part in parts if part is not None]
        return (whole,)

    def in_order(self, labels: Iterable[str]) -> list[str]:
        """The form's labels, then others found, sorted."""
        return [*self.known, *sorted(set(labels).difference(self.known))]

    def unknown(self, labels: Iterable[str]) -> list[str]:
        """Labels that the form does not have, if it has any; sorted."""
        return sorted(set(labels).difference(self.known)) if self.known else []


def labels_of(options: Sequence[Option], *, as_received: bool, hide_unknown: bool) -> Labels:
    """How answers to a question with those options are labelled."""
    of: dict[str, str] = {}
    known: dict[str, None] = {}
    for option in options:
        shown = option.text if as_received else plain_text(option.text) or option.text
        known[shown] = None
        of.setdefault(option.text, shown)
        if not as_received:
            of.setdefault(plain_text(option.text), shown)
            if option.id:
                of.setdefault(option.id, shown)
    return Labels(tuple(known), of, as_received, hide_unknown)


def has_order(labels: Sequence[str]) -> bool:
    """Whether the labels are numbers or ranges that rise, such as ``Under $50``, ``$50 to $99``, ``$100 or more``."""
    found = [amount(label) for label in labels]
    if len(found) < 2 or any(one is None for one in found):
        return False
    keys = [_key(one) for one in found if one is not None]
    return all(before < after for before, after in pairwise(keys))


def _key(one: Amount) -> tuple[float, float]:
    low = -float("inf") if one.low is None else one.low
    return low, float("inf") if one.high is None else one.high
