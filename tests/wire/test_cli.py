"""The `outgrow-nb` command as real processes: what it prints, how it ends, and two lines for each mistake."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import requests

import outgrow_nb
from outgrow_nb.auth import messages
from outgrow_nb.auth.entry import Entry
from outgrow_nb.auth.filecache import FileCache
from outgrow_nb.auth.token import Token
from outgrow_nb.cli import main
from outgrow_nb.config import Config
from tests.person import decide, follow
from tests.wire.clients import signed_in, until, with_key
from tests.wire.places import Place
from tests.wire.sandbox_fixtures import Sandbox
from tests.wire.test_connection import application, free_port

PLAN = "Which plan fits you?"
OPEN, PASTE = (
    "Open this address in a browser and allow access:",
    "If the page after that cannot open, copy its whole address and paste it here.",
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def run(*arguments: str, stdin: int | None = subprocess.DEVNULL) -> "subprocess.CompletedProcess[str]":
    """One command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "outgrow_nb", *arguments], capture_output=True, text=True, stdin=stdin, timeout=60
    )


Here = Callable[..., tuple[int, str, str]]
Mistake = Callable[..., list[str]]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    """The same command in this process, which saves the time to start one: exit status, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return (status, *capsys.readouterr())

    return call


@pytest.fixture
def mistake(here: Here) -> Callable[..., list[str]]:
    """What a command says that fails: exactly two lines, no traceback, exit status 1, nothing on stdout."""

    def call(*arguments: str) -> list[str]:
        status, out, err = here(*arguments)
        lines = err.splitlines()
        assert (status, out, len(lines)) == (1, "", 2)
        return lines

    return call


def visit(destination: str) -> None:
    """Goes where the browser was sent; the command may end before the browser has fetched the page after it."""
    with contextlib.suppress(requests.exceptions.ConnectionError):
        follow(destination)


class Login:
    """A running `outgrow-nb login`: its lines as they come, and a keyboard."""

    def __init__(self, *arguments: str, stdin: int = subprocess.PIPE, shell: str = "") -> None:
        words = [sys.executable, "-m", "outgrow_nb", "login", "--no-browser", *arguments]
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *words] if shell else words
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.address = ""

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def line(self) -> str:
        """The next line."""
        line = self._lines.get(timeout=30)
        assert line is not None, self.process.communicate()[1]
        return line

    def begin(self) -> str:
        """The three lines it begins with; the address among them."""
        assert self.line() == OPEN
        self.address = self.line()
        assert self.line() == PASTE
        return self.address

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, list[str], list[str]]:
        """Its exit status, the lines that were not read, and what stands on stderr."""
        assert self.process.stderr is not None
        status = self.process.wait(timeout=30)
        rest: list[str] = []
        while (line := self._lines.get(timeout=30)) is not None:
            rest.append(line)
        return status, rest, self.process.stderr.read().splitlines()


@pytest.fixture
def login() -> Iterator[Callable[..., Login]]:
    begun: list[Login] = []

    def begin(*arguments: str, stdin: int = subprocess.PIPE, shell: str = "") -> Login:
        begun.append(Login(*arguments, stdin=stdin, shell=shell))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait()
        for stream in (one.process.stdin, one.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def at_sandbox(place: Place, sandbox: Sandbox) -> Place:
    """The sandbox's application is set; nobody is signed in."""
    place.set(**application(sandbox))
    return place


@pytest.fixture
def signed(at_sandbox: Place, sandbox: Sandbox) -> Place:
    """Ana is signed in."""
    at_sandbox.save(signed_in(sandbox))
    return at_sandbox


WELCOME = "Signed in to Outgrow as ana.silva@example.com (Northwind Gardens) · saved sign-in (not encrypted)"


# --- login


def test_login_by_redirect(at_sandbox: Place, sandbox: Sandbox, login: Callable[..., Login]) -> None:
    """The provider's own address on a line of its own; after Allow the process ends by itself, signed in."""
    process = login()
    address = process.begin()
    assert address.startswith(f"{sandbox.base_url}/oauth/authorize?")
    assert "/go/" not in address
    visit(decide(address))
    assert process.end() == (0, ["Checking with Outgrow…", WELCOME], [])
    assert at_sandbox.saved() is not None


def test_login_by_paste(at_sandbox: Place, login: Callable[..., Login]) -> None:
    """The address of the page that could not open, pasted; it is not repeated on the screen."""
    process = login()
    dead = decide(process.begin())
    process.type(f'  "{dead}" ')
    assert process.end() == (0, ["Checking with Outgrow…", WELCOME], [])


