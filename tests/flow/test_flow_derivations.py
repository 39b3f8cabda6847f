"""What a Transformer computes and a Lookup looks for, and where it stands in the document."""

from __future__ import annotations

from typing import Any

import pytest

from riverstage import BatchFlow, Link
from riverstage.errors import NotFoundError, UsageError
from riverstage.flow import StageVariable


@pytest.fixture
def out() -> Link:
    flow = BatchFlow("demo")
    source, transformer, sort = flow.add_stage("Row Generator"), flow.add_stage("Transformer"), flow.add_stage("Sort")
    source.connect_output_to(transformer, name="L_joined")
    return transformer.connect_output_to(sort, name="L_xfm")


def test_derivations_stand_on_the_port_and_beside_the_column(out: Link) -> None:
    schema = out.create_schema()
    schema.add_field("INTEGER", "cust_id", source="L_joined.cust_id")
    schema.add_field("VARCHAR", "name", derivation="UpCase(L_joined.name)")
    schema.add_field("DECIMAL", "net", length=12, scale=2)
    out.derivations["net"] = "L_joined.amt * svRate"
    assert out._ref.source_port["parameters"]["valueDerivation"] == [
        {"columnName": "name", "parsedExpression": "UpCase(L_joined.name)"},
        {"columnName": "net", "parsedExpression": "L_joined.amt * svRate"},
    ]
    assert [field.to_dict()["app_data"].get("derivation") for field in schema] == [
        None,
        "UpCase(L_joined.name)",
        "L_joined.amt * svRate",
    ]
    assert dict(out.derivations) == {
        "cust_id": "L_joined.cust_id",
        "name": "UpCase(L_joined.name)",
        "net": "L_joined.amt * svRate",
    }
    assert schema["net"].derivation == "L_joined.amt * svRate"
    assert repr(out.derivations) == repr(dict(out.derivations))


def test_a_plain_column_says_its_source_too(out: Link) -> None:
    field = out.create_schema().add_field("INTEGER", "id", derivation="L_joined.id")
    assert field.source == "L_joined.id"
    assert out._ref.source_port["parameters"]["valueDerivation"] == [
        {"columnName": "id", "parsedExpression": "L_joined.id", "sourceColumn": "L_joined.id"}
    ]
    field.derivation = "L_joined.id + 1"
    assert (field.source, field.derivation) == (None, "L_joined.id + 1")
    assert "sourceColumn" not in out._ref.source_port["parameters"]["valueDerivation"][0]


def test_derivations_follow_renaming_and_removal(out: Link) -> None:
    schema = out.create_schema()
    for name in ("a", "b"):
        schema.add_field("INTEGER", name, derivation=f"L_joined.{name} + 1")
    schema["a"].name = "c"
    assert dict(out.derivations) == {"c": "L_joined.a + 1", "b": "L_joined.b + 1"}
    schema.remove_field("c")
    assert list(out.derivations) == ["b"]
    del out.derivations["b"]
    assert (len(out.derivations), schema["b"].derivation, out._ref.source_port["parameters"]) == (0, None, {})
    with pytest.raises(KeyError, match="has no derivation"):
        del out.derivations["b"]
    out.derivations["b"] = "1"
    schema["b"].derivation = None
    assert "b" not in out.derivations


def test_a_derivation_of_elsewhere_that_only_the_field_has_is_read(out: Link) -> None:
    out.create_schema().add_field("INTEGER", "a")._wire()["app_data"]["derivation"] = "L_joined.a * 2"
    assert out.derivations["a"] == out.schema["a"].derivation == "L_joined.a * 2"


@pytest.mark.parametrize("wrong", ["", " ", None, 5])
def test_an_expression_is_text(out: Link, wrong: object) -> None:
    with pytest.raises(UsageError, match="link 'L_xfm', column 'a'"):
        out.derivations["a"] = wrong
    if wrong is not None:
        with pytest.raises(UsageError, match="An expression is text"):
            out.constraint = wrong


def test_constraints(out: Link) -> None:
    assert (out.constraint, out.otherwise) == (None, False)
    out.constraint = "L_joined.amt > 20"
    out.otherwise = True
    assert out._ref.source_port["parameters"] == {"Reject": True, "TransformerConstraint": "L_joined.amt > 20"}
    assert (out.constraint, out.otherwise) == ("L_joined.amt > 20", True)
    out.constraint = None
    out.otherwise = False
    assert out._ref.source_port["parameters"] == {}
    with pytest.raises(UsageError, match="True or False"):
        out.otherwise = "yes"


def test_only_a_transformer_has_constraints_and_variables(out: Link) -> None:
    first = out.src.get_input_links()[0]
    assert (first.constraint, first.otherwise) == (None, False)
    with pytest.raises(UsageError, match="is no Transformer"):
        first.constraint = "1 = 1"
    with pytest.raises(UsageError, match="it has no stage variables"):
        first.src.add_stage_variable("x", "1")


