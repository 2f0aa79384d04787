"""What a profile keeps: whom it serves, whose it is, and what it completes (F11)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.entry import Entry
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import ConfigError, SignInRequired
from outgrow_nb.records import Account
from outgrow_nb.wire import ApiKey, Bearer
from tests.unit.kept_support import FULL, KEYED


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        (Config(), True),
        (FULL.config, True),
        (Config(client_id="nb"), True),
        (Config(token_url="https://app.outgrow.co/oauth/token"), True),
        (Config(scope="other", redirect_uri="http://127.0.0.1:9/x", workers=2), True),
        (Config(client_secret="another"), True),
        (Config(client_id="other"), False),
        (Config(base_url="https://evil.example"), False),
        (Config(token_url="https://evil.example/oauth/token"), False),
        (Config(revoke_url="https://evil.example/oauth/revoke"), False),
        (Config(issuer="https://evil.example"), False),
        (Config(api_url="https://evil.example/api/v1"), False),
    ],
)
def test_f11_whom_a_sign_in_serves(settings: Config, served: bool) -> None:
    """Tokens serve the application, issuer, token, revocation and API addresses they were made for."""
    assert FULL.serves(settings) is served


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        (Config(), True),
        (Config(client_id="nb"), False),
        (Config(base_url="https://other.example"), False),
        (Config(api_url="https://api-calc.outgrow.co/api/v1/"), True),
        (Config(api_url="https://evil.example/api/v1"), False),
    ],
)
def test_f11_whom_a_key_serves(settings: Config, served: bool) -> None:
    """A key serves the one API address it was checked at, and no application: that has a sign-in of its own."""
    assert KEYED.serves(settings) is served


@given(tail=st.text(max_size=20))
def test_f11_any_settings_are_compared(tail: str) -> None:
    """Settings that were taken once are taken again as they are, so that any two can be compared."""
    address = f"https://a.example{tail}"
    try:
        config = Config(base_url=address, token_url=address, redirect_uri=address)
    except ConfigError:
        return
    assert Config().with_missing(vars(config)) == config
    assert not FULL.serves(config)


def test_settings_completed() -> None:
    """Correction 6: what settings leave out comes from the sign-in, the client secret too; what they say stays."""
    own = Config(scope="all", workers=3)
    assert FULL.complete(own) == replace(FULL.config, scope="all", workers=3)
    assert KEYED.complete(own) == own


def test_authorization() -> None:
    """A token authorizes as a bearer, a key as a key; with neither, somebody has to sign in."""
    assert FULL.authorization() == Bearer(Secret("AT-CANARY-1"))
    assert KEYED.authorization() == ApiKey(Secret("KEY-CANARY-1"))
    with pytest.raises(SignInRequired):
        Entry(config=Config()).authorization()


@pytest.mark.parametrize(
    ("one", "two", "other"),
    [
        (FULL, FULL, False),
        (FULL, replace(FULL, account=Account(id="7", email="new@acme.com")), False),
        (FULL, replace(FULL, account=Account(id="8", email="ana@acme.example")), True),
        (FULL, replace(FULL, account=None), False),
        (FULL, replace(FULL, account=Account(email="bo@acme.com")), False),
        (FULL, KEYED, True),
        (KEYED, replace(KEYED, api_key=Secret("new")), False),
        (KEYED, replace(KEYED, api_key=Secret("k2"), content_ids=("d1",)), True),
        (KEYED, replace(KEYED, api_key=Secret("k2"), content_ids=("c2", "c3")), False),
        (KEYED, replace(KEYED, content_ids=("d1",)), False),
        (KEYED, replace(KEYED, api_key=Secret("k2"), content_ids=()), False),
    ],
)
def test_a04_two_accounts(one: Entry, two: Entry, other: bool) -> None:
    """Accounts differ by id, keys by the contents they see; the unknown is no difference."""
    assert one.is_other_account(two) is other
    assert two.is_other_account(one) is other


def test_the_mask_key_stays_with_the_account() -> None:
    """The next sign-in of the same account keeps its mask key; another account never gets it."""
    again, other = replace(FULL, mask_key=None), replace(FULL, mask_key=None, account=Account(id="8"))
    assert again.after(FULL) == FULL
    assert other.after(FULL) is other
    assert again.after(None) is again
    assert again.after(again) is again
