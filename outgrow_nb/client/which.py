"""Finds the contents a person means: by exact title or id; near matches are named, never guessed."""

import difflib
from collections.abc import Iterable, Sequence

from outgrow_nb.errors import ConfigError, UnknownContent
from outgrow_nb.records import ContentItem


def named(wanted: str | Sequence[str] | None) -> list[str] | None:
    """The titles or ids that a person asks for; None for everything.

    Raises:
        ConfigError: Something that is no text.
    """
    if wanted is None:
        return None
    names = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(
                f"{name!r} is no title or id of a content.",
                "Write it as text, or give a list of such texts; og.contents() lists what there is.",
            )
    return names


def which(wanted: str | Sequence[str] | None, items: Sequence[ContentItem]) -> list[ContentItem]:
    """The contents of those titles or ids, in the order they were asked for; all of them for None.

    Raises:
        UnknownContent: A name that no content has, or that several have; near matches or ids are listed.
        ConfigError: As `named`.
    """
    names = named(wanted)
    if names is None:
        return list(items)
    found = [_one(name, items) for name in names]
    return list({item.id: item for item in found}.values())


def _one(name: str, items: Sequence[ContentItem]) -> ContentItem:
    by_id = [item for item in items if item.id == name]
    hits = by_id or [item for item in items if item.title == name]
    if len(hits) == 1:
        return hits[0]
    if hits:
        ids = ", ".join(item.id for item in hits)
        raise UnknownContent(f"{len(hits)} contents are called {name!r}.", f"Name one by its id: {ids}.")
    titles = [item.title for item in items if item.title]
    folded = {title.casefold(): title for title in titles}
    near = [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)]
    contained = [title for title in titles if name.casefold() in title.casefold() and title not in near]
    shown = ", ".join(repr(title) for title in (near + contained)[:3])
    raise UnknownContent(
        f"No content is called {name!r}.", f"Did you mean {shown}?" if shown else "og.contents() lists what there is."
    )
