"""Every call this package makes to Outgrow, and how certain it is; when the truth is known, one line changes here.

No account was available: nothing here was tried on the live service. `confirmed` was seen in public code of Outgrow
or its integrators, `guide` stands in Outgrow's integration guide, `assumed` is neither; the sandbox implements all.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from outgrow_nb.errors import UnknownContent

PAGE_BYTES = 64 << 20
ALL_LEADS_BYTES = 2 << 30
ALL_LEADS_RATIO = 200


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One call: its path below the API's root, its dialect, its certainty.

    Attributes:
        path: A template; messages show the template, never the address, since an API key stands in the path.
        dialect: Who may call it.
        certainty: ``confirmed``, ``guide`` or ``assumed``.
        max_bytes: Largest answer that is read.
        max_ratio: Largest expansion of a compressed answer, None for no limit.
    """

    path: str
    dialect: Literal["bearer", "key", "both"]
    certainty: Literal["confirmed", "guide", "assumed"]
    max_bytes: int = PAGE_BYTES
    max_ratio: int | None = None

    def fill(self, parts: dict[str, str]) -> str:
        """The path with its parts percent-encoded.

        Raises:
            UnknownContent: A part is empty or would change the path.
        """
        for name, value in parts.items():
            if not value or "/" in value or value in (".", ".."):
                raise UnknownContent(
                    f"{'This key' if name == 'api_key' else repr(value)} is no id.", "See og.contents()."
                )
        return self.path.format(**{name: quote(value, safe="") for name, value in parts.items()})


ME = Endpoint(path="/me", dialect="bearer", certainty="assumed")
CONTENTS = Endpoint(path="/calculator", dialect="both", certainty="confirmed")
QUESTIONS = Endpoint(path="/calculator/{content_id}/questions", dialect="bearer", certainty="assumed")
ANALYTICS = Endpoint(path="/calculator/{content_id}/analytics", dialect="bearer", certainty="assumed")
LEADS = Endpoint(path="/leads", dialect="bearer", certainty="assumed")
KEY_CONTENTS = Endpoint(path="/get_cal/{api_key}", dialect="key", certainty="confirmed")
KEY_LEADS = Endpoint(
    path="/get_leads/{api_key}/{content_id}",
    dialect="key",
    certainty="confirmed",
    max_bytes=ALL_LEADS_BYTES,
    max_ratio=ALL_LEADS_RATIO,
)
