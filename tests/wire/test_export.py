"""`og.export`, `og.sql` and `og.add_export` on a store that was synced from a real server."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from distributed.protocol.pickle import dumps

from outgrow_nb.client import Outgrow
from outgrow_nb.client.frozen import Frozen
from outgrow_nb.errors import CacheError, ConfigError, SchemaDrift, UnknownContent
from outgrow_nb.store import Manifest, Store
from outgrow_nb.store.export_parquet import QUESTIONS
from outgrow_nb.store.streams import StoreTables
from tests.wire.clients import client, signed_in, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox

PLAN, LAWN = "Which plan fits you?", "What will your lawn cost?"
HASHED = r"[0-9a-f]{32}"


@pytest.fixture(scope="module")
def kept(_sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two contents."""
    folder = tmp_path_factory.mktemp("kept") / "store"
    client(signed_in(_sandbox_process), store=Store(folder)).sync([PLAN, LAWN])
    return folder


@pytest.fixture
def og(sandbox: Sandbox, kept: Path) -> Outgrow:
    """A client of that store."""
    made = client(signed_in(sandbox), store=Store(kept), tz="Europe/Berlin")
    sandbox.control(reset_stats=True)
    return made


@pytest.fixture
def plain(sandbox: Sandbox) -> Outgrow:
    """A client without a store."""
    return client(signed_in(sandbox), tz="Europe/Berlin")


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def ordered(frame: pd.DataFrame, *by: str) -> pd.DataFrame:
    """In an order that hangs on the values alone."""
    keys = [frame[name].astype(str) for name in by]
    return frame.iloc[pd.concat(keys, axis=1).sort_values(list(by), kind="stable").index].reset_index(drop=True)


# --- export


def test_the_store_is_exported_without_a_request(og: Outgrow, sandbox: Sandbox, tmp_path: Path) -> None:
    """One Parquet file is what `leads(answers="none")` gives, masked; the data dictionary is inside and beside."""
    assert og.export(tmp_path / "leads.parquet") == tmp_path / "leads.parquet"
    assert sandbox.stats()["api_requests"] == 0
    back = pd.read_parquet(tmp_path / "leads.parquet")
    wanted = og.leads([PLAN, LAWN], answers="none", pii="mask")
    assert list(back.columns) == list(wanted.columns)
    pd.testing.assert_frame_equal(
        ordered(back, "lead_id"), ordered(wanted, "lead_id"), check_categorical=False, check_dtype=False
    )
    assert [str(kind) for kind in back.dtypes] == [str(kind) for kind in wanted.dtypes]
    assert back["email"].dropna().str.fullmatch(HASHED).all()
    inside = json.loads(pq.read_schema(tmp_path / "leads.parquet").metadata[QUESTIONS])
    header, *rows = cells(tmp_path / "leads.questions.csv")
    assert [row[header.index("text")] for row in rows] == [one["text"] for one in inside]
    assert {one["content"] for one in inside} == {PLAN, LAWN}


def test_csv_keeps_people_only_when_told(og: Outgrow, tmp_path: Path) -> None:
    """`pii="mask"` is what an export does unless told otherwise."""
    for pii, shown in (("mask", False), ("keep", True)):
        og.export(tmp_path / "leads.csv", pii=pii)  # type: ignore[arg-type]
        text = (tmp_path / "leads.csv").read_text(encoding="utf-8-sig")
        assert ("@example" in text) is shown


def test_duckdb_has_every_table(og: Outgrow, tmp_path: Path) -> None:
    """A DuckDB file has leads, answers, questions and contents, each with the frames' columns."""
    og.export(tmp_path / "all.duckdb", pii="keep")
    with duckdb.connect(str(tmp_path / "all.duckdb"), read_only=True) as held:
        counts = {name: held.sql(f"from {name}").shape for (name,) in held.sql("show tables").fetchall()}
        names = held.sql("select distinct content from answers order by 1").fetchall()
    answers = og.answers([PLAN, LAWN])
    assert counts["answers"] == (len(answers), answers.shape[1] + 1)
    assert counts["leads"][0] == len(og.leads([PLAN, LAWN], answers="none"))
    assert counts["contents"][0] == 2
    assert counts["questions"][0] == len(og.questions([PLAN, LAWN]))
    assert names == [(LAWN,), (PLAN,)]


