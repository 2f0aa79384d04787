"""The manifest: the one file that says which Parquet files count, whose they are and how fresh; frozen values."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from outgrow_nb.errors import CacheError
from outgrow_nb.records import ContentItem, Question

VERSION = 1


class Owner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account whose leads these are; an API key's account is known by its content ids alone.

    Attributes:
        id: The account's id, where Outgrow tells it.
        name: What a person knows it by.
    """

    id: str | None = None
    name: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file, named by what it holds.

    Attributes:
        name: File name; its stem is the beginning of the SHA-256 over its bytes.
        rows: Rows.
        bytes: Its size.
    """

    name: str
    rows: int
    bytes: int


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """One content's leads of one month.

    Attributes:
        leads: One row a lead.
        answers: One row an answer.
        gone: Leads that Outgrow no longer has.
        first: First `created_at`; None in the month "unknown".
        last: Last one.
    """

    leads: File
    answers: File
    gone: int = 0
    first: datetime | None = None
    last: datetime | None = None


class Wording(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question as leads were asked it.

    Attributes:
        question_id: "" where the service names questions by text alone.
        text: As asked.
        kind: As received.
        first: When a lead was first asked it, in microseconds since 1970.
        last: When last.
        place: How far down it stood among a lead's answers, where no form tells.
    """

    question_id: str
    text: str
    kind: str
    first: int | None = None
    last: int | None = None
    place: int = 0


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which there may have been leads that Outgrow never showed."""

    start: datetime
    end: datetime


class Piece(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the store holds of one content.

    Attributes:
        item: The content.
        questions: As asked at the last sync.
        wordings: Every way in which its questions were ever asked; columns are named by the oldest.
        drift: As `frames.tables.Source`.
        unread: As `frames.tables.Source`.
        months: By "2026-06", or "unknown".
        reached: Everything that arrived before it has been read.
        synced_at: When it was last read to its end; None until then.
        unexplained: Leads that Outgrow counts less those kept, where reading everything did not explain it: its count
            then tells nothing of leads that vanish.
        gaps: Spans that Outgrow never showed.
    """

    item: ContentItem
    questions: tuple[Question, ...] = ()
    wordings: tuple[Wording, ...] = ()
    drift: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    months: dict[str, Month] = {}
    reached: datetime | None = None
    synced_at: datetime | None = None
    unexplained: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def leads(self) -> int:
        """Leads, without those that are gone."""
        return sum(month.leads.rows - month.gone for month in self.months.values())

    @property
    def first(self) -> datetime | None:
        """First `created_at`."""
        return min((month.first for month in self.months.values() if month.first), default=None)

    @property
    def last(self) -> datetime | None:
        """Last `created_at`."""
        return max((month.last for month in self.months.values() if month.last), default=None)

    @property
    def bytes(self) -> int:
        """Size of its files."""
        return sum(month.leads.bytes + month.answers.bytes for month in self.months.values())


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole store.

    Attributes:
        version: Of this layout.
        serial: Counts the changes.
        changed_at: When it last changed.
        owner: Whose leads these are; None until the first sync.
        contents: By content id.
        name: Of a snapshot; "" for the store itself.
        taken_at: When it was taken.
    """

    version: int = VERSION
    serial: int = 0
    changed_at: datetime | None = None
    owner: Owner | None = None
    contents: dict[str, Piece] = {}
    name: str = ""
    taken_at: datetime | None = None

    def state(self, contents: Sequence[str]) -> tuple[object, ...]:
        """What changes where any lead, answer or question of these contents does."""
        pieces = [self.contents.get(content_id) for content_id in contents]
        return tuple(
            (piece.item, piece.questions, piece.wordings, piece.drift, piece.unread, tuple(piece.months.items()))
            for piece in pieces
            if piece is not None
        )

    def files(self) -> Iterator[tuple[str, str, Month]]:
        """Content id, month and files of each, in order."""
        for content_id, piece in self.contents.items():
            for month in sorted(piece.months):
                yield content_id, month, piece.months[month]

    @property
    def content_hash(self) -> str:
        """12 hex digits that differ where any lead, answer or question does."""
        held = hashlib.sha256()
        for content_id in sorted(self.contents):
            piece = self.contents[content_id]
            held.update(msgspec.json.encode([content_id, piece.questions]))
            for month in sorted(piece.months):
                held.update(f"{month} {piece.months[month].leads.name} {piece.months[month].answers.name}".encode())
        return held.hexdigest()[:12]


def pack(manifest: Manifest) -> bytes:
    """The manifest as JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def unpack(data: bytes, where: str) -> Manifest:
    """The manifest in these bytes.

    Raises:
        CacheError: It is none, or of a newer version of this package.
    """
    version, made = None, None
    try:
        version = _version(msgspec.json.decode(data))
        if version == VERSION:
            made = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass  # said below, without the reader's words
    if version is not None and version > VERSION:
        raise CacheError(f"{where} was written by a newer version of outgrow-nb.", "Update outgrow-nb.")
    if made is None:
        raise CacheError(
            f"{where} cannot be read as a store's manifest.", "Bring it back from a backup, or sync into a new folder."
        )
    return made


def _version(value: object) -> int | None:
    found: Mapping[object, object] = value if isinstance(value, dict) else {}
    version = found.get("version")
    return version if isinstance(version, int) else None
