"""Which questions of several contents are one and share a column: those of one id whose kind and some wording agree."""

from collections.abc import Sequence
from typing import NamedTuple


class Member(NamedTuple):
    """A question of one content: the content's id, its own, its kind ("" unknown) and its wordings, plain."""

    content: str
    key: str
    kind: str
    texts: frozenset[str]


def families(members: Sequence[Member]) -> list[str]:
    """By question, the name of its family, the same in any order.

    A family is called by the question's id; where one id stands for several questions, with its first content's id.
    """
    groups: dict[str, list[list[int]]] = {}
    for place, one in enumerate(members):
        known = groups.get(one.key, [])
        near = [group for group in known if any(_agree(one, members[other]) for other in group)]
        apart = [group for group in known if group not in near]
        groups[one.key] = [*apart, [place, *(other for group in near for other in group)]]
    names = [""] * len(members)
    for key, parted in groups.items():
        for group in parted:
            first = min(members[place].content for place in group)
            for place in group:
                names[place] = key if len(parted) == 1 else f"{key}\0{first}"
    return names


def _agree(one: Member, other: Member) -> bool:
    kinds = one.kind == other.kind or "" in (one.kind, other.kind)
    texts = {text.casefold() for text in one.texts} - {""}, {text.casefold() for text in other.texts} - {""}
    return kinds and (not all(texts) or not texts[0].isdisjoint(texts[1]))
