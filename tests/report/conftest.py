"""The made-up patient, made once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from made_patient import make_patient


@pytest.fixture(scope="session")
def patient():
    return make_patient((6.0, 3.0, 3.0))


@pytest.fixture(scope="session")
def moment():
    return datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
