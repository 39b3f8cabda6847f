"""A platform in a folder."""

import pytest

from riverstage.client import Platform


@pytest.fixture
def platform(tmp_path):
    return Platform(path=tmp_path)


@pytest.fixture
def project(platform):
    return platform.create_project("conf")
