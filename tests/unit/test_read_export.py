"""`read_export`: a dashboard's CSV file, however it is written, to the columns of `leads()`; no value is lost."""

import csv
import io
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outgrow_nb import read_export
from outgrow_nb.errors import ConfigError, SchemaDrift
from outgrow_nb.frames.schema import FLAT
from tests.unit.frames_support import read

HEADER = ["Submitted At", "Email Address", "Phone Number", "UTM Source", "Score", "Status", "Zip code", "Your budget?"]
ANA = ["2026-02-13 10:15:00", "ana@x.example", "+49 170 1", "Google", "12", "Completed", "02139", "=1+1"]
BEN = ["2026-02-14 11:00:00", "ben@x.example", "007", "", "", "partial", "00501", '$5;\n10, "or so"']


def written(
    path: Path, *rows: list[str], encoding: str = "utf-8", delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL
) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_however_it_is_written(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Every encoding and delimiter gives the same frame: dtypes of the contract, texts as they stand in the file."""
    ana = [*ANA[:-1], "Müller – 5 €"]
    frame = read_export(written(tmp_path / "leads.csv", HEADER, ana, BEN, encoding=encoding, delimiter=delimiter))
    assert frame.iloc[0][["email", "phone", "utm_source", "score", "status"]].tolist() == [
        "ana@x.example",
        "+49 170 1",
        "google",
        12.0,
        "completed",
    ]
    assert frame["zip_code"].tolist() == ["02139", "00501"]
    assert frame["your_budget"].tolist() == ["Müller – 5 €", BEN[-1]]
    assert frame["created_at"].tolist() == [pd.Timestamp(row[0], tz="UTC") for row in (ANA, BEN)]


def test_contract(tmp_path: Path) -> None:
    """The flat columns are those of `leads()`, in order and dtype, also where the file has none of them or no rows."""
    flat = [column.name for column in FLAT]
    wanted = read([]).leads(answers="none").dtypes
    for rows in ([HEADER, ANA], [HEADER], [["Colour?"], ["red"]]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SchemaDrift)
            frame = read_export(written(tmp_path / "Plan quiz.csv", *rows))
        assert list(frame.columns[: len(flat)]) == flat
        assert [str(kind) for kind in frame.dtypes[flat]] == [str(kind) for kind in wanted]
        assert frame["content"].tolist() == ["Plan quiz"] * (len(rows) - 1)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("Date", "Submitted at", "CREATED_AT", "Submission-Date", "Timestamp", " created at (UTC)"), "created_at"),
        (("Email", "E-mail", "Email Address", "e_mail", "EMAIL ADDRESS "), "email"),
        (("UTM Source", "utm_source", "utmSource", "Utm-Source"), "utm_source"),
        (("First Name", "firstname", "first_name"), "first_name"),
        (("Referrer", "Referer", "Referring URL"), "referrer"),
        (("ID", "Lead ID", "lead_id", "_id", "Submission Id"), "lead_id"),
    ],
)
def test_names_of_columns(tmp_path: Path, names: tuple[str, ...], field: str) -> None:
    """Case, blanks and marks of a column's name make no difference."""
    for name in names:
        value = "2026-05-05" if field == "created_at" else "x"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SchemaDrift)
            frame = read_export(written(tmp_path / "a.csv", [name, "Colour"], [value, "red"]))
        assert str(frame[field][0]).startswith(value)
        assert frame.columns[-1] == "colour"


