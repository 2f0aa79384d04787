"""After every test of this folder: no secret in what it has left (S01)."""

import pytest

from tests.sweep import swept

no_canary = pytest.fixture(autouse=True)(swept)
