"""Pictures drawn off-screen, each on a sheet of its own, as tall as it wants to be."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from outgrow_nb.plot import style
from outgrow_nb.plot.sheet import Sheet


def png(picture: Callable[..., Axes], table: pd.DataFrame, *, dpi: float = 144, **options: Any) -> tuple[bytes, str]:
    """A picture drawn off-screen, and its title.

    Args:
        picture: A function of `outgrow_nb.plot`.
        table: What it draws.
        dpi: Dots an inch; 144 is sharp on screens of today at a width of 720.
        options: Of the picture.

    Raises:
        ConfigError: As the picture does.
    """
    sheet = Sheet(figsize=(style.WIDTH, style.WIDTH / 2), layout="constrained")
    axes = picture(table, ax=sheet.subplots(), **options)
    return sheet.png(dpi=dpi), axes.get_title(loc="left").replace("\n", " ").replace(r"\$", "$")
