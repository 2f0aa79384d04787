"""The panel's words as HTML, every foreign word escaped; no widget in here, so it is tested as text."""

import html
import re

from outgrow_nb.auth import messages
from outgrow_nb.auth.signin import SignIn
from outgrow_nb.auth.status import State, Status

STYLE = """<style>
.outgrow-nb{border:1px solid var(--jp-border-color2,#cfd8d3);border-radius:10px;padding:14px 16px;max-width:640px;
box-sizing:border-box;background:var(--jp-layout-color1,#fff);color:var(--jp-ui-font-color1,#1c2521)}
.outgrow-nb .widget-html-content,.outgrow-nb .widget-html>.widget-html-content{line-height:1.45;overflow-wrap:anywhere}
.outgrow-nb a.outgrow-nb-go{display:inline-block;box-sizing:border-box;padding:8px 18px;border-radius:7px;
background:#1f7a4d;color:#fff !important;font-weight:600;font-size:14px;line-height:20px;text-decoration:none;
border:1px solid #17603c}
.outgrow-nb a.outgrow-nb-go:hover{background:#17603c;text-decoration:none}
.outgrow-nb a.outgrow-nb-go:focus-visible,.outgrow-nb button:focus-visible,.outgrow-nb input:focus-visible{
outline:2px solid #2f9e68 !important;outline-offset:2px}
.outgrow-nb-title{font-size:15px;font-weight:600}
.outgrow-nb-go+.outgrow-nb-note{margin-top:6px}
.outgrow-nb-note{font-size:12px;color:var(--jp-ui-font-color2,#56635c)}
.outgrow-nb-status{font-size:13px;margin:2px 0}
.outgrow-nb-status.bad{color:color-mix(in srgb,#d33a28 60%,var(--jp-ui-font-color1,#1c2521))}
.outgrow-nb-status.good{color:color-mix(in srgb,#1d9d58 60%,var(--jp-ui-font-color1,#1c2521));font-weight:600}
.outgrow-nb-address{display:block;font:12px/1.4 var(--jp-code-font-family,monospace);user-select:all;
background:var(--jp-layout-color2,#eef2f0);border-radius:6px;padding:6px 8px;margin-top:6px;
max-height:6.2em;overflow:auto}
.outgrow-nb .widget-text{flex:1 1 220px;min-width:0;width:auto;max-width:420px}
.outgrow-nb .widget-box{flex-wrap:wrap;gap:4px 8px;overflow:visible}
.outgrow-nb .widget-button{width:auto;border-radius:6px}
.outgrow-nb .widget-checkbox{width:auto}
.outgrow-nb>.outgrow-nb-quiet{align-self:flex-start}
.outgrow-nb .outgrow-nb-quiet{background:none;color:var(--jp-content-link-color,#0b62a3);padding:0 4px;box-shadow:none}
</style>"""
FALLBACK = (
    "<p>No button here? Run <code>outgrow_nb.connect(wait=True)</code> in a notebook, "
    "or <code>outgrow-nb login</code> in a terminal of this computer.</p>"
)
FALLBACK_TEXT = "Sign in to Outgrow: run outgrow_nb.connect(wait=True) here, or outgrow-nb login in a terminal."

_GOOD = {State.SIGNED_IN, State.ADOPTED}
_BAD = {State.DECLINED, State.FAILED, State.BLOCKED, State.TIMED_OUT}


def head(signin: SignIn, asking: str) -> str:
    """The title, the link that is the button, and who asks."""
    link = signin.link
    title = "Connect to Outgrow" if signin.key_first else ""
    parts = []
    if link is not None:
        parts.append(
            f'<a class="outgrow-nb-go" style="color:#fff" target="_blank" rel="noopener noreferrer" '
            f'href="{html.escape(link.reveal(), quote=True)}">Sign in to Outgrow</a>'
        )
    elif title:
        parts.append(f'<div class="outgrow-nb-title">{title}</div>')
    if not signin.status.final:
        parts.append(f'<div class="outgrow-nb-note">asking: {html.escape(asking)}</div>')
    return "".join(parts)


def line(status: Status, *, waiting: bool = False, because: str = "", key_first: bool = False) -> str:
    """The one message the person reads, announced to screen readers."""
    kind = "good" if status.state in _GOOD else "bad" if status.state in _BAD else ""
    text = status.text
    if waiting and status.state is State.READY:
        text = f"{because} {messages.WAITING_BELOW_KEY if key_first else messages.WAITING_BELOW}".lstrip()
    address = ""
    if status.address is not None:
        shown = html.escape(status.address.reveal(), quote=True)
        address = f'<a class="outgrow-nb-address" target="_blank" rel="noopener noreferrer" href="{shown}">{shown}</a>'
    return f'{STYLE}<div class="outgrow-nb-status {kind}" role="status">{_marked(html.escape(text))}{address}</div>'


def saved(text: str) -> dict[str, str]:
    """What stays in the notebook once somebody has signed in: no widget, no address, no secret."""
    return {
        "text/html": (
            f'<div style="line-height:1.5"><span style="color:color-mix(in srgb,#1d9d58 60%,currentcolor)">✓</span> '
            f'{html.escape(text)}<br><span style="font-size:12px;opacity:.75">'
            f"{html.escape(messages.SAVED_TEXT)}</span></div>"
        ),
        "text/plain": f"{text}\n{messages.SAVED_TEXT}",
    }


def _marked(text: str) -> str:
    text = re.sub(r"(?<=Click )Sign in( to Outgrow)?", lambda found: f"<b>{found[0]}</b>", text)
    return re.sub(r"`(\w+)`", r"<code>\1</code>", text)
