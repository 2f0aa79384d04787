"""`Outgrow` against a real server: what an analyst gets, how often it asks, and what happens when a sign-in ends."""

import copy
import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from outgrow_nb.api.sessions import Sessions
from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.client import Outgrow
from outgrow_nb.client.read import Call
from outgrow_nb.config import Secret
from outgrow_nb.errors import (
    ConfigError,
    Forbidden,
    SchemaDrift,
    SignInExpired,
    SignInRequired,
    UnexpectedAnswer,
    UnknownContent,
)
from outgrow_nb.records import Account
from tests.wire.clients import Asked, client, credentials, signed_in, until, with_key
from tests.wire.sandbox_fixtures import Sandbox

PLAN, CHECK, DRAFT = "Which plan fits you?", "Garden readiness check", "Autumn lookbook"
LAWN = "What will your lawn cost?"
CONTACT = ["email", "phone", "first_name", "last_name", "company"]


@pytest.fixture
def og(sandbox: Sandbox) -> Outgrow:
    """Ana's client."""
    made = client(signed_in(sandbox))
    sandbox.control(reset_stats=True)
    return made


@pytest.fixture
def by_key(sandbox: Sandbox) -> Outgrow:
    """The same account's client, by API key."""
    return client(with_key(sandbox))


def calls(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["api_requests"])


# --- what is there


def test_contents(og: Outgrow, by_key: Outgrow) -> None:
    """One row a content, by title, typed; what a key's dialect does not tell is NA, not missing."""
    frame = og.contents()
    assert list(frame.columns) == ["content_id", "title", "type", "status", "url", "created_at", "leads"]
    assert len(frame) == 14
    assert frame["title"].str.casefold().is_monotonic_increasing
    assert frame["leads"].sum() == 2000
    assert str(frame["created_at"].dtype) == "datetime64[us, UTC]"
    assert not frame["url"].str.contains("{", regex=False).any()
    keyed = by_key.contents()
    assert list(keyed.columns) == list(frame.columns)
    assert list(keyed["content_id"]) == list(frame["content_id"])
    assert keyed["leads"].isna().all()
    assert keyed["leads"].dtype == frame["leads"].dtype


def test_leads(og: Outgrow) -> None:
    """One row a submission, oldest first, contact in the middle, answers at the end."""
    frame = og.leads(PLAN)
    assert len(frame) == 600
    assert frame["lead_id"].is_unique
    assert frame["created_at"].is_monotonic_increasing
    assert list(frame.columns[10:15]) == CONTACT
    assert list(frame["status"].cat.categories) == ["started", "partial", "completed"]
    assert frame["hours_a_week_you_would_like_to_spend_on_it"].dtype == "Float64"
    assert set(frame["content"]) == {PLAN}


def test_window(og: Outgrow, sandbox: Sandbox) -> None:
    """`since` is included, a date as `until` with its whole day, in the zone that was asked; the rest is not sent."""
    whole = og.leads(PLAN)["created_at"]
    frame = og.leads(PLAN, since="2026-03-01", until="2026-03-31")
    expected = whole[(whole >= "2026-03-01T00:00Z") & (whole < "2026-04-01T00:00Z")]
    assert list(frame["created_at"]) == list(expected)
    assert 0 < len(frame) < len(whole)
    tokyo = og.leads(PLAN, since="2026-03-01", until="2026-03-31", tz="Asia/Tokyo")
    assert str(tokyo["created_at"].dtype) == "datetime64[us, Asia/Tokyo]"
    moved = whole[(whole >= "2026-02-28T15:00Z") & (whole < "2026-03-31T15:00Z")]
    assert list(tokyo["created_at"]) == list(moved.dt.tz_convert("Asia/Tokyo"))
    assert og.leads(PLAN, since=datetime(2030, 1, 1, tzinfo=UTC)).empty


def test_spans_count_from_now(sandbox: Sandbox) -> None:
    """Thirty days, written "30d", are counted back from the present."""
    og = client(signed_in(sandbox), now=lambda: datetime(2026, 6, 30, tzinfo=UTC), tz="Europe/Berlin")
    frame = og.leads(PLAN, since="30d")
    assert frame["created_at"].min() >= pd.Timestamp("2026-05-31", tz="UTC")
    assert len(frame) == len(og.leads(PLAN, since=datetime(2026, 5, 31, tzinfo=UTC)))


