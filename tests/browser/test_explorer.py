"""The explorer as a person has it: JupyterLab, a choice, a split, the code copied into a cell, the same numbers."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.browser.lab import Lab, Sheet
from tests.browser.test_sign_in import CONNECT, click_sign_in

PLAN = "Which plan fits you?"
EXPLORE = "outgrow_nb.explorer(og)"
WAIT = 30_000  # milliseconds: a computer that runs other tests beside takes its time


def opened(lab: Lab, context: BrowserContext, name: str, *cells: str) -> Sheet:
    """A notebook whose first cell has signed in and whose second shows the explorer."""
    sheet = lab.open(context.new_page(), lab.notebook(name, CONNECT, EXPLORE, *cells))
    sheet.run(0)
    click_sign_in(context, sheet).get_by_role("button", name="Allow").click()
    expect(sheet.output(0).get_by_role("status")).to_contain_text("Signed in to Outgrow as", timeout=WAIT)
    sheet.wait_idle()
    sheet.run(1)
    expect(line(sheet)).to_contain_text(f"leads · {PLAN} · SANDBOX - invented people", timeout=WAIT)
    return sheet


def line(sheet: Sheet) -> Any:
    """The explorer's one sentence."""
    return sheet.output(1).get_by_role("status")


def picture(sheet: Sheet) -> Any:
    """The explorer's picture."""
    return sheet.output(1).locator("img")


def numbers(sheet: Sheet) -> list[list[str]]:
    """The rows of the table behind the picture."""
    table = sheet.output(1).locator(".outgrow-nb-table table")
    found = [row.locator("th, td").all_text_contents() for row in table.locator("tr").all()]
    assert len(found) > 1
    return found


def paste_into(sheet: Sheet, cell: int) -> None:
    """Puts the cursor into a cell, and pastes."""
    sheet.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".cm-content").click()
    sheet.page.keyboard.press("Control+V")


def test_pick_split_copy_run(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """Pick a view, split it, copy its code, run it in a cell: one picture, the same numbers; saved is a sentence."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    show = 'print(outgrow_nb.explore.funnel(leads, by="utm_source").astype({"n": int}).to_csv(index=False))'
    page = f'outgrow_nb.plot.dashboard(leads, og.answers("{PLAN}"), questions=og.questions("{PLAN}"))'
    sheet = opened(lab, context, "explorer", "", show, page)
    panel = sheet.output(1)
    panel.screenshot(path=shots / "explorer-overview.png")
    panel.get_by_role("button", name="Funnel").click()
    expect(picture(sheet)).to_have_attribute("alt", re.compile("^How far people get. The numbers"), timeout=WAIT)
    panel.get_by_label("Split by").select_option("utm_source")
    expect(picture(sheet)).to_have_attribute("alt", re.compile("^How far people get, by UTM source"), timeout=WAIT)
    panel.screenshot(path=shots / "explorer-funnel.png")
    shown = numbers(sheet)

    panel.get_by_role("button", name="Copy code").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible(timeout=WAIT)
    code = panel.get_by_label("Code of this view").input_value()
    assert (
        code
        == f'leads = og.leads("{PLAN}")\noutgrow_nb.plot.funnel(outgrow_nb.explore.funnel(leads, by="utm_source"));'
    )
    paste_into(sheet, 2)
    sheet.run(2)
    expect(sheet.output(2).locator("img")).to_have_count(1, timeout=WAIT)
    sheet.wait_idle()
    assert sheet.output(2).locator("img").count() == 1
    sheet.output(2).screenshot(path=shots / "explorer-copied.png")

    sheet.run(3)
    expect(sheet.output(3)).to_contain_text("of_previous", timeout=WAIT)
    text = sheet.output(3).inner_text()
    made = list(csv.reader(text[text.index("utm_source") :].strip().splitlines()))
    assert made[0] == shown[0]
    assert len(made) == len(shown)
    for ours, theirs in zip(made[1:], shown[1:], strict=True):
        assert ours[:3] == theirs[:3]
        for our, their in zip(ours[3:], theirs[3:], strict=True):
            assert (our or "–") == their or round(float(our), 3) == float(their)

    sheet.run(4)
    expect(sheet.output(4).locator("img")).to_have_count(1, timeout=WAIT)
    sheet.wait_idle()
    assert sheet.output(4).locator("img").count() == 1
    sheet.output(4).screenshot(path=shots / "dashboard.png")

    kept = json.dumps(sheet.save()["cells"][1]["outputs"])
    assert "Outgrow explorer: run this cell" in kept
    assert "base64" not in kept
    assert "@example" not in kept


def test_every_view_and_another_content(lab: Lab, context: BrowserContext, shots: Path) -> None:
    """Views by keyboard, dates, another content, one without leads; signed out: a sentence, and no waiting kernel."""
    sheet = opened(lab, context, "explorer-views", "og.sign_out()")
    panel = sheet.output(1)
    for name, said in (
        ("Timeline", "Leads a"),
        ("Sources", "Completed leads, by source"),
        ("Scores", "Score"),
        ("Drop-off", "Most leave at “What is your monthly budget?”"),
    ):
        panel.get_by_role("button", name=name).focus()
        sheet.page.keyboard.press("Space")
        expect(picture(sheet)).to_have_attribute("alt", re.compile(f"^{re.escape(said)}"), timeout=WAIT)
        panel.screenshot(path=shots / f"explorer-{name.lower()}.png")
    panel.get_by_label("Period").select_option("Last 90 days")
    expect(panel.get_by_label("Code of this view")).to_have_value(
        re.compile('since="2026-04-02", until="2026-06-30"'), timeout=WAIT
    )
    whole = line(sheet).inner_text()
    panel.get_by_label("From").fill("2026-06-01")
    panel.get_by_label("From").press("Tab")
    expect(line(sheet)).not_to_have_text(whole, timeout=WAIT)
    expect(panel.get_by_label("Code of this view")).to_have_value(
        re.compile('since="2026-06-01", until="2026-06-30"'), timeout=WAIT
    )
    panel.get_by_label("Content").select_option("Autumn lookbook")
    expect(line(sheet)).to_have_text("No leads of “Autumn lookbook” in this period.", timeout=WAIT)
    panel.screenshot(path=shots / "explorer-nobody.png")
    panel.get_by_label("Content").select_option("What will your lawn cost?")
    expect(line(sheet)).to_contain_text("leads · What will your lawn cost?", timeout=WAIT)

    sheet.run(2)
    sheet.wait_idle()
    panel.get_by_label("Content").select_option("Tulips or daffodils?")
    expect(panel.get_by_role("button", name="Try again")).to_be_visible(timeout=WAIT)
    sheet.wait_idle(5_000)
    expect(line(sheet)).to_contain_text("Nobody is signed in. Sign in with connect() in a cell", timeout=WAIT)
    panel.screenshot(path=shots / "explorer-signed-out.png")
    sheet.run(0)
    click_sign_in(context, sheet).get_by_role("button", name="Allow").click()
    expect(sheet.output(0).get_by_role("status")).to_contain_text("Signed in to Outgrow as", timeout=WAIT)
    sheet.wait_idle()
    panel.get_by_role("button", name="Try again").click()
    expect(line(sheet)).to_contain_text("leads · Tulips or daffodils?", timeout=WAIT)
    assert "Traceback" not in sheet.page.inner_text("body")