AT = pd.Timestamp("2026-01-25 15:30", tz="UTC")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-25T15:30:00Z",
        "2026-01-25 15:30",
        "2026/1/25 15:30:00",
        "1769355000",
        "1769355000000",
        "25/01/2026 15:30",
        "1/25/2026 3:30 PM",
        "25.01.2026 15:30",
        "25-01-26, 15:30",
        "25 Jan 2026 15:30",
        "25-Jan-2026 15:30",
        "January 25, 2026 at 3:30 pm",
        "Jan 25th, 2026, 03:30:00 p.m.",
        "Sun, 25 Jan 2026 15:30:00 GMT",
        "Sun Jan 25 2026 16:30:00 GMT+0100 (Central European Standard Time)",
        "2026-01-25 16:30:00 +01:00",
        "2026-01-25 15:30:00 UTC",
    ],
)
def test_spellings_of_a_time(tmp_path: Path, text: str) -> None:
    """A time as tools write it is understood."""
    frame = read_export(written(tmp_path / "a.csv", ["Date", "Email"], [text, "a@x.example"]))
    assert frame["created_at"][0] == AT


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "13/13/2026", "25 Foo 2026", "25/01/2026 13:00 PM", "0001-01-01T00:00+23:59", "soon", "9999-12-31"],
)
def test_what_is_no_time(tmp_path: Path, text: str) -> None:
    """It stands in a column of its own, as it was written; nothing is made of it."""
    with pytest.warns(SchemaDrift, match=r"created_at: times that cannot be read \(1\)"):
        frame = read_export(written(tmp_path / "a.csv", ["Date", "Email"], [text, "a@x.example"]))
    assert frame["created_at"].isna().all()
    assert frame["created_at_as_received"][0] == text


def test_zone_of_the_file(tmp_path: Path) -> None:
    """Times that name no zone are in `tz`, unless the column's name says UTC."""
    frame = read_export(written(tmp_path / "a.csv", ["Date"], ["2026-01-25 16:30"]), tz="Europe/Berlin")
    assert frame["created_at"][0] == AT
    assert str(frame["created_at"].dtype) == "datetime64[us, Europe/Berlin]"
    frame = read_export(written(tmp_path / "a.csv", ["Date (UTC)"], ["2026-01-25 15:30"]), tz="Europe/Berlin")
    assert frame["created_at"][0] == AT
    frame = read_export(written(tmp_path / "a.csv", ["Date", "Time"], ["2026-01-25", "15:30"]))
    assert frame["created_at"][0] == AT


def test_day_or_month(tmp_path: Path) -> None:
    """Where no time tells which of day and month stands first, nothing is guessed; a word, or one time, decides."""
    path = written(tmp_path / "a.csv", ["Date", "Email"], ["03/04/2026", "a@x.example"], ["05/05/2026", "b@x.example"])
    with pytest.raises(ConfigError, match="day_first=True or day_first=False") as caught:
        read_export(path)
    assert "'03/04/2026'" in caught.value.problem
    assert [read_export(path, day_first=first)["created_at"].min().month for first in (True, False)] == [4, 3]
    decided = written(tmp_path / "b.csv", ["Date"], ["03/04/2026"], ["13/04/2026"])
    assert read_export(decided)["created_at"].dt.month.tolist() == [4, 4]
    dotted = written(tmp_path / "d.csv", ["Date"], ["03.04.2026"], ["13.04.2026 10:00"])
    assert read_export(dotted)["created_at"].dt.month.tolist() == [4, 4]
    assert read_export(written(tmp_path / "e.csv", ["Date"], ["03.04.2026"]))["created_at"][0].month == 4
    torn = written(tmp_path / "c.csv", ["Date"], ["13/04/2026"], ["04/13/2026"])
    with pytest.raises(ConfigError, match="In '13/04/2026' the day stands first, in '04/13/2026' the month"):
        read_export(torn)
    with pytest.warns(SchemaDrift, match=r"times that cannot be read \(1\)"):
        frame = read_export(torn, day_first=True)
    assert frame["created_at_as_received"].dropna().tolist() == ["04/13/2026"]


def test_what_is_not_understood_is_told_and_kept(tmp_path: Path) -> None:
    """One warning names it, `attrs` too, and every value still stands in the frame."""
    path = written(
        tmp_path / "a.csv",
        ["Date", "Email", "Mail", "Zip", "Zip", "Score", "Status", ""],
        ["soon", "a@x.example", "b@x.example", "1", "2", "8/10", "done", "x", "y"],
    )
    with pytest.warns(SchemaDrift) as caught:
        frame = read_export(path)
    assert len(caught) == 1
    told = str(caught[0].message)
    for part in ("'Mail'", "'Zip'", "values in columns without a name (2)", "score: ", "status: ", "created_at: "):
        assert part in told
    assert frame.attrs["outgrow"]["problems"] in told
    assert all(isinstance(value, str | int) for value in frame.attrs["outgrow"].values())
    cells = {str(value) for value in frame.iloc[0].dropna()}
    assert {"soon", "a@x.example", "b@x.example", "1", "2", "8/10", "done", "x", "y"} <= cells


