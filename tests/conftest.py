"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("soak", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if os.environ.get("RIVERSTAGE_SOAK") else "default")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what is compiled in a folder of the tests' own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the folder of flows exported by others, or skip where it is not there."""
    said = os.environ.get("RIVERSTAGE_REFERENCE")
    if not said or not Path(said).is_dir():
        pytest.skip("RIVERSTAGE_REFERENCE does not name the folder of flows exported by others")
    return Path(said)
