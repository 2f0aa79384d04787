"""The records: frozen, and titled so that a person recognises a content."""

import pytest

from outgrow_nb.records import Answer, ContentItem, Lead


def test_a_content_is_called_by_name_then_page_title_then_id() -> None:
    """Only the id is certain."""
    assert ContentItem(id="1", name="N", meta_title="M").title == "N"
    assert ContentItem(id="1", name="", meta_title="M").title == "M"
    assert ContentItem(id="1").title == "1"


def test_records_do_not_change() -> None:
    """A record can be shared between threads."""
    with pytest.raises(AttributeError):
        Lead(id="1").email = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Answer().answer = 1  # type: ignore[misc]
