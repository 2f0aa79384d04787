"""What the panel tells the front end, message by message, and what a notebook would save of it (S05, S09)."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm

from outgrow_nb.auth import messages
from outgrow_nb.auth.cache import MemoryCache
from outgrow_nb.auth.completion import Completion
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.status import State
from outgrow_nb.config import Config, Secret
from outgrow_nb.errors import SignInExpired
from outgrow_nb.notebook.environment import Place
from outgrow_nb.notebook.panel import Panel
from tests.helpers_auth import CLIENT_SECRET, CODE, TokenEndpoint, pair, says, token_endpoint
from tests.helpers_secrets import Secrets, assert_faceless
from tests.wire.clients import Asked

KEY, WRONG = "KEY-CANARY-good", "KEY-CANARY-wrong"
HERE, COLAB = Place("this computer"), Place("Google Colab", remote=True, shared=True)
endpoint = pytest.fixture(token_endpoint)
Message = dict[str, Any]


class FrontEnd:
    """The other end of every widget's line.

    Attributes:
        heard: Every message, in order.
        saved: Each widget's state as a notebook keeps it.
        widgets: By the id of their line.
    """

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.saved: dict[str, Message] = {}

    def line(self, **begins: Any) -> BaseComm:
        front_end = self

        class Line(BaseComm):
            def publish_msg(
                self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **more: Any
            ) -> None:
                front_end.heard.append({"type": msg_type, "data": data, "metadata": metadata, **more})
                state = (data or {}).get("state", {}) if (data or {}).get("method") != "custom" else {}
                front_end.saved.setdefault(self.comm_id, {}).update(state)

        return Line(**begins)

    def of(self, model: str) -> list[str]:
        """The lines of the widgets of one kind, in the order they were made."""
        return [name for name, state in self.saved.items() if state.get("_model_name") == model]

    def told(self, name: str, **data: Any) -> None:
        """What a person does: the front end's own half changes, and the kernel's is told."""
        self.saved[name].update(data.get("state", {}))
        ipywidgets.widgets.widget._instances[name]._handle_msg({"content": {"data": data}, "buffers": []})

    def types(self, box: int, text: str, button: str) -> None:
        """Types into one of the password boxes, and clicks."""
        password = self.of("PasswordModel")[box]
        self.told(password, method="update", state={"value": text})
        self.clicks(button)

    def clicks(self, button: str) -> None:
        names = [name for name in self.of("ButtonModel") if self.saved[name]["description"] == button]
        self.told(names[0], method="custom", content={"event": "click"})

    @property
    def notebook(self) -> str:
        return json.dumps(self.saved)


@pytest.fixture
def front_end(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    made = FrontEnd()
    monkeypatch.setattr(comm, "create_comm", made.line)
    return made


def check_key(config: Config, key: Secret) -> list[str]:
    if key.reveal() != KEY:
        raise SignInExpired("refused")
    return ["1", "2"]


@pytest.fixture
def draw(endpoint: TokenEndpoint, front_end: FrontEnd) -> Iterator[Callable[..., Panel]]:
    drawn: list[Panel] = []

    def make(place: Place = HERE, **settings: Any) -> Panel:
        app = {"client_id": "app", "client_secret": CLIENT_SECRET, "base_url": endpoint.url}
        config = Config(**(settings or app))
        held = Credentials(profile="p", config=config, cache=MemoryCache(), ask=Asked())
        completion = Completion(
            held, identify=lambda config, token: None, check_key=check_key, permit=lambda source: None
        )
        drawn.append(Panel(Desk(completion, before_open=lambda desk: None, remote=place.remote), place))
        return drawn[-1]

    yield make
    for panel in drawn:
        panel.signin.cancel()


def asked(panel: Panel) -> dict[str, str]:
    """A new attempt's address: its query."""
    query = parse_qs(urlsplit(panel.signin.authorization_address().reveal()).query)
    return {name: values[0] for name, values in query.items()}


def hidden(panel: Panel) -> Secrets:
    """States, verifiers and addresses of every attempt that is open."""
    attempts = list(panel.signin._attempts._open.values())
    return Secrets(more=[text.reveal() for made in attempts for text in (made.state, made.verifier, made.url)])


ENDS: dict[str, tuple[State, Callable[[Panel], object]]] = {
    "timed out": (State.TIMED_OUT, lambda panel: panel.signin.time_out()),
    "stopped": (State.CANCELLED, lambda panel: panel.signin.cancel()),
    "another notebook": (State.ADOPTED, lambda panel: panel.signin.adopted("Signed in from another notebook.")),
}


