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


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("https://x.com/unsub/anna@example.com?e=1", "https://x.com"),
        ("https://x.com/unsub/anna%40example.com/", "https://x.com"),
        ("https://x.com/unsub/anna%2540example.com", "https://x.com"),
        ("https://x.com/a;mail=anna@example.com", "https://x.com"),
        ("https://anna:pw@x.com/a", "https://x.com/a"),
        ("mailto:anna@example.com", None),
        ("tel:+491701234567", None),
        ("anna@example.com", None),
        ("https://anna%40example.com", None),
        ("android-app://com.google.android.gm/", "android-app://com.google.android.gm/"),
        ("www.example.com/a", "www.example.com/a"),
    ],
)
def test_addresses_hold_no_e_mail(address: str, left: str | None) -> None:
    """Where somebody came from is told without who they are: not in the path, not encoded, not as mailto."""
    frame = read([lead(1, landing_page=address, referrer=address)]).leads(mask_key=KEY)
    for name in ("landing_page", "referrer"):
        assert (None if pd.isna(frame[name][0]) else frame[name][0]) == left


def test_campaigns_and_outcomes_hold_no_e_mail() -> None:
    """A campaign or outcome with an e-mail address in it is left out, the others stay."""
    told = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "outcome")
    values = ("for anna@example.com", "anna%40example.com", "mailto:anna", "newsletter")
    records = [{**lead(n), **dict.fromkeys(told, value)} for n, value in enumerate(values)]
    frame = read(records).leads(mask_key=KEY)
    for name in told:
        assert frame[name].isna().tolist() == [True, True, True, False], name
        assert list(frame[name].cat.categories) == ["newsletter"], name


def test_results_hold_no_address() -> None:
    """A number with a word that is no unit may be where somebody lives: left out, with its number and its unit."""
    shown = ["12 Main Street", "5 Anna Müller", "$95 to $105", "3 kWh per year", "57 m²", "12%", "US$ 4", "9 km/h", "7"]
    kept = read([lead(n, results=[{"name": "Told", "value": value}]) for n, value in enumerate(shown)])
    wide, long = kept.leads(mask_key=KEY), kept.answers(mask_key=KEY)
    assert wide["told"].isna().tolist() == long["text"].isna().tolist() == [True, True] + [False] * 7
    assert wide["told_low"].isna().tolist() == [True, True] + [False] * 7
    assert list(wide["told_unit"].cat.categories) == sorted(["$", "kWh per year", "m²", "%", "US$", "km/h"])
    assert kept.leads()["told_low"][0] == 12


def test_choices_that_no_form_knows() -> None:
    """Without a form every answer to a choice may have been written by a person, and is only said to be one."""
    given = [
        answer("zz", "Other: Anna Secret", kind="single choice"),
        answer("yy", ["Red", "Anna Secret"], kind="multiple choice"),
        answer("xx", ["Anna Secret"], kind="ranking"),
    ]
    kept = read([lead(1, given)], questions=())
    for frame in (kept.leads(mask_key=KEY), kept.answers(mask_key=KEY)):
        assert "Secret" not in frame.to_csv()
    assert kept.leads(mask_key=KEY)["zz"].tolist() == ["(other)"]


@pytest.mark.parametrize("text", ["Your phone number?", "Mobile", "Tel.", "Telefonnummer", "Mobilnummer"])
def test_a_phone_number_asked_for_as_a_number(text: str) -> None:
    """A question of kind number that asks for a phone is hashed as phone questions are."""
    kept = read([lead(1, [answer("q-p", 1701234567, kind="number", text=text)])], questions=())
    wide, long = kept.leads(mask_key=KEY), kept.answers(mask_key=KEY)
    assert wide.iloc[0, -1] == long["text"][0] == person_id("1701234567", KEY)
    assert long["number"].isna().all()
    assert kept.questions_frame()["personal"].tolist() == [True]
    usual = read([lead(1, [answer("q-n", 3)])]).questions_frame().set_index("column")["personal"]
    assert not usual["number"]