def test_status_limit_and_labels(og: Outgrow) -> None:
    """Only the status asked for; the oldest so many; options as received on request."""
    whole = og.leads(PLAN)
    done = og.leads(PLAN, status="completed")
    assert len(done) == (whole["status"] == "completed").sum() < len(whole)
    assert list(og.leads(PLAN, limit=7)["lead_id"]) == list(whole["lead_id"][:7])
    assert og.leads(PLAN, limit=0).empty
    raw = og.leads(PLAN, labels=False)
    assert "which_of_these_would_you_like_help_with[Hedges & trees]" in whole.columns
    assert len(raw) == len(whole)


def test_answers_wide_or_none(og: Outgrow, sandbox: Sandbox) -> None:
    """One content comes with its answers, all contents without, and either the other way on request."""
    flat = og.leads(PLAN, answers="none")
    assert list(flat.columns) == list(og.leads(PLAN).columns[: flat.shape[1]])
    everything = og.leads()
    assert len(everything) == 2000
    assert list(everything.columns) == list(flat.columns)
    with pytest.warns(SchemaDrift) as told:
        assert og.leads(answers="wide").shape[1] > everything.shape[1]
    assert [str(warning.message)[:45] for warning in told] == [
        "Save water, save money: column 'litres_a_year",
        "What will your lawn cost?: column 'what_it_wi",
    ]
    assert {warning.filename for warning in told} == {__file__}


def test_several_contents(og: Outgrow) -> None:
    """Several contents by title or id: their rows in one frame, oldest first."""
    ids = og.contents().set_index("title")["content_id"]
    frame = og.leads([PLAN, ids[CHECK]])
    assert frame["content"].value_counts().to_dict() == {PLAN: 600, CHECK: len(og.leads(CHECK))}
    assert frame["created_at"].is_monotonic_increasing


def test_content_without_leads(og: Outgrow) -> None:
    """A draft has its columns and no row."""
    frame = og.leads(DRAFT)
    assert frame.empty
    assert list(frame.columns[:5]) == ["lead_id", "content", "content_type", "status", "created_at"]


