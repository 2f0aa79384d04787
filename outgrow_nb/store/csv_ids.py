"""Ids of leads in a CSV export: the file's own, or made of what a row says, the same each time the file is read."""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from outgrow_nb.store.twins import MADE


def digest(parts: Iterable[str]) -> bytes:
    """12 bytes that stand for these texts in this order."""
    made = blake2b(digest_size=12)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        made.update(len(encoded).to_bytes(8, "little") + encoded)
    return made.digest()


def person_at(time: str, email: str) -> bytes | None:
    """What a row without id is known by: its time and its e-mail address; None where one is missing."""
    plain = email.strip().casefold()
    return digest((time.strip(), plain)) if time.strip() and plain else None


class Ids:
    """Gives every row of a file its id.

    Args:
        content: The content's id: the same row is another lead elsewhere.
        alike: What several rows without id are known by (`person_at`, with the time as written): these are told apart
            by all they say.

    Attributes:
        made: Rows without id.
        doubled: Rows that say the same as an earlier one of the same id.
        differing: Rows whose id stands at an earlier, different row.
    """

    def __init__(self, content: str, alike: frozenset[bytes]) -> None:
        self._content, self._alike = content, alike
        self._rows: dict[str, bytes] = {}
        self._again: Counter[bytes] = Counter()
        self.made = self.doubled = self.differing = 0

    def given(self, lead_id: str, row: bytes) -> str | None:
        """Of a row with id; None where the row was there before.

        Args:
            lead_id: As the file has it.
            row: `digest` of all the row says.
        """
        first = self._rows.setdefault(lead_id, row)
        if first != row:
            lead_id = f"{lead_id}#{row.hex()[:8]}"
            self.differing += lead_id not in self._rows
            first = self._rows.setdefault(lead_id, row)
        self._again[row] += 1
        if self._again[row] == 1:
            return lead_id
        self.doubled += 1
        return None

    def of(self, row: bytes, *, as_written: str, time: str, email: str) -> str:
        """Of a row without id.

        Args:
            row: `digest` of all the row says.
            as_written: Its time as written.
            time: Its time, ISO 8601 in UTC where it could be read.
            email: Its e-mail address.
        """
        self.made += 1
        person = person_at(time, email)
        if person is None or person_at(as_written, email) in self._alike:
            self._again[row] += 1
            person = digest((row.hex(), str(self._again[row])))
        return MADE + digest((self._content, person.hex())).hex()
