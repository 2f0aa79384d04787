"""A real JupyterLab and a real Chromium, driven as a person would."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The Chromium or Chrome that is there."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium with a fresh profile."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    folder: Path
    environment: dict[str, str]
    page: str = "lab/tree/"

    def notebook(self, name: str, *cells: str, kernel: str = "python3") -> Path:
        """Writes a notebook of code cells."""
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        document.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        path = self.folder / f"{name}.ipynb"
        nbformat.write(document, path)
        return path

    def open(self, page: Page, notebook: Path) -> "Sheet":
        """Opens a notebook and waits for its kernel."""
        page.goto(f"{self.url}{self.page}{notebook.name}?token={self.token}&reset")
        page.wait_for_function("window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')", timeout=60_000)
        sheet = Sheet(page, notebook)
        sheet.wait_idle()
        return sheet


PAGES = {"jupyterlab": "lab/tree/", "notebook": "notebooks/"}


@contextmanager
def lab(folder: Path, *options: str, app: str = "jupyterlab", **environment: str) -> Iterator[Lab]:
    """Starts JupyterLab, or Notebook 7, in an empty home; a display is pretended: the browser is on this computer."""
    home = folder / "home"
    root = folder / "notebooks"
    home.mkdir(exist_ok=True)
    root.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    variables = {
        **kept,
        "HOME": str(home),
        "DISPLAY": ":99",
        "OUTGROW_CONFIG_DIR": str(home / "outgrow"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **environment,
    }
    settings = home / "jupyter" / "labconfig"
    settings.mkdir(parents=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "page_config.json").write_text(json.dumps(quiet))
    token = secrets.token_hex(16)
    command = [
        sys.executable, "-m", app, "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}", "--expose-app-in-browser",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly", *options,
    ]  # fmt: skip
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=subprocess.STDOUT, cwd=root)
    try:
        address = _address(process, Path(variables["JUPYTER_RUNTIME_DIR"]), folder / "lab.log")
        yield Lab(address, token, root, variables, PAGES[app])
    finally:
        process.terminate()
        process.wait(20)


def _address(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        for found in runtime.glob("jpserver-*.json"):
            text = found.read_text()
            if text.endswith("}"):
                return str(json.loads(text)["url"])
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@dataclass
class Sheet:
    """One open notebook."""

    page: Page
    path: Path

    def command(self, name: str, **arguments: Any) -> None:
        """Runs one of JupyterLab's commands, without waiting for what it starts."""
        self.page.evaluate("([name, given]) => { window.jupyterapp.commands.execute(name, given); }", [name, arguments])

    def run(self, index: int) -> None:
        """Runs one cell."""
        self.page.evaluate(
            "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;"
            " window.jupyterapp.commands.execute('notebook:run-cell'); }",
            index,
        )

    def run_all(self) -> None:
        """Runs all cells."""
        self.command("notebook:run-all-cells")

    def restart(self) -> None:
        """Restarts the kernel, confirming the question."""
        self.command("kernelmenu:restart")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_timeout(1000)
        self.wait_idle()

    def wait_idle(self, timeout: float = 45_000) -> None:
        """Waits until the kernel has nothing to do."""
        self.page.wait_for_function(
            "() => { const panel = window.jupyterapp.shell.currentWidget;"
            " return panel && panel.sessionContext && panel.sessionContext.session"
            " && panel.sessionContext.session.kernel && panel.sessionContext.session.kernel.status === 'idle'; }",
            timeout=timeout,
        )

    def output(self, index: int) -> Any:
        """The output area of one cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index).locator(".jp-Cell-outputArea")

    def save(self) -> dict[str, Any]:
        """Saves the notebook, and reads what was saved."""
        before = self.path.stat().st_mtime_ns
        self.command("docmanager:save")
        deadline = time.monotonic() + 15
        while self.path.stat().st_mtime_ns == before and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.path.stat().st_mtime_ns != before, "the notebook was not saved"
        time.sleep(0.3)
        document: dict[str, Any] = json.loads(self.path.read_text())
        return document
