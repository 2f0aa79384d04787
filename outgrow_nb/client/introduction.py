"""How a client introduces itself: who is signed in, and from what source."""

from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.facts import facts

SANDBOX = "SANDBOX - invented people"


def introduce(credentials: Credentials, source: str, *, sandbox: bool) -> str:
    """Who is signed in, in one line.

    Args:
        credentials: The sign-in.
        source: Where it came from, in words; "" where that is the saved one.
        sandbox: It is the embedded Outgrow's.
    """
    known = facts(credentials)
    invented = f" · {SANDBOX}" if sandbox else ""
    if known is None:
        return f"not signed in yet: use the button that connect() drew{invented}"
    who = known.who if known.way == "API key" else f"Signed in to Outgrow as {known.who}"
    return f"{who} · {where_from(credentials, source)}{invented}"


def where_from(credentials: Credentials, source: str) -> str:
    """Where the sign-in came from, in words."""
    if source:
        return source
    known = facts(credentials)
    kept = "saved API key" if known is not None and known.way == "API key" else "saved sign-in"
    return kept if credentials.saved else "for this kernel only"
