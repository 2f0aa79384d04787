"""Arrow arrays to pandas' own arrays, in the dtypes of `schema`, the same under pandas 2.3 and 3."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outgrow_nb.frames.schema import STR
from outgrow_nb.frames.tables import LARGE

Ints = np.ndarray[Any, np.dtype[np.int64]]


def strings(values: Any) -> Any:
    """An Arrow string array, or texts and None, as `STR`."""
    if not isinstance(values, pa.Array | pa.ChunkedArray):
        values = pa.array(values, LARGE)
    chunked = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values], LARGE)
    return STR.__from_arrow__(chunked)  # type: ignore[attr-defined]


def moments(values: Any, tz: str) -> pd.DatetimeIndex:
    """An Arrow timestamp[us, UTC] column as datetime64[us, tz]."""
    naive = values.cast(pa.timestamp("us"))
    return pd.DatetimeIndex(naive.to_numpy(), tz="UTC").as_unit("us").tz_convert(tz)


def choice(codes: Any, labels: Sequence[str], *, ordered: bool = False) -> pd.Categorical:
    """Integer codes (-1 missing) into labels, as a category of `STR`."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(labels), dtype=STR), ordered=ordered)


def encoded(values: Any) -> tuple[Ints, list[str]]:
    """Codes (-1 missing) and the texts they stand for, of an Arrow text or dictionary array."""
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries() if pa.types.is_dictionary(values.type) else values
        values = values.combine_chunks() if values.num_chunks else pa.array([], LARGE)
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    codes = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, values.dictionary.to_pylist()


def labelled(values: Sequence[str | None]) -> pd.Categorical:
    """A few texts as a category, labels sorted."""
    codes, texts = encoded(pa.array(values, LARGE))
    return choice(*recoded(codes, texts, str))


def recoded(codes: Ints, texts: Sequence[str], label: Callable[[str], str | None]) -> tuple[Ints, list[str]]:
    """Codes and sorted labels, after each text got its label (None: missing); texts of one label become one."""
    made = [label(text) for text in texts]
    labels = sorted({one for one in made if one is not None})
    places = {one: place for place, one in enumerate(labels)}
    lookup = np.array([*(-1 if one is None else places[one] for one in made), -1], np.int64)
    return lookup[codes], labels
