"""The sandbox's data calls in both dialects, over sockets."""

import gzip
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.wire.sandbox_fixtures import Sandbox, started

QUIZ = "Which plan fits you?"


def _contents(sandbox: Sandbox, token: str, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = sandbox.get("/calculator", token, **query).json()["data"]
    return items


def _quiz(sandbox: Sandbox, token: str) -> str:
    return next(str(item["id"]) for item in _contents(sandbox, token) if item["name"] == QUIZ)


def _pages(sandbox: Sandbox, token: str, **query: Any) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        answer = sandbox.get("/leads", token, **query, **cursor)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        yield page
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def _leads(sandbox: Sandbox, token: str, **query: Any) -> list[dict[str, Any]]:
    return [lead for page in _pages(sandbox, token, **query) for lead in page["data"]]


def test_me(sandbox: Sandbox) -> None:
    """/me names the person who allowed access."""
    me = sandbox.get("/me", sandbox.sign_in(who=1)["access_token"]).json()
    assert me["success"] is True
    assert me["data"]["email"] == "bjorn.lindqvist@example.org"
    assert set(me["data"]) == {"id", "email", "name", "company"}


def test_each_person_sees_their_company(sandbox: Sandbox) -> None:
    """The two people belong to different companies; neither sees the other's contents."""
    ana, bjorn = (sandbox.sign_in(who=who)["access_token"] for who in (0, 1))
    first, second = ({item["id"] for item in _contents(sandbox, token)} for token in (ana, bjorn))
    assert len(first) >= 12
    assert len(second) == 3
    assert not first & second
    assert sandbox.get(f"/calculator/{min(second)}/questions", ana).status_code == 404
    assert sandbox.get("/leads", ana, calculator=min(second)).status_code == 404


def test_contents(sandbox: Sandbox) -> None:
    """Twelve types and more, counts that add up, the fields as documented, filters and sorts."""
    token = sandbox.sign_in()["access_token"]
    items = _contents(sandbox, token)
    assert len({item["type"] for item in items}) >= 12
    assert sum(item["leads_count"] for item in items) == 2000
    assert min(item["leads_count"] for item in items) == 0
    wanted = {"id", "parentapp", "name", "type", "calc_url", "short_url", "created_at", "status", "leads_count"}
    assert all(wanted <= set(item) <= wanted | {"meta_data"} for item in items)
    assert any("meta_data" not in item for item in items)
    assert all("{" in item["calc_url"] and item["id"] != item["parentapp"] for item in items)
    names = [item["name"] for item in _contents(sandbox, token, sort="alpha_asc")]
    assert names == sorted(names, key=str.casefold)
    assert {item["status"] for item in _contents(sandbox, token, status="Live")} == {"Live"}
    assert {item["type"] for item in _contents(sandbox, token, type="Poll")} == {"Poll"}
    assert {item["type"] for item in _contents(sandbox, token, type="quiz")} >= {"Graded quiz", "Outcome quiz"}
    assert len(_contents(sandbox, token, limit="2")) == 2
    late = _contents(sandbox, token, created_from="2025-06-01")
    assert late
    assert all(item["created_at"] >= "2025-06-01" for item in late)


def test_leads_are_well_formed(sandbox: Sandbox) -> None:
    """Every lead of every content: documented fields, ISO times with Z, answers a list, each id once, in order."""
    token = sandbox.sign_in()["access_token"]
    fields = {
        "id", "created_at", "updated_at", "calculator_id", "status", "email", "first_name", "last_name", "phone",
        "company", "country", "device", "referrer", "landing_page", "utm_source", "utm_medium", "utm_campaign",
        "utm_term", "utm_content", "score", "outcome", "results", "answers",
    }  # fmt: skip
    ids: set[str] = set()
    for item in _contents(sandbox, token):
        leads = _leads(sandbox, token, calculator=item["id"], limit=1000)
        assert len(leads) == item["leads_count"]
        times = [lead["created_at"] for lead in leads]
        assert times == sorted(times)
        kinds = {question["id"]: question["kind"] for question in _questions(sandbox, token, item["id"])}
        for lead in leads:
            assert set(lead) == fields
            assert lead["calculator_id"] == item["id"]
            assert len(lead["id"]) == 24
            moment = datetime.fromisoformat(lead["created_at"])
            assert lead["created_at"].endswith("Z")
            assert int(lead["id"][:8], 16) == int(moment.timestamp())
            assert lead["updated_at"] >= lead["created_at"]
            assert lead["status"] in ("started", "partial", "completed")
            assert lead["email"] is None or lead["email"].rpartition("@")[2].split(".")[-2] == "example"
            assert (lead["status"] == "started") <= (not lead["answers"])
            assert all(kinds[given["question_id"]] == given["kind"] for given in lead["answers"])
        ids.update(lead["id"] for lead in leads)
    assert len(ids) == 2000


def _questions(sandbox: Sandbox, token: str, content_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = sandbox.get(f"/calculator/{content_id}/questions", token).json()["data"]
    return items


def test_the_last_lead_is_on_the_last_day(sandbox: Sandbox, start_sandbox: Callable[..., Sandbox]) -> None:
    """The last lead arrives on 2026-06-30 over 18 months, or where --until says."""
    for server, first, last in (
        (sandbox, date(2025, 1, 1), date(2026, 6, 30)),
        (start_sandbox("--leads=300", "--until=2024-02-29"), date(2022, 9, 1), date(2024, 2, 29)),
    ):
        token = server.sign_in()["access_token"]
        leads = _leads(server, token, calculator=_quiz(server, token), limit=1000)
        days = [datetime.fromisoformat(lead["created_at"]).date() for lead in leads]
        assert days[-1] == last
        assert (days[0] - first).days < 60


def test_what_the_data_must_hold(sandbox: Sandbox) -> None:
    """Renamed question, two of one text, HTML, leading zeros, odd results, repeat visitors, other scripts."""
    token = sandbox.sign_in()["access_token"]
    everything = [
        lead for item in _contents(sandbox, token) for lead in _leads(sandbox, token, calculator=item["id"], limit=1000)
    ]
    texts: dict[str, set[str]] = {}
    for lead in everything:
        for given in lead["answers"]:
            texts.setdefault(given["question_id"], set()).add(given["question"])
    assert any(len(asked) == 2 for asked in texts.values())
    twice = Counter(text for asked in texts.values() for text in asked)
    assert twice["How much time do you have?"] == 2
    assert any("<b>" in text for text in twice)
    answers = [given["answer"] for lead in everything for given in lead["answers"]]
    assert any(isinstance(value, str) and value.isdigit() and value.startswith("0") for value in answers)
    results = [result["value"] for lead in everything for result in lead["results"]]
    assert "Math Error" in results
    assert any(value.startswith("$") and " to $" in value for value in results)
    assert any(value.endswith("%") for value in results)
    assert any(value.count(".") == 1 and value.count(",") == 1 and value[-3] == "," for value in results)
    emails = Counter(lead["email"].lower() for lead in everything if lead["email"])
    assert emails.most_common(1)[0][1] > 2
    assert any(not (lead["first_name"] or "a").isascii() for lead in everything)
    kinds = {given["kind"] for lead in everything for given in lead["answers"]}
    assert len(kinds) >= 12


def test_windows_are_half_open_and_counted(sandbox: Sandbox) -> None:
    """created_from <= t < created_to; windows that touch give every lead once; total counts the filter."""
    token = sandbox.sign_in()["access_token"]
    quiz = _quiz(sandbox, token)
    whole = _leads(sandbox, token, calculator=quiz, limit=1000)
    edge = whole[100]["created_at"]
    cuts = ["2025-01-01", "2025-04-01T00:00:00+02:00", edge, "2025-12-31", "2026-07-01"]
    parts = []
    for low, high in itertools.pairwise(cuts):
        page = sandbox.get("/leads", token, calculator=quiz, created_from=low, created_to=high, limit=1000).json()
        assert page["total"] == len(page["data"])
        parts.append(page["data"])
    assert [lead["id"] for part in parts for lead in part] == [lead["id"] for lead in whole]
    assert parts[2][0]["created_at"] == edge
    empty = sandbox.get("/leads", token, calculator=quiz, created_from="2030-01-01", created_to="2020-01-01").json()
    assert (empty["data"], empty["total"], empty["next_cursor"]) == ([], 0, None)


@pytest.mark.parametrize("limit", [1, 7, 100, 600, 1000])
def test_any_page_size_gives_the_same_leads(sandbox: Sandbox, limit: int) -> None:
    """Pages of any size, put together, are the same leads with the same total on each."""
    token = sandbox.sign_in()["access_token"]
    quiz = _quiz(sandbox, token)
    window = {"created_from": "2025-02-01", "created_to": "2025-06-01"}
    pages = list(_pages(sandbox, token, calculator=quiz, limit=limit, **window))
    assert {page["total"] for page in pages} == {sum(len(page["data"]) for page in pages)}
    assert all(len(page["data"]) == limit for page in pages[:-1])
    joined = [lead for page in pages for lead in page["data"]]
    assert joined == _leads(sandbox, token, calculator=quiz, limit=1000, **window)


@pytest.mark.parametrize("query", [{"sort": "sideways"}, {"status": "asleep"}, {"created_from": "x"}, {"limit": "0"}])
def test_bad_filters(sandbox: Sandbox, query: dict[str, str]) -> None:
    """A filter of the list that cannot be used is 422."""
    answer = sandbox.get("/calculator", sandbox.sign_in()["access_token"], **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_parameter")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "many"},
        {"limit": "9" * 5000},
        {"created_from": "yesterday"},
        {"created_to": "2026-13-01"},
        {"cursor": "rubbish"},
        {"cursor": "MTAwLjAwMDAwMDAw"},
        {"calculator": ""},
    ],
)
def test_bad_parameters(sandbox: Sandbox, query: dict[str, str]) -> None:
    """What cannot be used is 422 with the API's error body."""
    token = sandbox.sign_in()["access_token"]
    answer = sandbox.get("/leads", token, **{"calculator": _quiz(sandbox, token)} | query)
    assert answer.status_code == 422
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == "invalid_parameter"


def test_a_cursor_belongs_to_its_request(sandbox: Sandbox) -> None:
    """A cursor of one window is refused in another."""
    token = sandbox.sign_in()["access_token"]
    quiz = _quiz(sandbox, token)
    cursor = next(_pages(sandbox, token, calculator=quiz, limit=5))["next_cursor"]
    assert sandbox.get("/leads", token, calculator=quiz, limit=5, cursor=cursor).status_code == 200
    other = sandbox.get("/leads", token, calculator=quiz, limit=5, cursor=cursor, created_from="2025-02-01")
    assert other.status_code == 422


def test_analytics(sandbox: Sandbox) -> None:
    """Views >= starts >= completions >= leads every day; leads are the completed submissions of the day."""
    token = sandbox.sign_in()["access_token"]
    quiz = _quiz(sandbox, token)
    days = sandbox.get(f"/calculator/{quiz}/analytics", token, by="day").json()["data"]
    assert len(days) == 546
    assert all(day["views"] >= day["starts"] >= day["completions"] >= day["leads"] for day in days)
    done = Counter(
        lead["created_at"][:10]
        for lead in _leads(sandbox, token, calculator=quiz, limit=1000)
        if lead["status"] == "completed"
    )
    assert {day["date"]: day["leads"] for day in days if day["leads"]} == done
    week = {"from": "2026-06-01", "to": "2026-06-07"}
    assert len(sandbox.get(f"/calculator/{quiz}/analytics", token, **week).json()["data"]) == 7
    assert sandbox.get(f"/calculator/{quiz}/analytics", token, by="hour").status_code == 422
    assert sandbox.get(f"/calculator/{quiz}/analytics", token, **{"from": "soon"}).status_code == 422


@pytest.mark.parametrize("path", ["/me", "/calculator", "/leads", "/calculator/x/questions", "/calculator/x/analytics"])
def test_no_call_without_a_token(sandbox: Sandbox, path: str) -> None:
    """No token, a wrong one or another scheme: 401 with a challenge and the API's error body."""
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer"},
    ):
        answer = requests.get(sandbox.api_url + path, headers=headers, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["error"]["code"] == "invalid_token"


def test_an_unknown_call(sandbox: Sandbox) -> None:
    """An unknown call is 404, a wrong method 405, in the API's error body."""
    assert sandbox.get("/nothing").json()["error"]["code"] == "not_found"
    assert requests.post(f"{sandbox.api_url}/leads", timeout=30).status_code == 405


def test_gzip_on_request_only(sandbox: Sandbox) -> None:
    """Pages are gzip where the client takes it, plain elsewhere, and the same."""
    token = sandbox.sign_in()["access_token"]
    query = {"calculator": _quiz(sandbox, token), "limit": "200"}
    bodies = {}
    for offer in ("gzip", "identity", "gzip;q=0"):
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": offer}
        with requests.get(f"{sandbox.api_url}/leads", params=query, headers=headers, stream=True, timeout=30) as answer:
            bodies[offer] = answer.raw.read(decode_content=False)
            assert (answer.headers.get("content-encoding") == "gzip") == (offer == "gzip")
    assert gzip.decompress(bodies["gzip"]) == bodies["identity"] == bodies["gzip;q=0"]
    assert len(bodies["gzip"]) < len(bodies["identity"]) / 4


def test_the_api_key_dialect(sandbox: Sandbox) -> None:
    """The confirmed calls: a list by header, bare arrays by path, whole records newest first."""
    key = sandbox.api_key
    listed = requests.get(
        f"{sandbox.api_url}/calculator",
        params={"status": "Live", "type": "All", "sort": "alpha_asc"},
        headers={"API-KEY": key},
        timeout=30,
    ).json()
    assert listed["success"] is True
    assert {"Calculator", "Quiz", "eCom", "Chatbot"} <= {item["type"] for item in listed["data"]}
    assert all("leads_count" not in item and "created_at" not in item for item in listed["data"])
    names = requests.get(f"{sandbox.api_url}/get_cal/{key}", timeout=30).json()
    assert all(set(item) == {"id", "calculator"} for item in names)
    token = sandbox.sign_in()["access_token"]
    assert len(names) == len(_contents(sandbox, token))
    for item in names:
        leads = requests.get(f"{sandbox.api_url}/get_leads/{key}/{item['id']}", timeout=30).json()
        assert leads == _leads(sandbox, token, calculator=item["id"], limit=1000)[::-1]
    assert requests.get(f"{sandbox.api_url}/get_leads/{key}/unknown", timeout=30).status_code == 404


def test_a_wrong_key(sandbox: Sandbox) -> None:
    """A wrong key is 401 in all three calls; by fault it looks like an empty account, or 200 with a code."""
    calls: list[tuple[str, dict[str, str]]] = [
        ("/get_cal/wrong", {}),
        ("/get_leads/wrong/x", {}),
        ("/calculator", {"API-KEY": "wröng".encode().decode("latin-1")}),
    ]

    def ask() -> list[requests.Response]:
        return [requests.get(sandbox.api_url + path, headers=headers, timeout=30) for path, headers in calls]

    assert [answer.status_code for answer in ask()] == [401] * 3
    sandbox.control(bad_key="code")
    assert [(answer.status_code, answer.json()["code"]) for answer in ask()] == [(200, 401)] * 3
    sandbox.control(bad_key="empty")
    assert [answer.json() for answer in ask()] == [[], [], {"success": True, "data": []}]


def _fingerprint(sandbox: Sandbox) -> str:
    token = sandbox.sign_in()["access_token"]
    digest = hashlib.sha256()
    for item in _contents(sandbox, token):
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        query = {"calculator": item["id"], "limit": "1000"}
        digest.update(requests.get(f"{sandbox.api_url}/leads", params=query, headers=headers, timeout=30).content)
        digest.update(requests.get(f"{sandbox.api_url}/get_leads/{sandbox.api_key}/{item['id']}", timeout=30).content)
    return digest.hexdigest()


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """The same seed gives the same bytes in every process, on every Python; another seed gives others."""
    prints = []
    for place, options in enumerate((["--seed=7"], ["--seed=7"], ["--seed=8"])):
        with started(tmp_path / f"{place}.json", "--leads=400", *options) as sandbox:
            prints.append(_fingerprint(sandbox))
    assert prints[0] == prints[1] != prints[2]
    assert prints[0] == PINNED


def test_the_planted_effects_are_there(start_sandbox: Callable[..., Sandbox]) -> None:
    """With 20,000 leads: newsletter finishes best, budget leaks, the score matters in one quiz and not in the other."""
    sandbox = start_sandbox()
    token = sandbox.sign_in()["access_token"]
    by_name = {item["name"]: item["id"] for item in _contents(sandbox, token)}
    plan = _leads(sandbox, token, calculator=by_name[QUIZ], limit=1000)
    thumb = _leads(sandbox, token, calculator=by_name["How green is your thumb?"], limit=1000)

    def finished(source: str) -> float:
        some = [lead["status"] for lead in plan if lead["utm_source"] == source]
        return some.count("completed") / len(some)

    assert finished("newsletter") > finished("google") + 0.1 > finished("facebook") + 0.2
    stops = Counter(lead["answers"][-1]["question"] for lead in plan if lead["status"] == "partial")
    assert stops.most_common(1)[0][0] == "How sure of yourself are you with plants?"  # the next is the budget

    def yes_by_third(leads: list[dict[str, Any]]) -> list[float]:
        done = sorted((lead for lead in leads if lead["status"] == "completed"), key=lambda lead: lead["score"])
        thirds = [done[k * len(done) // 3 : (k + 1) * len(done) // 3] for k in range(3)]
        return [sum(lead["answers"][-1]["answer"] == "Yes" for lead in third) / len(third) for third in thirds]

    matters, does_not = yes_by_third(plan), yes_by_third(thumb)
    assert matters[0] + 0.3 < matters[2]
    assert abs(does_not[0] - does_not[2]) < 0.08


PINNED = "78fd85f38ac425aa1102a956babed6b471134019f5e5891905bcb5a93522bd69"
