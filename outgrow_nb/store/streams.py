"""A store's tables as streams: leads and answers with the columns and types of the frames, in little memory."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa

from outgrow_nb.frames import KeptLeads, contents_frame, titles
from outgrow_nb.frames.arrays import moments
from outgrow_nb.frames.tables import LARGE
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Manifest
from outgrow_nb.store.slices import Vocabulary, slices, vocabulary
from outgrow_nb.store.stream import Stream, of_frame


class StoreTables:
    """What a store holds, as tables.

    Args:
        store: The store.
        manifest: What of it counts.
        tz: Zone of the times.
        mask_key: Hide who people are with this key; None keeps everything.
    """

    def __init__(self, store: Store, manifest: Manifest, *, tz: str, mask_key: bytes | None = None) -> None:
        self._store, self._manifest, self._tz, self._key = store, manifest, tz, mask_key
        self.words: Vocabulary = vocabulary(list(manifest.contents.values()))

    def leads(self) -> Stream:
        """One row a lead, without answers; content by content, oldest first."""
        return self._stream(lambda read: read.leads(answers="none", mask_key=self._key, tz=self._tz), answers=False)

    def answers(self) -> Stream:
        """One row an answer, as `Outgrow.answers` has it, and the lead's created_at."""

        def frame(read: KeptLeads) -> pd.DataFrame:
            created = read.flat["created_at"].take(read.long["lead"])
            return read.answers(mask_key=self._key).assign(created_at=moments(created, self._tz))

        return self._stream(frame, answers=True)

    def questions(self) -> pd.DataFrame:
        """The data dictionary."""
        return self.words.nothing().questions_frame(tz=self._tz)

    def contents(self) -> pd.DataFrame:
        """The contents; `leads` counts those that are kept."""
        items = [
            msgspec.structs.replace(piece.item, leads_count=piece.leads) for piece in self._manifest.contents.values()
        ]
        return contents_frame(items, tz=self._tz)

    def ids(self) -> dict[str, str]:
        """By title as frames have it, the content's id."""
        names = titles([source.item for source in self.words.sources])
        return {name: source.item.id for name, source in zip(names, self.words.sources, strict=True)}

    def _stream(self, frame_of: Callable[[KeptLeads], pd.DataFrame], *, answers: bool) -> Stream:
        empty = of_frame(frame_of(self.words.nothing())).schema
        schema = pa.schema([_steady(field) for field in empty], empty.metadata)

        def pieces() -> Iterator[pa.Table]:
            for part in self._store.parts(self._manifest):
                for read in slices(part, self.words, answers=answers):
                    yield _table(frame_of(read), schema)

        return Stream(schema, pieces)


def _steady(field: pa.Field) -> pa.Field:
    """Codes wide enough for every slice."""
    if not pa.types.is_dictionary(field.type):
        return field
    return pa.field(field.name, pa.dictionary(pa.int32(), LARGE, ordered=field.type.ordered))


def _table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.table([_array(frame[field.name], field.type) for field in schema], schema=schema)


def _array(column: "pd.Series[Any]", kind: pa.DataType) -> Any:
    if not pa.types.is_dictionary(kind):
        return pa.array(column, kind, from_pandas=True)
    codes = column.cat.codes.to_numpy().astype(np.int32)
    words = pa.array(column.cat.categories.tolist(), LARGE)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), words, ordered=kind.ordered)
