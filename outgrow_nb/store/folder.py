"""`Store`: a folder of kept leads; who may write, what counts, and what is swept away."""

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import filelock
import msgspec

from outgrow_nb.errors import CacheError
from outgrow_nb.store import files
from outgrow_nb.store.files import MANIFEST
from outgrow_nb.store.manifest import Manifest, Month, pack, unpack

LOCK_SECONDS = 300.0
SNAPSHOTS = "snapshots"
TREES = ("leads", "answers")


@dataclass(frozen=True)
class Part:
    """One content's leads of one month, as files.

    Attributes:
        content_id: The content.
        month: "2026-06", or "unknown".
        leads: One row a lead.
        answers: One row an answer.
        held: What the manifest says of them.
    """

    content_id: str
    month: str
    leads: Path
    answers: Path
    held: Month


class Store:
    """Leads kept in a folder.

    Args:
        folder: A store, an empty folder, or one that is made at the first write.
        lock_seconds: How long another kernel's write is waited for.

    Raises:
        ConfigError: The folder holds something else.
        CacheError: It is another user's, or cannot be looked into.
    """

    def __init__(self, folder: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._lock_seconds = lock_seconds
        files.check(self.folder)

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r})"

    def manifest(self) -> Manifest:
        """What counts now; an empty one where nothing was kept yet.

        Raises:
            CacheError: It cannot be read.
        """
        path, problem, data = self.folder / MANIFEST, "", b""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return Manifest()
        except OSError as error:
            problem = error.strerror or type(error).__name__
        if problem:
            raise CacheError(f"Can't read {path} ({problem}).", "Mend the folder, or give store= another one.")
        return unpack(data, str(path))

    def place(self, tree: str, content_id: str, month: str) -> Path:
        """Where one content's files of a month are; no id can leave the folder."""
        quoted = quote(content_id, safe="").replace(".", "%2E")
        return self.folder / tree / f"content={quoted}" / f"month={month}"

    def parts(self, manifest: Manifest, contents: Collection[str] | None = None) -> Iterator[Part]:
        """The files that count, content by content, month by month."""
        for content_id, month, held in manifest.files():
            if contents is None or content_id in contents:
                yield Part(
                    content_id,
                    month,
                    self.place("leads", content_id, month) / held.leads.name,
                    self.place("answers", content_id, month) / held.answers.name,
                    held,
                )

    @contextmanager
    def exclusive(self) -> Iterator[Manifest]:
        """The one writer's turn; what a killed one left is swept first.

        Raises:
            CacheError: It cannot be locked, or another kernel holds it too long.
        """
        files.make(self.folder)
        # Never a soft lock: one that a killed kernel leaves would stand for ever.
        lock = filelock.FileLock(self.folder / files.LOCK, mode=0o600, fallback_to_soft=False)
        problem = None
        try:
            lock.acquire(timeout=self._lock_seconds)
        except filelock.Timeout:
            problem = CacheError(
                f"Another kernel has been writing into {self.folder} for {self._lock_seconds:.0f} s.",
                "Restart that kernel if it hangs, then sync again.",
            )
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            problem = CacheError(f"Can't lock {self.folder} ({reason}).", "Give store= a folder on a local disk.")
        if problem:
            raise problem
        try:
            held = self.manifest()
            _remove(self.folder.glob(f"{files.NEW}*"))
            files.ignore(self.folder)
            if (self.folder / files.WRITING).exists():
                self._sweep(held)
            yield held
        finally:
            lock.release()

    def begin(self) -> None:
        """Notes that files are being written which do not count yet: whoever finds the note sweeps them.

        Raises:
            CacheError: It cannot be written.
        """
        with files.told(self.folder):
            (self.folder / files.WRITING).touch(mode=0o600)

    def commit(self, before: Manifest, after: Manifest) -> None:
        """Makes this the state that counts, in one step; then lets go of files that no longer do.

        Args:
            before: What `exclusive` gave.
            after: What is to count.

        Raises:
            CacheError: It cannot be written; the old state counts.
        """
        held, wanted = self._paths(before), self._paths(after)
        after = msgspec.structs.replace(after, serial=before.serial + 1)
        with files.told(self.folder):
            new = wanted - held
            files.flush_all(new, {above for path in new for above in path.parents[:3]})
            files.write(self.folder / MANIFEST, pack(after))
            files.sync_folder(self.folder)
        if (self.folder / files.WRITING).exists():
            self._sweep(after)

    def _paths(self, manifest: Manifest) -> set[Path]:
        return {path for part in self.parts(manifest) for path in (part.leads, part.answers)}

    def _sweep(self, manifest: Manifest) -> None:
        """Removes files that no manifest names: replaced ones, and what a killed writer left."""
        counted = self._paths(manifest)
        left = [path for tree in TREES for path in (self.folder / tree).glob("*/*/*") if path not in counted]
        _remove([*left, self.folder / files.WRITING])
        for folder in {path.parent for path in left}:
            with suppress(OSError):  # not empty
                folder.rmdir()
                folder.parent.rmdir()


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):  # still open on Windows, or read-only: a later sync tries again
            shutil.rmtree(path) if path.is_dir() else path.unlink()
