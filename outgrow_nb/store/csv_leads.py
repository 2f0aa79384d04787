"""Rows of a dashboard's CSV export to pages of leads, as if they had been received; no value is dropped.

Assumed, as `csv_columns` is. Two passes over the file: the first learns what its times mean and which rows need more
than time and e-mail address to be told apart, the second makes the leads. In memory is a page, and a number a row.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from outgrow_nb.errors import ConfigError
from outgrow_nb.frames.numbers import plain
from outgrow_nb.frames.schema import STATUSES
from outgrow_nb.frames.tables import AS_RECEIVED
from outgrow_nb.records import Answer, Lead, LeadPage
from outgrow_nb.store.csv_columns import Columns, column_name, columns
from outgrow_nb.store.csv_ids import Ids, digest, person_at
from outgrow_nb.store.csv_text import CsvText, csv_text
from outgrow_nb.store.csv_times import DayOrder, utc

_PAGE = 1000
_STATUSES = {"complete": "completed", **{status: status for status in STATUSES}}
_TIMES = ("created_at", "updated_at")
_TEXTS = tuple(
    name
    for name in Lead.__struct_fields__
    if name not in ("id", "calculator_id", "status", "score", "results", "answers", *_TIMES)
)


@dataclass
class CsvLeads:
    """The leads of one file.

    Attributes:
        text: The file.
        header: Its first record.
        columns: What its columns are.
        place: Zone of times that name none.
        day_first: Whether ``03/04/2026`` is the 3rd of April.
        alike: What several rows without id are known by.
        made_ids: Rows whose id was made, of the last `pages`.
        problems: What was not understood, of the last `pages`, in words.
    """

    text: CsvText
    header: Sequence[str]
    columns: Columns
    place: tzinfo
    day_first: bool
    alike: frozenset[bytes]
    made_ids: int = 0
    problems: tuple[str, ...] = ()
    _odd: Counter[str] = field(default_factory=Counter)

    def pages(self, content: str) -> Iterator[LeadPage]:
        """Every lead in the order of the file; once it has ended, `problems` and `made_ids` are complete.

        Args:
            content: The content's id.
        """
        self._odd, ids = Counter(), Ids(content, self.alike)
        rows = islice(self.text.records(), 1, None)
        while some := list(islice(rows, _PAGE)):
            yield self._page(some, ids)
        self.made_ids = ids.made
        self._odd["rows that stand in the file twice, counted once"] = ids.doubled
        self._odd["ids that stand at several rows, which differ: the later ones got an ending"] = ids.differing
        untimed = [] if "created_at" in self.columns.fields else ["no column tells when a lead was submitted"]
        counted = [f"{what} ({count:,})" for what, count in sorted(self._odd.items()) if count]
        self.problems = (*untimed, *self.columns.problems, *counted)

    def _page(self, rows: Sequence[Sequence[str]], ids: Ids) -> LeadPage:
        records: list[Lead] = []
        extras: dict[int, dict[str, Any]] = {}
        for row in rows:
            fields, more = self._fields(row)
            lead_id = self._id(row, fields, ids)
            if lead_id is not None:
                if more:
                    extras[len(records)] = more
                records.append(Lead(id=lead_id, **fields))
        return LeadPage(records=records, extras=extras)

    def _id(self, row: Sequence[str], fields: dict[str, Any], ids: Ids) -> str | None:
        said = sorted((self._name(position), cell) for position, cell in enumerate(row) if cell)
        whole = digest(part for pair in said for part in pair)
        if given := self._cell(row, "lead_id").strip():
            return ids.given(given, whole)
        as_written = time_text(self.columns, row, "created_at")
        time = fields["created_at"] or as_written
        return ids.of(whole, as_written=as_written, time=time, email=fields["email"] or "")

    def _fields(self, row: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """A lead's fields but its id; and, as written, what does not fit its field."""
        more: dict[str, str] = {}
        made: dict[str, Any] = {name: self._cell(row, name) or None for name in _TEXTS}
        for name in _TIMES:
            text = time_text(self.columns, row, name)
            found = utc(text, place=UTC if name in self.columns.utc else self.place, day_first=self.day_first)
            made[name] = found.isoformat() if found else None
            if text and not found:
                more[f"{name}{AS_RECEIVED}"] = text
            self._odd[f"{name}: times that cannot be read"] += bool(text.strip() and not found)
        status, score = self._cell(row, "status"), self._cell(row, "score")
        made["status"] = _STATUSES.get(status.strip().lower(), status) or None
        made["score"] = plain(score)
        if score and made["score"] is None:
            more["score"] = score
        self._odd["status: unknown words"] += bool(status.strip() and made["status"] not in STATUSES)
        self._odd["score: values that are no numbers"] += bool(score.strip() and made["score"] is None)
        made["answers"] = self._answers(row)
        return made, more

    def _answers(self, row: Sequence[str]) -> list[Answer]:
        taken = {*self.columns.fields.values(), self.columns.clock}
        given = [(position, cell) for position, cell in enumerate(row) if cell and position not in taken]
        unnamed = sum(position not in self.columns.questions for position, _ in given)
        self._odd["values in columns without a name"] += unnamed
        return [Answer(question=self._name(position), answer=cell) for position, cell in given]

    def _name(self, position: int) -> str:
        named = position < len(self.header) and self.header[position].strip()
        return self.columns.questions.get(position) or named or column_name(position)

    def _cell(self, row: Sequence[str], name: str) -> str:
        position = self.columns.fields.get(name)
        return row[position] if position is not None and position < len(row) else ""


def time_text(found: Columns, row: Sequence[str], name: str) -> str:
    """A time as written; where date and time stand apart, one after the other."""
    positions = [found.fields.get(name), found.clock if name == "created_at" else None]
    return " ".join(row[p] for p in positions if p is not None and p < len(row) and row[p])


def csv_leads(path: Path, *, place: tzinfo, day_first: bool | None = None) -> CsvLeads:
    """Opens an export.

    Args:
        path: The file.
        place: Zone of times that name none.
        day_first: Whether ``03/04/2026`` is the 3rd of April; None: the file's times have to tell.

    Raises:
        ConfigError: It cannot be read, or its times do not tell.
    """
    text = csv_text(path)
    records = text.records()
    header = next(records, None)
    if header is None:
        raise ConfigError(f"{path} is empty.", "Export it from Outgrow's dashboard again.")
    found = columns(header)
    order, once, alike = DayOrder(), set[bytes](), set[bytes]()
    email, own = (found.fields.get(name, len(header)) for name in ("email", "lead_id"))
    for row in records:
        for name in _TIMES:
            order.see(time_text(found, row, name))
        person = person_at(time_text(found, row, "created_at"), row[email] if email < len(row) else "")
        if person is not None and not (own < len(row) and row[own].strip()):
            (alike if person in once else once).add(person)
    return CsvLeads(text, header, found, place, order.day_first(day_first), frozenset(alike))
