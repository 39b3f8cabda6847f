"""Types and values of parameters."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from riverstage.errors import ParameterError
from riverstage.operations import PARAMETER_TYPES, normal_parameter, parameter_type, typed_value


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        ("list", "enum"),
        ("Integer", "int64"),
        ("float", "sfloat"),
        ("STRING", "string"),
        *((t, t) for t in PARAMETER_TYPES),
    ],
)
def test_types(said, wire):
    assert parameter_type(said) == wire


def test_a_type_that_is_none():
    with pytest.raises(ParameterError, match="Did you mean 'string'"):
        parameter_type("strng")
    with pytest.raises(ParameterError, match="one of date, email"):
        parameter_type("zzz")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int64", "12", 12),
        ("int64", -(2**63), -(2**63)),
        ("sfloat", "1.5", 1.5),
        ("sfloat", 2, 2),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("multilinestring", "a\nb", "a\nb"),
        ("path", Path("/tmp/x"), "/tmp/x"),
        ("email", "a@b", "a@b"),
        ("date", date(2024, 2, 29), "2024-02-29"),
        ("date", "2024-02-29", "2024-02-29"),
        ("time", time(1, 2, 3), "01:02:03"),
        ("time", "23:59:59", "23:59:59"),
        ("timestamp", datetime(2024, 2, 29, 1, 2, 3), "2024-02-29 01:02:03"),
        ("timestamp", "2024-02-29T01:02:03", "2024-02-29 01:02:03"),
        ("encrypted", "x", "x"),
    ],
)
def test_values(kind, value, expected):
    assert typed_value(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int64", "1.5"),
        ("int64", 2**63),
        ("int64", True),
        ("sfloat", "nan"),
        ("sfloat", []),
        ("string", "a\nb"),
        ("string", {}),
        ("email", "nobody"),
        ("date", "2023-02-29"),
        ("date", datetime(2024, 1, 1)),
        ("time", "25:00"),
        ("timestamp", "yesterday"),
        ("enum", "c"),
        ("path", "a\nb"),
    ],
)
def test_values_that_do_not_fit(kind, value):
    with pytest.raises(ParameterError) as refused:
        typed_value(kind, value, ["a", "b"], name="p")
    assert refused.value.place.parameter == "p"


def test_an_encrypted_value_is_not_shown():
    with pytest.raises(ParameterError) as refused:
        typed_value("encrypted", ["canary"])
    assert "canary" not in str(refused.value)


def test_choices_are_taken_by_value_or_text():
    assert typed_value("enum", "2", [1, 2]) == 2


def test_values_that_stand_for_others_are_kept():
    for value in ("", "#other#", "$ENV", "PROJDEF"):
        assert normal_parameter({"name": "a", "type": "int64", "value": value})["value"] == value
