"""Nothing vanishes: ugly leads, odd types, and any JSON at all stand in the long frame, and the wide one agrees."""

import json
import math
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow_nb.frames import KeptLeads
from outgrow_nb.records import Lead
from tests.unit.frames_support import FORM, answer, body, lead, read, ugly


def told(kept: KeptLeads) -> list[str]:
    """What a read says about values that did not fit."""
    sentences: list[str] = []
    kept.leads(tell=lambda _, sentence: sentences.append(sentence))
    return sentences


def spelled(value: Any) -> str | None:
    """A JSON value as the long frame spells it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and not isinstance(value, bool):
        return None if math.isinf(value) else json.dumps(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def same(found: str | None, wanted: str | None) -> bool:
    """Equal texts, or equal as JSON values (1e22 and 10000000000000000000000.0 are one number)."""
    if found == wanted or found is None or wanted is None:
        return found == wanted
    try:
        return bool(json.loads(found) == json.loads(wanted))
    except ValueError:
        return False


def column(frame: pd.DataFrame, lead_id: str, key: str) -> list[str | None]:
    rows = frame[(frame["lead_id"] == lead_id) & (frame["question_id"] == key)]
    return [None if pd.isna(text) else str(text) for text in rows["text"]]


def test_ugly_leads_one_row_each() -> None:
    """Every hand-written ugly lead is one row, but for the one that came twice."""
    frame = read(ugly(), page=7).leads()
    ids = {str(record["id"]) for record in ugly()}
    assert set(frame["lead_id"]) == ids
    assert len(frame) == len(ids)


def test_ugly_leads_by_case() -> None:
    """What the wide frame says of the ugly leads."""
    kept = read(ugly())
    frame = kept.leads().set_index("lead_id")
    ten = pd.Timestamp("2026-05-01T10:00", tz="UTC")
    for one in ("5", "6", "7", "9", "65"):
        assert frame["created_at"][one] == ten, one
    assert frame["created_at"]["65f000000000000000000003"] == pd.Timestamp(0x65F00000, unit="s", tz="UTC")
    assert frame["created_at"][["lead-4", "12", "13", "14", "15"]].isna().all()
    assert frame["created_at_as_received"]["12"] == "01/05/2026"
    assert frame["phone"]["18"] == "4915112345678"
    assert frame["phone"]["19"] == "+49 151 12345678"
    assert json.loads(frame["country"]["20"]) == {"code": "DE", "name": "Germany"}
    assert frame["status"][["21", "22"]].isna().all()
    assert frame["status_as_received"]["21"] == "abandoned"
    assert frame["score"]["23"] == 17.5
    assert frame["score_field_score"]["24"] == "high"
    assert frame.loc["26", ["email", "utm_source", "device", "outcome"]].isna().all()
    assert (frame["utm_source"]["27"], frame["utm_medium"]["27"]) == ("google", "cpc")
    assert (frame["company_size"]["28"], frame["lead_id_field_lead_id"]["29"]) == ("250", "abc")
    sizes = [name for name in frame.columns if name.startswith("size_")]
    assert sorted(frame.loc["32", sizes]) == ["1", "2"]
    assert frame["your_zip_code"][["65f000000000000000000001", "34"]].tolist() == ["02139", "00501"]
    assert frame["email"]["65"] == "new@example.org"
    assert frame["calculator_id_as_received"]["66"] == "someone-else"
    assert frame["number"]["39"] == 1234.5
    assert str(frame["number"].dtype) == "Float64"
    assert frame["how_many"].dropna().tolist() == ["a few", "12345678901234567890"]
    assert frame["stars"]["43"] == "4.5"
    assert frame["colours[Red]"][["45", "46", "47"]].tolist() == [True, False, True]
    assert frame["colours[Blue, dark]"][["45", "46", "47"]].tolist() == [True, False, True]
    assert frame["colours[Mauve]"]["48"]
    assert pd.isna(frame["colours[Red]"]["44"])
    assert frame["choice"][["50", "51"]].tolist() == ["No", "Maybe"]
    assert frame["note"]["52"] == '["one","two"]'
    assert (frame["cost_low"]["57"], frame["cost_high"]["57"], frame["cost_unit"]["57"]) == (95, 105, "$")
    assert frame["cost"]["58"] == "Math Error"
    assert frame["litres"]["57"] == 1234.5
    assert frame["saved_unit"]["59"] == "%"


def test_ugly_leads_are_told() -> None:
    """Drift and values that did not fit are named, once for each content."""
    kept = read(ugly())
    assert list(kept.drift()) == ["c1"]
    for word in ("'hologram'", "values of 'calculator_id', 'created_at', 'status'"):
        assert word in kept.drift()["c1"]
    assert any("'how_many'" in sentence for sentence in told(kept))
    assert any("that the form does not know" in sentence for sentence in told(kept))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
ASKED = st.sampled_from([question.id for question in FORM])
ANSWERS = st.lists(st.builds(answer, ASKED, JSON), max_size=5)
FIELDS = st.dictionaries(st.sampled_from(Lead.__struct_fields__) | st.text(max_size=6), JSON, max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, max_size=4))
def test_any_json_lead_is_read_and_no_value_is_lost(fields: list[dict[str, Any]]) -> None:
    """Whatever a lead holds: a row for it, every frame is made, and every top-level value stands somewhere as text."""
    records = [{**one, "id": f"id-{place}"} for place, one in enumerate(fields)]
    kept = read(records)
    frame, long = kept.leads(), kept.answers()
    kept.leads(mask_key=b"k", labels=False)
    kept.questions_frame()
    assert set(frame["lead_id"]) == {record["id"] for record in records}
    by_lead = frame.set_index("lead_id")
    for record in records:
        for key, value in record.items():
            if key in Lead.__struct_fields__ or value is None:
                continue
            found = column(long, record["id"], f"field:{key}")
            wanted = [spelled(v) for v in value] if isinstance(value, list) and value else [spelled(value)]
            assert len(found) == len(wanted)
            assert all(same(a, b) for a, b in zip(found, wanted, strict=True))
        for key in ("email", "first_name", "landing_page"):
            value = record.get(key)
            if value is not None and value != "":
                assert same(str(by_lead[key][record["id"]]), spelled(value))


@settings(max_examples=150, deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=4))
def test_long_and_wide_hold_the_same_answers(answers: list[list[dict[str, Any]]]) -> None:
    """Each answer stands in the long frame; where it is not null, its question's columns are not empty either."""
    records = [lead(place + 1, given_) for place, given_ in enumerate(answers)]
    kept = read(records)
    frame, long = kept.leads().set_index("lead_id"), kept.answers()
    names = dict(zip(kept.questions_frame()["question_id"], kept.questions_frame()["column"], strict=True))
    assert len(long) == sum(
        len(a["answer"]) or 1 if isinstance(a["answer"], list) else 1 for r in records for a in r["answers"]
    )
    for record in records:
        for key in {one["question_id"] for one in record["answers"]}:
            values = [one["answer"] for one in record["answers"] if one["question_id"] == key]
            flat = [item for v in values for item in (v if isinstance(v, list) and v else [v])]
            found = column(long, record["id"], key)
            assert all(same(a, spelled(b)) for a, b in zip(found, flat, strict=True))
            own = [c for c in frame.columns if c == names[key] or c.startswith(f"{names[key]}[")]
            said = any(v is not None and not (isinstance(v, str) and not v.strip()) for v in flat)
            ranked_none = key == "q-k" and all(v is None or v == [] or v == "" for v in flat)
            if said and not ranked_none:
                assert frame.loc[record["id"], own].notna().any(), (key, values)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANSWERS, min_size=2, max_size=4), st.randoms(use_true_random=False), st.integers(1, 3))
def test_frames_do_not_depend_on_the_order_of_arrival(answers: list[list[Any]], chance: Any, page: int) -> None:
    """The same leads in another order and other pages give the same frames, column for column."""
    records = [lead(place + 1, given_) for place, given_ in enumerate(answers)]
    mixed = list(records)
    chance.shuffle(mixed)
    one, other = read(records), read(mixed, page=page)
    pd.testing.assert_frame_equal(one.leads(), other.leads())
    pd.testing.assert_frame_equal(one.answers(), other.answers())
    pd.testing.assert_frame_equal(one.questions_frame(), other.questions_frame())


def test_keys_bytes_of_pages_are_let_go_beyond_the_limit() -> None:
    """Only so many bytes of pages as asked for are kept for `raw`."""
    from outgrow_nb.api import decode
    from outgrow_nb.frames import LeadBatches, kept
    from tests.unit.frames_support import QUIZ

    pages = [body([lead(n)]) for n in range(3)]
    batches = LeadBatches(keep_bytes=len(pages[1]) + len(pages[2]))
    for page in pages:
        batches.add(QUIZ, decode.leads_page(page))
    assert len(batches) == 3
    assert [one for _, one in kept(batches).bodies] == pages[1:]
