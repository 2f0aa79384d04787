"""Each person once, the CRM's knowledge beside the lead, and nobody recognisable in a masked frame."""

import pandas as pd
import pytest

from outgrow_nb import explore
from outgrow_nb.errors import ConfigError
from outgrow_nb.frames import person_id
from outgrow_nb.frames.schema import STR
from tests.unit.explore_support import PLAN, dtypes, of, sandbox_read

KEY = b"0123456789abcdef"


def people(**columns: list[object]) -> pd.DataFrame:
    """Leads of one content, a day apart."""
    size = len(next(iter(columns.values())))
    made = pd.DataFrame({"lead_id": [f"l{n}" for n in range(size)], "content": "Quiz", "score": 1.0, **columns})
    made["created_at"] = pd.date_range("2026-01-01", periods=size, tz="UTC")
    made["status"] = "completed"
    return made.astype({name: STR for name in ("email", "phone") if name in made})


def test_a_person_however_written() -> None:
    """Case, blanks and marks make no difference; a phone leads to its address; nobody known is nobody else."""
    leads = people(
        email=["Ana@example.com", " ana@EXAMPLE.com", None, None, None, None, None],
        phone=["+49 151 123", None, "(+49) 151-123", "555", "55-5", None, None],
    )
    assert explore.dedupe(leads)["lead_id"].tolist() == ["l2", "l4", "l5", "l6"]
    assert explore.dedupe(leads, keep="first")["lead_id"].tolist() == ["l0", "l3", "l5", "l6"]


def test_dedupe_is_per_content_by_time_and_keeps_dtypes() -> None:
    """The latest by `created_at` whatever the order of rows; a person in two contents stays twice."""
    leads = people(email=["a@x.example"] * 4)
    leads["content"] = ["Quiz", "Quiz", "Other", "Other"]
    assert explore.dedupe(leads.iloc[::-1])["lead_id"].tolist() == ["l3", "l1"]
    real = of(sandbox_read(7, 2000, (PLAN,)), PLAN)
    made = explore.dedupe(real)
    assert dtypes(made) == dtypes(real)
    assert len(made) < len(real)
    assert made["email"].str.lower().dropna().is_unique
    assert made["email"].isna().sum() <= real["email"].isna().sum()


def test_the_sandbox_regulars_are_found() -> None:
    """One lead in five is by a regular, who turns up about three times: a tenth of the leads is somebody again."""
    leads = sandbox_read(7, 2000).leads(answers="none")
    again = 1 - len(explore.dedupe(leads.assign(content="all"))) / len(leads)
    assert 0.06 < again < 0.14
    assert explore.sources(leads)["people"].sum() < explore.sources(leads)["n"].sum()


def test_sources_by_touch() -> None:
    """Each lead at its own source; or each person once, where they came from first or last."""
    leads = people(email=["a@x.example", "a@x.example", "b@x.example", None])
    leads["utm_source"] = ["google", "newsletter", "google", None]
    each, first, last = (
        explore.sources(leads, touch=touch).set_index("utm_source") for touch in ("each", "first", "last")
    )
    assert each["n"].to_dict() == {"google": 2, "newsletter": 1, "(unknown)": 1}
    assert each["people"].to_dict() == {"google": 2, "newsletter": 1, "(unknown)": 1}
    assert first["n"].to_dict() == {"google": 2, "(unknown)": 1}
    assert last["n"].to_dict() == {"newsletter": 1, "google": 1, "(unknown)": 1}
    with pytest.raises(ConfigError, match="touch"):
        explore.sources(leads, touch="middle")  # type: ignore[arg-type]


def test_crm_matches_people_and_leaves_the_rest_unknown() -> None:
    """Every lead once and in order; unmatched ones are NA; empty keys match nobody; a column of both keeps its two."""
    leads = people(email=["b@x.example", "A@X.example", None, "c@x.example"]).assign(company="Lead")
    crm = pd.DataFrame(
        {
            "email": ["a@x.example", "b@x.example ", None],
            "won": [True, False, True],
            "deal": [5, 7, 9],
            "company": "CRM",
        }
    )
    made = explore.join_crm(leads, crm, on="email")
    assert made["lead_id"].tolist() == leads["lead_id"].tolist()
    assert list(made.columns) == [*leads.columns, "won", "deal", "company_crm"]
    assert made["won"].tolist() == [False, True, pd.NA, pd.NA]
    assert made["deal"].tolist() == [7, 5, pd.NA, pd.NA]
    assert made["email"].tolist()[:2] == ["b@x.example", "A@X.example"]
    assert dtypes(explore.join_crm(leads.iloc[:0], crm, on="email")) == dtypes(made)
    leads.attrs["outgrow"] = {"account": "SANDBOX"}
    assert explore.join_crm(leads, crm, on="email").attrs == leads.attrs
    assert explore.conversion(made, "won", by="content")[["n", "won", "unknown"]].to_numpy().tolist() == [[2, 1, 2]]


def test_crm_that_names_a_person_twice() -> None:
    """Doubling leads is refused, also where only the spelling differs; the way out is named."""
    leads = people(email=["a@x.example"])
    crm = pd.DataFrame({"email": ["a@x.example", "A@x.example"], "won": [True, False]})
    with pytest.raises(ConfigError, match="1 of them more than once"):
        explore.join_crm(leads, crm, on="email")
    assert len(explore.join_crm(leads, crm, on="email", validate="1:m")) == 2
    with pytest.raises(ConfigError, match="Did you mean 'E-Mail'"):
        explore.join_crm(leads, crm.rename(columns={"email": "E-Mail"}), on="email")


def test_mask_leaves_nobody() -> None:
    """No address, name, number or free text in any cell; hashes are those of `pii="mask"`; the frame stays."""
    read = sandbox_read(7, 2000)
    for leads in (read.leads(), read.leads(answers="none")):
        before = leads.copy(deep=True)
        made = explore.mask(leads, key=KEY)
        pd.testing.assert_frame_equal(leads, before)
        text = made.to_csv().lower()
        assert "@" not in text
        known = {*leads["email"].dropna(), *leads["phone"].dropna(), *leads["company"].dropna()}
        assert not [one for one in known if one.lower() in text]
        there = read.leads(mask_key=KEY, answers="none")
        pd.testing.assert_frame_equal(made[there.columns], there)
    assert made["email"].dropna().iloc[0] == person_id(leads["email"].dropna().iloc[0], KEY)


def test_mask_keeps_what_is_harmless_and_drops_what_is_not_known_to_be() -> None:
    """A text of the CRM goes, a category stays; contact details of any dtype are hidden."""
    leads = people(email=["a@x.example"]).assign(
        stage="open", tier=pd.Categorical(["gold"]), last_name=pd.Categorical(["Silva"])
    )
    made = explore.mask(leads.assign(referrer="https://ana:pw@x.example/a?mail=a@x.example#ana"), key=KEY)
    assert made["referrer"].tolist() == ["https://x.example/a"]
    assert "stage" not in made
    assert made["tier"].tolist() == ["gold"]
    assert made["last_name"].isna().all()


@pytest.mark.parametrize("key", [b"", b"short", "a text of more than sixteen"])
def test_mask_needs_a_real_key(key: bytes) -> None:
    """An empty, short or textual key hides nobody well."""
    with pytest.raises(ConfigError, match="16 bytes"):
        explore.mask(people(email=["a@x.example"]), key=key)
