"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace with the project that ``new`` makes."""
    assert run(tmp_path, "new", "shop").returncode == 0
    return tmp_path