def test_ids_are_the_same_each_time(tmp_path: Path) -> None:
    """Without an id column: ids from time and e-mail address, whatever else changes; equal rows stay two leads."""
    poll = ["2026-02-01 08:00", "", "", "", "", "", "", "red"]
    rows = [ANA, BEN, poll, poll, ["2026-02-13 10:15:00", "ANA@x.example ", *ANA[2:-1], "other"]]
    first = read_export(written(tmp_path / "a.csv", HEADER, *rows))
    again = read_export(written(tmp_path / "b.csv", HEADER, *rows, delimiter=";"))
    assert first["lead_id"].is_unique
    assert len(first) == 5
    assert first["lead_id"].tolist() == again["lead_id"].tolist()
    more = read_export(written(tmp_path / "c.csv", [*HEADER, "New question"], [*BEN, "yes"]))
    assert more["lead_id"][0] in set(first["lead_id"])
    assert read_export(tmp_path / "c.csv", content="b")["lead_id"][0] not in set(first["lead_id"])
    assert first.attrs["outgrow"]["made_ids"] == 5


def test_ids_of_the_file(tmp_path: Path) -> None:
    """Its own ids are kept; a row that stands there twice counts once, a different row of the same id is no loss."""
    rows = [["5f", "a"], ["5f", "a"], ["5f", "b"], ["60", "c"], ["", "d"]]
    with pytest.warns(SchemaDrift, match=r"differ: the later ones got an ending \(1\).*twice, counted once \(1\)"):
        frame = read_export(written(tmp_path / "a.csv", ["Id", "Colour"], *rows))
    assert sorted(frame["colour"]) == ["a", "b", "c", "d"]
    assert frame.loc[frame["colour"] == "a", "lead_id"].item() == "5f"
    assert frame["lead_id"].is_unique


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"PK\x03\x04....", "is a workbook or an archive"),
        (b"\xef\xbb\xbfname\n\xff\xff", "says it is UTF-8-SIG, and is not"),
        (b'Date,"' + b"x" * 200_000, "cannot be read as CSV"),
    ],
)
def test_no_csv_file(tmp_path: Path, data: bytes, said: str) -> None:
    """What is no CSV file is refused, with the way out."""
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=said) as caught:
        read_export(path)
    assert caught.value.next_step


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is told with its path."""
    with pytest.raises(ConfigError, match=r"missing\.csv cannot be read"):
        read_export(tmp_path / "missing.csv")


def test_hint_of_excel(tmp_path: Path) -> None:
    """Excel's ``sep=;`` line is no header."""
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nEmail;Date\na@x.example;2026-01-25\n")
    assert read_export(path)["email"].tolist() == ["a@x.example"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda text: text.strip())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5),
    header=st.tuples(TEXT, TEXT),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from(",;\t|"),
)
def test_any_text_survives(
    tmp_path: Path, cells: list[tuple[str, str]], header: tuple[str, str], encoding: str, delimiter: str
) -> None:
    """Any text in any cell, under any header, stands in the frame as it stood in the file."""
    names = [f"Question {header[0]}", f"Other {header[1]}"]
    rows = [[f"id{number}", "a@x.example", *row] for number, row in enumerate(cells)]
    path = written(
        tmp_path / "any.csv", ["Lead ID", "Email", *names], *rows, encoding=encoding, delimiter=delimiter, quoting=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaDrift)
        frame = read_export(path)
    found = frame.sort_values("lead_id", key=lambda ids: ids.str.removeprefix("id").astype(int))
    assert [tuple(row) for row in found[found.columns[-2:]].to_numpy().tolist()] == cells
