"""The pages of the authorization server: consent and error. Plain HTML forms, no scripts, own style inline."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from starlette.responses import HTMLResponse

from outgrow_nb.sandbox.accounts import Person

_MARK = (
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/>'
    '<path d="M9 21.5c0-5.6 3-8.4 7-8.4s7 2.8 7 8.4M16 13V8m0 5 4.5-3.4M16 15l-4.5-3.2"/></svg>'
)


def _style() -> str:
    return files("outgrow_nb.sandbox").joinpath("pages.css").read_text(encoding="utf-8")


def _page(title: str, main: str, *, status: int, form_target: str = "") -> HTMLResponse:
    style = _style()
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    forms = f"'self' {form_target}".strip() if form_target else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{fingerprint}'; form-action {forms}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<header>{_MARK}<span class="brand">Outgrow</span><span class="badge">sandbox</span></header>'
        f"{main}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(html, status, headers)


def consent_page(
    *, client_name: str, people: Sequence[Person], allows: Sequence[str], ticket: str, form_target: str, goes_to: str
) -> HTMLResponse:
    """Who asks, what for, as whom, Allow or Deny.

    Args:
        client_name: Who asks.
        people: Who can sign in; the first is checked.
        allows: What it may do, one line each.
        ticket: The pending request's hidden name.
        form_target: Origin the answer is redirected to; the browser must let the form go there.
        goes_to: The same for the reader: the host name.
    """
    choices = "".join(
        f'<label class="person"><input type="radio" name="person" value="{escape(person.id)}"'
        f"{' checked' if place == 0 else ''}>"
        f'<span class="face face{place}" aria-hidden="true">{escape(person.initials)}</span>'
        f'<span class="who"><b>{escape(person.name)}</b><span>{escape(person.email)}</span>'
        f"<span>{escape(person.company)}</span></span></label>"
        for place, person in enumerate(people)
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in allows)
    main = (
        f'<h1 class="ask"><b>{escape(client_name)}</b> asks to read your leads</h1>'
        '<form method="post" action="/oauth/authorize">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        f"<fieldset><legend>Continue as</legend>{choices}</fieldset>"
        f'<section><h2>It will be able to</h2><ul>{lines}</ul><p class="quiet">It can change nothing, and you end its '
        "access by signing out of it.</p></section>"
        '<div class="buttons"><button class="primary" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
        f"<footer><p><b>Invented people. Type no real password.</b></p>"
        f"<p>This practice server runs on your own computer. You go back to {escape(goes_to)}.</p></footer>"
    )
    return _page(f"Allow {client_name}? · Outgrow sandbox", main, status=200, form_target=form_target)


def error_page(*, title: str, problem: str, next_step: str, status: int) -> HTMLResponse:
    """What went wrong and what to do, for a person; used where no redirect may happen."""
    main = (
        f'<h1>{escape(title)}</h1><p class="problem">{escape(problem)}</p><p>{escape(next_step)}</p>'
        "<footer><p>Nothing was allowed and nothing was sent anywhere. You can close this tab.</p></footer>"
    )
    return _page(f"{title} · Outgrow sandbox", main, status=status)


def home_page() -> HTMLResponse:
    """What a person sees who opens the sandbox's bare address."""
    main = (
        "<h1>The sandbox is running</h1><p>It is a practice Outgrow on your own computer, with invented companies, "
        "people and leads. Notebooks and programs talk to it; there is nothing to do here.</p>"
        "<footer><p><b>Invented people. Type no real password.</b></p></footer>"
    )
    return _page("Outgrow sandbox", main, status=200)