def test_a_folder_has_every_table(og: Outgrow, tmp_path: Path) -> None:
    """A folder is Parquet by content and month, leads and answers apart; exported again it is replaced."""
    for _ in range(2):
        og.export(tmp_path / "all")
    ids = set(og.contents().set_index("title").loc[[PLAN, LAWN], "content_id"])
    leads, answers = pd.read_parquet(tmp_path / "all" / "leads"), pd.read_parquet(tmp_path / "all" / "answers")
    assert set(leads["content_id"]) == set(answers["content_id"]) == ids
    assert len(leads) == len(og.leads([PLAN, LAWN], answers="none"))
    assert (leads["created_at"].dt.tz_convert("UTC").dt.strftime("%Y-%m") == leads["month"].astype(str)).all()
    assert set(answers["lead_id"]) <= set(leads["lead_id"])
    assert (tmp_path / "all" / "questions.csv").is_file()
    (tmp_path / "all" / "_outgrow-nb.json").unlink()
    with pytest.raises(ConfigError, match="no export of outgrow-nb"):
        og.export(tmp_path / "all")


def test_a_frame(plain: Outgrow, tmp_path: Path) -> None:
    """A frame is written with its answers; the dictionary has its questions; what masking leaves out is named."""
    frame = plain.leads(PLAN)
    plain.export(tmp_path / "plan.parquet", frame, pii="keep")
    back = pd.read_parquet(tmp_path / "plan.parquet")
    assert list(back.columns) == list(frame.columns)
    assert [str(kind) for kind in back.dtypes] == [str(kind) for kind in frame.dtypes]
    header, *rows = cells(tmp_path / "plan.questions.csv")
    columns = {row[header.index("column")] for row in rows}
    assert columns <= {name.partition("[")[0] for name in frame.columns}
    assert len(columns) > 5
    with pytest.warns(UserWarning, match="Left out, since people may have written them: "):
        plain.export(tmp_path / "plan.csv", frame)
    assert "@example" not in (tmp_path / "plan.csv").read_text(encoding="utf-8-sig")


def test_without_a_store(plain: Outgrow, tmp_path: Path) -> None:
    """Without a store and a frame it writes what `leads()` of all contents gives."""
    plain.export(tmp_path / "all.csv")
    assert len(cells(tmp_path / "all.csv")) == len(plain.leads()) + 1


def test_other_endings(og: Outgrow, tmp_path: Path) -> None:
    """Any other ending is refused before anything is read; a workbook's with what a spreadsheet opens."""
    with pytest.raises(ConfigError, match=r"none of \.csv") as caught:
        og.export(tmp_path / "a.xlsx")
    assert "A spreadsheet opens .csv" in caught.value.next_step
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_exports_and_answers_sql(og: Outgrow, tmp_path: Path, sandbox: Sandbox) -> None:
    """A frozen client has the same ways out, and asks nobody."""
    frozen = og.snapshot(f"for {tmp_path.name}")
    assert isinstance(frozen, Frozen)
    sandbox.control(reset_stats=True)
    frozen.export(tmp_path / "frozen.parquet")
    (n,) = frozen.sql("select count(*) n from leads")["n"]
    assert n == len(pd.read_parquet(tmp_path / "frozen.parquet"))
    assert sandbox.stats()["api_requests"] == 0