@pytest.mark.parametrize("dialect", ["og", "by_key"])
def test_unknown_content(dialect: str, request: pytest.FixtureRequest) -> None:
    """A wrong title names what is near; nothing is read."""
    held: Outgrow = request.getfixturevalue(dialect)
    with pytest.raises(UnknownContent, match="Did you mean 'Which plan fits you"):
        held.leads("Which plan fits me?")


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "soon"},
        {"since": "2026-02-01", "until": "2026-01-01"},
        {"status": "done"},
        {"answers": "long"},
        {"since": pd.NaT},
        {"since": pd.Timestamp("2026-05-01"), "until": pd.Timestamp("2026-05-01")},
        {"status": ["partial"]},
        {"limit": -1},
        {"limit": "5"},
        {"limit": 5.0},
        {"limit": True},
        {"tz": "Mars/Base"},
        {"tz": ZoneInfo("Europe/Berlin")},
        {"pii": "hide"},
        {"contents": 123},
        {"contents": [PLAN, None]},
    ],
    ids=str,
)
def test_arguments_that_cannot_be_meant(og: Outgrow, sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    """A wrong argument is our error, with what would be right, before anything is asked of Outgrow."""
    with pytest.raises(ConfigError) as caught:
        og.leads(**{"contents": PLAN, **wrong})
    assert caught.value.next_step
    assert calls(sandbox) == 0


def test_wrong_arguments_of_the_other_methods(og: Outgrow, sandbox: Sandbox) -> None:
    """They are refused before anything is asked too, in two sentences."""
    wrong: list[Callable[[Any], object]] = [
        lambda any_: any_.answers(PLAN, status="done"),
        lambda any_: any_.answers(PLAN, pii="hide"),
        lambda any_: any_.answers(5),
        lambda any_: any_.questions(PLAN, tz="Mars/Base"),
        lambda any_: any_.questions([5]),
        lambda any_: any_.analytics(PLAN, by="quarter"),
        lambda any_: any_.analytics(PLAN, by=["day"]),
        lambda any_: any_.analytics(5),
        lambda any_: any_.person_id(None),
        lambda any_: any_.person_id(float("nan")),
    ]
    for call in wrong:
        with pytest.raises(ConfigError) as caught:
            call(og)
        assert caught.value.next_step
    assert calls(sandbox) == 0
    og.leads(DRAFT)
    raws: list[Callable[[Any], object]] = [lambda any_: any_.raw(5), lambda any_: any_.raw("5", content=5)]
    for call in raws:
        with pytest.raises(ConfigError):
            call(og)


def test_contents_in_any_kind_of_list(og: Outgrow) -> None:
    """Titles may come as a column, a tuple or one after the other; numpy's whole numbers are numbers."""
    titles: Any = og.contents()["title"][:2]
    number: Any = np.int64(3)
    expected = list(og.leads(list(titles))["lead_id"])
    lists: list[Any] = [titles, tuple(titles), (title for title in titles)]
    for same in lists:
        assert list(og.leads(same)["lead_id"]) == expected
    assert len(og.leads(PLAN, limit=number)) == 3


def test_wrong_defaults_are_told_at_once(sandbox: Sandbox) -> None:
    """A wrong time zone or `pii` of the client is told when it is made."""
    options: list[dict[str, Any]] = [{"tz": "Mars/Base"}, {"pii": "hide"}]
    for wrong in options:
        with pytest.raises(ConfigError):
            client(with_key(sandbox), **wrong)


# --- what needs no request


def test_answers_and_questions_use_the_last_read(og: Outgrow, sandbox: Sandbox) -> None:
    """After a read, the long table and the dictionary of the same or less cost no request; of more, a new read."""
    og.leads(PLAN, since="2026-01-01")
    before = calls(sandbox)
    long = og.answers(PLAN, since="2026-01-01")
    assert og.answers(PLAN, since="2026-02-01", until="2026-02-28", status="completed").shape[0] < len(long)
    words = og.questions(PLAN)
    assert set(long["column"]) <= set(words["column"])
    assert calls(sandbox) == before
    og.answers(PLAN)
    assert calls(sandbox) > before
    before = calls(sandbox)
    og.questions(CHECK)
    assert calls(sandbox) > before
    og.leads()
    before = calls(sandbox)
    assert len(og.questions()) > len(words)
    assert calls(sandbox) > before, "a read of all contents has no questions, so the dictionary asks for them"
    before = calls(sandbox)
    assert og.answers([PLAN, CHECK])["content"].nunique() == 2
    assert len(og.questions(PLAN)) == len(words)
    assert calls(sandbox) == before


def test_answers_of_the_last_read_are_those_of_a_new_one(og: Outgrow, sandbox: Sandbox) -> None:
    """A part of a larger read is the very frame that a read of that part alone gives, categories included."""
    og.leads([PLAN, CHECK])
    before = calls(sandbox)
    part, words = og.answers(PLAN), og.questions(PLAN)
    assert calls(sandbox) == before
    alone = client(signed_in(sandbox))
    pd.testing.assert_frame_equal(part, alone.answers(PLAN))
    pd.testing.assert_frame_equal(words, alone.questions(PLAN))
    assert list(part["content"].cat.categories) == [PLAN]


def test_leads_always_ask(og: Outgrow, sandbox: Sandbox) -> None:
    """`leads()` reads anew each time: what came in meanwhile is there."""
    og.leads(PLAN)
    before = calls(sandbox)
    og.leads(PLAN)
    assert calls(sandbox) == 2 * before


def test_raw(og: Outgrow, sandbox: Sandbox) -> None:
    """The record as received, from the last read; what was not read is said to be so."""
    with pytest.raises(UnknownContent, match="Nothing has been read yet"):
        og.raw("1")
    frame = og.leads(PLAN)
    before = calls(sandbox)
    row = frame.iloc[3]
    record = og.raw(row["lead_id"])
    assert (record["id"], record["email"]) == (row["lead_id"], row["email"] if pd.notna(row["email"]) else None)
    assert record == og.raw(row["lead_id"], content=PLAN)
    with pytest.raises(UnknownContent, match="has no lead 'nobody'"):
        og.raw("nobody")
    with pytest.raises(UnknownContent):
        og.raw(row["lead_id"], content=CHECK)
    assert calls(sandbox) == before


def test_the_last_read_is_nobody_elses(sandbox: Sandbox) -> None:
    """Who signs out or switches the account in the panel, not by the client, leaves no rows to the next one."""
    held = credentials(signed_in(sandbox))
    og = Outgrow(held)
    lead_id = og.leads(PLAN)["lead_id"][0]
    held.sign_out()
    with pytest.raises(SignInRequired):
        og.answers(PLAN)
    with pytest.raises(SignInRequired):
        og.questions(PLAN)
    with pytest.raises(UnknownContent, match="Nothing has been read yet"):
        og.raw(lead_id)
    held.accept(signed_in(sandbox))
    og.leads(PLAN)
    held.accept(signed_in(sandbox, who=1))
    with pytest.raises(UnknownContent, match="Nothing has been read yet"):
        og.raw(lead_id)
    sandbox.control(reset_stats=True)
    assert set(og.answers()["content"].astype(str)) <= set(og.contents()["title"])
    assert calls(sandbox) > 1


def test_the_last_read_ends_with_a_sign_in_elsewhere(sandbox: Sandbox) -> None:
    """Another kernel that signs in as somebody else ends this one's sign-in, and what it has read is not shown."""
    cache = MemoryCache()
    held = credentials(signed_in(sandbox), cache=cache)
    og = Outgrow(held)
    lead_id = og.leads(PLAN)["lead_id"][0]
    credentials(signed_in(sandbox, who=1), cache=cache)
    with pytest.raises(SignInExpired):
        og.answers(PLAN)
    with pytest.raises(UnknownContent):
        og.raw(lead_id)


def test_a_renewed_sign_in_is_the_same_persons(sandbox: Sandbox) -> None:
    """The last read of a person who signs in again is still theirs."""
    held = credentials(signed_in(sandbox))
    og = Outgrow(held)
    og.leads(PLAN)
    held.accept(signed_in(sandbox))
    before = calls(sandbox)
    assert len(og.answers(PLAN))
    assert calls(sandbox) == before


def test_the_span_of_a_key_is_not_told_of_the_next(sandbox: Sandbox) -> None:
    """A client says what span a key was shown; after the key is gone it does not."""
    held = credentials(with_key(sandbox))
    og = Outgrow(held)
    og.leads(PLAN)
    assert "leads received from" in repr(og)
    held.sign_out()
    assert "leads received from" not in repr(og)
    held.accept(replace(with_key(sandbox), api_key=Secret("another's"), content_ids=("another's",)))
    assert "leads received from" not in repr(og)


# --- people


def test_masked_people_can_be_joined(sandbox: Sandbox) -> None:
    """`pii="mask"`: no contact data in any frame; `person_id` gives the very hash, so that a list can be joined."""
    masked = client(signed_in(sandbox), pii="mask")
    plain = masked.leads(PLAN, pii="keep")
    frame = masked.leads(PLAN)
    at = plain["email"].first_valid_index()
    assert at is not None
    address = plain["email"][at]
    assert frame["email"][at] == masked.person_id(address)
    assert frame["email"][at] == masked.person_id(f" {address.upper()} ")
    assert frame["email"].nunique() == plain["email"].str.casefold().nunique()
    assert address not in frame.to_csv()
    assert frame["first_name"].isna().all()
    assert address not in masked.answers(PLAN).to_csv()
    assert masked.person_id(address) != client(signed_in(sandbox)).person_id(address), "a key for each account kept"


def test_a_masked_client_gives_no_raw_record(sandbox: Sandbox) -> None:
    """A record as received names people: a client that masks them refuses it, and says what to do."""
    masked = client(signed_in(sandbox), pii="mask")
    lead_id = masked.leads(PLAN)["lead_id"][0]
    with pytest.raises(ConfigError, match=r'connect\(pii="keep"\)'):
        masked.raw(lead_id)


# --- the two dialects


@pytest.mark.filterwarnings("ignore::outgrow_nb.errors.SchemaDrift")
@pytest.mark.parametrize("title", [PLAN, LAWN, "Save water, save money", "Tulips or daffodils?"])
def test_both_dialects_give_the_same_leads(og: Outgrow, by_key: Outgrow, title: str) -> None:
    """The same content by sign-in and by key: the same rows, columns, kinds and values."""
    bearer, keyed = og.leads(title), by_key.leads(title)
    assert sorted(bearer.columns) == sorted(keyed.columns)
    assert list(bearer.columns[:22]) == list(keyed.columns[:22])
    for name in bearer.columns:
        if name == "content_type":  # a key's dialect has codes of its own for these
            continue
        mine, theirs = bearer[name], keyed[name]
        assert mine.dtype.kind == theirs.dtype.kind, name
        if isinstance(mine.dtype, pd.CategoricalDtype):
            mine, theirs = mine.astype("str"), theirs.astype("str")
        pd.testing.assert_series_equal(mine, theirs)


def test_key_narrows_here(by_key: Outgrow, og: Outgrow) -> None:
    """A key's service knows no window: the frame is narrowed here, to the same rows."""
    wanted: dict[str, Any] = {"since": "2025-03-01", "until": "2025-06-30", "status": "completed", "limit": 20}
    assert list(by_key.leads(PLAN, **wanted)["lead_id"]) == list(og.leads(PLAN, **wanted)["lead_id"])


def test_key_that_is_shown_less_than_asked(by_key: Outgrow, sandbox: Sandbox) -> None:
    """Correction 4: what a key was not shown is said once, with the span that it was shown."""
    sandbox.control(window_24h="on")
    with pytest.warns(
        UserWarning, match=r"gave this API key leads from 2026-06-\d\d .* UTC; it may hold older"
    ) as told:
        by_key.leads(PLAN, since="2026-01-01")
    assert len(told) == 1
    assert told[0].filename == __file__
    by_key.leads(PLAN)
    with pytest.warns(UserWarning, match="gave this API key leads no leads at all"):
        by_key.leads(DRAFT, since="2026-01-01")


def test_key_that_ends(sandbox: Sandbox) -> None:
    """A refused key asks the person once, and without one says what to do."""
    asked = Asked()
    held = client(with_key(sandbox, "wrong-key"), asked=asked)
    for _ in range(2):
        with pytest.raises(SignInExpired) as caught:
            held.contents()
        assert caught.value.args == messages.KEY_ENDED
    assert len(asked.reasons) == 2
    assert calls(sandbox) == 1


# --- what the server gets wrong


def test_drift_is_told_once_a_content(og: Outgrow, sandbox: Sandbox) -> None:
    """What nobody announced is kept, and told once for each content, by its title."""
    sandbox.control(drift="all")
    with pytest.warns(SchemaDrift) as told:
        frame = og.leads([PLAN, CHECK])
    assert [str(warning.message).split(":")[0] for warning in told] == [PLAN, CHECK]
    assert all("'loyalty_tier'" in str(warning.message) for warning in told)
    assert all(warning.filename == __file__ for warning in told)
    assert "loyalty_tier" in " ".join(frame.columns)
    assert len(frame) == 760
    with pytest.warns(SchemaDrift) as told:
        og.answers()
    assert all(warning.filename == __file__ for warning in told)
    assert not {str(warning.message).split(":")[0] for warning in told} & {PLAN, CHECK}


def test_values_that_do_not_fit(og: Outgrow, sandbox: Sandbox) -> None:
    """A time that is none is told, the lead is kept."""
    sandbox.control(created_at="bad")
    with pytest.warns(SchemaDrift, match=f"{PLAN[:-1]}.: "):
        frame = og.leads(PLAN)
    assert len(frame) == 600
    assert frame["created_at"].isna().any() or len(frame) == 600


@pytest.mark.parametrize("style", ["epoch", "epoch_ms", "naive", "mixed"])
def test_times_in_every_style(og: Outgrow, sandbox: Sandbox, style: str) -> None:
    """However times are written, the frame is the same."""
    usual = og.leads(CHECK)
    sandbox.control(created_at=style, repeat_ids="on")
    seconds = og.leads(CHECK)["created_at"].dt.floor("s")
    assert list(seconds) == list(usual["created_at"].dt.floor("s"))


@pytest.mark.parametrize("total", ["+5", "-3", "7"])
def test_totals_that_lie(og: Outgrow, sandbox: Sandbox, total: str) -> None:
    """Leads that do not add up are an error; the last good read stays in hand."""
    og.leads(CHECK)
    sandbox.control(total=total)
    with pytest.raises(UnexpectedAnswer, match="but its pages hold"):
        og.leads(PLAN)
    before = calls(sandbox)
    assert len(og.answers(CHECK))
    assert calls(sandbox) == before


# --- a sign-in that ends


def revoke_at(sandbox: Sandbox, page: int) -> threading.Thread:
    """Ends everybody's sign-in while that page of leads is on its way."""
    sandbox.control(delay=f"0*{page - 1}@/api/v1/leads")
    sandbox.control(delay="1000*1@/api/v1/leads")

    def revoke() -> None:
        until(lambda: sandbox.stats()["requests"].get("GET /api/v1/leads", 0) >= page)
        sandbox.control(revoke="all")

    thread = threading.Thread(target=revoke)
    thread.start()
    return thread


def test_a_sign_in_that_ends_in_the_middle(sandbox: Sandbox) -> None:
    """The person is asked once, the page is read again, what was read stays: the frame is whole."""
    asked = Asked([lambda: held.accept(signed_in(sandbox))])
    held = credentials(signed_in(sandbox), asked=asked)
    og = Outgrow(held)
    usual = og.leads()
    sandbox.control(reset_stats=True)
    thread = revoke_at(sandbox, 5)
    frame = og.leads()
    thread.join(30)
    pd.testing.assert_frame_equal(frame, usual)
    assert [str(reason) for reason in asked.reasons] == [
        "Your saved sign-in has ended (revoked or unused too long).\nSign in again; nothing else is lost."
    ]
    again = sandbox.stats()["requests"]["GET /api/v1/leads"] - 14
    assert 1 <= again <= 2, "what the two threads had under way, and nothing else"


def test_another_person_in_the_middle(sandbox: Sandbox) -> None:
    """C13: somebody else signs in while a read waits: the read ends, two people's leads are never in one frame."""
    asked = Asked([lambda: held.accept(signed_in(sandbox, who=1))])
    held = credentials(signed_in(sandbox), asked=asked)
    og = Outgrow(held)
    sandbox.control(reset_stats=True)
    thread = revoke_at(sandbox, 3)
    with pytest.raises(SignInExpired, match="Another account signed in while this was being read"):
        og.leads()
    thread.join(30)
    assert og.leads()["company"].notna().any()
    assert len(og.contents()) == 3


def test_a_key_in_the_middle(sandbox: Sandbox) -> None:
    """A sign-in that ends and a key that takes its place are two accounts for all we know."""
    asked = Asked([lambda: held.accept(with_key(sandbox))])
    held = credentials(signed_in(sandbox), asked=asked)
    sandbox.control(reset_stats=True)
    thread = revoke_at(sandbox, 2)
    with pytest.raises(SignInExpired, match="Another account"):
        Outgrow(held).leads()
    thread.join(30)


def test_asked_once_a_call(sandbox: Sandbox) -> None:
    """A sign-in that ends again at once is not asked for twice in one call."""
    dead = signed_in(sandbox)
    asked = Asked([lambda: held.accept(dead)])
    held = credentials(signed_in(sandbox), asked=asked)
    sandbox.control(revoke="all")
    with pytest.raises(Forbidden, match="refuses a sign-in that it has just renewed"):
        Outgrow(held).contents()
    assert len(asked.reasons) == 1


def test_nobody_is_asked_in_a_worker(sandbox: Sandbox) -> None:
    """A worker thread raises: the wait belongs to the thread that made the call."""
    asked = Asked([lambda: None])
    held = credentials(signed_in(sandbox), asked=asked)
    call = Call(held, Sessions(2))
    assert not call.with_key
    sandbox.control(revoke="all")
    caught: list[BaseException] = []

    def work() -> None:
        try:
            call.contents()
        except SignInExpired as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert len(caught) == 1
    assert asked.reasons == []


def test_nobody_signed_in(sandbox: Sandbox) -> None:
    """Without a sign-in every data method asks, and raises what the asker raises."""
    entry = with_key(sandbox)
    held = credentials(entry)
    held.sign_out()
    og = Outgrow(held)
    for work in (og.contents, og.leads, og.answers, og.questions, og.whoami, lambda: og.person_id("a@example.com")):
        with pytest.raises(SignInRequired):
            work()
    assert "not signed in yet" in repr(og)


# --- who


def test_whoami(og: Outgrow, by_key: Outgrow, sandbox: Sandbox) -> None:
    """Who, how, where it is kept and until when; without a request and without a secret."""
    before = calls(sandbox)
    row = og.whoami().iloc[0]
    assert (row["who"], row["name"]) == ("ana.silva@example.com (Northwind Gardens)", "Ana Silva")
    assert (row["signed_in_with"], row["profile"], row["protection"]) == ("sign-in", "default", "in memory")
    assert row["access_until"] > pd.Timestamp.now(tz="UTC")
    assert bool(row["renews"])
    keyed = by_key.whoami().iloc[0]
    assert (keyed["who"], keyed["signed_in_with"]) == ("Connected with an API key · 14 contents", "API key")
    assert pd.isna(keyed["email"])
    assert pd.isna(keyed["access_until"])
    assert not bool(keyed["renews"])
    assert list(og.whoami().dtypes.astype(str))[-2:] == ["datetime64[us, UTC]", "boolean"]
    assert calls(sandbox) == before


def test_sign_out(og: Outgrow, sandbox: Sandbox) -> None:
    """O01: both tokens are given back, the last read is gone, and the next call asks."""
    og.leads(CHECK)
    og.sign_out()
    assert sandbox.stats()["requests"]["POST /oauth/revoke"] == 2
    with pytest.raises(UnknownContent, match="Nothing has been read yet"):
        og.raw("1")
    with pytest.raises(SignInRequired):
        og.contents()
    og.sign_out()


def test_sign_out_that_is_not_confirmed(og: Outgrow, sandbox: Sandbox) -> None:
    """O02: forgotten here all the same, with a warning that the access may live on."""
    sandbox.control(status="503@/oauth/revoke")
    with pytest.warns(UserWarning, match="Outgrow did not confirm"):
        og.sign_out()
    with pytest.raises(SignInRequired):
        og.contents()


def test_a01_sign_out_of_a_key(by_key: Outgrow) -> None:
    """The key itself still works, and that is said."""
    with pytest.warns(UserWarning, match="The API key itself still works"):
        by_key.sign_out()
    with pytest.raises(SignInRequired):
        by_key.contents()


def test_reprs(sandbox: Sandbox) -> None:
    """X01: the repr says who, from where and how; a server's words are escaped; no secret in it."""
    entry = replace(signed_in(sandbox), account=Account(id="1", email="<b>ana</b>@example.com", company="A & B"))
    og = client(entry, source="saved sign-in")
    assert repr(og) == "<Outgrow: Signed in to Outgrow as <b>ana</b>@example.com (A & B) · saved sign-in>"
    assert og._repr_html_() == (
        "<div>✓ Signed in to Outgrow as &lt;b&gt;ana&lt;/b&gt;@example.com (A &amp; B) · saved sign-in</div>"
    )
    assert entry.token is not None
    assert entry.token.access.reveal() not in repr(og) + repr(vars(og)) + repr(vars(vars(og)["_credentials"]))
    keyed = client(with_key(sandbox), source="API key from the environment")
    assert repr(keyed) == "<Outgrow: Connected with an API key · 14 contents · API key from the environment>"


def test_invented_people_say_so(sandbox: Sandbox) -> None:
    """Correction 9: the sandbox's client, its frames and their copies say that nobody in them exists."""
    og = client(signed_in(sandbox), sandbox=True)
    assert "SANDBOX - invented people" in repr(og)
    assert "SANDBOX - invented people" in og._repr_html_()
    frame = og.leads(CHECK)
    assert frame.attrs["outgrow"]["account"] == "SANDBOX - invented people"
    assert frame.head().attrs == frame.attrs
    assert og.contents().attrs == og.questions(CHECK).attrs == og.whoami().attrs == frame.attrs
    assert client(signed_in(sandbox)).contents().attrs == {}


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_is_not_copied(og: Outgrow, copied: Callable[[Outgrow], object]) -> None:
    """S06: pickles and copies are refused, and say what to do instead."""
    with pytest.raises(TypeError, match=r"call outgrow_nb\.connect\(\) where it is needed"):
        copied(og)
