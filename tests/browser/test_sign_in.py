"""The sign-in as a person has it: JupyterLab, a click, the consent page, and back."""

import contextlib
import json
import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from tests.browser import lab as labs
from tests.browser.conftest import sign_out
from tests.browser.lab import Lab, Sheet

CONNECT = "import outgrow_nb\nog = outgrow_nb.connect(sandbox=True)"
CONTENTS = "og.contents()"
SAVED = "Each person signs in for themselves."


def click_sign_in(context: BrowserContext, sheet: Sheet) -> Page:
    """Clicks the button, and returns the tab it opened."""
    with context.expect_page() as opened:
        sheet.output(0).get_by_role("link", name="Sign in to Outgrow").click()
    opened.value.wait_for_load_state()
    return opened.value


def status(sheet: Sheet) -> Any:
    """The panel's one message."""
    return sheet.output(0).get_by_role("status")


def assert_clean(document: dict[str, Any], *secrets: str) -> None:
    """No code, state, verifier, token, authorization URL or stale input box stands in a saved notebook."""
    text = json.dumps(document)
    for secret in secrets:
        assert secret not in text
    for trace in ("code=", "state=", "code_challenge", "/oauth/authorize", "/go/", "access_token", "Paste here"):
        assert trace not in text, trace
    outputs = [output for cell in document["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"], outputs


def secrets_of(lab: Lab) -> list[str]:
    """What the saved sign-in holds."""
    kept = json.loads((Path(lab.environment["OUTGROW_CONFIG_DIR"]) / "profile-sandbox.json").read_text())
    return [kept["token"]["access_token"], kept["token"]["refresh_token"], kept["config"]["client_secret"]]


def test_redirect_route(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """One click, Allow, and the next cell has a DataFrame; the saved notebook is clean; a restart needs no button."""
    page = context.new_page()
    sheet = lab.open(page, lab.notebook("redirect", CONNECT, CONTENTS, "1 + 1"))
    sheet.run(0)
    expect(status(sheet)).to_contain_text("Click Sign in to Outgrow.")
    sheet.wait_idle()
    sheet.output(0).screenshot(path=shots / "panel-ready.png")
    document = sheet.save()
    assert_clean(document)
    assert "No button here?" in json.dumps(document)

    consent = click_sign_in(context, sheet)
    consent.screenshot(path=shots / "consent.png")
    consent.get_by_role("button", name="Allow").click()
    expect(consent.get_by_role("heading")).to_have_text("You're signed in")
    assert "code" not in consent.url
    assert "state" not in consent.url
    consent.screenshot(path=shots / "close-this-tab.png")
    consent.close()

    expect(status(sheet)).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
    expect(sheet.output(0).get_by_role("button", name="Sign out")).to_be_visible()
    sheet.output(0).screenshot(path=shots / "panel-signed-in.png")
    sheet.run(1)
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    expect(sheet.output(0)).to_contain_text(SAVED)
    page.screenshot(path=shots / "lab-signed-in.png")
    document = sheet.save()
    assert_clean(document, *secrets_of(lab))
    assert "widget-view" not in json.dumps(document)

    sheet.restart()
    sheet.run_all()
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    expect(sheet.output(0)).to_contain_text("saved sign-in")
    expect(sheet.output(0).get_by_role("link", name="Sign in to Outgrow")).to_have_count(0)
    sheet.wait_idle()
    sheet.output(0).screenshot(path=shots / "next-time.png")


def test_widget_state_is_saved(context: BrowserContext, tmp_path: Path) -> None:
    """With "Save Widget State Automatically", what is saved of a finished sign-in and of a key box is clean too."""
    choices = tmp_path / "home" / "jupyter" / "lab" / "user-settings" / "@jupyter-widgets" / "jupyterlab-manager"
    choices.mkdir(parents=True)
    (choices / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
    with labs.lab(tmp_path) as lab:
        nobody = "outgrow_nb.Config(api_url='http://127.0.0.1:9/api/v1')"
        key = f"outgrow_nb.connect('with a key', config={nobody})"
        sheet = lab.open(context.new_page(), lab.notebook("saving", CONNECT, CONTENTS, key))
        sheet.run(0)
        consent = click_sign_in(context, sheet)
        consent.get_by_role("button", name="Allow").click()
        expect(status(sheet)).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
        sheet.run(1)
        expect(sheet.output(1)).to_contain_text("Which plan fits you?")
        sheet.run(2)
        box = sheet.output(2).get_by_placeholder("Outgrow API key")
        box.fill("KEY-CANARY-typed")
        sheet.output(2).get_by_role("button", name="Connect").click()
        expect(box).to_have_value("")
        expect(sheet.output(2).get_by_role("status")).not_to_contain_text("Checking", timeout=60_000)
        document = sheet.save()
        states = document["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        assert {"HTMLModel", "PasswordModel"} <= {state["model_name"] for state in states.values()}
        assert_clean(document, "KEY-CANARY-typed", *secrets_of(lab))


WATCH = """
([index, wanted]) => {
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[index];
  window.seenAt = 0;
  const watcher = new MutationObserver(() => {
    if (!window.seenAt && cell.innerText.includes(wanted)) { window.seenAt = Date.now(); watcher.disconnect(); }
  });
  watcher.observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


def test_how_long_it_takes(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """Measured, not judged: from the run to the panel, and from Allow to "Signed in"; see docs/front-ends.md."""
    sheet = lab.open(context.new_page(), lab.notebook("times", *[CONNECT] * 4))
    times: dict[str, list[int]] = {"run to panel, ms": [], "Allow to signed in, ms": []}
    for index in range(4):
        sign_out(lab)
        sheet.page.evaluate(WATCH, [index, "asking: outgrow-nb"])
        started = sheet.page.evaluate("Date.now()")
        sheet.run(index)
        drawn = sheet.page.wait_for_function("window.seenAt").json_value()
        sheet.wait_idle()
        with context.expect_page() as opened:
            sheet.output(index).get_by_role("link", name="Sign in to Outgrow").click()
        allow = opened.value.get_by_role("button", name="Allow")
        allow.wait_for()
        sheet.page.evaluate(WATCH, [index, "Signed in to Outgrow as"])
        clicked = opened.value.evaluate("Date.now()")
        allow.click(no_wait_after=True)
        signed_in = sheet.page.wait_for_function("window.seenAt").json_value()
        opened.value.close()
        if index:  # the first one starts the sandbox and loads what a panel needs
            times["run to panel, ms"].append(drawn - started)
            times["Allow to signed in, ms"].append(signed_in - clicked)
    (shots / "times.json").write_text(json.dumps(times, indent=1))
    assert all(len(measured) == 3 for measured in times.values())


def test_run_all_waits_and_goes_on(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """Run All: the second cell waits for the click, then every cell runs in order."""
    sheet = lab.open(context.new_page(), lab.notebook("runall", CONNECT, "n = len(og.contents()); n", "n + 1000"))
    sheet.run_all()
    expect(sheet.output(1).locator("input")).to_be_visible()
    expect(sheet.output(1)).to_contain_text("Waiting for the sign-in above… (Stop to cancel)")
    expect(status(sheet)).to_contain_text("A cell waits for this sign-in.")
    expect(sheet.output(0).locator("input[type=password]").first).to_be_disabled()
    sheet.page.screenshot(path=shots / "run-all-waiting.png")
    consent = click_sign_in(context, sheet)
    consent.get_by_role("button", name="Allow").click()
    expect(consent.get_by_role("heading")).to_have_text("You're signed in")
    expect(sheet.output(2)).to_contain_text("1014")
    expect(sheet.output(1).locator("input")).to_have_count(0)
    sheet.wait_idle()
    assert_clean(sheet.save(), *secrets_of(lab))


def dead_address(context: BrowserContext, consent: Page) -> str:
    """Presses Allow where the browser cannot reach the kernel, and copies the address of the page that cannot open."""
    addresses: list[str] = []

    def stop(route: Route) -> None:
        """A redirect passes by the browser's own rules, so it is taken from the answer."""
        addresses.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(status=204)

    context.route(re.compile(r".*/oauth/authorize.*"), stop)
    context.route(re.compile(r".*/callback.*"), lambda route: route.abort("connectionrefused"))
    consent.get_by_role("button", name="Allow").click()
    deadline = time.monotonic() + 15
    while not addresses and time.monotonic() < deadline:
        consent.wait_for_timeout(50)
    with contextlib.suppress(Error):  # the page cannot open: that is the point
        consent.goto(addresses[0])
    return addresses[0]


def test_paste_of_the_dead_address(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """The page after Allow cannot open: its address, pasted into the panel, signs in all the same."""
    sheet = lab.open(context.new_page(), lab.notebook("paste", CONNECT, CONTENTS))
    sheet.run(0)
    consent = click_sign_in(context, sheet)
    address = dead_address(context, consent)
    box = sheet.output(0).locator("input[type=password]").first
    box.fill("not an address, sorry")
    sheet.output(0).get_by_role("button", name="Submit").click()
    expect(status(sheet)).to_contain_text("doesn't look like a code")
    sheet.output(0).screenshot(path=shots / "panel-wrong-paste.png")
    box.fill(f"  <{address}>\n")
    sheet.output(0).get_by_role("button", name="Submit").click()
    expect(status(sheet)).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
    sheet.run(1)
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    sheet.wait_idle()
    assert_clean(sheet.save(), *secrets_of(lab))


def test_paste_into_the_waiting_cell(lab: Lab, context: BrowserContext) -> None:
    """Run All with a dead redirect: the address goes into the waiting cell's own box."""
    sheet = lab.open(context.new_page(), lab.notebook("stdin", CONNECT, CONTENTS))
    sheet.run_all()
    box = sheet.output(1).locator("input")
    expect(box).to_be_visible()
    address = dead_address(context, click_sign_in(context, sheet))
    box.fill(address)
    box.press("Enter")
    expect(sheet.output(1)).to_contain_text("Which plan fits you?")
    sheet.wait_idle()
    assert_clean(sheet.save(), *secrets_of(lab))


def test_deny(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """Deny: the page and the panel say so, nothing is saved, and the same button works again."""
    sheet = lab.open(context.new_page(), lab.notebook("deny", CONNECT, CONTENTS))
    sheet.run(0)
    consent = click_sign_in(context, sheet)
    consent.get_by_role("button", name="Deny").click()
    expect(consent.get_by_role("heading")).to_have_text("Access was not allowed")
    consent.screenshot(path=shots / "declined-page.png")
    consent.close()
    expect(status(sheet)).to_contain_text("You didn't allow access, so nothing was saved.")
    sheet.output(0).screenshot(path=shots / "panel-declined.png")
    assert not (Path(lab.environment["OUTGROW_CONFIG_DIR"]) / "profile-sandbox.json").exists()
    assert_clean(sheet.save())
    click_sign_in(context, sheet).get_by_role("button", name="Allow").click()
    expect(status(sheet)).to_contain_text("Signed in to Outgrow as")


def test_stop_while_waiting(lab: Lab, context: BrowserContext) -> None:
    """Stop ends the waiting cell at once, with no box left behind."""
    sheet = lab.open(context.new_page(), lab.notebook("stop", CONNECT, CONTENTS))
    sheet.run_all()
    expect(sheet.output(1).locator("input")).to_be_visible()
    sheet.command("notebook:interrupt-kernel")
    expect(sheet.output(1)).to_contain_text("KeyboardInterrupt", timeout=5_000)
    expect(sheet.output(1).locator("input")).to_have_count(0)
    expect(status(sheet)).to_contain_text("The sign-in was stopped")
