"""One export: which tables go where, by the ending of the path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from outgrow_nb.errors import ConfigError
from outgrow_nb.store.duck import need_duckdb
from outgrow_nb.store.export_csv import write_csv
from outgrow_nb.store.export_duckdb import write_duckdb
from outgrow_nb.store.export_parquet import write_parquet, write_partitions
from outgrow_nb.store.placing import new_folder
from outgrow_nb.store.stream import Stream, of_frame

Kind = Literal["csv", "parquet", "duckdb", "folder"]
_KINDS: Mapping[str, Kind] = {".csv": "csv", ".parquet": "parquet", ".duckdb": "duckdb", "": "folder"}


@dataclass(frozen=True, eq=False)
class Material:
    """What can be exported.

    Attributes:
        leads: The leads; or whatever rows a person gave.
        answers: One row an answer, for exports of several tables; None where they were not read.
        questions: The data dictionary; None where there is none.
        contents: The contents.
        ids: By title, the content's id.
    """

    leads: Stream
    answers: Stream | None = None
    questions: pd.DataFrame | None = None
    contents: pd.DataFrame | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


def kind_of(path: Path) -> Kind:
    """What a path's ending asks for.

    Raises:
        ConfigError: Something that is not written here; or DuckDB is not installed.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        spreadsheet = "A spreadsheet opens .csv" if path.suffix.lower().startswith(".xls") else "Write .csv"
        raise ConfigError(
            f"{path.name} is none of .csv, .parquet and .duckdb.", f"{spreadsheet}; a name without ending is a folder."
        )
    if kind == "duckdb":
        need_duckdb()
    return kind


def export(material: Material, path: Path) -> int:
    """Writes an export; each file takes its place whole or not at all.

    A ``.csv`` or ``.parquet`` file holds the leads, with the data dictionary beside it as ``NAME.questions.csv`` (and
    in the Parquet file's metadata); a ``.duckdb`` file and a folder hold every table.

    Returns:
        Number of leads.

    Raises:
        ConfigError: The place cannot be written, or the ending is unknown.
    """
    kind = kind_of(path)
    questions = material.questions if material.questions is not None and len(material.questions) else None
    if kind == "folder":
        return _folder(material, path)
    if kind == "duckdb":
        return write_duckdb(_tables(material), path)
    if questions is not None:
        write_csv(of_frame(questions), path.with_name(f"{path.stem}.questions.csv"))
    if kind == "csv":
        return write_csv(material.leads, path)
    records = [] if questions is None else questions.astype(object).where(questions.notna(), None).to_dict("records")
    return write_parquet(material.leads, path, [{str(k): v for k, v in one.items()} for one in records])


def _tables(material: Material) -> dict[str, Stream]:
    frames = {"questions": material.questions, "contents": material.contents}
    made = {"leads": material.leads}
    if material.answers is not None:
        made["answers"] = material.answers
    return made | {name: of_frame(frame) for name, frame in frames.items() if frame is not None}


def _folder(material: Material, path: Path) -> int:
    with new_folder(path) as made:
        rows = write_partitions(material.leads, made / "leads", material.ids)
        for name, stream in _tables(material).items():
            if name == "answers":
                write_partitions(stream, made / name, material.ids)
            elif name != "leads":
                write_csv(stream, made / f"{name}.csv")
    return rows
