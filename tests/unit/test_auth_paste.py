"""What a person pasted: an address with a code, a bare code, or something that deserves a hint (L16, L27)."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outgrow_nb.auth.paste import BareCode, Hint, Redirect, parameters, read
from outgrow_nb.config import Secret

ENDPOINT = "https://app.outgrow.co/oauth/authorize"
LOOPBACK = "http://127.0.0.1:43123/callback"
KEY = Secret("a1b2c3d4e5f60718")
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
# what a browser's address bar holds, mail clients wrap and terminals break
values = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), min_size=1, max_size=40)
wrappings = st.sampled_from(
    ["{}", '"{}"', "'{}'", "<{}>", "`{}`", "\u201c{}\u201d", "\u00ab{}\u00bb", " {}\n", "\r\n\t<{}>\r\n", '<"{}">']
)


def pasted(text: str) -> Redirect | BareCode | Hint:
    return read(text, authorization_endpoint=ENDPOINT, known=(KEY,))


def fields(text: str) -> dict[str, str]:
    found = pasted(text)
    assert isinstance(found, Redirect)
    return found.fields


@given(text=st.text() | st.text(st.sampled_from("htps:/[]?&=#%code error.@\ud800\u202e\n'<>")))
def test_any_text_has_a_meaning(text: str) -> None:
    """Whatever was pasted, the result is a redirect, a bare code or a hint, and its repr shows nothing of it."""
    found = pasted(text)
    assert isinstance(found, Redirect | BareCode | Hint)
    assert repr(found) in {"Redirect()", "BareCode()", *map(repr, Hint)}
    if isinstance(found, Redirect):
        assert found.fields.keys() & {"code", "error"}


@given(tail=st.text(max_size=60), head=st.sampled_from(["https://", "http://[", "https://app.outgrow.co", "x://", "?"]))
def test_anything_like_an_address_has_a_meaning(head: str, tail: str) -> None:
    """Broken addresses, impossible ports and brackets never raise."""
    assert isinstance(pasted(head + tail), Redirect | BareCode | Hint)


@given(code=values, state=values, wrapping=wrappings, cut=st.integers(0, 60), gap=st.sampled_from(["\n", "\r\n  ", ""]))
def test_a_wrapped_redirect_comes_back(code: str, state: str, wrapping: str, cut: int, gap: str) -> None:
    """A redirect keeps its parameters in quotes, in brackets and with a line break anywhere inside."""
    url = f"{LOOPBACK}?{urlencode({'code': code, 'state': state, 'iss': 'https://app.outgrow.co'})}"
    assert fields(wrapping.format(url[:cut] + gap + url[cut:])) == {
        "code": code,
        "state": state,
        "iss": "https://app.outgrow.co",
    }


@pytest.mark.parametrize(
    "text",
    [
        f"{LOOPBACK}?code=c0de&state=st",
        f"{LOOPBACK}#code=c0de&state=st",
        "https://notebooks.example/hub/callback?code=c0de&state=st",
        "127.0.0.1:43123/callback?code=c0de&state=st",
        "/callback?code=c0de&state=st",
        "?code=c0de&state=st",
        "code=c0de&state=st",
        "?code=c0de&state=st#_=_",
        f"{LOOPBACK}?code=c0de&state=st#_=_",
        f"\u200b\ufeff{LOOPBACK}?code=c0de&\u200bstate=st\u202c\x00",
        "https://app.outgrow.co/other?code=c0de&state=st",
        "https://app.outgrow.co:444/oauth/authorize?code=c0de&state=st",
    ],
)
def test_shapes_of_a_redirect(text: str) -> None:
    """L16: the whole address, one without its scheme, and its query alone are all read."""
    assert fields(text) == {"code": "c0de", "state": "st"}


def test_a_refusal_and_an_empty_state() -> None:
    """L16: an error is a redirect too; an empty state is kept, so that it is checked."""
    assert fields(f"{LOOPBACK}?error=access_denied&state=st") == {"error": "access_denied", "state": "st"}
    assert fields("error=access_denied&state=") == {"error": "access_denied", "state": ""}


@pytest.mark.parametrize(
    "text",
    [
        f"{LOOPBACK}?state=st",
        LOOPBACK,
        f"{LOOPBACK}?code=one&code=two",
        f"{LOOPBACK}?" + "&".join(f"x{number}=1" for number in range(60)) + "&code=c0de",
        "code=one&code=two",
        "https://[::1/callback?code=c0de",
        "http://127.0.0.1:99999/callback?code=c0de",
        "app.outgrow.co/dashboard",
        "barcode=",
        "two words",
        "one\nline, another",
        "abc",
        "é" * 20,
        "a" * 3000,
        "xcode=1",
    ],
)
def test_nothing_we_know(text: str) -> None:
    """L16: what holds no code, holds it twice or is no address gets the plain hint."""
    assert pasted(text) is Hint.NOTHING


@pytest.mark.parametrize("text", ["", "  \n\t", '""', "<>", "\u201c \u201d"])
def test_empty(text: str) -> None:
    """Nothing but spaces and quotes is empty."""
    assert pasted(text) is Hint.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        f"{ENDPOINT}?response_type=code&state=st",
        "https://APP.outgrow.co:443/oauth/authorize?error=x",
        f"<{ENDPOINT}>",
    ],
)
def test_the_authorization_page_itself(text: str) -> None:
    """The page's own address is known by origin and path, whatever stands behind them."""
    assert pasted(text) is Hint.OWN_ADDRESS


@pytest.mark.parametrize("host", ["127.0.0.1:43123", "localhost", "hub.example"])
def test_the_buttons_address(host: str) -> None:
    """Correction 5: a `/go/` address means that the kernel is on another computer."""
    assert pasted(f"http://{host}/go/n0nce") is Hint.GO_LINK
    assert fields(f"http://{host}/go/callback?code=c0de&state=st") == {"code": "c0de", "state": "st"}


@pytest.mark.parametrize("text", [KEY.reveal(), f'"{KEY.reveal()}"', f" {KEY.reveal()}\n", JWT, f"<{JWT}>"])
def test_a_token_or_the_saved_key(text: str) -> None:
    """Correction 10: a JWT and the saved key are recognized, so they are never sent as a code."""
    assert pasted(text) is Hint.CREDENTIAL


@pytest.mark.parametrize("text", ["SplxlOBeZQQYbYS6WxSbIA", "4/0Ab_cd-ef", " 'SplxlOBeZQQYbYS6WxSbIA'\n", "abcd"])
def test_a_bare_code(text: str) -> None:
    """L27: one word of a code's characters is a bare code; whether it may be used is decided elsewhere."""
    found = pasted(text)
    assert isinstance(found, BareCode)
    assert found.code.reveal() == text.strip(" '\n")
    assert found.code.reveal() not in repr(found)


def test_parameters() -> None:
    """L03, L04: parameters stand once each, fifty at most; blank ones count."""
    assert parameters("") == {}
    assert parameters("code=a%20b&state=") == {"code": "a b", "state": ""}
    assert parameters("code=a&state=b&state=b") is None
    assert parameters("&".join(f"x{number}=1" for number in range(51))) is None