@pytest.mark.parametrize(
    ("stdin", "shell"), [(subprocess.PIPE, ""), (subprocess.DEVNULL, ""), (subprocess.DEVNULL, "0<&-")],
    ids=["silent", "at its end", "closed"],
)  # fmt: skip
def test_login_without_a_keyboard(at_sandbox: Place, login: Callable[..., Login], stdin: int, shell: str) -> None:
    """A silent pipe, an empty one, no standard input at all: the listener goes on."""
    process = login(stdin=stdin, shell=shell)
    visit(decide(process.begin()))
    assert process.end() == (0, ["Checking with Outgrow…", WELCOME], [])


def test_login_declined(at_sandbox: Place, login: Callable[..., Login]) -> None:
    """Deny ends the command with two lines and nothing saved."""
    process = login()
    visit(decide(process.begin(), "Deny"))
    status, rest, said = process.end()
    assert (status, rest) == (1, [])
    assert said == ["You didn't allow access, so nothing was saved.", "Run it again to sign in."]
    assert at_sandbox.saved() is None


def test_wrong_pastes(at_sandbox: Place, login: Callable[..., Login]) -> None:
    """Each wrong paste gets its hint and a new address; the right one still signs in."""
    process = login()
    first = process.begin()
    for typed, hint in (
        ("no address, sorry", "That doesn't look like a code."),
        (first, "That is the address of the sign-in page itself."),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", messages.NOT_FOR_HERE),
        ("http://127.0.0.1:1/callback?code=abc&state=def", "That tab was from an earlier try and was ignored."),
    ):
        process.type(typed)
        assert process.line().startswith(hint)
        again = process.line()
        assert urlsplit(again).path == "/oauth/authorize"
        assert again != first
    process.type(decide(again))
    assert process.end() == (0, ["Checking with Outgrow…", WELCOME], [])


def test_code_that_is_too_old(at_sandbox: Place, sandbox: Sandbox, login: Callable[..., Login]) -> None:
    """An expired code says so and gives a new address, with which it works."""
    process = login()
    dead = decide(process.begin())
    sandbox.control(advance=3600)
    process.type(dead)
    assert process.line() == messages.EXCHANGING
    assert process.line() == "That code has been used or has expired. Get a new one with the address below."
    process.type(decide(process.line()))
    assert process.end()[0] == 0


def test_login_where_the_token_endpoint_is_out_of_reach(
    at_sandbox: Place, sandbox: Sandbox, login: Callable[..., Login]
) -> None:
    """The browser reaches Outgrow and this computer does not: told by host and cause, with another address to try."""
    at_sandbox.set(OUTGROW_BASE_URL=f"http://127.0.0.1:{free_port()}")
    process = login()
    address = process.begin()
    state = parse_qs(urlsplit(address).query)["state"][0]
    process.type(f"http://127.0.0.1:1/callback?code=abc&state={state}")
    assert process.line() == messages.EXCHANGING
    assert process.line().startswith("Can't reach 127.0.0.1 from this kernel: the connection was refused.")
    assert process.line().startswith("http://127.0.0.1:")


def test_login_where_somebody_is_signed_in(signed: Place, sandbox: Sandbox, here: Here) -> None:
    """A sign-in that stands is named, and nobody is asked."""
    sandbox.control(reset_stats=True)
    who, how = "Already signed in as ana.silva@example.com (Northwind Gardens).", "run outgrow-nb logout first."
    assert here("login", "--no-browser") == (0, f"{who} To sign in as somebody else, {how}\n", "")
    assert sandbox.stats()["requests"].keys() == {"GET /api/v1/calculator"}


@pytest.mark.parametrize("seed", ["", "a-dead-refresh-token"])
def test_login_where_the_sign_in_has_ended(
    signed: Place, sandbox: Sandbox, login: Callable[..., Login], seed: str
) -> None:
    """A saved sign-in that Outgrow has ended is no sign-in: the person is asked, and then it works again."""
    kept = signed.saved()
    assert kept is not None
    assert kept.token is not None
    assert kept.token.refresh is not None
    sandbox.control(expire_access=True)
    requests.post(
        f"{sandbox.base_url}/oauth/revoke",
        data={
            "token": kept.token.refresh.reveal(),
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
        },
        timeout=10,
    ).raise_for_status()
    if seed:
        signed.set(OUTGROW_REFRESH_TOKEN=seed)
    running = login()
    visit(decide(running.begin()))
    status, out, err = running.end()
    assert status == 0
    assert out[-1].startswith("Signed in to Outgrow as ana.silva@example.com")
    note = "Note: OUTGROW_REFRESH_TOKEN is set in the environment, and connect() uses that first."
    assert err == ([note] if seed else [])
    later = signed.saved()
    assert later is not None
    assert later.token != kept.token


