"""The progress line: where somebody looks, after a while, one line, gone at the end."""

import io
import time

from outgrow_nb.client.progress import Line


def drawn(out: io.StringIO) -> list[str]:
    """What stood on the line, one after another."""
    return [text.strip() for text in out.getvalue().split("\r") if text.strip()]


def test_nowhere() -> None:
    """Without a place nothing is drawn, and nothing fails."""
    with Line(None) as line:
        line.show(5, 10)


def test_a_quick_read_draws_nothing() -> None:
    """Within the first second the line is not there."""
    out = io.StringIO()
    with Line(out) as line:
        line.show(500, 1000)
        line.show(1000, 1000)
    assert drawn(out) == []


def test_a_slow_read() -> None:
    """So many of so many; no line break, and the line is wiped at the end."""
    out = io.StringIO()
    with Line(out, delay=0.01) as line:
        for done in (0, 500, 900):
            time.sleep(0.25)
            line.show(done, 1000)
    assert any("900/1000" in text and "leads" in text for text in drawn(out))
    assert "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r")


def test_more_than_was_said() -> None:
    """Leads that arrive meanwhile, and a total that nobody tells, are no nonsense on the line."""
    out = io.StringIO()
    with Line(out, delay=0.01) as line:
        time.sleep(0.25)
        line.show(1200, 1000)
        time.sleep(0.25)
        line.show(1300, None)
    assert "1200/1200" in drawn(out)[0]
    assert "1300leads" in drawn(out)[-1].replace(" ", "")


def test_a_wait_is_told() -> None:
    """A pause that Outgrow asks for stands on the line, at once, until something arrives; a short one does not."""
    out = io.StringIO()
    with Line(out) as line:
        line.wait(0.5)
        assert drawn(out) == []
        line.wait(12.4)
        assert "waiting 12 s before asking again" in drawn(out)[-1]
        time.sleep(1.1)
        line.show(10, 10)
    assert "waiting" not in drawn(out)[-1]
