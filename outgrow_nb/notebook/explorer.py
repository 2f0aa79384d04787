"""`explorer`: a panel to look through leads, for an account or a frame, in the words of the person's notebook."""

import sys
from typing import Any

import pandas as pd
from IPython.core.getipython import get_ipython

from outgrow_nb.client import Outgrow
from outgrow_nb.errors import ConfigError
from outgrow_nb.notebook.explorer_panel import Explorer
from outgrow_nb.notebook.exploring import Exploring
from outgrow_nb.notebook.lines import Names
from outgrow_nb.notebook.material import Account, Given, Source


def explorer(og_or_leads: Outgrow | pd.DataFrame) -> None:
    """Draws a panel under the cell: choose content, period and what splits; look at six views; copy their code.

    An account's contents are read once each, when they are chosen; all leads of a content stay in memory.

    Args:
        og_or_leads: An account, or a frame of `Outgrow.leads`, which has no drop-off: that needs answers.

    Raises:
        ConfigError: It is neither.
    """
    if isinstance(og_or_leads, pd.DataFrame):
        lacking = [name for name in ("lead_id", "content", "status", "created_at") if name not in og_or_leads]
        if lacking:
            raise ConfigError(f"This frame has no column {', '.join(lacking)}.", "Give a frame of og.leads().")
        source: Source = Given(og_or_leads)
    elif isinstance(og_or_leads, Outgrow):
        source = Account(og_or_leads)
    else:
        raise ConfigError("The explorer looks at an account or at leads.", "Call explorer(og) or explorer(leads).")
    panel = Explorer(Exploring(source, lambda: names(og_or_leads, _namespace())))
    panel.show()
    panel.start()


def names(subject: object, namespace: dict[str, Any]) -> Names:
    """What the package and the subject are called there.

    Args:
        subject: What the explorer was given.
        namespace: The variables of the notebook.
    """
    package = sys.modules["outgrow_nb"]
    found = [name for name, value in namespace.items() if value is package and not name.startswith("_")]
    own = [name for name, value in namespace.items() if value is subject and not name.startswith("_")]
    usual = "leads" if isinstance(subject, pd.DataFrame) else "og"
    return Names(
        package=found[0] if found else "outgrow_nb",
        source=usual if usual in own or not own else own[0],
        imports=not found,
    )


def _namespace() -> dict[str, Any]:
    shell = get_ipython()
    return dict(shell.user_ns) if shell is not None else {}
