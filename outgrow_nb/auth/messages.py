"""Every sentence a person may read about their sign-in; each one says the next step."""

READY = (
    "Click Sign in to Outgrow. If the new tab cannot open a page afterwards, copy its whole address and paste it here."
)
READY_REMOTE = (
    "Open the link and allow access. The page after it cannot open: copy its whole address and paste it here."
)
READY_KEY = "Paste your Outgrow API key (Outgrow > your picture > Billing & Settings > API Key)."
WAITING_BELOW = "A cell waits for this sign-in. Click Sign in to Outgrow; a paste goes into the box of that cell."
WAITING_BELOW_KEY = "A cell waits for your API key: paste it into the box of that cell."
WAITING = "Waiting for the sign-in above… (Stop to cancel)"
EXCHANGING = "Checking with Outgrow…"
DECLINED = "You didn't allow access, so nothing was saved. Click Sign in to try again."
OLD_TAB = "That tab was from an earlier try and was ignored. Use the link above."
USED_CODE = "That code has been used or has expired. Get a new one with the link above."
NOT_FOR_HERE = "That looks like a password or key, not a sign-in code. It wasn't sent anywhere."
OWN_ADDRESS = (
    "That is the address of the sign-in page itself. Open it, allow access, then paste the address you end up at."
)
USE_LINK_FIRST = "No sign-in has been started yet. Use the link above first, then paste the address you end up at."
OTHER_ISSUER = "The answer came from another server than the one that was asked, so it wasn't used. Use the link above."
TIMED_OUT = "No sign-in within 10 minutes, so this stopped. Run the cell again."
CANCELLED = "The sign-in was stopped, so nothing was saved. Run the cell again to sign in."
ENDED = ("Your saved sign-in has ended (revoked or unused too long).", "Sign in again; nothing else is lost.")
SIGNED_OUT_ELSEWHERE = ("Another notebook signed out of this profile.", "Run connect() to sign in again.")
OTHER_SERVER = (
    "This profile holds a sign-in to another server or application by now.",
    "Run connect() again, or give this one a profile of its own: connect(profile=…).",
)
REPLY_LOST = (
    "Outgrow's reply to the renewal of your sign-in was lost on the way, and the sign-in with it.",
    "Sign in again; nothing else is lost.",
)
NOBODY = (
    "This run can't ask you to sign in.",
    "Set OUTGROW_API_KEY or OUTGROW_REFRESH_TOKEN, or sign in once on this computer (notebook or outgrow-nb login).",
)
PANEL_FIRST = ("Nobody is signed in yet.", "Sign in with the panel above, then run this again or load the page anew.")
NO_APPLICATION = (
    "A sign-in at a terminal needs OUTGROW_CLIENT_ID.",
    "Set it in the environment or in .env. With an API key there is nothing to sign in to: connect() uses it.",
)
NOTHING_SET = (
    "Neither OUTGROW_CLIENT_ID nor OUTGROW_API_KEY is set.",
    "Set one of them, in the environment or in .env, or paste an API key into connect() in a notebook.",
)
KEY_REFUSED = "Outgrow refused this key. Copy it again; spaces don't matter."
KEY_WRONG = (
    "Outgrow refused the API key of the environment.",
    "Copy it again into OUTGROW_API_KEY; spaces don't matter.",
)
KEY_ENDED = (
    "This key worked before and no longer does.",
    "Paste a new one: run connect() in a notebook, or connect(api_key=…) once.",
)
SIGNED_OUT = "Signed out. Run the cell again to sign in."
SIGNED_OUT_HERE = (
    "Signed out on this computer; Outgrow did not confirm, so the access may live on for a while. "
    "Run the cell again to sign in."
)
ONLY_YOURS = "Paste it only into your own notebook. Outgrow and colleagues never need it."
SAVED_TEXT = "Signed in when this cell last ran. Each person signs in for themselves."


def not_a_code(redirect_uri: str) -> str:
    """For a paste that is neither an address nor a code."""
    return (
        "That doesn't look like a code. It is the address you end up at after you allow access: "
        f"the one with `code` in it that starts with {redirect_uri}."
    )


def whole_address(redirect_uri: str) -> str:
    """For a bare code where only the whole address is safe to accept."""
    return f"Paste the whole address instead of the code alone: the one that starts with {redirect_uri}."


def kernel_elsewhere() -> str:
    """For a pasted `/go/` link: the browser is not on the kernel's computer."""
    return (
        "That address only opens on the computer the kernel runs on, and your browser is on another one. "
        "Open the address below instead, allow access, and paste the address you end up at."
    )


def port_taken(port: int) -> str:
    """For a fixed redirect port that another program holds: no link is drawn at all."""
    return (
        f"Port {port} is in use by another program, which would receive your sign-in. Close that program, "
        "or register http://127.0.0.1/callback as the redirect (any free port is then used), and run the cell again."
    )


def cannot_listen(where: str, reason: str) -> str:
    """For a redirect that cannot be received here for another reason."""
    return (
        f"This computer can't listen at {where} ({reason}), so the sign-in can't come back. "
        "Register http://127.0.0.1/callback as the redirect (any free port is then used), and run the cell again."
    )


def other_account(now: str, profile_of: str, suggestion: str) -> tuple[str, str]:
    """For a sign-in as somebody else than the profile's owner."""
    return f"You're signed in as {now}, but this profile is {profile_of}.", f'Use connect(profile="{suggestion}").'


def place_taken(profile: str, holds: str) -> str:
    """For an API key that would replace what its profile holds."""
    return (
        f"for this kernel only, since the profile {profile!r} holds {holds}. "
        'To keep the key as well, give it a name of its own: connect(profile="…", api_key=…).'
    )


def somebody_else(email: str | None) -> tuple[str, str]:
    """For a kernel whose profile another kernel has signed in to as somebody else."""
    return (
        f"Another notebook signed in to this profile as {email or 'somebody else'}.",
        "Run connect() again to go on with that account.",
    )


def cannot_save(place: str, why: str) -> str:
    """For a sign-in that works but cannot be kept."""
    because = f" ({why.rstrip('.')})" if why else ""
    return f"Signed in for this kernel only: can't write {place}{because}. You'll be asked again after a restart."


def refused(code: str) -> str:
    """For a refusal by the token endpoint (RFC 6749 section 5.2); `invalid_grant` is about the code itself."""
    if code == "invalid_grant":
        return USED_CODE
    return f"Outgrow refused the sign-in: {code}. Use the link above to try again."


def unexpected(kind: str) -> str:
    """For what should not happen."""
    return f"The sign-in went wrong ({kind}). Use the link above to try again, and report this if it stays."


def in_two(text: str) -> tuple[str, str]:
    """A message as an error shows it: what happened, and what to do."""
    first, _, rest = text.partition(". ")
    return (f"{first}." if rest else first), rest
