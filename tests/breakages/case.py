"""One guard taken out of the code, and the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breakage:
    """A change of one place that lets one fault through.

    Attributes:
        fault: The id in `tests/fault_list.py`; the tests tried are those of its name.
        file: Below ``outgrow_nb/``.
        old: The guard, found there exactly once.
        new: What stands there instead.
        tests: Test file below ``tests/``.
    """

    fault: str
    file: str
    old: str
    new: str
    tests: str
