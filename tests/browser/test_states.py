"""Every state of the panel as a person meets it: light and dark, narrow, enlarged, by keyboard, read aloud."""

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab as labs
from tests.browser.lab import Lab, Sheet
from tests.browser.states import STATES

ROOT = Path(__file__).parents[2]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"theme": "JupyterLab Dark"},
    "400 pixels": {"viewport": {"width": 400, "height": 860}},
    "200 % zoom": {"viewport": {"width": 590, "height": 430}, "device_scale_factor": 2},
}
# A text's contrast with what is painted behind it (WCAG 2.2, 1.4.3); 18.66 px bold or 24 px counts as large.
CONTRAST = """
panel => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = text => {
    const found = text.match(/[\\d.]+/g).map(Number), unit = text.startsWith('color(') ? 255 : 1;
    return [...found.slice(0, 3).map(value => value * unit), found[3] ?? 1];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const behind = element => {
    const stack = [];
    for (let e = element; e; e = e.parentElement) stack.push(parse(getComputedStyle(e).backgroundColor));
    return stack.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  const look = (element, text, style) => {
    const box = element.getBoundingClientRect();
    if (!text.trim() || !box.width || !box.height || element.disabled) return;
    const back = behind(element), fore = over(parse(style.color), back);
    const [high, low] = [light(fore), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    found.push({text: text.trim().slice(0, 60), ratio: (high + 0.05) / (low + 0.05), needed: large ? 3 : 4.5});
  };
  for (const element of panel.querySelectorAll('*')) {
    if (element.tagName === 'STYLE') continue;
    const own = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join(' ');
    look(element, own, getComputedStyle(element));
    if (element.placeholder) look(element, element.placeholder, getComputedStyle(element, '::placeholder'));
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def gallery_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab whose kernels find the list of states."""
    with labs.lab(tmp_path_factory.mktemp("gallery"), PYTHONPATH=str(ROOT)) as running:
        yield running


@pytest.fixture(scope="module")
def drawn(gallery_lab: Lab, chromium: Browser) -> Iterator[dict[str, tuple[Page, Sheet]]]:
    """The same notebook in each look: all states under one cell, since the next one would settle them."""
    cell = "from tests.browser import states\nfor name in states.STATES:\n    states.show(name)"
    pages: dict[str, tuple[Page, Sheet]] = {}
    for look, how in LOOKS.items():
        theme = how.get("theme", "JupyterLab Light")
        folder = (
            Path(gallery_lab.environment["JUPYTER_CONFIG_DIR"]) / "lab/user-settings/@jupyterlab/apputils-extension"
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
        made = chromium.new_context(
            viewport=how.get("viewport", {"width": 1000, "height": 860}),
            device_scale_factor=how.get("device_scale_factor", 1),
        )
        made.set_default_timeout(45_000)
        page = made.new_page()
        sheet = gallery_lab.open(page, gallery_lab.notebook("".join(filter(str.isalnum, look)), cell))
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        sheet.run_all()
        sheet.wait_idle(90_000)
        pages[look] = page, sheet
    yield pages
    for page, _ in pages.values():
        page.context.close()


def panel(sheet: Sheet, name: str) -> Any:
    """The panel of a state, in view."""
    found = sheet.output(0).locator(".outgrow-nb").nth(list(STATES).index(name))
    found.scroll_into_view_if_needed()
    expect(found).to_be_visible()
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_every_state(drawn: dict[str, tuple[Page, Sheet]], shots: Path, look: str) -> None:
    """One announced message, texts with a contrast of AA, nothing cut off at the side; and a picture to look at."""
    page, sheet = drawn[look]
    wrong: list[str] = []
    for name in STATES:
        found = panel(sheet, name)
        announced = found.get_by_role("status")
        expect(announced).to_have_count(1)
        assert announced.inner_text().strip(), name
        wrong += [
            f"{name}: {text['text']!r} {text['ratio']:.2f}"
            for text in found.evaluate(CONTRAST)
            if text["ratio"] < text["needed"]
        ]
        box = found.bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= page.evaluate("window.innerWidth"), name
        assert found.evaluate("panel => panel.scrollWidth <= panel.clientWidth + 1"), name
        found.screenshot(path=shots / f"state {name}, {look}.png")
    assert wrong == []
    if look == list(LOOKS)[-1]:
        gallery(shots)


def gallery(shots: Path) -> None:
    """One page with all pictures, for whoever looks at them."""
    rows = []
    for name in STATES:
        cells = []
        for look in LOOKS:
            path = shots / f"state {name}, {look}.png"
            if path.exists():
                picture = base64.b64encode(path.read_bytes()).decode()
                cells.append(f'<td><img alt="{html.escape(name)}" src="data:image/png;base64,{picture}"></td>')
        rows.append(f"<tr><th>{html.escape(name)}</th>{''.join(cells)}</tr>")
    head = "".join(f"<th>{html.escape(look)}</th>" for look in LOOKS)
    style = "td{vertical-align:top}img{max-width:420px}th{font:14px system-ui;text-align:left}"
    page = f"<!doctype html><meta charset=utf-8><style>{style}</style><table><tr><th></th>{head}</tr>{''.join(rows)}"
    (shots / "gallery.html").write_text(page, encoding="utf-8")


def focused(page: Page) -> str:
    """What a screen reader would call the control that has the focus."""
    named: str = page.evaluate(
        "() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.placeholder ||"
        " e.innerText.trim() || (e.labels && e.labels[0] && e.labels[0].innerText.trim()) || e.type || e.tagName; }"
    )
    return named


def test_by_keyboard(drawn: dict[str, tuple[Page, Sheet]]) -> None:
    """Tab goes through the controls as they are read; Enter sends what was pasted."""
    page, sheet = drawn["light"]
    found = panel(sheet, "ready")
    found.get_by_role("link", name="Sign in to Outgrow").focus()
    order = [focused(page)]
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(focused(page))
    assert order == [
        "Sign in to Outgrow",
        "The page's whole address",
        "Submit",
        "Keep on this computer",
        "Use an API key instead",
        "Start again",
    ]
    outline = found.get_by_role("button", name="Start again").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"
    found.locator("input[type=password]").first.focus()
    page.keyboard.type("what you asked for")
    page.keyboard.press("Enter")
    expect(found.get_by_role("status")).to_contain_text("That doesn't look like a code.")
    found.get_by_role("button", name="Use an API key instead").focus()
    page.keyboard.press("Enter")
    expect(found.get_by_role("button", name="Connect")).to_be_visible()