def test_login_that_could_not_be_kept(at_sandbox: Place, mistake: Mistake) -> None:
    """Where nothing can be written that shows before anybody signs in."""
    at_sandbox.set(OUTGROW_CONFIG_DIR="/proc/nobody-writes-here")
    problem, next_step = mistake("login", "--no-browser")
    assert "/proc/nobody-writes-here" in problem
    assert "OUTGROW_CONFIG_DIR" in next_step


def test_status_of_an_unused_refresh_token(at_sandbox: Place, here: Here) -> None:
    """A refresh token of the environment that nobody has used yet is called so."""
    at_sandbox.set(OUTGROW_REFRESH_TOKEN="a-seed")
    status, out, _ = here("status")
    assert status == 0
    assert "a refresh token that has not been used yet" in out
    assert "1970" not in out


def test_stop(at_sandbox: Place, login: Callable[..., Login]) -> None:
    """Ctrl-C ends it at once, in one line."""
    process = login()
    process.begin()
    process.process.send_signal(signal.SIGINT)
    assert process.end() == (130, [], ["Stopped; nothing was changed."])


def test_profiles(at_sandbox: Place, login: Callable[..., Login], here: Here) -> None:
    """`--profile` keeps the sign-in under its name."""
    process = login("--profile", "second")
    visit(decide(process.begin(), who=1))
    assert process.end()[0] == 0
    assert FileCache(at_sandbox.config).names() == ["second"]
    assert "Fjordlys Solar" in here("status", "--profile", "second")[1]


# --- status and logout


def test_status(signed: Place, sandbox: Sandbox) -> None:
    """Who, how, where and until when; nothing is asked of Outgrow."""
    sandbox.control(reset_stats=True)
    done = run("status")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line[:13].strip() for line in done.stdout.splitlines()]
    assert rows == ["signed in as", "with", "profile", "kept in", "access until"]
    assert "ana.silva@example.com (Northwind Gardens)" in done.stdout
    assert f"{FileCache(signed.config).path('default')} (not encrypted)" in done.stdout
    assert "then renewed by itself" in done.stdout
    assert sandbox.stats()["requests"] == {}


def test_status_of_a_key(at_sandbox: Place, sandbox: Sandbox, here: Here) -> None:
    """A key says how many contents it opens, and has no end that anybody knows."""
    at_sandbox.save(with_key(sandbox))
    for name in application(sandbox):
        at_sandbox.environment.delenv(name)
    said = here("status")[1]
    assert "signed in as  Connected with an API key · 14 contents" in said
    assert "access until" not in said
    assert sandbox.api_key not in said


def test_status_of_nobody(at_sandbox: Place, here: Here) -> None:
    """Nobody is signed in: two lines, and exit status 1 for scripts."""
    status, out, err = here("status")
    assert status == 1
    assert (out + err).splitlines() == ["Profile 'default' is not signed in.", "Run: outgrow-nb login"]


def test_logout(signed: Place, sandbox: Sandbox, here: Here) -> None:
    """O01, O03: given back and forgotten; a second time there is nothing to do."""
    done = run("logout")
    assert (done.returncode, done.stdout) == (0, "Signed out; Outgrow has ended the access.\n")
    assert sandbox.stats()["requests"]["POST /oauth/revoke"] == 2
    assert signed.saved() is None
    assert here("logout") == (0, "Profile 'default' was not signed in.\n", "")
    assert here("status")[0] == 1


def test_logout_that_is_not_confirmed(signed: Place, sandbox: Sandbox, here: Here) -> None:
    """O02: forgotten here; told that the access may live on."""
    sandbox.control(status="503@/oauth/revoke")
    status, said, _ = here("logout")
    assert status == 0
    assert said.startswith("Signed out on this computer. Outgrow did not confirm")
    assert signed.saved() is None


