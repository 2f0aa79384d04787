"""Which questions of several contents are one and share a column: those of one id whose kind and some wording agree."""

from collections.abc import Sequence
from typing import NamedTuple


class Member(NamedTuple):
    """A question of one content: the content's id, its own, its kind and its wordings, plain."""

    content: str
    key: str
    kind: str
    texts: frozenset[str]


def families(members: Sequence[Member]) -> list[str]:
    """By question, the name of its family, the same in any order.

    A family is called by the question's id; where one id stands for several questions, with its first content's id.
    """
    heads = list(range(len(members)))

    def head(place: int) -> int:
        while heads[place] != place:
            place = heads[place]
        return place

    asked: dict[tuple[str, str, str], int] = {}
    for place, one in enumerate(members):
        for text in one.texts:
            other = asked.setdefault((one.key, one.kind, text.casefold()), place)
            heads[head(place)] = head(other)
    firsts: dict[str, dict[int, str]] = {}
    for place, one in enumerate(members):
        known = firsts.setdefault(one.key, {})
        known[head(place)] = min(known.get(head(place), one.content), one.content)
    return [
        one.key if len(firsts[one.key]) == 1 else f"{one.key}\0{firsts[one.key][head(place)]}"
        for place, one in enumerate(members)
    ]
