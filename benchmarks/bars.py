"""The bars of ``docs/performance.md``: what is measured in turn, and which ratio of the figures a bar is about."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Bar:
    """A ratio of two figures of one round.

    Attributes:
        what: In words.
        over: Run and figure above the line, as ``"naive.full cpu"``.
        under: Below it; a number is itself.
        bar: What is wanted.
        at_most: Whether the ratio is to be at most the bar, else at least.
    """

    what: str
    over: str
    under: str | float
    bar: float
    at_most: bool = True

    def met(self, ratio: float) -> bool:
        """Whether a ratio is within the bar."""
        return ratio <= self.bar if self.at_most else ratio >= self.bar


READING = (
    Bar("full frames: CPU of A / ours", "naive.full cpu", "package.full cpu", 6.0, at_most=False),
    Bar("full frames: peak memory of ours / A", "package.full peak", "naive.full peak", 0.20),
    Bar("full frames: CPU of ours / floor", "package.full cpu", "floor.full cpu", 2.2),
    Bar("flat frame: CPU of A-flat / ours", "naive.flat cpu", "package.flat cpu", 6.0, at_most=False),
    Bar("flat frame: peak memory of ours / A-flat", "package.flat peak", "naive.flat peak", 0.08),
)
# The API knows cursors alone, so this is also the bar of one content that is read by spans of time (1.5).
LATENCY = (
    Bar(
        "16 workers, 200 ms a request, one content by spans of time, full frames: wall / ideal",
        "package.full wall",
        "ideal wall",
        1.4,
    ),
)
MILLION = (
    Bar("1,000,000 leads, full frames: peak memory / result", "package.full peak", "package.full result", 1.6),
    Bar("1,000,000 leads, flat frame: peak memory / result", "package.flat peak", "package.flat result", 1.6),
)
AGAIN = (
    Bar(
        "second leads() with a store, flat frame: wall of the first / second", "flat first", "flat second", 50.0, False
    ),
    Bar(
        "second leads() with a store, full frame: wall of the first / second", "full first", "full second", 50.0, False
    ),
    Bar("the same in a new kernel, flat frame: wall of the first / there", "flat first", "flat anew", 10.0, False),
)
DOOR = (
    Bar("a call through the client / by a bare session: CPU", "client seconds", "bare seconds", 1.15),
    Bar("connect() with a saved, valid token: seconds", "connect seconds", 1.0, 0.010),
    Bar("import outgrow_nb, net of the interpreter: seconds", "imports seconds", 1.0, 0.020),
)
KEPT = (
    *(
        Bar(f"1,000,000 leads and their answers, {what}: peak memory, MiB", f"million {run} peak", MIB, 300)
        for run, what in (
            ("csv", "leads to .csv"),
            ("parquet", "leads to .parquet"),
            ("folder", "all to a Parquet folder"),
            ("duckdb", "all to .duckdb"),
            ("sql", "answers counted by og.sql"),
        )
    ),
    *(
        Bar(
            f"the same, {run}: peak memory of 1,000,000 leads / 200,000", f"million {run} peak", f"some {run} peak", 1.3
        )
        for run in ("csv", "parquet", "folder", "duckdb")
    ),
)
