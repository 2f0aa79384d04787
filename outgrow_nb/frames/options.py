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
        of: Answer as received (text, plain text or option id) to the label of its option.
        ids: Those of `of` that are ids alone, nobody's text.
        as_received: Answers keep the spelling in which they were received.
        hide_unknown: Answers that are no option of the form become one label, since a person may have written them; so
            do all answers where no form is known.
    """

    known: tuple[str, ...]
    of: dict[str, str] = field(repr=False)
    ids: frozenset[str] = field(repr=False)
    as_received: bool
    hide_unknown: bool

    def label(self, answer: str) -> str | None:
        """The label of an answer; None for a blank one."""
        if (found := self.of.get(answer)) is not None:
            return answer if self.as_received else found
        if not answer.strip():
            return None
        if self.hide_unknown:
            return self.of.get(plain_text(answer), OTHER_LABEL)
        return answer if self.as_received else self.of.get(plain_text(answer), plain_text(answer) or answer)

    def split(self, answer: str) -> Sequence[str]:
        """Labels of several choices written into one text; the whole text if the parts are not all options."""
        whole = self.label(answer)
        if whole is None:
            return ()
        if whole not in self.known and answer not in self.of:
            for separator in _SEPARATORS:
                parts = [part if part in self.of else part.strip() for part in answer.split(separator)]
                if len(parts) > 1 and all(part in self.of for part in parts):
                    return parts if self.as_received else [self.of[part] for part in parts]
        return (whole,)

    def options(self, labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By name of an option, the labels found that count for it: the form's in its order, then others, sorted.

        As received, an option is called as it was received, by its text where it came in several spellings; one that
        nobody has chosen is called by its id where all the others came as ids.
        """
        found = set(labels)
        if not self.as_received:
            return {name: (name,) for name in [*self.known, *sorted(found.difference(self.known))]}
        chosen = found.intersection(self.of)
        by_id = bool(chosen) and chosen <= self.ids
        spellings: dict[str, list[str]] = {option: [] for option in self.known}
        for one, option in self.of.items():
            spellings[option].append(one)
        named: dict[str, tuple[str, ...]] = {}
        for spelled in spellings.values():
            here = tuple(one for one in spelled if one in chosen)
            unchosen = next((one for one in spelled if one in self.ids and by_id), spelled[0])
            named[here[0] if here else unchosen] = here
        return named | {one: (one,) for one in sorted(found.difference(self.of))}

    def in_order(self, labels: Iterable[str]) -> list[str]:
        """Every label there is, of options and of others found."""
        named = self.options(labels)
        return list(dict.fromkeys(one for name, here in named.items() for one in here or (name,)))

    def unknown(self, labels: Iterable[str]) -> list[str]:
        """Labels that the form does not have, if it has any; sorted."""
        return sorted(set(labels).difference(self.of, self.known)) if self.known else []


def labels_of(options: Sequence[Option], *, as_received: bool, hide_unknown: bool) -> Labels:
    """How answers to a question with those options are labelled; a text goes before another option's id."""
    shown = {option.text: plain_text(option.text) or option.text for option in options}
    of = dict(shown)
    for label in shown.values():
        of.setdefault(label, label)
    texts = set(of)
    for option in options:
        if option.id:
            of.setdefault(option.id, shown[option.text])
    known = tuple(dict.fromkeys(shown.values()))
    return Labels(known, of, frozenset(of.keys() - texts), as_received, hide_unknown)


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