@pytest.mark.parametrize("place", [HERE, COLAB], ids=lambda place: place.name)
@pytest.mark.parametrize("answer", ["signed in", "declined", "refused", "another sign-in's"])
def test_s05_s09_a_paste(
    endpoint: TokenEndpoint, draw: Callable[..., Panel], front_end: FrontEnd, place: Place, answer: str
) -> None:
    """However it ends: no pasted text, code, verifier or token is told or saved; nor, once signed in, the state."""
    endpoint.answers = [says({"error": "invalid_grant"}, 400) if answer == "refused" else says(pair())]
    panel = draw(place)
    query = asked(panel)
    secrets = hidden(panel)
    verifiers = Secrets(more=[made.verifier.reveal() for made in panel.signin._attempts._open.values()])
    state = "STATE-CANARY-1" if answer == "another sign-in's" else query["state"]
    what = "error=access_denied" if answer == "declined" else f"code={CODE}"
    front_end.types(0, f"{query['redirect_uri']}?{what}&state={state}", "Submit")
    assert panel.signin.status.state is (
        {"signed in": State.SIGNED_IN, "declined": State.DECLINED}.get(answer, State.FAILED)
    )
    heard = json.dumps(front_end.heard)
    assert "update" in heard
    assert not verifiers.shown_in(heard)
    assert not Secrets(more=[query["state"]]).shown_in(heard), "the pasted attempt's own"
    if answer == "signed in" or not place.remote:
        assert not secrets.shown_in(front_end.notebook)
        assert "authorize?" not in front_end.notebook


@pytest.mark.parametrize("place", [HERE, COLAB], ids=lambda place: place.name)
@pytest.mark.parametrize("end", ENDS)
def test_s05_an_end_without_an_answer(draw: Callable[..., Panel], front_end: FrontEnd, place: Place, end: str) -> None:
    """The address that a remote kernel has to draw is gone with the sign-in; a local one never drew any."""
    panel = draw(place)
    secrets = hidden(panel)
    assert bool(secrets.shown_in(front_end.notebook)) == place.remote, "what is drawn can be found"
    assert ("authorize?" in front_end.notebook) == place.remote
    state, work = ENDS[end]
    work(panel)
    assert panel.signin.status.state is state
    assert not secrets.shown_in(front_end.notebook)
    assert_faceless(panel, secrets)
    for address in ("authorize?", "/go/", "state="):
        assert address not in front_end.notebook


@pytest.mark.parametrize("place", [HERE, COLAB], ids=lambda place: place.name)
def test_s05_after_the_redirect(
    endpoint: TokenEndpoint, draw: Callable[..., Panel], front_end: FrontEnd, place: Place
) -> None:
    """The listener's way: likewise, and the text that replaces the panel in the notebook holds no address."""
    endpoint.answers = [says(pair())]
    panel = draw(place)
    query, secrets = asked(panel), hidden(panel)
    panel.signin._returns(f"code={CODE}&state={query['state']}", {})
    assert panel.signin.status.state is State.SIGNED_IN
    assert "Signed in to Outgrow" in front_end.notebook
    assert not secrets.shown_in(front_end.notebook)
    assert "://" not in front_end.notebook


@pytest.mark.parametrize("app", [False, True])
def test_s05_s09_a_key(draw: Callable[..., Panel], front_end: FrontEnd, app: bool) -> None:
    """A key is not echoed, whether it is refused or good, beside a sign-in or alone."""
    panel = draw() if app else draw(api_url="http://127.0.0.1:1/api")
    for key, line in ((WRONG, messages.KEY_REFUSED), (KEY, "Connected with an API key")):
        front_end.types(1, f" {key}\n", "Connect")
        assert line in panel.signin.status.text
    assert KEY not in json.dumps(front_end.heard)
    assert [front_end.saved[box]["value"] for box in front_end.of("PasswordModel")] == ["", ""]


def test_s09_a_box_left_unsubmitted(draw: Callable[..., Panel], front_end: FrontEnd) -> None:
    """What was typed and not submitted is told to nobody; the kernel's own model of the box has it, and says so."""
    draw()
    (paste, _) = front_end.of("PasswordModel")
    front_end.told(paste, method="update", state={"value": KEY})
    assert not [message for message in front_end.heard if "CANARY" in json.dumps(message)]
