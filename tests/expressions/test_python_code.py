"""Kernels: the same rows from generated Python, from Numba and from the evaluator, with state between batches."""

import datetime as dt
import pickle
import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from riverstage._arrow import arrow_type
from riverstage.errors import ExpressionError
from riverstage.expressions import python_code
from riverstage.expressions.elaborate import assign, elaborate
from riverstage.expressions.evaluate import Slot, evaluate
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.parser import parse
from riverstage.expressions.python_code import (
    FAILED,
    KernelProgram,
    Output,
    Variable,
    compile_kernel,
    python_source,
)
from riverstage.expressions.scope import Bound, Names
from riverstage.types import BOOLEAN, DATE, FLOAT64, INT8, INT32, INT64, STRING, decimal, string, timestamp
from tests.expressions import at_random

VARIABLES = {"v": INT64, "w": FLOAT64, "u": INT32}
IN_ROW, OUT_ROW = Slot("system", "@INROWNUM"), Slot("system", "@OUTROWNUM")
_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def scope(columns, variables):
    names = {name: Bound(Slot("variable", name), kind) for name, kind in variables.items()}
    names.update(at_random.slot_names(columns))
    system = {slot.name: Bound(slot, INT64, nullable=False) for slot in (IN_ROW, OUT_ROW)}
    return Names(variables=names, system_variables=system)


def program(columns, variables, outputs, **more):
    """Make a program from texts: variables are (type, text, initial), outputs (type, text) or (type, text, when)."""
    names = scope(columns, {name: each[0] for name, each in variables.items()})

    def typed(text, target):
        return elaborate(parse(text), names, target=target)

    return KernelProgram(
        tuple(columns.items()),
        tuple(Variable(name, typed(text, kind), kind, initial) for name, (kind, text, initial) in variables.items()),
        tuple(Output(name, typed(each[1], each[0]), each[0], *each[2:]) for name, each in outputs.items()),
        **more,
    )


def batch(columns, rows):
    return pa.record_batch(
        {name: pa.array([row[name] for row in rows], arrow_type(kind)) for name, kind in columns.items()}
    )


def interpreted(made, rows):
    """Compute a program with the evaluator, row by row."""
    state = {Slot("variable", each.name): each.initial for each in made.variables}
    taken = {each.name: 0 for each in made.outputs}
    for number, row in enumerate(rows, 1):
        environment = {**state, **{Slot("column", name): value for name, value in row.items()}, IN_ROW: number}
        environment[OUT_ROW] = number
        failed, result = False, {}
        for each in made.variables:
            try:
                value = evaluate(assign(each.node, each.type), environment)
            except ConversionFailed:
                value, failed = None, True
            state[Slot("variable", each.name)] = environment[Slot("variable", each.name)] = value
        for each in made.outputs:
            result[each.name] = None
            if each.when is None or result[each.when]:
                counted = number if each.when is None else taken[each.when]
                try:
                    result[each.name] = evaluate(assign(each.node, each.type), {**environment, OUT_ROW: counted})
                except ConversionFailed:
                    failed = True
            taken[each.name] += bool(result[each.name])
        yield {**result, FAILED: failed}


def run(made, columns, rows, *, use_numba, split=3):
    kernel = compile_kernel(made, use_numba=use_numba)
    found = []
    for start in range(0, len(rows), split):
        found += kernel.process(batch(columns, rows[start : start + split])).to_pylist()
    return found


NUMERIC = {name: at_random.COLUMNS[name] for name in at_random.NUMERIC}
_STATEFUL = at_random.numbers((*at_random.NUMERIC, "v", "w", "u", "@INROWNUM"))


@_SETTINGS
@given(_STATEFUL, _STATEFUL, _STATEFUL, at_random.rows(at_random.NUMERIC))
def test_numbers_with_state_are_what_the_evaluator_says(first, second, third, rows):
    made = program(
        NUMERIC,
        {"v": (INT64, first, 0), "w": (FLOAT64, second, None), "u": (INT32, third, 7)},
        {"v": (INT64, "v"), "w": (FLOAT64, "w"), "u": (INT32, "u"), "big": (BOOLEAN, "v > 3"),
         "nth": (INT64, "@OUTROWNUM", "big")},
    )  # fmt: skip
    assert run(made, NUMERIC, rows, use_numba=False) == list(interpreted(made, rows))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(at_random.numbers((*at_random.NUMERIC, "v", "w", "u", "@INROWNUM")), min_size=3, max_size=3),
       at_random.rows(at_random.NUMERIC, least=8, most=30))  # fmt: skip
