"""The tables that a query sees, made of a store's files: leads and answers as the frames have them, and what they say.

One difference: an option that the form does not have stands as received, without outer blanks.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from outgrow_nb.frames import mask, titles
from outgrow_nb.frames.options import OTHER_LABEL, labels_of
from outgrow_nb.frames.questions import form_places
from outgrow_nb.frames.results import numbers_alone
from outgrow_nb.frames.schema import FLAT, RESULT_KIND, Column
from outgrow_nb.store.folder import Store
from outgrow_nb.store.manifest import Manifest
from outgrow_nb.store.slices import Vocabulary
from outgrow_nb.store.stream import of_frame
from outgrow_nb.store.streams import StoreTables

if TYPE_CHECKING:
    import duckdb

_CHOSEN = ("choice", "several", "ranking")
_COUNTED = ("float", "integer", "result")
_LABELS = ("content_id", "key", "answer", "label")
_WORDS = pa.schema(
    [(name, pa.string()) for name in ("content_id", "question_id", "question", "kind", "key", "column", "name")]
    + [("position", pa.int64())]
    + [(name, pa.bool_()) for name in ("chosen", "counted", "hashed")]
)
_RAW_TEXT = """CASE a.json WHEN 'integer' THEN CAST(CAST(a.number AS BIGINT) AS VARCHAR)
 WHEN 'number' THEN CAST(a.number AS VARCHAR) WHEN 'empty list' THEN '[]' ELSE a.text END"""


def make_views(
    connection: "duckdb.DuckDBPyConnection", store: Store, manifest: Manifest, *, tz: str, mask_key: bytes | None
) -> None:
    """Makes leads, answers, questions and contents; with a key they hide who people are, as the frames do."""
    tables = StoreTables(store, manifest, tz=tz)
    parts = list(store.parts(manifest))
    if mask_key is not None:
        _add_functions(connection, mask_key)
    connection.execute("CREATE SCHEMA kept")
    for name, table in _small(tables.words).items():
        _create(connection, f"kept.{name}", table)
    for name, frame in (("questions", tables.questions()), ("contents", tables.contents())):
        stream = of_frame(frame)
        _create(connection, name, pa.concat_tables(list(stream.pieces())))
    hide = mask_key is not None
    leads, answers = (_files([getattr(part, tree) for part in parts]) for tree in ("leads", "answers"))
    if not parts:
        for name, stream in (("leads", tables.leads()), ("answers", tables.answers())):
            _create(connection, name, stream.schema.empty_table())
        return
    columns = ", ".join(_column(column, hide=hide) for column in FLAT)
    connection.execute(
        f"CREATE VIEW leads AS SELECT {columns} FROM {leads} l JOIN kept.contents c USING (content_id)"  # noqa: S608
        " WHERE l.gone_at IS NULL"
    )
    connection.execute(f"CREATE VIEW answers AS {_answers(leads, answers, hide=hide)}")


def _add_functions(connection: Any, key: bytes) -> None:
    """The frames' own ways to hide who people are; the key stays in this process, and in no SQL text."""
    of = {
        "hashed": lambda texts: mask.hashed(texts, key),
        "bare": mask.without_query,
        "amounts": _amounts,
        "nameless": _nameless,
    }
    for name, function in of.items():
        connection.create_function(
            name, _short(function), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
        )


def _short(of: Callable[[Any], pa.Array]) -> Callable[[Any], pa.Array]:
    return lambda texts: of(texts).cast(pa.string())


def _amounts(texts: Any) -> pa.Array:
    return numbers_alone(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)


def _nameless(texts: Any) -> pa.Array:
    given = texts.to_pylist()
    return pa.array([text and (mask.nameless([text])[0] or None) for text in given], pa.large_string())


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _create(connection: "duckdb.DuckDBPyConnection", name: str, table: pa.Table) -> None:
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    connection.register("given", table)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names
    connection.unregister("given")