def test_logout_of_a_key(place: Place, sandbox: Sandbox, here: Here) -> None:
    """A01: the key is forgotten here and works on, which is said."""
    place.save(with_key(sandbox))
    assert here("logout")[1].startswith("Forgotten on this computer. The API key itself still works")
    assert place.saved() is None


# --- leads


def test_leads_to_csv_and_parquet(signed: Place) -> None:
    """The same rows and columns in both kinds of file."""
    for name in ("leads.csv", "leads.parquet"):
        done = run("leads", PLAN, "--out", name, "--since", "2026-01-01", "--until", "2026-03-31")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(f" leads in {name}\n")
    parquet = pd.read_parquet("leads.parquet")
    text = pd.read_csv("leads.csv", dtype=str, keep_default_na=False)
    assert len(parquet) == int(done.stdout.split()[0]) > 0
    assert list(text.columns) == list(parquet.columns)
    parquet.to_csv("again.csv", index=False)
    assert Path("again.csv").read_text() == Path("leads.csv").read_text()
    assert parquet["created_at"].is_monotonic_increasing


def test_leads_with_a_warning(signed: Place, sandbox: Sandbox) -> None:
    """What was odd in the answer is one line, not a line of our code."""
    sandbox.control(drift="fields")
    done = run("leads", PLAN, "--out", "leads.csv")
    assert done.returncode == 0
    (said,) = done.stderr.splitlines()
    assert said.startswith("Note: Which plan fits you?: Outgrow sent unannounced fields")


def test_unknown_content(signed: Place) -> None:
    """A title that nothing has names what is near; in a process of its own: two lines, exit status 1, no traceback."""
    done = run("leads", "Which plan fits me?", "--out", "leads.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "No content is called 'Which plan fits me?'.",
        "Did you mean 'Which plan fits you?'?",
    ]
    assert not Path("leads.csv").exists()


def test_bad_out(signed: Place, sandbox: Sandbox, mistake: Mistake) -> None:
    """A file that cannot be: told before anything is asked, or when it cannot be written."""
    sandbox.control(reset_stats=True)
    assert "neither a .csv nor a .parquet" in mistake("leads", PLAN, "--out", "leads.xlsx")[0]
    assert mistake("leads", PLAN, "--out", "nowhere/leads.csv")[0].startswith("There is no folder ")
    assert sandbox.stats()["requests"] == {}
    Path("folder.csv").mkdir()
    Path("folder.parquet").mkdir()
    assert mistake("leads", PLAN, "--out", "folder.csv")[0] == "Can't write folder.csv (Is a directory)."
    assert mistake("leads", PLAN, "--out", "folder.parquet")[0].startswith("Can't write folder.parquet (")


def test_bad_span(signed: Place, mistake: Mistake) -> None:
    """A time that is none."""
    assert mistake("leads", PLAN, "--out", "leads.csv", "--since", "soon")[0] == "since='soon' is no time."


def test_nothing_set(place: Place, mistake: Mistake) -> None:
    """Neither an application nor a key: two lines that say what to set."""
    assert mistake("login") == list(messages.NO_APPLICATION)
    assert mistake("leads", PLAN, "--out", "leads.csv") == list(messages.NOTHING_SET)


def test_nobody_signed_in(at_sandbox: Place, mistake: Mistake) -> None:
    """A run that cannot ask says what to set."""
    assert mistake("leads", PLAN, "--out", "leads.csv") == list(messages.NOBODY)


def due(entry: Entry, **changes: str) -> Entry:
    """The same sign-in, due for renewal, with other settings."""
    assert entry.token is not None
    old = Token(access=entry.token.access, refresh=entry.token.refresh, obtained_at=time.time() - 9e3, lifetime=60.0)
    config = Config(client_id=entry.config.client_id, base_url=changes.get("base_url", entry.config.base_url))
    return Entry(config=config, token=old, account=entry.account)


def test_unreachable_host(place: Place, sandbox: Sandbox, mistake: Mistake) -> None:
    """Outgrow is out of reach: its host and the cause; the sign-in stays."""
    base = f"http://127.0.0.1:{free_port()}"
    place.save(due(signed_in(sandbox), base_url=base))
    said = mistake("leads", PLAN, "--out", "leads.csv")
    assert said[0] == "Can't reach 127.0.0.1 from this kernel: the connection was refused."
    assert place.saved() is not None


