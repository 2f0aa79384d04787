"""A figure outside pyplot: a notebook shows it once, as the value of its cell, and anything can write it to PNG."""

from io import BytesIO

from matplotlib.figure import Figure


class Sheet(Figure):
    """A figure that pyplot does not know: it is the value of a cell, and never shown a second time at its end."""

    def _repr_png_(self) -> bytes:
        return self.png(dpi=100)

    def png(self, *, dpi: float) -> bytes:
        """The picture as a PNG file.

        Args:
            dpi: Dots an inch.
        """
        written = BytesIO()
        self.savefig(written, format="png", dpi=dpi)
        return written.getvalue()
