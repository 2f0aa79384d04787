"""The API-key dialect: one bare array of unknown depth, and the span that was received is told."""

import pandas as pd
import pytest

from tests.wire.clients import client, signed_in, with_key
from tests.wire.sandbox_fixtures import Sandbox


def test_the_span_is_told(sandbox: Sandbox) -> None:
    """In the repr after a read, and in the frame's attrs as two texts; a sign-in needs neither."""
    og = client(with_key(sandbox))
    before = repr(og)
    assert "leads received" not in before
    leads = og.leads()
    first, last = leads["created_at"].min(), leads["created_at"].max()
    assert leads.attrs["outgrow"] == {"first_lead": first.isoformat(), "last_lead": last.isoformat()}
    assert f"leads received from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC" in repr(og)
    assert "leads received from" in og._repr_html_()
    assert og.answers().attrs == leads.attrs
    pd.testing.assert_frame_equal(pd.concat([leads, leads]).drop_duplicates(), leads)
    signed = client(signed_in(sandbox))
    assert signed.leads().attrs == {}
    assert "leads received" not in repr(signed)


def test_a_window_of_24_hours(sandbox: Sandbox) -> None:
    """Outgrow shows a key the last day alone: said once for what was asked beyond, and told by the frame."""
    sandbox.control(window_24h="on")
    og = client(with_key(sandbox))
    with pytest.warns(UserWarning, match="gave this API key leads from 2026-06-29") as told:
        leads = og.leads(since="2026-06-01")
    assert len(told) == 1
    assert leads.attrs["outgrow"]["first_lead"].startswith("2026-06-29")
