"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images beside the checkout; the test is skipped where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("real images are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def shared_tables() -> Path:
    """Folder of published tables beside the checkout; the test is skipped where it is absent."""
    folder = SHARED / "tables"
    if not folder.is_dir():
        pytest.skip("published tables are not beside this checkout (../shared/tables)")
    return folder
