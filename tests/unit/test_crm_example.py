"""The invented CRM beside the notebooks is the one that its script makes, and holds invented people only."""

import pandas as pd

from tests.crm_example import PATH, crm


def test_the_committed_crm_is_the_made_one() -> None:
    """Row for row; each person once; every address under a reserved domain; open deals among them."""
    kept = pd.read_csv(PATH)
    pd.testing.assert_frame_equal(kept, crm(), check_dtype=False)
    assert kept["email"].str.lower().is_unique
    assert kept["email"].str.contains(r"@(?:[a-z]+\.)?example\.(?:com|org|net)$").all()
    assert set(kept["stage"]) == {"won", "lost", "open"}
