"""`pii="mask"`: no e-mail, name, phone number or free text in any cell; the same person keeps the same hash."""

import pandas as pd
import pytest

from outgrow_nb.frames import person_id
from tests.unit.frames_support import answer, lead, read

KEY = b"0" * 32
RECORDS = [
    lead(
        1,
        [
            answer("q-t", "I am Ana Secret"),
            answer("q-c", "Ask Ana Secret"),
            answer("q-m", ["Red", "Ana Secret"]),
            answer("q-n", 3),
            answer("q-e", "Ana.Secret@example.com", kind="email", text="Mail"),
            answer("q-n", "call Ana Secret"),
        ],
        email=" ana.SECRET@example.com",
        phone="+49 (151) 123-45678",
        first_name="Ana",
        last_name="Secret",
        company="Ana Secret Ltd",
        landing_page="https://x.example.com/a?email=ana.secret@example.com#Secret",
        nickname="Secret",
    ),
    lead(
        2,
        [answer("q-e", "ana.secret@example.com", kind="email", text="Mail")],
        email="ana.secret@example.com",
        phone="+4915112345678",
    ),
]


@pytest.mark.parametrize("labels", [True, False])
def test_nothing_personal_in_any_cell_or_column(labels: bool) -> None:
    """Neither the wide nor the long frame holds a name, address or anything written freely."""
    kept = read(RECORDS)
    for frame in (kept.leads(mask_key=KEY, labels=labels), kept.answers(mask_key=KEY, labels=labels)):
        text = frame.to_csv().lower()
        assert "secret" not in text
        assert "ana." not in text
        assert "12345678" not in text
        categories = [list(frame[c].cat.categories) for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)]
        assert "secret" not in str(categories).lower()


def test_contact_answers_as_numbers_and_names_in_results() -> None:
    """A phone number sent as a JSON number is hashed too, and a result that is no amount is left out."""
    told = [{"name": "Advice", "value": "Dear Ana Secret"}, {"name": "Cost", "value": "$5 to $7"}]
    kept = read([lead(1, [answer("q-p", 4915112345678, kind="phone")], results=told)])
    wide, long = kept.leads(mask_key=KEY), kept.answers(mask_key=KEY)
    assert wide["q_p"][0] == person_id("4915112345678", KEY) == long["text"][0]
    assert long["number"].isna().all()
    assert (wide["cost"][0], wide["cost_low"][0]) == ("$5 to $7", 5)
    assert wide["advice"].isna().all()
    assert long["text"].isna().tolist() == [False, True, False]


def test_the_same_person_has_the_same_hash() -> None:
    """Case, blanks and marks in phone numbers make no difference; `person_id` gives what the columns hold."""
    frame = read(RECORDS).leads(mask_key=KEY)
    assert frame["email"].nunique() == frame["phone"].nunique() == frame["mail"].nunique() == 1
    assert frame["email"][0] == person_id("ANA.secret@example.com", KEY) == frame["mail"][0]
    assert person_id("x@example.com", KEY) != person_id("x@example.com", b"1" * 32)
    assert len(person_id("x@example.com", KEY)) == 32


def test_what_is_nobodys_stays() -> None:
    """Known options, numbers and flat facts stay as they are; an unknown option is only said to be one."""
    frame = read(RECORDS[:1]).leads(mask_key=KEY)
    assert frame["colours[Red]"][0]
    assert frame["colours[(other)]"][0]
    assert frame["choice"][0] == "(other)"
    assert frame["landing_page"][0] == "https://x.example.com/a"
    assert "note" not in frame
    assert frame["first_name"].isna().all()
    assert list(frame.columns[:22]) == list(read(RECORDS).leads().columns[:22])
