"""The box of a waiting cell where there is no kernel: waiting goes on without one."""

import time

import pytest

from outgrow_nb.notebook.stdin import Prompt


def test_without_a_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can type: each look waits as long as it was told, nothing is shown, and closing is quiet."""
    prompt = Prompt("Outgrow API key:")
    started = time.monotonic()
    assert prompt.listen(0.05) is None
    assert time.monotonic() - started >= 0.05
    prompt.close()
    assert "Outgrow" not in capsys.readouterr().out
