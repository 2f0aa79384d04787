"""The other front ends that people have: Notebook 7, Voila, marimo."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests import person
from tests.browser.conftest import sign_out
from tests.browser.lab import Lab, lab
from tests.browser.test_sign_in import CONNECT, CONTENTS, assert_clean, click_sign_in, secrets_of, status

SECONDS = 60.0


@pytest.fixture(scope="module")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Notebook 7 in an empty home."""
    with lab(tmp_path_factory.mktemp("notebook"), app="notebook") as running:
        yield running


@pytest.fixture
def notebook(notebook_server: Lab) -> Lab:
    """Notebook 7 with nobody signed in."""
    sign_out(notebook_server)
    return notebook_server


def test_notebook_redirect(notebook: Lab, context: BrowserContext, shots: Path) -> None:
    """One click, Allow, and the next cell has a DataFrame; the saved notebook is clean; a restart needs no button."""
    sheet = notebook.open(context.new_page(), notebook.notebook("redirect", CONNECT, CONTENTS))
    sheet.run(0)
    expect(status(sheet)).to_contain_text("Click Sign in to Outgrow.")
    sheet.page.screenshot(path=shots / "notebook-ready.png")
    consent = click_sign_in(context, sheet)
    consent.get_by_role("button", name="Allow").click()
    expect(consent.get_by_role("heading")).to_have_text("You're signed in")
    expect(status(sheet)).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
    sheet.run(1)
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    sheet.wait_idle()
    assert_clean(sheet.save(), *secrets_of(notebook))
    sheet.restart()
    sheet.run_all()
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    expect(sheet.output(0)).to_contain_text("saved sign-in")
    expect(sheet.output(0).get_by_role("link", name="Sign in to Outgrow")).to_have_count(0)


def test_notebook_run_all(notebook: Lab, context: BrowserContext) -> None:
    """Run All: the second cell waits for the click, then every cell runs, and the box is gone."""
    sheet = notebook.open(context.new_page(), notebook.notebook("runall", CONNECT, CONTENTS, "1 + 1000"))
    sheet.run_all()
    expect(sheet.output(1).locator("input")).to_be_visible()
    click_sign_in(context, sheet).get_by_role("button", name="Allow").click()
    expect(sheet.output(2)).to_contain_text("1001")
    expect(sheet.output(1).locator("input")).to_have_count(0)
    sheet.wait_idle()
    assert_clean(sheet.save(), *secrets_of(notebook))


@contextmanager
def serving(folder: Path, *command: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Starts a server of one notebook in an empty home; its address, and the environment of its kernels."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = folder / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(home),
        "DISPLAY": ":99",
        "OUTGROW_CONFIG_DIR": str(home / "outgrow"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
    }
    log = (folder / "server.log").open("w")
    full = [sys.executable, "-m", *command, f"--port={port}"]
    process = subprocess.Popen(
        full, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        until_served(address, process, folder / "server.log")
        yield address, environment
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def until_served(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            requests.get(address, timeout=SECONDS)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


def click(context: BrowserContext, page: Page) -> None:
    """The button, and Allow."""
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in to Outgrow").click()
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_role("heading")).to_have_text("You're signed in")


def test_voila(lab: Lab, context: BrowserContext, tmp_path: Path, shots: Path) -> None:
    """A page without cells: the panel is drawn and signs in; a data call before that ends, and does not hang."""
    path = lab.notebook(
        "voila", CONNECT, "try:\n    og.contents()\nexcept outgrow_nb.SignInRequired as e:\n    print(e)"
    )
    with serving(tmp_path, "voila", str(path), "--no-browser", "--Voila.ip=127.0.0.1") as (address, _):
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("status")).to_contain_text("Click Sign in to Outgrow.", timeout=SECONDS * 1000)
        expect(page.get_by_text("Sign in with the panel above")).to_be_visible()
        page.screenshot(path=shots / "voila-ready.png")
        click(context, page)
        expect(page.get_by_role("status")).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
        page.screenshot(path=shots / "voila-signed-in.png")
        page.goto(address)
        expect(page.get_by_text(re.compile("Signed in to Outgrow as ana"))).to_be_visible(timeout=SECONDS * 1000)


MARIMO = """import marimo

app = marimo.App()


@app.cell
def _():
    import outgrow_nb

    og = outgrow_nb.connect(sandbox=True)
    return (og,)


@app.cell
def _(og):
    og.contents()[["title", "leads"]]
    return


if __name__ == "__main__":
    app.run()
"""


def run_first(page: Page, shown: str) -> None:
    """Runs the first cell of a marimo notebook until a text is shown; it takes no key before its kernel is there."""
    found = page.get_by_text(shown).first
    for _ in range(12):
        page.locator(".cm-content").first.click()
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Control+Shift+r")  # and what waits for it
        with contextlib.suppress(AssertionError):
            return expect(found).to_be_visible(timeout=5_000)
    return expect(found).to_be_visible()


def test_marimo(context: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shots: Path) -> None:
    """No ipywidgets there: `connect()` says at once how to sign in, and after that it finds the sign-in."""
    (tmp_path / "book.py").write_text(MARIMO)
    command = ("marimo", "edit", "book.py", "--headless", "--no-token", "--host=127.0.0.1", "--skip-update-check")
    with serving(tmp_path, *command) as (address, environment):
        page = context.new_page()
        page.goto(address)
        page.locator(".cm-content").first.wait_for(timeout=SECONDS * 1000)
        run_first(page, "This run can't ask you to sign in.")
        page.screenshot(path=shots / "marimo-not-signed-in.png")
        for name in ("HOME", "OUTGROW_CONFIG_DIR"):
            monkeypatch.setenv(name, environment[name])
        assert person.login("--sandbox").returncode == 0
        run_first(page, "Find the right spade")
        page.screenshot(path=shots / "marimo-signed-in.png")
