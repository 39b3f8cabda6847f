"""Which value each parameter of a run has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from riverstage.compiler import NoAssets
from riverstage.compiler.parameters import collect_parameters

LOCAL = [{"name": "day", "type": "string", "value": "2024-01-01"}, {"name": "unset", "type": "int64", "value": ""}]
SET = {
    "parameters": [
        {"name": "n", "type": "int64", "value": 1},
        {"name": "pin", "type": "encrypted", "value": "secret:x"},
    ],
    "value_sets": [{"name": "prod", "values": [{"name": "n", "value": 2}]}],
}


class Around(NoAssets):
    """A project with one parameter set, one secret and one environment variable."""

    def parameter_set(self, name: str) -> Mapping[str, Any] | None:
        return SET if name == "ps" else None

    def parameter_sets(self) -> list[str]:
        return ["ps", "regions"]

    def secret(self, token: str) -> str | None:
        return "1234" if token == "secret:x" else None

    def environment(self, name: str) -> str | None:
        return {"HOME_DIR": "/data"}.get(name)


def collect(local=LOCAL, sets=("ps",), given=None, value_sets=None):
    found = collect_parameters("f", local, sets, given=given or {}, value_sets=value_sets or {}, assets=Around())
    return {name: value.value for name, value in found.values.items()}, [problem.code for problem in found.problems]


def test_the_own_value_is_the_last_resort():
    assert collect() == ({"day": "2024-01-01", "ps.n": 1, "ps.pin": "1234"}, [])


def test_what_was_given_beats_the_value_set():
    assert collect(value_sets={"ps": "prod"})[0]["ps.n"] == 2
    assert collect(value_sets={"ps": "prod"}, given={"ps.n": "4"})[0]["ps.n"] == 4


def test_values_from_the_environment_and_from_nobody():
    local = [
        {"name": "$HOME_DIR", "type": "path", "value": "$ENV"},
        {"name": "nobody", "type": "string", "value": "$UNSET"},
        {"name": "there", "type": "string", "value": "#$HOME_DIR#/in"},
    ]
    assert collect(local, ()) == ({"$HOME_DIR": "/data", "there": "/data/in"}, [])
    assert collect([{"name": "$NONE", "type": "path", "value": "$ENV"}], ()) == ({}, ["RS-4109"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"given": {"dya": 1}}, "RS-4102"),
        ({"given": {"ps.n": "x"}}, "RS-4103"),
        ({"value_sets": {"ps1": "prod"}}, "RS-4104"),
        ({"sets": ("ps", "gone")}, "RS-4105"),
        ({"value_sets": {"ps": "prd"}}, "RS-4106"),
        ({"local": [{"name": "a", "type": "string", "value": "#a#"}]}, "RS-4107"),
    ],
)
def test_what_is_not_there(options, code):
    assert code in collect(**options)[1]


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        ({"value_sets": {"ps1": "prod"}}, "Did you mean 'ps'?"),
        ({"value_sets": {"other": "prod"}}, "It uses ps."),
        ({"value_sets": {"other": "prod"}, "sets": ()}, "It uses none."),
        ({"sets": ("region",)}, "Did you mean 'regions'?"),
        (
            {"sets": ("gone",)},
            "Create it with project.create_parameter_set, or run the flow from its project.",
        ),
        ({"value_sets": {"ps": "prd"}}, "Did you mean 'prod'?"),
        ({"value_sets": {"ps": "x"}}, "It has: prod."),
    ],
)
def test_sets_that_are_near_are_named(options, mend):
    settings = {"local": LOCAL, "sets": ("ps",), "given": {}, "value_sets": {}, **options}
    found = collect_parameters("f", settings.pop("local"), settings.pop("sets"), **settings, assets=Around())
    assert [problem.mend for problem in found.problems] == [mend]


def test_one_that_is_of_the_wrong_type_is_not_shown_where_it_is_a_secret():
    local = [{"name": "pin", "type": "encrypted", "value": "secret:gone"}]
    assert collect(local, ()) == ({}, ["RS-4108"])
