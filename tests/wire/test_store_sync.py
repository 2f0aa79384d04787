"""A client that keeps leads, against a real server: what it asks, what it keeps, and what it says of what it lacks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outgrow_nb.api.sessions import Sessions
from outgrow_nb.client import Outgrow
from outgrow_nb.client.progress import Line
from outgrow_nb.client.read import Call
from outgrow_nb.client.syncing import Syncing
from outgrow_nb.client.which import which
from outgrow_nb.errors import ApiUnavailable, ConfigError, PartialFetch, RateLimited, UnexpectedAnswer, UnknownContent
from outgrow_nb.store import Arrival, Owner, Store, merge
from tests.unit.frames_support import lead, read_all
from tests.unit.store_support import files
from tests.wire.clients import client, credentials, signed_in, with_key
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_partial_fetch import LEADS, cut

PLAN, CHECK, LAWN = "Which plan fits you?", "Garden readiness check", "What will your lawn cost?"
pytestmark = pytest.mark.filterwarnings("ignore::outgrow_nb.errors.SchemaDrift")
equal = pd.testing.assert_frame_equal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty place."""
    return Store(tmp_path / "kept")


@pytest.fixture
def og(sandbox: Sandbox, store: Store) -> Outgrow:
    """Ana's client, which keeps leads."""
    return client(signed_in(sandbox), store=store)


def requests(sandbox: Sandbox, call: Callable[[], object]) -> dict[str, int]:
    """What a call asks of the API."""
    sandbox.control(reset_stats=True)
    call()
    found: dict[str, int] = sandbox.stats()["requests"]
    return {path.removeprefix("GET /api/v1"): count for path, count in found.items()}


