"""Every way back from Outgrow into a waiting cell, in each ipykernel that people have."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from outgrow_nb.auth import messages
from tests.kernels import matrix
from tests.kernels.matrix import COUNT, Notebook
from tests.person import decide, follow, person_cookies

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("kernel")]
bench, notebook = matrix.bench, matrix.notebook
NOBODY = (
    {"Sec-Purpose": "prefetch", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
)


def test_redirect(notebook: Notebook) -> None:
    """Click and Allow after the cell has returned: the panel says who it is, the next cell asks nothing."""
    assert notebook.do(notebook.connect)["status"] == "ok"
    assert "You can close this tab" in follow(decide(notebook.link())).text
    notebook.reads("Signed in to Outgrow as ana.silva@example.com")
    cell = notebook.run(COUNT)
    notebook.shows(cell, "14")
    assert "clear_output" not in notebook.kinds(cell), "nobody was asked"
    assert messages.SAVED_TEXT in notebook.texts()


def test_redirect_while_a_cell_waits(notebook: Notebook) -> None:
    """Click and Allow while a cell waits: it goes on, and the box that nobody used is lifted."""
    cell = notebook.wait()
    follow(decide(notebook.link()))
    notebook.shows(cell, "14")
    assert notebook.kinds(cell).count("shutdown_reply") == 1
    notebook.reads("Signed in to Outgrow as ana.silva@example.com")


def test_a_bare_code(notebook: Notebook) -> None:
    """The code alone, with spaces around it, where PKCE is known to be enforced."""
    cell = notebook.wait()
    (code,) = parse_qs(urlsplit(decide(notebook.link())).query)["code"]
    notebook.type(f"  {code} ")
    notebook.shows(cell, "14")
    assert code not in notebook.texts()


def test_the_dead_address(notebook: Notebook) -> None:
    """The whole address of the page that could not open, after a paste that is none."""
    cell = notebook.wait()
    address = decide(notebook.link())
    notebook.type("what you asked for")
    notebook.asked()
    notebook.reads("That doesn't look like a code.")
    notebook.type(f"<{address}>")
    notebook.shows(cell, "14")
    assert address not in notebook.texts()


def test_l08_deny(notebook: Notebook) -> None:
    """Declined is said at once, nothing is saved, the cell waits on, and the same link may allow after all."""
    cell = notebook.wait()
    assert "Nothing was saved" in follow(decide(notebook.link(), "Deny")).text
    notebook.reads(messages.DECLINED)
    assert notebook.saved() is None
    follow(decide(notebook.link()))
    notebook.shows(cell, "14")


def test_a_foreign_state(notebook: Notebook) -> None:
    """A redirect of somebody else's making is ignored, and the right one still wins."""
    cell = notebook.wait()
    address = decide(notebook.link())
    (state,) = parse_qs(urlsplit(address).query)["state"]
    forged = address.replace(state, "x" * len(state))
    person_cookies[forged] = person_cookies[address]
    answer = follow(forged)
    assert (answer.status_code, "from an earlier try" in answer.text) == (400, True)
    assert notebook.saved() is None
    follow(address)
    notebook.shows(cell, "14")


def test_l06_prefetch_first(notebook: Notebook) -> None:
    """What a browser fetches ahead, or as a picture, uses nothing up: neither the link nor the redirect."""
    cell = notebook.wait()
    for headers in NOBODY:
        assert requests.get(notebook.link(), headers=headers, timeout=30).status_code == 204
    address = decide(notebook.link())
    for headers in NOBODY:
        cookies = person_cookies[address]
        assert requests.get(address, headers=headers, cookies=cookies, timeout=30).status_code == 204
    assert notebook.saved() is None
    follow(address)
    notebook.shows(cell, "14")
