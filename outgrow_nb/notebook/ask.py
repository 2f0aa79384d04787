"""Who asks in Jupyter: draws the panel, and waits for it in a running cell where somebody can type."""

import sys
from typing import TextIO

from IPython.display import display

from outgrow_nb.auth import messages
from outgrow_nb.auth.desk import Desk
from outgrow_nb.auth.status import State
from outgrow_nb.client import Outgrow
from outgrow_nb.errors import OutgrowError, SignInError, SignInExpired, SignInRequired
from outgrow_nb.notebook.environment import Place, can_type, draws_only
from outgrow_nb.notebook.panel import Panel
from outgrow_nb.notebook.stdin import Prompt


class NotebookAsker:
    """Asks through one panel at a time.

    Args:
        place: What kind of place the kernel runs in.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._panel: Panel | None = None

    @property
    def remote(self) -> bool:
        """Whether the browser is most likely on another computer."""
        return self._place.remote

    @property
    def progress(self) -> TextIO | None:
        """Under the running cell, where somebody looks at it."""
        return sys.stdout if can_type() else None

    def greet(self, client: Outgrow) -> None:
        """Shows who is signed in, where nothing had to be asked."""
        display(client)

    def offer(self, desk: Desk) -> None:
        """Draws the panel and returns at once.

        Raises:
            SignInRequired: Nobody will see it: the notebook runs without a front end.
        """
        if not can_type() and not draws_only():
            raise SignInRequired(*messages.NOBODY)
        desk.open()
        self._panel = Panel(desk, self._place)
        self._panel.show()

    def ask(self, desk: Desk, reason: OutgrowError) -> None:
        """Waits in the running cell until somebody has signed in.

        Raises:
            OutgrowError: Where nobody can type, that the panel comes first, or `reason` where there is none; or how
                the sign-in ended.
        """
        if desk.credentials.signed_in or desk.adopt():
            return
        if not can_type():
            drawn = self._panel is not None and not self._panel.signin.status.final
            raise SignInRequired(*messages.PANEL_FIRST) if drawn else reason
        if self._panel is None or self._panel.signin.status.final:
            self.offer(desk)
        panel = self._panel
        if panel is None or panel.signin.status.state is State.BLOCKED:
            raise SignInError(*messages.in_two(panel.signin.status.text if panel else ""))
        prompt = Prompt(self._question(desk))
        try:
            panel.waiting(True, reason.problem if isinstance(reason, SignInExpired) else "")
            desk.wait(prompt.listen)
        finally:
            panel.waiting(False)
            prompt.close()

    def _question(self, desk: Desk) -> str:
        signin = desk.signin
        if signin is None or signin.key_first:
            return "Outgrow API key:"
        return f"{messages.WAITING} Or paste the address here:"
