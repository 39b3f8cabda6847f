"""Modify: the specifications' language with the places of its errors, and how columns and order come through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riverstage.errors import ExpressionError
from riverstage.expressions import functions
from riverstage.expressions.modify import Assignment, Conversion, Name, Selection, Value, parse_modify
from riverstage.stages._modify_conversions import _FORMS, CONVERSIONS
from riverstage.types import DATE, INT8, UINT64, DataType, binary, decimal, string, time, timestamp
from tests.conformance.case import Rows
from tests.stages.chains import Chain


def _assignment(text: str) -> Assignment:
    (found,) = parse_modify(text)
    assert isinstance(found, Assignment)
    return found


def test_selections() -> None:
    assert parse_modify('KEEP a, "b c"; drop d') == (
        Selection("keep", (Name("a"), Name("b c"))),
        Selection("drop", (Name("d"),)),
    )


def test_columns_called_keep_and_drop() -> None:
    assert parse_modify("keep = drop; drop:int8 = keep") == (
        Assignment(Name("keep"), Name("drop")),
        Assignment(Name("drop"), Name("keep"), INT8),
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int8", INT8),
        ("UINT64", UINT64),
        ("sfloat", DataType("float32")),
        ("dfloat", DataType("float64")),
        ("decimal[10,2]", decimal(10, 2)),
        ("decimal[ 5 ]", decimal(5, 0)),
        ("decimal", decimal(38, 10)),
        ("string", string()),
        ("string[7]", string(7, fixed=True)),
        ("string[max=7]", string(7)),
        ("ustring[max = 7]", string(7)),
        ("raw[max=3]", binary(3)),
        ("date", DATE),
        ("time", time(0)),
        ("time[microseconds]", time(6)),
        ("timestamp[microseconds]", timestamp(6)),
        ("timestamp[timezone,microseconds]", timestamp(6, zone=True)),
    ],
)
def test_types(text: str, kind: DataType) -> None:
    assert _assignment(f"a:{text} = b").type == kind


@pytest.mark.parametrize(
    ("text", "kind", "nullable"),
    [("nullable int8", INT8, True), ("NOT_NULLABLE date", DATE, False), ("nullable", None, True), ("int8", INT8, None)],
)
def test_nullability(text: str, kind: DataType | None, nullable: bool | None) -> None:
    found = _assignment(f"a : {text} = b")
    assert (found.type, found.nullable) == (kind, nullable)


def test_conversions() -> None:
    found = _assignment("""w = String_Trim['Z', end] [x](v, 'it''s', -1.5, none, "a;b")""").source
    assert isinstance(found, Conversion)
    assert found.name.text == "string_trim"
    assert [option.parts for option in found.options] == [("Z", "end"), ("x",)]
    assert found.column == Name("v")
    assert [type(value.value).__name__ for value in found.values] == ["str", "Decimal", "str", "str"]
    assert [str(value.value) for value in found.values] == ["it's", "-1.5", "none", "a;b"]


def test_a_format_keeps_its_commas_and_a_bracket_in_quotes() -> None:
    found = _assignment("w = date_from_string['%dd], %mm'](v)").source
    assert isinstance(found, Conversion)
    assert found.options[0].whole == "%dd], %mm"


def test_places() -> None:
    text = "KEEP a;  new:date = date_from_string[%yyyy](old, 1)"
    found = parse_modify(text)[1]
    assert isinstance(found, Assignment)
    assert isinstance(found.source, Conversion)
    parts = [found.target, found.source.name, found.source.options[0], found.source.column, found.source.values[0]]
    said = [text[part.start : part.end] for part in parts if isinstance(part, Name | Value) or part is not None]
    assert said == ["new", "date_from_string", "%yyyy", "old", "1"]
    assert text[found.start : found.end] == "new:date = date_from_string[%yyyy](old, 1)"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a", 1),
        ("a =", 3),
        ("= b", 0),
        ("a = b c", 6),
        ("a = 5", 4),
        ("a:int9 = b", 2),
        ("a:date[3] = b", 7),
        ("a:decimal[39] = b", 10),
        ("a:decimal[3,4] = b", 10),
        ("a:decimal[x] = b", 10),
        ("a:string[min=3] = b", 9),
        ("a:string[0] = b", 9),
        ("a:time[seconds] = b", 7),
        ("a = f[x", 5),
        ("a = f(b", 7),
        ("a = f(b,)", 8),
        ("a = f(b, 'x)", 9),
        ('a = "b', 4),
        ("KEEP", 4),
        ("KEEP a,", 7),
        ("KEEP a; DROP 3", 13),
        ("a = f[1] b", 9),
    ],
)
def test_errors_say_where(text: str, position: int) -> None:
    with pytest.raises(ExpressionError) as error:
        parse_modify(text)
    assert error.value.place.position == position


@given(st.text(alphabet="ab:=[](),;'\" 1.%KEPDROint8", max_size=30))
@example("KEEP a;;DROP b;")
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse_modify(text)
    except ExpressionError as error:
        assert error.place.position is not None
        assert 0 <= error.place.position <= len(text)


@pytest.mark.parametrize("name", sorted(_FORMS))
def test_every_conversion_stands_on_a_function(name: str) -> None:
    form = _FORMS[name]
    function = functions.find(form.function)
    shown = [parameter for parameter in function.parameters if not parameter.name.startswith("_")]
    assert name in CONVERSIONS
    assert len(shown) >= form.most
    assert 1 + form.least >= sum(not parameter.optional for parameter in shown) or form.function == "TimestampFromDate"


def _modify(spec: str, next_stage: str, folder: Path, **configuration: Any) -> Chain:
    return Chain(
        {"in": Rows("k int32, v string(3)", [(2, "b"), (1, "a"), (2, "a")])},
        {
            "sort": ("Sort", {"key_properties": [{"key": "k"}]}),
            "modify": ("Modify", {"modifyspec_properties": [{"modifyspec": spec}]}),
            "next": (next_stage, configuration),
            "out": ("Peek", {}),
        },
        [
            ("in", "sort", "a", None),
            ("sort", "modify", "b", None),
            ("modify", "next", "c", None),
            ("next", "out", "d", None),
        ],
        folder,
    )


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        ("v = uppercase_string(v)", ["k"]),
        ("n = k", ["n"]),
        ("k:int64 = k", ["k"]),
        ("k:string = k", []),
        ("DROP k", []),
        ("k = string_length(v)", []),
    ],
)
def test_the_order_goes_on_under_new_names(spec: str, keys: list[str], tmp_path: Path) -> None:
    plan, _ = _modify(spec, "Copy", tmp_path).runtime.plan()
    ordering = plan.types["c"].ordering
    assert ordering.known
    assert [key.column for key in ordering.keys] == keys


def test_rows_stay_in_order(tmp_path: Path) -> None:
    chain = _modify("n = k; v = handle_null(v, x)", "Tail", tmp_path, nrecs=2)
    chain.run()
    assert chain.rows("out") == [(2, "b"), (2, "a")]


def test_findings_name_the_specification_and_the_place(tmp_path: Path) -> None:
    chain = Chain(
        {"in": Rows("k int32", [])},
        {
            "modify": (
                "Modify",
                {"modifyspec_properties": [{"modifyspec": "a = k"}, {"modifyspec": "b = kk; c = nulls(k)"}]},
            ),
            "out": ("Peek", {}),
        },
        [("in", "modify", "a", None), ("modify", "out", "b", None)],
        tmp_path,
    )
    found = [(finding.code, finding.place.position, finding.message[:16]) for finding in chain.runtime.check()]
    assert found == [("RS-4502", 4, "Specification 2:"), ("RS-3002", 12, "Specification 2:")]
