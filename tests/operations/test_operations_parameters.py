"""Types and values of parameters."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from riverstage.errors import ParameterError
from riverstage.operations import PARAMETER_TYPES, normal_parameter, parameter_type, parameter_values, typed_value


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


SETS = [
    {
        "name": "ps",
        "parameters": [{"name": "n", "type": "int64", "value": 1}, {"name": "s", "type": "string", "value": ""}],
        "value_sets": [{"name": "prod", "values": [{"name": "n", "value": 2}]}],
    }
]
LOCAL = [{"name": "day", "type": "date", "value": "2024-01-01"}, {"name": "unset", "type": "int64", "value": ""}]


def bind(**options):
    return parameter_values(LOCAL, SETS, environ=options.pop("environ", {}), **options)


def test_the_own_value_is_the_last_resort():
    assert bind() == {"day": "2024-01-01", "ps.n": 1, "ps.s": ""}


def test_what_was_given_beats_the_environment_beats_the_value_set():
    environ = {"RIVERSTAGE_PARAMETER_PS__N": "3", "RIVERSTAGE_PARAMETER_day": "2024-02-02"}
    assert bind(value_sets={"ps": "prod"})["ps.n"] == 2
    assert bind(value_sets={"ps": "prod"}, environ=environ)["ps.n"] == 3
    assert bind(value_sets={"ps": "prod"}, environ=environ, given={"ps.n": "4"})["ps.n"] == 4
    assert bind(environ=environ)["day"] == "2024-02-02"


def test_a_value_from_the_environment_itself():
    local = [{"name": "$HOME_DIR", "type": "path", "value": "$ENV"}, {"name": "x", "type": "string", "value": "$UNSET"}]
    assert parameter_values(local, environ={"HOME_DIR": "/data"}) == {"$HOME_DIR": "/data"}
    with pytest.raises(ParameterError, match="HOME_DIR"):
        parameter_values(local, environ={})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"given": {"dya": 1}}, "Did you mean 'day'"),
        ({"value_sets": {"ps1": "prod"}}, "Did you mean 'ps'"),
        ({"value_sets": {"ps": "prd"}}, "Did you mean 'prod'"),
        ({"given": {"ps.n": "x"}}, "int64 cannot hold 'x'"),
    ],
)
def test_what_is_not_there(options, words):
    with pytest.raises(ParameterError, match=words):
        bind(**options)
