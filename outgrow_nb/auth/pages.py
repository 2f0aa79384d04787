"""The few static pages the browser sees on its way back: no script, nothing of the request in them."""

import base64
import hashlib
import html
from dataclasses import dataclass

_STYLE = """
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f6f5;color:#17211d;
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{box-sizing:border-box;width:min(92vw,27rem);padding:2.25rem 2rem;background:#fff;border:1px solid #dde4e0;
border-radius:14px;box-shadow:0 8px 30px rgba(20,40,30,.07);text-align:center}
.mark{width:3.25rem;height:3.25rem;margin:0 auto 1rem;border-radius:50%;display:grid;place-items:center;
font-size:1.6rem;font-weight:700;color:#fff;background:#1f7a4d}
.mark.no{background:#a63d2f}.mark.old{background:#5b6a63}
h1{margin:0 0 .5rem;font-size:1.35rem;line-height:1.3}p{margin:0;color:#4a5750}
small{display:block;margin-top:1.5rem;color:#66736c}
@media(prefers-color-scheme:dark){body{background:#111714;color:#e8efeb}main{background:#1a221e;border-color:#2d3833;
box-shadow:none}p{color:#b9c5bf}small{color:#94a29b}}
"""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)


@dataclass(frozen=True)
class Page:
    """One page: where it stands, its status, and its words."""

    path: str
    status: int
    title: str
    text: str
    mark: str = "no"

    def render(self) -> bytes:
        """The page as HTML."""
        sign = {"yes": "✓", "no": "!", "old": "↺"}[self.mark]
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{html.escape(self.title)}</title><style>{_STYLE}</style>"
            f'<main><div class="mark {self.mark}" aria-hidden="true">{sign}</div>'
            f"<h1>{html.escape(self.title)}</h1><p>{html.escape(self.text)}</p>"
            "<small>outgrow-nb on this computer</small></main></html>"
        ).encode()


SIGNED_IN = Page("/signed-in", 200, "You're signed in", "You can close this tab and go back to your notebook.", "yes")
DECLINED = Page(
    "/declined", 200, "Access was not allowed", "Nothing was saved. Use the link in your notebook to try again."
)
FAILED = Page(
    "/failed", 200, "The sign-in did not work", "Your notebook says why and what to do next. You can close this tab."
)
OLD_TAB = Page(
    "/old-tab",
    400,
    "This tab is from an earlier try",
    "It was ignored. Use the link in your notebook; you can close this tab.",
    "old",
)
REFUSED = Page("/refused", 400, "This answer was not used", "Go back to your notebook and use the link there.", "old")
NOT_FOUND = Page("/not-found", 404, "Nothing here", "Go back to your notebook and use the link there.", "old")
STATIC = {page.path: page for page in (SIGNED_IN, DECLINED, FAILED)}