def _files(paths: Sequence[Path]) -> str:
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _column(column: Column, *, hide: bool) -> str:
    name = column.name
    source = {"content": "c.content", "content_type": "c.content_type"}.get(name, f"l.{name}")
    if hide and name in mask.HASHED_COLUMNS:
        source = f"hashed({source})"
    elif hide and column.contact:
        source = "CAST(NULL AS VARCHAR)"
    elif hide and name in ("referrer", "landing_page"):
        source = f"bare({source})"
    elif hide and column.form == "choice" and source == f"l.{name}":
        source = f"nameless({source})"
    return f"{source} AS {name}"


def _answers(leads: str, answers: str, *, hide: bool) -> str:
    text, number, other = "t.text", "t.number", "nullif(trim(t.text), '')"
    if hide:
        text = (
            "CASE WHEN t.hashed THEN hashed(t.text) WHEN t.counted AND t.number IS NOT NULL THEN t.text"
            f" WHEN t.kind = {literal(RESULT_KIND)} THEN amounts(t.text) END"
        )
        number = "CASE WHEN t.counted AND NOT t.hashed THEN t.number END"
        other = literal(OTHER_LABEL)
    return f"""
        SELECT t.lead_id, t.content, t.question_id, t."column", t.position, t.kind,
            CASE WHEN t.chosen AND t.json <> 'empty list' AND trim(t.text) <> '' THEN coalesce(o.label, {other}) END
                AS option,
            {text} AS text, {number} AS number, t.score, t.rank, t.status
        FROM (
            SELECT a.lead_id, a.content_id, c.content, w.key AS question_id, w."column", w.position, w.name AS kind,
                w.chosen, w.counted, w.hashed, a.json, {_RAW_TEXT} AS text, a.number, a.score,
                a.place + 1 AS rank, l.status
            FROM {answers} a
            JOIN {leads} l ON l.content_id = a.content_id AND l.lead_id = a.lead_id
            JOIN kept.contents c ON c.content_id = a.content_id
            JOIN kept.words w ON w.content_id = a.content_id AND w.question_id = a.question_id
                AND w.question = a.question AND w.kind = a.kind
            WHERE l.gone_at IS NULL
        ) t
        LEFT JOIN kept.labels o ON o.content_id = t.content_id AND o.key = t.question_id AND o.answer = t.text
    """  # noqa: S608 - our own paths and words


def _small(words: Vocabulary) -> dict[str, pa.Table]:
    """What codes, questions and options stand for."""
    items = [source.item for source in words.sources]
    contents = {
        "content_id": [item.id for item in items],
        "content": titles(items),
        "content_type": [(item.type or "").strip() or None for item in items],
    }
    text = pa.string()
    return {
        "contents": pa.table({name: pa.array(values, text) for name, values in contents.items()}),
        "words": pa.Table.from_pylist(list(_asked(words)), _WORDS),
        "labels": pa.Table.from_pylist(list(_labels(words)), pa.schema([(n, text) for n in _LABELS])),
    }


def _asked(words: Vocabulary) -> Iterator[dict[str, Any]]:
    places = form_places(words.questions)
    for one in words.questions:
        for code in one.variants:
            variant = words.variants[code]
            yield {
                "content_id": words.sources[one.content].item.id,
                "question_id": variant.question_id,
                "question": variant.text,
                "kind": variant.kind,
                "key": one.key,
                "column": one.column,
                "name": one.kind,
                "position": places.get((one.content, one.key)),
                "chosen": one.shape in _CHOSEN,
                "counted": one.shape in _COUNTED,
                "hashed": mask.is_contact(one.kind, [wording.text for wording in one.wordings]),
            }


def _labels(words: Vocabulary) -> Iterator[dict[str, str]]:
    for one in words.questions:
        if one.shape in _CHOSEN:
            known = labels_of(one.options, as_received=False, hide_unknown=False).of
            content_id = words.sources[one.content].item.id
            yield from ({"content_id": content_id, "key": one.key, "answer": a, "label": b} for a, b in known.items())
