"""What no text may show: canaries, and what a real sandbox gave out; looked for in exceptions and objects too."""

import base64
import copy
import hashlib
import pickle
import pprint
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from traceback import format_exception_only
from types import TracebackType
from typing import Any
from urllib.parse import unquote_plus

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.state_file import read_state

CANARY = "-CANARY-"
_WORD, _VERIFIER = re.compile(r"[\w-]{20,}"), re.compile(r"[\w.~-]{40,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_ESCAPES = re.compile(r"\\+[nrtbf'\"]|\\+x1b")


class Secrets:
    """What must not show.

    Args:
        states: State files of sandboxes: they hold the client's secret and the key as they are, and of every code,
            verifier and token the hash alone, so that words are looked up by their hashes.
        more: Other secrets of a test.
    """

    def __init__(self, states: Iterable[Path] = (), more: Iterable[str] = ()) -> None:
        self._states = [path for path in states if path.exists()]
        self._more = {"a secret of the test": list(more)}

    def shown_in(self, text: str) -> list[str]:
        """What kinds of secrets a text shows, raw, percent-encoded up to twice, escaped, or inside base64."""
        words = [text, *_decoded(text)]
        once = unquote_plus(text)
        if "%" in text:
            words += [once, unquote_plus(once)]
        found = ["a canary" for word in words if CANARY in word]
        plain = "\n".join(words)
        for kind, known in self._exact().items():
            found += [kind for secret in known if len(secret) >= 8 and secret in plain]
        hashes = self._hashed() if self._states else {}
        plain = _ESCAPES.sub(" ", plain) if hashes else ""
        for word in {*_WORD.findall(plain), *_VERIFIER.findall(plain)}:
            digest = hashlib.sha256(word.encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            found += [hashes[name] for name in (digest.hex(), challenge) if name in hashes]
        return sorted(set(found))

    def _exact(self) -> dict[str, list[str]]:
        known = {name: list(values) for name, values in self._more.items()}
        for state in filter(None, map(read_state, self._states)):
            for name in ("client_secret", "api_key", "control_secret"):
                known.setdefault(f"a sandbox's {name}", []).append(getattr(state, name))
        return known

    def _hashed(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for state in filter(None, map(read_state, self._states)):
            for digest, code in state.grants.get("codes", {}).items():
                known |= {digest: "a code", **({code["challenge"]: "a verifier"} if code["challenge"] else {})}
            for grant in state.grants.get("grants", {}).values():
                known |= dict.fromkeys(grant["access"], "an access token")
                known |= dict.fromkeys(grant["refresh"], "a refresh token")
        return known


CANARIES = Secrets()


def _decoded(text: str) -> Iterator[str]:
    """What a text holds in base64, wherever its groups of four begin."""
    for word in set(_BASE64.findall(text)):
        standard = word.replace("-", "+").replace("_", "/")
        for skipped in range(4):
            part = standard[skipped : len(standard) - ((len(standard) - skipped) % 4 == 1)]
            yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")


def assert_clean(error: BaseException, secrets: Secrets = CANARIES) -> None:
    """S02: no secret in an exception, its notes, whatever stands behind it, or a local of any frame but the test's."""
    for one in _behind(error):
        texts = (repr(one), str(one), repr(vars(one)), *map(repr, one.args), *format_exception_only(one))
        for text in texts:
            assert not secrets.shown_in(text), type(one)
        for name, where, value in _locals(one.__traceback__):
            assert not secrets.shown_in(_repr(value)), f"{name} in {where}"


def _repr(value: object) -> str:
    try:
        return repr(value)
    except AttributeError as error:  # a thing that was still being made
        return str(error)


def _behind(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]
        waiting += [other for other in one.args if isinstance(other, BaseException)]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def _locals(traceback: TracebackType | None) -> Iterator[tuple[str, str, Any]]:
    while traceback is not None:
        frame, traceback = traceback.tb_frame, traceback.tb_next
        if "/tests/" not in frame.f_code.co_filename:
            for name, value in frame.f_locals.items():
                yield name, frame.f_code.co_qualname, value


def faces(thing: object) -> dict[str, str]:
    """Every way in which an object turns into text by itself, or by somebody's copy; what is refused shows why."""
    ways: dict[str, Callable[[], Any]] = {
        "repr": lambda: repr(thing),
        "str": lambda: str(thing),
        "format": lambda: f"{thing}",
        "vars": lambda: pprint.pformat(_members(thing)),
        "properties": lambda: pprint.pformat(_properties(thing)),
        "pformat": lambda: pprint.pformat(thing),
        "html": lambda: thing._repr_html_(),  # type: ignore[attr-defined]
        "bundle": lambda: thing._repr_mimebundle_(),  # type: ignore[attr-defined]
        "attrs": lambda: thing.attrs,  # type: ignore[attr-defined]
        **{f"pickle {number}": partial(pickle.dumps, thing, number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
        "copy": lambda: _both(copy.copy(thing)),
        "deepcopy": lambda: _both(copy.deepcopy(thing)),
    }
    return {name: _said(way) for name, way in ways.items()}


def _said(way: Callable[[], Any]) -> str:
    try:
        said = way()
    except (TypeError, AttributeError, NotImplementedError, pickle.PicklingError, ConfigError) as refused:
        return f"{type(refused).__name__}: {refused}"
    return said.decode("latin-1") if isinstance(said, bytes) else str(said)


def _both(thing: object) -> str:
    return f"{thing!r} {_members(thing)!r}"


def _members(thing: object) -> dict[str, object]:
    return dict(getattr(thing, "__dict__", {}))


def _properties(thing: object) -> dict[str, object]:
    names = [name for kind in type(thing).__mro__ for name, made in vars(kind).items() if isinstance(made, property)]
    return {name: _said(partial(getattr, thing, name)) for name in names}


def assert_faceless(thing: object, secrets: Secrets = CANARIES) -> None:
    """S01: however it is shown, formatted, pickled or copied, an object gives no secret away."""
    for way, text in faces(thing).items():
        assert not secrets.shown_in(text), f"{way} of {type(thing).__name__}"
