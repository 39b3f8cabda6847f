"""Which properties are secrets."""

import pytest

from riverstage.operations import is_secret_property


@pytest.mark.parametrize(
    ("op", "wire", "expected"),
    [
        ("postgresql", "password", True),
        ("postgresql", "host", False),
        ("AmazonS3PX", "secret_key", True),
        ("PxSort", "keyProperties", False),
        ("unknown", "proxy_password", True),
        ("unknown", "api_key", True),
        ("unknown", "keyspace", False),
        ("unknown", "token_url", False),
    ],
)
def test_secret_properties(op, wire, expected):
    assert is_secret_property(op, wire) is expected