def test_machine_code_gives_the_same_rows(texts, rows):
    pytest.importorskip("numba")
    made = program(
        NUMERIC,
        {"v": (INT64, texts[0], 0), "w": (FLOAT64, texts[1], None), "u": (INT32, texts[2], 7)},
        {"v": (INT64, "v"), "w": (FLOAT64, "w"), "u": (INT32, "u"), "big": (BOOLEAN, "w > 0"),
         "nth": (INT64, "@OUTROWNUM", "big")},
    )  # fmt: skip
    try:
        found = run(made, NUMERIC, rows, use_numba=True, split=10)
    except ExpressionError as error:
        assert error.code == "RS-3064"
        assume(False)
    assert found == list(interpreted(made, rows))


@_SETTINGS
@given(at_random.expressions(), at_random.rows())
def test_every_expression_is_what_the_evaluator_says(text, rows):
    try:
        kind = elaborate(parse(text), scope(at_random.COLUMNS, {})).type
    except ExpressionError:
        return
    made = program(at_random.COLUMNS, {"x": (kind, text, None)}, {"x": (kind, "x")})
    expected = list(interpreted(made, rows))
    for found, wanted in zip(run(made, at_random.COLUMNS, rows, use_numba=False), expected, strict=True):
        assert found == wanted or repr(found) == repr(wanted), text  # NaN differs from itself


CHANGES = {"k": STRING, "i": INT64}
ROWS = [
    {"k": key, "i": number}
    for key, number in [("a", 1), ("a", 2), ("b", 3), (None, 4), ("b", None), ("b", 6), ("c", 7)]
]


def test_a_group_counter_sees_the_key_of_the_row_before():
    made = program(
        CHANGES,
        {"n": (INT64, "If k = previous Then n + 1 Else 1", 0), "previous": (STRING, "k", "")},
        {"n": (INT64, "n")},
        passing=("k",),
    )
    kernel = made.open()
    first, second = kernel.process(batch(CHANGES, ROWS[:2])), kernel.process(batch(CHANGES, ROWS[2:]))
    assert first.schema.names == ["k", "n", FAILED]
    assert [*first.column("n").to_pylist(), *second.column("n").to_pylist()] == [1, 2, 1, 1, 1, 2, 1]
    assert second.column("k").to_pylist() == ["b", None, "b", "b", "c"]


def test_a_variable_sees_later_ones_of_the_row_before():
    made = program(CHANGES, {"a": (INT64, "b", 5), "b": (INT64, "i", 9)}, {"a": (INT64, "a")})
    assert [row["a"] for row in run(made, CHANGES, ROWS, use_numba=False)] == [9, 1, 2, 3, 4, None, 6]


def test_a_failure_makes_the_variable_null_and_marks_the_row():
    columns = {"s": STRING}
    made = program(
        columns,
        {"d": (DATE, "StringToDate(s)", None), "n": (INT64, "If IsNull(d) Then n Else n + 1", 0)},
        {"n": (INT64, "n")},
    )
    rows = [{"s": text} for text in ("2024-01-01", "x", None, "2024-01-02")]
    assert run(made, columns, rows, use_numba=False) == [
        {"n": 1, FAILED: False},
        {"n": 1, FAILED: True},
        {"n": 1, FAILED: False},
        {"n": 2, FAILED: False},
    ]


def test_an_output_with_a_condition_fails_only_where_that_is_true():
    made = program(
        {"i": INT64},
        {},
        {
            "odd": (BOOLEAN, "Mod(i, 2) = 1"),
            "half": (FLOAT64, "1 / (i - 3)", "odd"),
            "nth": (INT64, "@OUTROWNUM", "odd"),
        },
    )
    rows = [{"i": number} for number in (1, 2, 3, 4, 5)]
    found = run(made, {"i": INT64}, rows, use_numba=False)
    assert [(row["half"], row["nth"], row[FAILED]) for row in found] == [
        (-0.5, 1, False), (None, None, False), (None, 2, True), (None, None, False), (0.5, 3, False),
    ]  # fmt: skip