def test_stage_variables_stand_as_others_write_them(out: Link) -> None:
    stage = out.src
    made = stage.add_stage_variable("svRate", "0.8", "DECIMAL(10, 2)", 0)
    assert stage._node()["parameters"]["StageVariables"] == [
        {
            "Name": "svRate",
            "SqlType": "DECIMAL",
            "Derivation": "0.8",
            "Precision": "10",
            "Scale": "2",
            "InitialValue": "0",
            "Extended": "false",
        }
    ]
    assert (made.name, made.derivation, made.type, made.initial) == ("svRate", "0.8", "DECIMAL(10, 2)", "0")
    assert repr(stage.stage_variables) == "[StageVariable(name='svRate', derivation='0.8')]"


def test_the_digits_of_a_stage_variable_can_be_said_beside_its_type(out: Link) -> None:
    stage = out.src
    assert stage.add_stage_variable("a", "1", "DECIMAL", precision=12, scale=3).type == "DECIMAL(12, 3)"
    assert stage.add_stage_variable("b", "'x'", "VARCHAR", precision=5).type == "VARCHAR(5)"
    assert stage.stage_variables.add("c", "1", "DECIMAL", precision=12, scale=0).type == "DECIMAL(12, 0)"


@pytest.mark.parametrize(
    ("type_", "digits", "said"),
    [
        ("DECIMAL(5, 2)", {"precision": 5}, "says its digits itself"),
        (None, {"precision": 5}, "none is named"),
        ("DECIMAL", {"scale": 2}, "needs a precision"),
        ("DECIMAL", {"precision": 2, "scale": 3}, "not larger"),
        ("DECIMAL", {"precision": -1}, "whole numbers"),
        ("DECIMAL", {"precision": "5"}, "whole numbers"),
    ],
)
def test_digits_of_a_stage_variable_that_make_no_type(
    out: Link, type_: str | None, digits: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        out.src.add_stage_variable("a", "1", type_, **digits)
    assert raised.value.code == "RS-2020"
    assert len(out.src.stage_variables) == 0


def test_stage_variables_change(out: Link) -> None:
    variables = out.src.stage_variables
    one, two = variables.add("a", "1"), variables.add("b", "a + 1", "integer")
    assert (len(variables), variables[0], variables["b"], variables[-1:]) == (2, one, two, [two])
    assert isinstance(one, StageVariable)
    assert (one.type, two.type) == (None, "INTEGER")
    one.derivation, one.initial, one.type = "2", 7, "VARCHAR(5)"
    assert (one.derivation, one.initial, one.type) == ("2", "7", "VARCHAR(5)")
    one.type = None
    assert one.type is None
    with pytest.raises(UsageError, match="a stage variable 'a' already"):
        variables.add("a")
    with pytest.raises(UsageError, match="'NUMBER' is no column type"):
        variables.add("c", "1", "NUMBER")
    with pytest.raises(NotFoundError, match=r"no stage variable 'aa'. .*Did you mean 'a'"):
        variables["aa"]
    variables.remove("a")
    with pytest.raises(NotFoundError, match="any more"):
        _ = one.derivation
    variables.remove("b")
    assert "StageVariables" not in out.src._node()["parameters"]


# Lookup --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ref() -> Link:
    flow = BatchFlow("demo")
    main, ref, lookup = flow.add_stage("Row Generator"), flow.add_stage("Row Generator"), flow.add_stage("Lookup")
    main.connect_output_to(lookup, name="L_main")
    return ref.connect_output_to(lookup, name="L_ref").reference()


def test_lookup_keys_stand_on_the_reference_port(ref: Link) -> None:
    ref.lookup_keys["k"] = "L_main.k"
    ref.configuration.lookup_fail = "reject"
    ref.configuration.condition_not_met = "fail"
    assert ref._ref.target_port["parameters"] == {
        "conditionNotMet": "fail",
        "lookupDerivation": [
            {"parsedExpression": "L_main.k", "sourceColumn": "L_main.k", "keyType": "=", "columnName": "k"}
        ],
        "lookupFail": "reject",
    }


def test_lookup_keys_change(ref: Link) -> None:
    keys = ref.lookup_keys
    assert keys.add("a").add("b", "UpCase(L_main.c)", "caseless") is keys
    assert dict(keys) == {"a": "L_main.a", "b": "UpCase(L_main.c)"}
    keys["b"] = "L_main.b"
    assert ref._ref.target_port["parameters"]["lookupDerivation"][1]["keyType"] == "caseless"
    assert repr(keys) == "{'a': 'L_main.a', 'b': 'L_main.b'}"
    with pytest.raises(KeyError, match="is no lookup key"):
        _ = keys["c"]
    del keys["a"], keys["b"]
    assert (len(keys), ref._ref.target_port["parameters"]) == (0, {})
    with pytest.raises(UsageError, match=r"'link.reference"):
        ref.primary().lookup_keys["k"] = "L_main.k"
