"""The kernel is on another computer, as with JupyterHub: the redirect cannot reach it, the paste does."""

import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from tests.browser import far_kernel
from tests.browser.lab import Lab, Sheet, lab
from tests.browser.test_sign_in import assert_clean, dead_address, status
from tests.wire.sandbox_fixtures import Sandbox

CONNECT = "import outgrow_nb\nog = outgrow_nb.connect()"
COUNT = "print(len(og.contents()), 'contents')"


@pytest.fixture(params=["unknown", "JupyterHub"])
def far_lab(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox) -> Iterator[Lab]:
    """JupyterLab with such a kernel, on a hub or where nothing tells that it is far."""
    with tempfile.TemporaryDirectory(prefix="far") as short:  # a socket's path holds about 100 characters
        way = Path(short) / "way"
        outside = socket.socket(socket.AF_UNIX)
        outside.bind(str(way))
        outside.listen(64)
        far_kernel.lead(outside, lambda: socket.create_connection(("127.0.0.1", sandbox.port)))
        far_kernel.spec(tmp_path / "home" / "data", sandbox.port, way)
        application = {
            "OUTGROW_BASE_URL": sandbox.base_url,
            "OUTGROW_CLIENT_ID": sandbox.client_id,
            "OUTGROW_CLIENT_SECRET": sandbox.client_secret,
            "JUPYTER_RUNTIME_DIR": f"{short}/r",
            **({"JUPYTERHUB_USER": "ana"} if request.param == "JupyterHub" else {}),
        }
        with lab(tmp_path, "--KernelManager.transport=ipc", **application) as running:
            yield running
        outside.close()


def test_the_dead_address(far_lab: Lab, context: BrowserContext, shots: Path) -> None:
    """The page after Allow cannot open; its address signs in. A pasted button address is told what it is."""
    hub = "JUPYTERHUB_USER" in far_lab.environment
    sheet = far_lab.open(context.new_page(), far_lab.notebook("far", CONNECT, COUNT, kernel="far"))
    sheet.run(0)
    button = sheet.output(0).get_by_role("link", name="Sign in to Outgrow")
    expect(button).to_be_visible()
    if hub:
        expect(status(sheet)).to_contain_text(
            "The page after it cannot open: copy its whole address and paste it here."
        )
        consent = opened_by(context, button)
    else:
        address = button.get_attribute("href")
        assert re.match(r"http://127\.0\.0\.1:\d+/go/", address), address
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            context.new_page().goto(address)
        paste(sheet, address)
        expect(status(sheet)).to_contain_text("That address only opens on the computer the kernel runs on")
        sheet.output(0).screenshot(path=shots / "panel-kernel-elsewhere.png")
        consent = opened_by(context, sheet.output(0).locator("a.outgrow-nb-address"))
    answer = dead_address(context, consent)
    paste(sheet, answer)
    expect(status(sheet)).to_contain_text("Signed in to Outgrow as ana.silva@example.com")
    sheet.run(1)
    expect(sheet.output(1)).to_contain_text("14 contents")
    sheet.wait_idle()
    assert_clean(sheet.save(), answer)


def opened_by(context: BrowserContext, link: Locator) -> Page:
    """Clicks a link of the panel; the tab it opens."""
    with context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def paste(sheet: Sheet, text: str) -> None:
    """Pastes into the panel."""
    sheet.output(0).locator("input[type=password]").first.fill(text)
    sheet.output(0).get_by_role("button", name="Submit").click()
