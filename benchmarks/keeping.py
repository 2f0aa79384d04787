"""Leads in a store, made ready once from the benchmark's own records, and exports of it, each in a process of its own.

``python -m benchmarks.keeping WHAT STORE OUT`` prints the figures as JSON; WHAT is csv, parquet, folder, duckdb, sql.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.material import Material, prepare
from benchmarks.one import measured
from outgrow_nb.api import decode
from outgrow_nb.frames import LeadBatches, kept, page_columns
from outgrow_nb.store import Owner, Store, merge
from outgrow_nb.store.exporting import Material as Exported
from outgrow_nb.store.exporting import export
from outgrow_nb.store.sql import query
from outgrow_nb.store.streams import StoreTables

_PAGE, _AT_ONCE = 1000, 50_000
QUERY = 'select "column", option, count(*) n, avg(number) mean from answers group by all order by all'
ENDINGS = {"csv": ".csv", "parquet": ".parquet", "folder": "", "duckdb": ".duckdb"}


def prepare_store(place: Path, leads: int) -> Path:
    """A store of so many leads, made where it is not there yet."""
    folder = place / f"store-{leads}"
    done = folder / "done"
    if done.exists():
        return folder / "kept"
    material = Material(prepare(place, leads))
    item, questions = (
        decode.contents(_body([material.facts["item"]]))[0],
        decode.questions(_body(material.facts["questions"])),
    )
    store = Store(folder / "kept")
    for start in range(0, leads, _AT_ONCE):
        batches = LeadBatches(keep_bytes=0)
        batches.cover(item, questions)
        for first in range(start, min(start + _AT_ONCE, leads), _PAGE):
            page = decode.leads_page(material.page(first, min(first + _PAGE, leads), {"total": leads}, zipped=False))
            batches.add(item, page_columns(item, page))
        merge(store, kept(batches), {}, owner=Owner(id="1", name="bench"), at=datetime(2026, 7, 1, tzinfo=UTC))
    done.touch()
    return folder / "kept"


def _body(data: object) -> bytes:
    return msgspec.json.encode({"success": True, "data": data})


def exported(what: str, folder: Path, out: Path) -> int:
    """Exports a whole store, or counts every answer by outcome and question; the number of leads."""
    store = Store(folder)
    out.mkdir(parents=True, exist_ok=True)
    if what == "sql":
        return len(query(store, store.manifest(), QUERY, tz="UTC"))
    tables = StoreTables(store, store.manifest(), tz="UTC")
    whole = Exported(tables.leads(), tables.answers(), tables.questions(), tables.contents(), tables.ids())
    return export(whole, out / f"leads{ENDINGS[what]}")


def warm(out: Path) -> None:
    """Loads what the first use would load: an export of a store with nothing in it."""
    for what in (*ENDINGS, "sql"):
        exported(what, out / "empty", out / "warm")


def main() -> None:
    """Measures one."""
    what, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    warm(out)
    print(json.dumps(measured(lambda: exported(what, folder, out))))


if __name__ == "__main__":
    main()