def test_wrong_client_secret(place: Place, sandbox: Sandbox, mistake: Mistake) -> None:
    """R06: a refused application is a setting to compare, not a sign-in to repeat."""
    place.save(due(signed_in(sandbox)))
    place.set(**{**application(sandbox), "OUTGROW_CLIENT_SECRET": "CS-CANARY-wrong"})
    said = mistake("leads", PLAN, "--out", "leads.csv")
    assert said[0].startswith("Outgrow refused this application: invalid_client")
    assert "OUTGROW_CLIENT_ID" in said[1]
    assert "CANARY" not in "".join(said)


def test_wrong_client_secret_at_login(at_sandbox: Place, login: Callable[..., Login]) -> None:
    """The same while signing in: told by name."""
    at_sandbox.set(OUTGROW_CLIENT_SECRET="CS-CANARY-wrong")
    process = login()
    process.type(decide(process.begin()))
    assert process.line() == messages.EXCHANGING
    status, _, said = process.end()
    assert status == 1
    assert said[0].startswith("Outgrow refused this application: invalid_client")
    assert len(said) == 2
    assert "CANARY" not in "".join(said)


def test_settings_that_cannot_be(place: Place, mistake: Mistake) -> None:
    """H01: an address that a secret must not travel to is refused in two lines."""
    place.set(OUTGROW_CLIENT_ID="app-1", OUTGROW_BASE_URL="http://outgrow.example")
    assert "plain http" in mistake("login")[0]
    place.environment.delenv("OUTGROW_BASE_URL")
    assert mistake("status", "--profile", "sandbox")[1] == "Use connect(sandbox=True)."


# --- the embedded Outgrow, and the rest


def test_sandbox_prints_one_line_and_stops(place: Place) -> None:
    """One JSON line once it listens; SIGTERM ends it with exit status 0."""
    command = [sys.executable, "-m", "outgrow_nb", "sandbox", "--leads", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            ready = json.loads(process.stdout.readline())
            names = {"base_url", "api_url", "client_id", "client_secret", "redirect_uri", "api_key"}
            assert set(ready) == names
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
            assert (process.stdout.read(), process.stderr.read()) == ("", "")
        finally:
            process.kill()


def test_sandbox_profile(place: Place, login: Callable[..., Login]) -> None:
    """`--sandbox` starts it by itself, keeps the sign-in in a profile of its own, and reads no setting."""
    place.set(OUTGROW_API_KEY="KEY-CANARY-1", OUTGROW_BASE_URL="https://collector.example")
    process = login("--sandbox")
    try:
        visit(decide(process.begin()))
        assert process.end()[0] == 0
        assert FileCache(place.config).names() == ["sandbox"]
        assert "ana.silva@example.com" in run("status", "--sandbox").stdout
        assert "Signed out" in run("logout", "--sandbox").stdout
    finally:
        os.kill(json.loads((place.config / "sandbox.json").read_text())["pid"], signal.SIGTERM)


def test_demo(place: Place) -> None:
    """`demo` starts the embedded Outgrow and JupyterLab on the quickstart, and ends with it."""
    place.set(JUPYTER_RUNTIME_DIR=place.root / "runtime", JUPYTER_CONFIG_DIR=place.root / "jupyter", BROWSER="true")
    place.set(IPYTHONDIR=place.root / "ipython", JUPYTER_DATA_DIR=place.root / "data")
    command = [sys.executable, "-m", "outgrow_nb", "demo"]
    with (
        (place.root / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "Opening 01_quickstart.ipynb in JupyterLab; stop it with Ctrl-C.\n"
            until(lambda: any(path.read_text().endswith("}") for path in place.root.glob("runtime/jpserver-*.json")))
            (found,) = place.root.glob("runtime/jpserver-*.json")
            server = json.loads(found.read_text())
            assert (Path(server["root_dir"]) / "01_quickstart.ipynb").exists()
            os.kill(server["pid"], signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        finally:
            process.terminate()
            os.kill(json.loads((place.config / "sandbox.json").read_text())["pid"], signal.SIGTERM)


def test_version_and_help(place: Place) -> None:
    """`--version`, the help, and a command that is none; as a module and as a script."""
    assert run("--version").stdout == f"outgrow-nb {outgrow_nb.__version__}\n"
    script = Path(sys.executable).with_name("outgrow-nb")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"outgrow-nb {outgrow_nb.__version__}\n"
    listed = run("--help").stdout
    for command in ("demo", "sandbox", "login", "logout", "status", "leads"):
        assert command in listed
    wrong = run("lead")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr
