"""A CSV file whoever wrote it: its encoding and delimiter are found, its records come one after another."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from outgrow_nb.errors import ConfigError

_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 1 << 16
_SAMPLE_RECORDS = 50
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAVE_AGAIN = 'Save it again as "CSV UTF-8", or export it anew.'


@dataclass(frozen=True)
class CsvText:
    """One file.

    Attributes:
        path: Where it is.
        encoding: How its bytes are read.
        delimiter: What parts its cells.
    """

    path: Path
    encoding: str
    delimiter: str

    def records(self) -> Iterator[list[str]]:
        """Every record that has a cell with text, header first; cells as written.

        Raises:
            ConfigError: A cell does not end.
        """
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                for number, record in enumerate(csv.reader(file, delimiter=self.delimiter)):
                    if any(record) and not (number == 0 and _is_hint(record)):
                        yield record
        except csv.Error as error:
            raise ConfigError(f"{self.path} cannot be read as CSV ({error}).", _SAVE_AGAIN) from None


def csv_text(path: Path) -> CsvText:
    """Finds out how the file is written: UTF-8, UTF-16 or Windows-1252; commas, semicolons, tabs or bars.

    Raises:
        ConfigError: No file, or one that is none of these.
    """
    problem = ""
    try:
        encoding = _encoding(path)
    except OSError as error:
        problem = error.strerror or type(error).__name__
    if problem:
        raise ConfigError(f"{path} cannot be read ({problem}).", "Give the path of the CSV file that Outgrow exported.")
    return CsvText(path, encoding, _delimiter(path, encoding))


def _is_hint(record: list[str]) -> bool:
    """Excel's own first line, which names the delimiter."""
    return record[0].lower().startswith("sep=") and len("".join(record)) <= len("sep=;")


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ConfigError(f"{path} is a workbook or an archive, no CSV file.", _SAVE_AGAIN)
    for mark, name in _BOMS:
        if head.startswith(mark):
            if not _is(path, name):
                raise ConfigError(f"{path} says it is {name.upper()}, and is not.", _SAVE_AGAIN)
            return name
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > len(head) // 8 and others <= zeros // 8 and _is(path, name):
            return name
    return next(name for name in ("utf-8", "cp1252", "latin-1") if _is(path, name))


def _is(path: Path, encoding: str) -> bool:
    """Whether all bytes can be read so."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The one with which the most records have as many cells as the header, of more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            records = list(islice(CsvText(path, encoding, delimiter).records(), _SAMPLE_RECORDS))
        except ConfigError:
            return 0, 0
        width = len(records[0]) if records else 0
        return (width > 1) * sum(len(record) == width for record in records), width

    return max(_DELIMITERS, key=score)