@pytest.mark.parametrize("use_numba", [False, True])
def test_overflow_fails_and_what_follows_is_null(use_numba):
    made = program({"i": INT64}, {"sum": (INT64, "sum + i", 0)}, {"sum": (INT64, "sum")})
    rows = [{"i": 2**62}, {"i": 2**62 - 1}, {"i": 1}, {"i": 5}]
    found = run(made, {"i": INT64}, rows, use_numba=use_numba, split=2)
    assert [(row["sum"], row[FAILED]) for row in found] == [
        (2**62, False), (2**63 - 1, False), (None, True), (None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("use_numba", [False, True])
def test_whole_numbers_at_their_ends(use_numba):
    columns = {"i": INT64, "j": INT64}
    made = program(columns, {}, {name: (INT64, f"i {name} j") for name in "+-*"} | {"neg": (INT64, "-i")})
    ends = [-(2**63), -(2**63) + 1, -(2**62), -(2**31), -3, -2, -1, 0, 1, 2, 3, 2**31, 2**32, 2**62, 2**63 - 1]
    rows = [{"i": left, "j": right} for left in ends for right in ends]
    assert run(made, columns, rows, use_numba=use_numba, split=1000) == list(interpreted(made, rows))


@pytest.mark.parametrize("use_numba", [False, True])
def test_dates_and_timestamps_live_in_state(use_numba):
    columns = {"d": DATE, "m": timestamp(6)}
    made = program(
        columns,
        {
            "last": (DATE, "If IsNull(last) Then d Else If d > last Then d Else last", None),
            "at": (timestamp(6), "m", None),
        },
        {"last": (DATE, "last"), "at": (timestamp(6), "at")},
    )
    rows = [{"d": dt.date(1899, 1, day), "m": dt.datetime(9999, 12, day, 23, 59, 59, 999999)} for day in (3, 1, 5)]
    found = run(made, columns, [*rows, {"d": None, "m": None}], use_numba=use_numba, split=2)
    assert [row["last"] and row["last"].day for row in found] == [3, 3, 5, 5]
    assert [row["at"] for row in found] == [*(row["m"] for row in rows), None]


def test_initial_values_are_typed_expressions_too():
    start = elaborate(parse("2 + 0.5"), Names())
    columns = {"i": INT64}
    made = program(columns, {"e": (decimal(10, 1), "e + i", None)}, {"e": (decimal(10, 1), "e")})
    made = KernelProgram(made.inputs, (Variable("e", made.variables[0].node, decimal(10, 1), start),), made.outputs)
    assert str(run(made, columns, [{"i": 1}], use_numba=False)[0]["e"]) == "3.5"


def test_the_clock_stands_still_during_a_run():
    made = program({"i": INT64}, {}, {"now": (timestamp(6), "CurrentTimestampMS()"), "date": (DATE, "CurrentDate()")})
    kernel = made.open()
    first, second = (kernel.process(batch({"i": INT64}, [{"i": 1}])).to_pylist()[0] for _ in range(2))
    assert first == second
    at = dt.datetime(2024, 2, 29, 23, 59, 59, 5)
    kernel = replace(made, started=at).open()
    assert kernel.process(batch({"i": INT64}, [{"i": 1}])).to_pylist() == [
        {"now": at, "date": at.date(), FAILED: False}
    ]  # fmt: skip


def test_a_program_travels_to_another_process():
    made = program(CHANGES, {"n": (INT64, "NullToZero(n) + Abs(i)", 0)}, {"n": (INT64, "n")})
    code = (
        "import pickle, sys; program = pickle.load(sys.stdin.buffer); program.open(); "
        "print(program.variables[0].name, 'sqlglot' in sys.modules, 'duckdb' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(made), capture_output=True, check=True)
    assert said.stdout.decode().split() == ["n", "False", "False"]
    assert pickle.loads(pickle.dumps(made)) == made


@example("a'b\n\"\\c", "x\n    raise SystemExit")
@given(st.text(max_size=8), st.text(min_size=1, max_size=8))
def test_no_text_of_a_user_becomes_code(value, name):
    assume("'" not in value or '"' not in value)
    quote = '"' if "'" in value else "'"
    columns = {name: STRING}
    node = elaborate(parse(f"{quote}{value}{quote}"), Names())
    made = KernelProgram(tuple(columns.items()), (Variable(name, node, STRING),), (Output(name, node, STRING),))
    compile(python_source(made), "<kernel>", "exec")
    row = made.open().process(pa.record_batch({name: pa.array(["z"])})).to_pylist()[0]
    assert row == {name: value, FAILED: False} or name == FAILED


def test_long_chains_and_deep_nests_compile():
    columns = {"i": INT64}
    chain = "".join(f"If i = {n} Then {n * 2} Else " for n in range(150)) + "-1"
    deep = "i"
    for number in range(30):
        deep = f"(If i > {number} Then {deep} Else (If i = 0 Then 1 Else If i < -5 Then 2 Else 0))"
    wide = " + ".join(["i"] * 400)
    made = program(columns, {}, {"c": (INT64, chain), "d": (INT64, deep), "w": (INT64, wide)})
    found = run(made, columns, [{"i": 149}, {"i": 0}, {"i": 500}], use_numba=False)
    assert found == list(interpreted(made, [{"i": 149}, {"i": 0}, {"i": 500}]))


def test_unknown_names_are_refused():
    node = elaborate(parse("missing"), Names(variables={"missing": Bound(Slot("column", "missing"), INT64)}))
    with pytest.raises(ExpressionError, match="no column or variable"):
        compile_kernel(KernelProgram((), (Variable("v", node, INT64),)))


def test_a_condition_must_be_an_earlier_boolean_output():
    node = elaborate(parse("1"), Names())
    with pytest.raises(ExpressionError, match="no boolean output"):
        compile_kernel(KernelProgram((), (), (Output("a", node, INT8, when="b"),)))


def test_numba_on_demand_refuses_text():
    made = program(CHANGES, {"s": (string(3), "k", None)}, {"s": (string(3), "s")})
    with pytest.raises(ExpressionError, match="Numba cannot run this"):
        compile_kernel(made, use_numba=True)


@_SETTINGS
@given(
    st.lists(at_random.expressions(depth=1), min_size=3, max_size=3),
    st.sampled_from(["total + i", "i - total", "If b Then total + i Else total - 1", "total + total", "total * i"]),
    at_random.rows(most=9),
)
def test_mixed_programs_keep_their_state(texts, sum_, rows):
    try:
        kinds = [elaborate(parse(text), scope(at_random.COLUMNS, {})).type for text in texts]
    except ExpressionError:
        return
    outside = {"x": (kinds[0], texts[0], None), "total": (INT64, sum_, 0), "y": (kinds[1], texts[1], None)}
    made = program(
        at_random.COLUMNS,
        {**outside, "z": (STRING, "x : '|' : total : '|' : y : '|' : z", "")},
        {"x": (kinds[0], "x"), "total": (INT64, "total"), "z": (STRING, "z"), "w": (kinds[2], texts[2]),
         "now": (BOOLEAN, "total > 0"), "then": (STRING, "@OUTROWNUM : '/' : @INROWNUM : x", "now")},
    )  # fmt: skip
    expected = list(interpreted(made, rows))
    for found, wanted in zip(run(made, at_random.COLUMNS, rows, use_numba=False, split=4), expected, strict=True):
        assert found == wanted or repr(found) == repr(wanted), made


def test_many_rows_change_over_to_machine_code_with_their_state(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(python_code, "_WORTH_COMPILING", 300_000)
    made = program({"i": INT64}, {"sum": (INT64, "sum + i", 0)}, {"sum": (INT64, "sum")})
    kernel = made.open()
    rows = pa.record_batch({"i": pa.array([1] * 200_000)})
    for done in range(1, 4):
        assert kernel.process(rows).column("sum")[-1].as_py() == done * 200_000
    assert kernel._numba is not None
