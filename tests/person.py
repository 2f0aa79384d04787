"""A person at a browser, by plain HTTP: opens the sandbox's consent page and presses Allow or Deny.

The package itself has no way to approve a sign-in; whoever runs a notebook without a browser uses this.
"""

import html
import re
import subprocess
import sys
import threading
from urllib.parse import urljoin, urlsplit

import requests

FORM = re.compile(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<input[^>]*>")


def decide(address: str, press: str = "Allow", who: int = 0) -> str:
    """Opens an authorization (or `/go`) address, presses a button, and returns where the browser is sent.

    Args:
        address: What the person opened.
        press: The button's text.
        who: Which of the invented people, counted from 0.
    """
    browser = requests.Session()
    page = browser.get(address, timeout=30)
    page.raise_for_status()
    found = FORM.search(page.text)
    assert found is not None, page.text
    fields: dict[str, str] = {}
    people: list[tuple[str, str]] = []
    for tag in FIELD.findall(found[2]):
        attributes = {name: html.unescape(value) for name, value in re.findall(r"(\w+)=\"([^\"]*)\"", tag)}
        if attributes.get("type") == "radio":
            people.append((attributes["name"], attributes["value"]))
        elif attributes.get("type") == "hidden":
            fields[attributes["name"]] = attributes.get("value", "")
    fields.update([people[who]])
    button = re.search(rf"<button([^>]*)>\s*{press}\s*</button>", found[2])
    assert button is not None, found[2]
    named = dict(re.findall(r"(\w+)=\"([^\"]*)\"", button[1]))
    fields[named["name"]] = named["value"]
    target = urljoin(page.url, html.unescape(found[1]))
    answer = browser.post(target, data=fields, allow_redirects=False, timeout=30)
    assert answer.is_redirect, answer.text
    destination = answer.headers["Location"]
    # the cookie of /go belongs to the listener's host, not to its port, as browsers have it
    destination_cookies = {cookie.name: cookie.value or "" for cookie in browser.cookies}
    person_cookies[destination] = destination_cookies
    return destination


person_cookies: dict[str, dict[str, str]] = {}


def follow(destination: str) -> requests.Response:
    """Goes where the browser was sent, to the end."""
    browser = requests.Session()
    browser.cookies.update(person_cookies.pop(destination, {}))
    return browser.get(destination, timeout=60)


def login(*arguments: str, press: str = "Allow") -> subprocess.CompletedProcess[str]:
    """Runs `outgrow-nb login` and signs in at the address it prints, as a person would."""
    command = [sys.executable, "-m", "outgrow_nb", "login", "--no-browser", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = []
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    for line in process.stdout:
        said.append(line)
        if urlsplit(line.strip()).scheme in ("http", "https"):
            follow(decide(line.strip(), press))
            break
    rest, trouble = process.communicate(timeout=60)
    watchdog.cancel()
    return subprocess.CompletedProcess(command, process.returncode, "".join(said) + rest, trouble)
