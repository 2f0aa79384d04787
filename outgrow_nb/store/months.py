"""The months of one content while a read is put into them; those that change are written at the end."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.store import parquet
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Month, Piece
from outgrow_nb.store.rows import LEADS, Rows


class Months:
    """One content's months.

    Args:
        store: The store.
        piece: What it holds of the content.
    """

    def __init__(self, store: Store, piece: Piece) -> None:
        self._store, self._piece = store, piece
        self._changed: dict[str, Rows] = {}

    def get(self, month: str) -> Rows | None:
        """What stands there by now; None for nothing."""
        if month in self._changed:
            return self._changed[month]
        held = self._piece.months.get(month)
        return None if held is None else parquet.read_rows(self._path("leads", month), self._path("answers", month))

    def put(self, month: str, rows: Rows) -> None:
        """What is to stand there."""
        self._changed[month] = rows

    def ids(self, month: str) -> pa.Array:
        """Lead ids that stood there before."""
        column = parquet.read(self._path("leads", month), LEADS, ["lead_id"])["lead_id"]
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)

    def written(self) -> dict[str, Month]:
        """All months, those that have changed as new files; a month without leads is none.

        Raises:
            CacheError: They cannot be written.
        """
        made = dict(self._piece.months)
        if self._changed:
            self._store.begin()
        for month, rows in self._changed.items():
            made.pop(month, None)
            if len(rows):
                made[month] = self._write(month, rows)
        return dict(sorted(made.items()))

    def _path(self, tree: str, month: str) -> Path:
        held = self._piece.months[month]
        name = (held.leads if tree == "leads" else held.answers).name
        return self._store.place(tree, self._piece.item.id, month) / name

    def _write(self, month: str, rows: Rows) -> Month:
        leads = parquet.write(rows.leads, self._store.place("leads", self._piece.item.id, month))
        answers = parquet.write(rows.answers, self._store.place("answers", self._piece.item.id, month))
        gone = rows.leads["gone_at"]
        span = pc.min_max(rows.leads["created_at"].filter(gone.is_null())).as_py()
        return Month(
            leads=leads, answers=answers, gone=len(rows) - gone.null_count, first=span["min"], last=span["max"]
        )