def test_the_same_frames_as_without(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """leads(), answers(), questions(): as a client without a store gets them, all contents, some, and masked."""
    entry = signed_in(sandbox)
    plain = Outgrow(og._credentials)  # the same account, so that people get the same hashes
    for contents in (None, PLAN, [LAWN, CHECK]):
        for answers in ("wide", "none"):
            equal(og.leads(contents, answers=answers), plain.leads(contents, answers=answers))
        equal(og.leads(contents, pii="mask"), plain.leads(contents, pii="mask"))
        equal(og.answers(contents), plain.answers(contents))
        equal(og.questions(contents), plain.questions(contents))
    spans: dict[str, Any] = {"since": "2026-02-10", "until": "2026-05-31"}
    equal(og.leads(CHECK, **spans), plain.leads(CHECK, **spans))
    equal(
        og.leads(CHECK, status="partial", limit=7, labels=False),
        plain.leads(CHECK, status="partial", limit=7, labels=False),
    )
    equal(client(entry, store=store, tz="Asia/Tokyo").leads(CHECK), client(entry, tz="Asia/Tokyo").leads(CHECK))


def test_only_what_is_new_is_fetched(sandbox: Sandbox, og: Outgrow) -> None:
    """The second time one page of the last 48 hours; fresh=True goes around the store and leaves it alone."""
    first = requests(sandbox, lambda: og.leads(PLAN))
    again = requests(sandbox, lambda: og.leads(PLAN))
    assert first == again == {"/calculator": 1, "/calculator/{id}/questions": 1, "/leads": 1}
    sandbox.control(present="2026-03-01T00:00:00Z")
    early = client(signed_in(sandbox), store=Store(og._store.folder.parent / "early"))
    assert early.leads(PLAN)["created_at"].max() < pd.Timestamp("2026-03-01", tz="UTC")
    sandbox.control(present="")
    late = early.leads(PLAN)
    equal(late, og.leads(PLAN))
    assert len(early.leads(PLAN, fresh=True)) == len(late)
    said = early.sync(PLAN)
    assert said[["new", "changed", "gone", "total"]].to_numpy().tolist() == [[0, 0, 0, len(late)]]


def test_a_frame_given_twice_is_not_shared(og: Outgrow) -> None:
    """Where nothing is new the same frame comes again, and what an analyst did to the first one is not in it."""
    first = og.leads(CHECK)
    usual = first.copy(deep=True)
    first.loc[:, "email"] = "x"
    first["mine"] = 1
    first.attrs["mine"] = 1
    equal(og.leads(CHECK), usual)
    assert og.leads(CHECK).attrs == usual.attrs


def test_sync_tells_what_it_did(sandbox: Sandbox, og: Outgrow) -> None:
    """A row a content, typed; the second time nothing is new."""
    sandbox.control(present="2026-05-01T00:00:00Z")
    og.sync()
    sandbox.control(present="")
    told = og.sync()
    dtypes = {"content": "str", "new": "int64", "changed": "int64", "gone": "int64", "total": "int64"}
    times = dict.fromkeys(("first", "last"), "datetime64[us, UTC]")
    wanted = dtypes | times | {"gap": "str", "synced_at": "datetime64[us, UTC]"}
    assert told.dtypes.astype(str).str.replace("string", "str").to_dict() == wanted
    assert told["content"].tolist() == og.contents()["title"].tolist()
    assert told["total"].sum() == 2000
    assert 0 < told["new"].sum() < 2000
    assert told["gap"].isna().all()
    assert og.sync()["new"].sum() == 0


def test_status(sandbox: Sandbox, store: Store) -> None:
    """How fresh everything is, at whatever time it is asked; nothing is fetched."""
    now = [datetime(2026, 7, 1, tzinfo=UTC)]
    og = client(signed_in(sandbox), store=store, now=lambda: now[0])
    assert og.status().empty
    og.sync(PLAN)
    now[0] += timedelta(days=2, hours=3)
    assert requests(sandbox, og.status) == {}
    row = og.status().iloc[0]
    assert (row["content"], row["leads"], row["gone"]) == (PLAN, 600, 0)
    assert row["synced_at"] == pd.Timestamp("2026-07-01", tz="UTC")
    assert row["age"] == pd.Timedelta(days=2, hours=3)
    assert pd.isna(row["gaps"])
    assert row["bytes"] == sum(path.stat().st_size for path in files(store.folder))
    assert str(og.status()["age"].dtype) == "timedelta64[us]"


def test_a_sliding_window_and_a_pause(sandbox: Sandbox, store: Store) -> None:
    """An API key that is shown 24 hours: kept leads stay, a pause of three days is a gap, and status() says which."""
    now = [datetime(2026, 6, 12, 12, tzinfo=UTC)]

    def arrive(moment: datetime) -> None:
        now[0] = moment
        sandbox.control(window_24h="on", present=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))

    arrive(now[0])
    og = client(with_key(sandbox), store=store, now=lambda: now[0])
    first = og.sync(PLAN)
    assert pd.isna(first["gap"][0])
    arrive(now[0] + timedelta(hours=20))
    second = og.sync(PLAN)
    assert second["total"][0] > second["new"][0] > 0
    assert pd.isna(og.status()["gaps"][0])
    before = now[0]
    arrive(now[0] + timedelta(days=3))
    third = og.sync(PLAN)
    kept = og.leads(PLAN)
    assert len(kept) == third["total"][0] > third["new"][0] > 0
    assert third["gone"][0] == 0
    oldest_shown = kept.loc[kept["created_at"] > pd.Timestamp(before), "created_at"].min()
    said = f"{before:%Y-%m-%d %H:%M} to {oldest_shown:%Y-%m-%d %H:%M}"
    assert third["gap"][0] == og.status()["gaps"][0] == said
    everything = client(signed_in(sandbox)).leads(PLAN, since="2026-06-11T12:00:00", until=now[0])
    missing = set(everything["lead_id"]) - set(kept["lead_id"])
    times = everything.set_index("lead_id").loc[sorted(missing), "created_at"]
    assert len(times)
    assert times.between(pd.Timestamp(before), oldest_shown).all()


def test_no_gap_where_outgrow_looks_back_far_enough(sandbox: Sandbox, store: Store) -> None:
    """A key that is shown everything has no gap after any pause; what vanished within what is shown is marked."""
    now = [datetime(2026, 6, 10, tzinfo=UTC)]
    og = client(with_key(sandbox), store=store, now=lambda: now[0])
    sandbox.control(present="2026-06-10T00:00:00Z")
    og.sync()
    now[0] += timedelta(days=20)
    sandbox.control(present="")
    told = og.sync()
    assert told["gap"].isna().all()
    assert (told["new"].sum() > 0, told["total"].sum()) == (True, 2000)
    equal(og.leads(), client(with_key(sandbox)).leads())