def test_command_line(sandbox: Sandbox, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`outgrow-nb export` does the same, and says where the leads are."""
    place = Place(tmp_path, monkeypatch)
    place.save(signed_in(sandbox))
    out = tmp_path / "leads.csv"
    command = [sys.executable, "-m", "outgrow_nb", "export", str(out), "--store", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Leads are in {out}\n", "")
    assert "@example" not in out.read_text(encoding="utf-8-sig")
    done = subprocess.run([*command[:4], str(tmp_path / "a.xlsx")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2


# --- SQL


def test_sql_is_the_frames(og: Outgrow) -> None:
    """`select * from leads` and `from answers` are the frames: values, columns, dtypes, zone."""
    by_frame = og.leads([PLAN, LAWN], answers="none")
    by_sql = og.sql("from leads")
    assert list(by_sql.columns) == list(by_frame.columns)
    assert [str(kind) for kind in by_sql.dtypes] == [str(kind) for kind in by_frame.dtypes]
    pd.testing.assert_frame_equal(ordered(by_sql, "lead_id"), ordered(by_frame, "lead_id"), check_categorical=False)
    by_frame, by_sql = og.answers([PLAN, LAWN]), og.sql("select * from answers")
    assert list(by_sql.columns) == list(by_frame.columns)
    assert [str(kind) for kind in by_sql.dtypes] == [str(kind) for kind in by_frame.dtypes]
    keys = ("lead_id", "question_id", "rank")
    pd.testing.assert_frame_equal(ordered(by_sql, *keys), ordered(by_frame, *keys), check_categorical=False)


def test_sql_counts_in_the_clients_zone(og: Outgrow) -> None:
    """Days are those of the client's zone; whole numbers are int64, other numbers float64."""
    frame = og.sql(
        "select date_trunc('day', created_at) as day, count(*) n, avg(score) s from leads group by 1 order by 1"
    )
    leads = og.leads([PLAN, LAWN], answers="none")
    wanted = leads.groupby(leads["created_at"].dt.floor("D")).size()
    assert frame["n"].tolist() == wanted.tolist()
    assert frame["day"].tolist() == wanted.index.tolist()
    assert [str(kind) for kind in frame.dtypes] == ["datetime64[us, Europe/Berlin]", "int64", "float64"]


def test_sql_masked(sandbox: Sandbox, kept: Path) -> None:
    """A client that masks shows nobody in SQL either; hashes are those of the frames."""
    og = client(signed_in(sandbox), store=Store(kept), pii="mask")
    by_sql, by_frame = og.sql("from leads"), og.leads([PLAN, LAWN], answers="none")
    pd.testing.assert_frame_equal(ordered(by_sql, "lead_id"), ordered(by_frame, "lead_id"), check_categorical=False)
    assert by_sql["email"].dropna().str.fullmatch(HASHED).all()
    keys = ("lead_id", "question_id", "rank")
    answers = og.sql("from answers")
    pd.testing.assert_frame_equal(
        ordered(answers, *keys), ordered(og.answers([PLAN, LAWN]), *keys), check_categorical=False
    )
    key = og.sql("select sql from duckdb_views()").to_csv() + og.sql("select * from duckdb_functions()").to_csv()
    assert og.person_id("x") not in key


WRONG = {
    "select nope from leads": 'column "nope"',
    "selekt 1": "syntax error",
    "from nowhere": "nowhere",
    "select * from read_text('/etc/passwd')": "no other file",
    "select * from read_csv('https://example.com/a.csv')": "no other file",
    "select * from glob('/tmp/*')": "no other file",
    "select * from read_parquet('*.parquet')": "no other file",
    "copy leads to 'x.csv'": "one SELECT",
    "select 1; select 2": "one SELECT",
    "set memory_limit = '1TB'": "one SELECT",
    "attach 'x.duckdb'": "one SELECT",
    "install httpfs": "one SELECT",
    "explain analyze copy leads to 'x.csv'": "one SELECT",
    "create table t as select 1": "one SELECT",
    "": "one SELECT",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_sql(og: Outgrow, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that is wrong, or reaches for anything but the store, is one error of ours with the next step."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=WRONG[text]) as caught:
        og.sql(text)
    assert caught.value.next_step
    assert list(tmp_path.iterdir()) == []


def test_store_files_cannot_be_written_by_a_query(og: Outgrow, kept: Path) -> None:
    """Not even the store's own files: they are what they were."""
    before = {path: path.read_bytes() for path in kept.rglob("*.parquet")}
    (path, *_) = before
    for text in (f"copy (select 1) to '{path}'", f"copy (select 1) to '{path}' (use_tmp_file false)"):
        with pytest.raises(ConfigError):
            og.sql(text)
    assert {path: path.read_bytes() for path in kept.rglob("*.parquet")} == before


def test_a_sync_meanwhile(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where a sync replaces files while they are read, it is read anew; a file that is just missing is an error."""
    store = Store(tmp_path / "kept")
    og = client(signed_in(sandbox), store=store)
    (tmp_path / "a.csv").write_text("Email,Date\na@x.example,2026-06-02\n")
    og.sync(LAWN)
    seen: list[int] = []

    def count(held: Manifest) -> int:
        if not seen:
            og.add_export(tmp_path / "a.csv", LAWN)  # the month of June is another file now
        seen.append(held.serial)
        tables = StoreTables(store, held, tz="UTC")
        return sum(piece.num_rows for piece in tables.leads().pieces())

    before = len(og.leads(LAWN, answers="none"))
    assert og._from_store(count) == before + 1
    assert len(seen) == 2
    for part in store.parts(store.manifest()):
        part.leads.unlink()
    with pytest.raises(CacheError, match="was replaced by a sync"):
        og._from_store(count)


# --- Dask, here in this process; clusters are in tests/processes/test_dask.py


def test_dask_is_the_frame(og: Outgrow) -> None:
    """Computed, it is the frame of the same arguments: rows, columns, dtypes; contents and status are known."""
    for arguments in (
        {"contents": PLAN, "since": "2026-01-15", "until": "2026-03-20", "status": "completed"},
        {"contents": [PLAN, LAWN]},
        {"contents": LAWN, "since": "2099-01-01"},
    ):
        lazy = og.leads_dask(**arguments)
        found, wanted = lazy.compute(), og.leads(**arguments, answers="none")
        assert list(found.columns) == list(wanted.columns)
        assert [str(kind) for kind in found.dtypes] == [str(kind) for kind in wanted.dtypes]
        assert [str(kind) for kind in lazy.dtypes] == [str(kind) for kind in wanted.dtypes]
        found = found.reset_index(drop=True)
        pd.testing.assert_frame_equal(
            ordered(found, "lead_id"), ordered(wanted, "lead_id"), check_categorical=False, check_index_type=False
        )
        names = [arguments["contents"]] if isinstance(arguments["contents"], str) else arguments["contents"]
        assert list(lazy["content"].cat.categories) == sorted(names)
        assert lazy["status"].cat.known
        assert not lazy["utm_source"].cat.known or not len(found)
    masked = og.leads_dask(PLAN, pii="mask").compute()
    assert masked[["email", "phone", "first_name", "last_name", "company"]].isna().all(axis=None)
    assert not masked["landing_page"].dropna().str.contains("?", regex=False).any()
    with pytest.raises(UnknownContent):
        og.leads_dask("Which plan")
    with pytest.raises(ConfigError, match="status='done'"):
        og.leads_dask(status="done")


def test_d01_no_key_in_a_graph(sandbox: Sandbox, tmp_path: Path) -> None:
    """An API-key account's graph holds no key: the client has fetched into the store, workers read files."""
    entry = with_key(sandbox)
    og = client(entry, store=Store(tmp_path / "kept"))
    og.sync()
    assert entry.api_key is not None
    lazy = og.leads_dask()
    assert len(lazy) == len(og.leads(answers="none"))
    assert entry.api_key.reveal().encode() not in dumps(lazy)


# --- what needs a store


def test_what_needs_a_store(plain: Outgrow, sandbox: Sandbox, tmp_path: Path) -> None:
    """Without a store, and with one that holds nothing, each says what to do."""
    (tmp_path / "a.csv").write_text("Email,Date\na@x.example,2026-01-02\n")
    add: Callable[[Outgrow], object] = lambda og: og.add_export(tmp_path / "a.csv", PLAN)  # noqa: E731
    calls: list[Callable[[Outgrow], object]] = [
        lambda og: og.sql("select 1"),
        lambda og: og.leads_dask(),
        lambda og: og.export(tmp_path / "b.csv"),
    ]
    for call in [*calls[:2], add]:
        with pytest.raises(ConfigError, match="keeps no leads") as caught:
            call(plain)
        assert "store=" in caught.value.next_step
    empty = client(signed_in(sandbox), store=Store(tmp_path / "empty"))
    for call in calls:
        with pytest.raises(ConfigError, match="keeps no leads yet") as caught:
            call(empty)
        assert "og.sync()" in caught.value.next_step


MISSING = """
import sys
from pathlib import Path
sys.modules["duckdb"] = sys.modules["dask"] = None
from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import Window
from outgrow_nb.store import Store
from outgrow_nb.store.dask_leads import dask_leads
from outgrow_nb.store.exporting import kind_of
from outgrow_nb.store.sql import query
store = Store(Path(sys.argv[1]))
for call in (
    lambda: query(store, store.manifest(), "select 1", tz="UTC"),
    lambda: kind_of(Path("a.duckdb")),
    lambda: dask_leads(store, store.manifest(), None, Window(), status="all", tz="UTC", hide=False),
):
    try:
        call()
    except ConfigError as error:
        print(error.next_step)
"""


def test_a_missing_extra_is_named(kept: Path) -> None:
    """Where DuckDB or Dask is not installed, the line that installs it is told."""
    done = subprocess.run([sys.executable, "-c", MISSING, str(kept)], capture_output=True, text=True, timeout=60)
    lines = ["Run: pip install 'outgrow-nb[store]'"] * 2 + ["Run: pip install 'outgrow-nb[dask]'"]
    assert done.stdout.splitlines() == lines, done.stderr


# --- a file of the dashboard


def exported(og: Outgrow, path: Path, *, ids: bool) -> pd.DataFrame:
    """Some of a content's leads as a dashboard might write them."""
    leads = og.leads(PLAN, answers="none", pii="keep").head(40)
    columns = {"created_at": "Submitted At", "email": "Email Address", "utm_source": "UTM Source", "score": "Score"}
    made = leads[[*(["lead_id"] if ids else []), *columns]].rename(columns={**columns, "lead_id": "Lead ID"})
    made["Submitted At"] = made["Submitted At"].dt.tz_convert("UTC").dt.strftime("%d/%m/%Y %H:%M:%S")
    made["What is your budget?"] = "=about 100"
    made.to_csv(path, index=False, sep=";", encoding="utf-16")
    return leads


@pytest.mark.parametrize("ids", [True, False])
def test_an_export_fills_the_past(sandbox: Sandbox, tmp_path: Path, ids: bool) -> None:
    """What the store has is not doubled, by id or by person and time; what it lacks is added, once."""
    full = client(signed_in(sandbox))
    leads = exported(full, tmp_path / "a.csv", ids=ids)
    og = client(signed_in(sandbox), store=Store(tmp_path / "kept"))
    first = og.add_export(tmp_path / "a.csv", PLAN, tz="UTC")
    assert first[["content", "rows", "new", "total"]].iloc[0].tolist() == [PLAN, 40, 40, 40]
    assert first["first"][0] == leads["created_at"].min().floor("s")
    assert og.add_export(tmp_path / "a.csv", PLAN)["new"].tolist() == [0]
    kept = og.sql("select lead_id, email, score from leads")
    assert sorted(kept["email"].dropna()) == sorted(leads["email"].dropna())
    budget = og.sql("""select distinct text from answers where "column" = 'what_is_your_budget'""")
    assert budget["text"].tolist() == ["=about 100"]
    og.sync(PLAN)
    real = full.leads(PLAN, answers="none")
    unknown = 0 if ids else int(leads["email"].isna().sum())  # with neither id nor e-mail nobody can tell
    assert len(og.leads(PLAN, answers="none")) == len(real) + unknown
    assert og.add_export(tmp_path / "a.csv", PLAN)["new"].tolist() == [0]


def test_an_export_of_what_is_not_known(og: Outgrow, sandbox: Sandbox, tmp_path: Path) -> None:
    """Problems are in one warning and in the row; a content that nobody knows is refused, with near matches."""
    store = client(signed_in(sandbox), store=Store(tmp_path / "kept"))
    (tmp_path / "a.csv").write_text("Email,When\na@x.example,tomorrow\n")
    with pytest.warns(SchemaDrift, match="no column tells when a lead was submitted"):
        frame = store.add_export(tmp_path / "a.csv", LAWN)
    assert "no column tells" in frame["problems"][0]
    assert frame["first"].isna().all()
    with pytest.raises(UnknownContent, match="No content is called"):
        store.add_export(tmp_path / "a.csv", "Which plan fits yo")
