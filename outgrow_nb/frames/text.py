"""Texts of questions and options to plain text and to column names."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Collection, Mapping

import nh3

_LONGEST = 48


def plain_text(text: str) -> str:
    """Without HTML tags and entities, blanks joined."""
    if "<" in text or "&" in text:
        text = html.unescape(nh3.clean(text, tags=set()))
    return " ".join(text.split())


def slug(text: str) -> str:
    """A column name: letters and digits of any script, lower case, joined by ``_``, at most 48 characters."""
    plain = unicodedata.normalize("NFKC", plain_text(text)).casefold()
    joined = "_".join(part for part in re.split(r"[\W_]+", plain) if part)
    if len(joined) > _LONGEST:
        joined = joined[: _LONGEST + 1].rpartition("_")[0] or joined[:_LONGEST]
    return joined or "question"


def column_names(texts: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """One name for each question, the same whatever the order: the slug; where two clash, each with its id.

    Args:
        texts: Question id to its oldest text.
        taken: Names that belong to other columns.
    """
    plain = {key: slug(text) for key, text in texts.items()}
    names = _apart(plain, {key: f"{name}_{slug(key)}" for key, name in plain.items()}, taken)
    return _apart(names, {key: f"{plain[key]}_{_digest(key)}" for key in plain}, taken)


def _apart(names: Mapping[str, str], longer: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    counts: dict[str, int] = {}
    for name in names.values():
        counts[name] = counts.get(name, 0) + 1
    return {key: longer[key] if counts[name] > 1 or name in taken else name for key, name in names.items()}


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
