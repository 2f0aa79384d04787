"""The outer box of what is drawn in a notebook: what is saved of it is a sentence, and no address and no person."""

from typing import Any

import ipywidgets as widgets


class Frame(widgets.VBox):  # type: ignore[misc]
    """A box that a saved notebook, and whoever has no widgets, sees as text.

    Args:
        text: As plain text.
        page: As HTML.
        options: Of `ipywidgets.VBox`.
    """

    def __init__(self, *, text: str, page: str, **options: Any) -> None:
        self._text, self._page = text, page
        super().__init__(**options)

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        if data is None:
            return bundle
        data = {**data, "text/plain": self._text, "text/html": self._page}
        return (data, *rest) if rest else data