def test_a_cut_and_the_rest(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """What had arrived before is kept; resume() goes on, and gives what the call would have."""
    plain = client(signed_in(sandbox)).leads(answers="none")
    part = cut(sandbox, og.sync, after=6)
    assert isinstance(part, PartialFetch)
    assert 0 < part.done < 2000
    assert part.frame["total"].sum() == 0
    assert part.resume()["total"].sum() == 2000
    equal(og.leads(), plain)
    sandbox.control(present="2026-01-01T00:00:00Z")
    early = client(signed_in(sandbox), store=Store(store.folder.parent / "early"))
    early.sync()
    part = cut(sandbox, early.leads, after=5)
    assert part.frame["created_at"].max() < pd.Timestamp("2026-01-01", tz="UTC")
    equal(part.resume(), plain)


def test_pages_that_do_not_add_up_are_not_kept(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """A total that lies is an error, and the store is as it was."""
    sandbox.control(total="+1")
    with pytest.raises(UnexpectedAnswer):
        og.sync(PLAN)
    assert store.manifest().contents == {}


def test_offline(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """Without Outgrow fresh leads cannot be had, which is said; status() and snapshots answer all the same."""
    usual = og.leads(PLAN)
    frozen = og.snapshot("before")
    sandbox.control(status="503")
    with pytest.raises(ApiUnavailable):
        og.leads(PLAN)
    assert len(og.status()) == 1
    equal(og.at("before").leads(PLAN), usual)
    assert (
        requests(sandbox, lambda: (frozen.leads(PLAN), frozen.answers(), frozen.contents(), frozen.questions())) == {}
    )


def test_frozen(sandbox: Sandbox, og: Outgrow) -> None:
    """A snapshot has the same methods and frames; it says what it is, and what it does not have."""
    usual, masked = (og.leads(PLAN), og.answers(PLAN), og.questions(PLAN)), og.leads(PLAN, pii="mask")
    frozen = og.snapshot("q2")
    sandbox.control(present="2026-05-01T00:00:00Z")
    assert len(og.leads(PLAN)) < 600
    for found, wanted in zip((frozen.leads(PLAN), frozen.answers(PLAN), frozen.questions(PLAN)), usual, strict=True):
        equal(found, wanted)
    equal(frozen.leads(PLAN, pii="mask"), masked)
    assert frozen.contents()["title"].tolist() == [PLAN]
    assert frozen.status()["leads"].tolist() == [600]
    words = repr(frozen)
    assert all(part in words for part in ("snapshot 'q2'", "600 leads", frozen.content_hash, "frozen"))
    assert frozen.content_hash in frozen._repr_html_()
    assert repr(og.at("2100-01-01")) == words
    with pytest.raises(UnknownContent):
        frozen.leads(CHECK)
    with pytest.raises(UnknownContent):
        frozen.raw("0" * 24)
    for refused in (lambda: frozen.leads(PLAN, fresh=True), lambda: frozen.analytics(PLAN), lambda: og.at("nothing")):
        with pytest.raises(ConfigError):
            refused()


def test_somebody_elses_store(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """Another account is refused before a single lead is fetched; a key of the same account is not."""
    og.sync(CHECK)
    other = client(signed_in(sandbox, who=1), store=store)
    sandbox.control(reset_stats=True)
    with pytest.raises(ConfigError, match="holds leads of Northwind Gardens"):
        other.leads()
    assert "GET /api/v1/leads" not in sandbox.stats()["requests"]
    assert client(with_key(sandbox), store=store).sync(PLAN)["total"].tolist() == [600]


def test_without_a_store(sandbox: Sandbox) -> None:
    """The methods that need one say how to get one."""
    og = client(with_key(sandbox))
    for call in (og.sync, og.status, lambda: og.snapshot("a"), lambda: og.at("a")):
        with pytest.raises(ConfigError, match="keeps no leads") as none:
            call()
        assert "connect(store=" in none.value.next_step


def test_signing_out_lets_go(sandbox: Sandbox, og: Outgrow) -> None:
    """Nothing of the last read stays in memory."""
    og.leads(CHECK)
    og.sign_out()
    assert og._keeping()._last_read is None
    assert og._keeping()._last_frame is None


def test_a_large_content_in_steps(sandbox: Sandbox, store: Store) -> None:
    """By spans of time that each count at once: after a cut the spans before it are kept, and are not read again."""
    entry = signed_in(sandbox)

    def sync() -> None:
        call = Call(credentials(entry), Sessions(2))
        items = which(PLAN, call.contents())
        now = lambda: datetime.now(UTC)  # noqa: E731
        work = Syncing(call, store, items, owner=Owner(name="x"), full=False, now=now, at_once=100)
        work.run(Line(None))

    sandbox.control(delay=f"0*3@{LEADS}")
    sandbox.control(status=f"429@{LEADS}", retry_after=3600)
    with pytest.raises(RateLimited):
        sync()
    kept = sum(piece.leads for piece in store.manifest().contents.values())
    assert 0 < kept < 600
    sandbox.control(clear=True)
    told = client(entry, store=store).sync(PLAN)  # a new kernel, which knows nothing of the cut
    assert kept + told["new"][0] == told["total"][0] == 600
    equal(client(entry, store=store).leads(PLAN), client(entry).leads(PLAN))


def test_what_vanished_is_found_by_counting(sandbox: Sandbox, og: Outgrow) -> None:
    """Where Outgrow counts fewer leads than are kept, everything is read again, once, and the missing are marked."""
    og.sync(PLAN)
    sandbox.control(present="2026-05-01T00:00:00Z")  # as if whatever arrived later had been deleted
    told = og.sync(PLAN)
    assert told["gone"][0] > 0
    assert told["total"][0] == 600 - told["gone"][0] == og.contents().set_index("title").loc[PLAN, "leads"]
    assert requests(sandbox, lambda: og.sync(PLAN))["/leads"] == 1
    equal(og.leads(PLAN), client(signed_in(sandbox)).leads(PLAN))
    sandbox.control(present="")
    assert og.sync(PLAN)["total"][0] == 600  # they are back


def test_a_full_pass_on_demand(sandbox: Sandbox, og: Outgrow) -> None:
    """full=True reads everything again."""
    og.sync(PLAN)
    asked = requests(sandbox, lambda: og.sync(PLAN, full=True))
    assert asked["/leads"] == 1
    assert "created_from" not in asked
    assert og.sync(PLAN, full=True)[["new", "changed", "gone"]].sum().sum() == 0


def test_edited_leads(sandbox: Sandbox, og: Outgrow) -> None:
    """A sync replaces those of the last 48 hours, a full one the others too."""
    og.sync(LAWN)
    sandbox.control(numbers_as_text="on")  # as if somebody had edited every number
    late = og.sync(LAWN)
    assert 0 < late["changed"][0] < 20
    assert late["new"][0] == late["gone"][0] == 0
    rest = og.sync(LAWN, full=True)
    assert rest["changed"][0] > 100
    equal(og.answers(LAWN), client(signed_in(sandbox)).answers(LAWN))


def test_raw_needs_a_fresh_read(og: Outgrow) -> None:
    """The store keeps no record as received, and says how to get one."""
    lead_id = og.leads(CHECK)["lead_id"][0]
    with pytest.raises(UnknownContent, match="keeps no records") as none:
        og.raw(lead_id)
    assert "fresh=True" in none.value.next_step
    og.leads(CHECK, fresh=True)
    assert og.raw(lead_id)["id"] == lead_id


def test_counts_that_differ_for_good_are_looked_into_once(sandbox: Sandbox, og: Outgrow, store: Store) -> None:
    """A lead that an export alone has: one full pass does not explain it, and no sync tries again."""
    og.sync(CHECK)
    items = og._reader.call().contents()
    (piece,) = [one for one in items if one.title == CHECK]
    merge(
        store,
        read_all([(piece, (), [lead(1, created_at="2024-05-05T00:00:00Z")])]),
        {piece.id: Arrival(export=True)},
        owner=None,
        at=datetime(2026, 7, 1, tzinfo=UTC),
    )
    assert requests(sandbox, lambda: og.sync(CHECK))["/leads"] == 2
    assert len(og.leads(CHECK)) == len(og.leads(CHECK, fresh=True)) + 1
    assert requests(sandbox, lambda: og.sync(CHECK)) == {
        "/calculator": 1,
        "/calculator/{id}/questions": 1,
        "/leads": 1,
    }
