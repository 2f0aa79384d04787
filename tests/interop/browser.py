"""A person at a browser, by plain HTTP: follows redirects one by one, fills forms in and presses what has the words."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

LONGEST_WAY = 20


class _Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []  # words, name


class _Page(HTMLParser):
    """A page's forms with their fields and buttons, and its links by their words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.links: dict[str, str] = {}
        self.asks_password = False
        self._open: tuple[str, str] | None = None
        self._words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes forms, fields, buttons and links."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(found.get("action", "")))
        elif tag == "input" and self.forms:
            form, name = self.forms[-1], found.get("name", "")
            if found.get("type") == "submit":
                form.buttons.append((found.get("value", ""), name))
            elif name:
                form.fields[name] = found.get("value", "")
                self.asks_password |= found.get("type") == "password"
        elif tag in ("a", "button"):
            self._open, self._words = (tag, found.get("href", "") if tag == "a" else found.get("name", "")), ""

    def handle_data(self, data: str) -> None:
        """Collects the words of a link or button."""
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        """Files a finished link or button under its words."""
        if self._open is None or self._open[0] != tag:
            return
        words, (_, target), self._open = " ".join(self._words.split()), self._open, None
        if tag == "a":
            self.links[words] = target
        elif self.forms:
            self.forms[-1].buttons.append((words, target))


class Browser:
    """One person's browser.

    Args:
        answers: What the person types, by the field's name.
        log_in: The words on the login page's button.
        allow: The words on the consent page's button.
        deny: The words of what refuses there, a button or a link.
    """

    def __init__(self, *, answers: dict[str, str], log_in: str, allow: str, deny: str) -> None:
        self._answers, self._log_in, self._allow, self._deny = answers, log_in, allow, deny
        self._session = requests.Session()

    def walk(self, address: str, *, until: str, allowing: bool = True) -> str:
        """Opens an address and does what the pages ask.

        Args:
            address: What the person opened.
            until: The redirect address.
            allowing: Whether access is allowed in the end.

        Returns:
            Where the browser is sent in the end: `until` with its query; it has not been opened.
        """
        answer = self._session.get(address, allow_redirects=False, timeout=30)
        for _ in range(LONGEST_WAY):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if urlsplit(target)._replace(query="").geturl() == until:
                    return target
                answer = self._session.get(target, allow_redirects=False, timeout=30)
            else:
                answer = self._press(answer, allowing=allowing)
        raise AssertionError(f"no way out: {answer.status_code} {answer.text[:500]}")

    def open(self, address: str) -> requests.Response:
        """Opens an address to the end of its redirects."""
        return self._session.get(address, timeout=60)

    def _press(self, answer: requests.Response, *, allowing: bool) -> requests.Response:
        page = _Page(answer.text)
        words = self._log_in if page.asks_password else self._allow if allowing else self._deny
        for form in page.forms:
            for on_it, name in form.buttons:
                if on_it == words:
                    typed = {field: self._answers.get(field, value) for field, value in form.fields.items()}
                    typed |= {name: on_it} if name else {}
                    target = urljoin(answer.url, form.action)
                    return self._session.post(target, data=typed, allow_redirects=False, timeout=30)
        assert words in page.links, f"no {words!r} on {answer.status_code} {answer.text[:2000]}"
        return self._session.get(urljoin(answer.url, page.links[words]), allow_redirects=False, timeout=30)
