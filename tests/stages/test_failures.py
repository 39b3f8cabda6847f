"""A run that ends at a value says which value, in which column of which link, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow
from riverstage._wiring import runtime_of as runtime_of_flow
from riverstage.errors import RunFailed
from tests.conformance.case import Case, Rows
from tests.conformance.runner import runtime_of


def _failed(
    folder: Path,
    stage: str,
    inputs: dict[str, Rows],
    configuration: dict[str, Any],
    outputs: dict[str, Rows],
    **more: Any,
) -> RunFailed:
    case = Case("fails", stage, inputs, configuration, outputs, **more)
    with pytest.raises(RunFailed) as raised:
        runtime_of(case, folder, {name: [] for name in outputs}).run()
    assert raised.value.mend
    assert raised.value.place.stage == "Stage"
    return raised.value


_CHAIN = [("Row Generator", "rows"), ("Transformer", "made"), ("Copy", "copy")]
_MAIN = Rows("k int32, v string(10)", [(1, "one"), (77, "x"), (2, "two")])
_REF = Rows(
    "k int32, name string(10)",
    [(1, "eins"), (2, "zwei")],
    kind="reference",
    input={
        "lookupDerivation": [
            {"columnName": "k", "parsedExpression": "main.k", "keyType": "0"},
            {"columnName": "name", "parsedExpression": "DownCase(main.v)", "keyType": "0"},
        ]
    },
)


@pytest.mark.parametrize(
    ("given", "value", "wanted", "message"),
    [
        ("int32", 300, "int8", "The column 'a' (int8) cannot hold the value '300': the number does not fit."),
        ("string", "abc", "int32", "The column 'a' (int32) cannot hold the value 'abc': it is no number that fits."),
        ("string", "2024-13-01", "date", "The column 'a' (date) cannot hold the value '2024-13-01': it is no date in "),
        ("string", None, "string not null", "The column 'a' takes no null, and a value is null."),
        ("string", None, "int32 not null", "The column 'a' takes no null, and a value is null."),
        ("string", "y" * 90, "int32 not null", f"The column 'a' (int32) cannot hold the value '{'y' * 80}…': "),
    ],
)
@pytest.mark.parametrize("stage", ["Copy", "Sort"])
def test_a_column_that_cannot_hold_a_value(
    tmp_path: Path, stage: str, given: str, value: Any, wanted: str, message: str
) -> None:
    inputs = {"one": Rows(f"a {given}", [(value,)])}
    configuration: dict[str, Any] = {"key_properties": [{"key": "a"}]} if stage == "Sort" else {}
    error = _failed(tmp_path, stage, inputs, configuration, {"out": Rows(f"a {wanted}")})
    assert (error.code, error.place.link, error.place.column) == ("RS-6201", "out", "a")
    assert error.message.startswith(message)


def test_a_funnel_says_which_input_it_was(tmp_path: Path) -> None:
    inputs = {"one": Rows("a string", [("1",)]), "two": Rows("a string", [("1",), ("q",)])}
    error = _failed(tmp_path, "Funnel", inputs, {}, {"out": Rows("a int32")})
    assert "cannot hold the value 'q' of the link 'two'" in error.message
    inputs["two"] = Rows("a string", [(None,)])
    error = _failed(tmp_path, "Funnel", inputs, {}, {"out": Rows("a int32 not null")})
    assert error.message == "The column 'a' takes no null, and a value of the link 'two' is null."


def test_a_specification_of_a_modify(tmp_path: Path) -> None:
    inputs = {"in": Rows("a string", [("x",)])}
    wanted = {"modifyspec_properties": [{"modifyspec": "b:date = date_from_string(a)"}]}
    error = _failed(tmp_path, "Modify", inputs, wanted, {"out": Rows("b date")})
    assert error.message.startswith("The column 'b' (date) cannot hold the value 'x'")


def test_the_condition_of_a_filter(tmp_path: Path) -> None:
    inputs = {"in": Rows("n int32, s string", [(1, "7"), (2, "seven")])}
    where = {"where_properties": [{"where": "n > 0", "target": "0"}, {"where": "n < s", "target": "0"}]}
    error = _failed(tmp_path, "Filter", inputs, where, {"out": Rows("n int32, s string")})
    assert (error.code, error.place.link) == ("RS-6225", "in")
    assert error.message.startswith("Condition 2 cannot be decided for a row in which 's' is 'seven'")


def test_the_keys_of_a_lookup(tmp_path: Path) -> None:
    error = _failed(tmp_path, "Lookup", {"main": _MAIN, "ref": _REF}, {}, {"out": Rows("k int32")})
    assert (error.code, error.place.link) == ("RS-6210", "ref")
    assert error.message in {
        "Nothing is found in 'ref' for main.k = '1', DownCase(main.v) = 'one'.",
        "Nothing is found in 'ref' for main.k = '77', DownCase(main.v) = 'x'.",
        "Nothing is found in 'ref' for main.k = '2', DownCase(main.v) = 'two'.",
    }
    assert "lookup_fail" in error.mend


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"key": "v", "case": ["one=0"]}, "No case fits the value 'x' of the column 'v'."),
        (
            {"key": "k", "selection": "auto"},
            "No output is left for the value '2' of the column 'k': the stage has one output, one a value.",
        ),
    ],
)
def test_the_value_of_a_switch(tmp_path: Path, configuration: dict[str, Any], message: str) -> None:
    rows = [row for row in _MAIN.rows if row[0] != 77 or "case" in configuration]
    rows = [row for row in rows if row[0] != 2 or "case" not in configuration]
    inputs = {"in": Rows(_MAIN.columns, rows)}
    error = _failed(tmp_path, "Switch", inputs, configuration, {"out": Rows(_MAIN.columns)})
    assert (error.code, error.message) == ("RS-6220", message)


def _derived(columns: str, **derivations: str) -> Rows:
    entries = [{"columnName": name, "parsedExpression": text} for name, text in derivations.items()]
    return Rows(columns, output={"valueDerivation": entries})


@pytest.mark.parametrize(
    ("variables", "derivations", "message", "column"),
    [
        ([], {"a": "in.s", "b": "in.s"}, "The column 'a' cannot be computed where 's' is 'x'.", "a"),
        ([], {"a": "1", "b": "in.n"}, "The column 'b' cannot be computed, or is null and takes none", "b"),
        ([("w", "StringToDate(in.s)")], {"a": "1", "b": "w"}, "The stage variable 'w' cannot be computed.", "w"),
        ([("w", "w + in.s", "TINYINT")], {"a": "w", "b": "1"}, "A stage variable cannot be computed: 'w'.", None),
    ],
)
def test_a_transformer_that_ends_at_a_null(
    tmp_path: Path, variables: list[tuple[str, ...]], derivations: dict[str, str], message: str, column: str | None
) -> None:
    inputs = {"in": Rows("s string, n int32", [("x", None)])}
    said = [
        {"name": item[0], "derivation": item[1], **({"sql_type": item[2]} if len(item) > 2 else {})}
        for item in variables
    ]
    configuration = {"abort_on_null": True, "stage_variables": said}
    outputs = {"out": _derived("a int32, b string not null", **derivations)}
    error = _failed(tmp_path, "Transformer", inputs, configuration, outputs)
    assert (error.code, error.place.column) == ("RS-6202", column)
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    ("rows", "configuration", "message"),
    [
        ([(None,)], {}, "The column 's' of a row is null, and no text is said"),
        ([("a,b",)], {"quote": "none"}, "The value 'a,b' of the column 's' holds a delimiter or a line end"),
    ],
)
def test_a_row_that_cannot_be_written(
    tmp_path: Path, rows: list[tuple[Any, ...]], configuration: dict[str, Any], message: str
) -> None:
    said = {"file": ["out.csv"], "reject_mode": "fail", **configuration}
    error = _failed(tmp_path, "Sequential file", {"in": Rows("s string", rows)}, said, {})
    assert (error.code, error.place.column) == ("RS-6230", "s")
    assert error.message.startswith(message)


def test_a_secret_in_a_value_is_not_shown(tmp_path: Path) -> None:
    flow = BatchFlow("secret")
    flow.add_local_parameter(parameter_type="encrypted", name="word", value="")
    source, middle, last = (flow.add_stage(*item) for item in _CHAIN)
    source.connect_output_to(middle, name="in").create_schema().add_field("INTEGER", "n")
    link = middle.connect_output_to(last, name="made")
    link.create_schema().add_field("VARCHAR", "s")
    link.derivations["s"] = "'it is ' : word"
    last.connect_output_to(flow.add_stage("Peek", "shown"), name="out").create_schema().add_field("INTEGER", "s")
    with pytest.raises(RunFailed) as raised:
        runtime_of_flow(flow, folder=tmp_path, parameters={"word": "hush-hush"}).run()
    assert "hush" not in str(raised.value)
    assert "cannot hold the value ********" in raised.value.message
