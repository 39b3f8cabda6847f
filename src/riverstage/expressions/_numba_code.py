"""Programs of numbers, dates and booleans as machine code: the same rows as Python gives, through Numba.

A value is two local names, itself and whether it is null; a failure sets ``bad``. Whole numbers are int64, dates,
times and timestamps their days and microseconds. What does not fit in there is left to Python: ``NotForNumba``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from riverstage._arrow import arrow_type
from riverstage.expressions import typed
from riverstage.expressions._conversions import can_fail
from riverstage.expressions._python_source import compared
from riverstage.expressions._row_function import IN_ROW, OUT_ROW
from riverstage.expressions.elaborate import assign
from riverstage.expressions.evaluate import Slot
from riverstage.expressions.meaning import integer_bounds
from riverstage.types import DataType

if TYPE_CHECKING:
    from riverstage.expressions.python_code import KernelProgram

__all__ = ["NotForNumba", "compile_program", "is_compiled", "numba_source"]

_WHOLE = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"})
_TEMPORAL = frozenset({"date", "time", "timestamp"})
_EPOCH = datetime(1970, 1, 1)

# The compiler takes for granted that whole numbers never overflow, so whether one would is found out beforehand.
_HEAD = """import numba
import numpy as np

LEAST, MOST, ZERO, ONE = np.int64(-(2**63)), np.int64(2**63 - 1), np.int64(0), np.int64(1)
INFINITE, NAN = np.inf, np.nan
"""
_HELPERS = """
@numba.njit(cache=CACHE)
def add(a, b):
    fits = a <= MOST - b if b > 0 else a >= LEAST - b
    return (a + b if fits else ZERO), fits


@numba.njit(cache=CACHE)
def subtract(a, b):
    fits = a >= LEAST + b if b > 0 else a <= MOST + b
    return (a - b if fits else ZERO), fits


@numba.njit(cache=CACHE)
def multiply(a, b):
    if a == 0 or b == 0:
        return ZERO, True
    if a == LEAST or b == LEAST:
        return LEAST, a == 1 or b == 1
    x, y = abs(a), abs(b)
    fits = x <= MOST // y
    if not fits and (a < 0) != (b < 0) and MOST % y == y - 1 and x == MOST // y + 1:
        return LEAST, True
    return (a * b if fits else ZERO), fits
"""


class NotForNumba(ValueError):
    """A program that has something else than numbers in it."""


@dataclass(frozen=True, slots=True)
class _Value:
    """The texts of a value and of whether it is null; None where it cannot be."""

    text: str
    null: str | None = None


def _kind(type: DataType) -> str:
    """Return which of int64, float64 and boolean holds values of a type."""
    if type.kind in _WHOLE or (type.kind in _TEMPORAL and not type.zone):
        return "int64"
    if type.kind in ("float64", "boolean"):
        return type.kind
    raise NotForNumba(f"{type} is no number")


_ZERO = {"int64": "ZERO", "float64": "0.0", "boolean": "False"}


def _number_of(value: object) -> object:
    """Return a value as it stands in a column of its kind: days, microseconds, or itself."""
    match value:
        case datetime():
            return (value - _EPOCH) // timedelta(microseconds=1)
        case date():
            return value.toordinal() - _EPOCH.toordinal()
        case time():
            return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return value


def _value_of(number: Any, type: DataType) -> Any:
    """Return a number as a value of its type."""
    match type.kind:
        case "timestamp":
            return _EPOCH + timedelta(microseconds=int(number))
        case "date":
            return date.fromordinal(int(number) + _EPOCH.toordinal())
        case "time":
            return (_EPOCH + timedelta(microseconds=int(number))).time()
        case "boolean":
            return bool(number)
        case "float64":
            return float(number)
    return int(number)


class _Writer:
    """Writes the source of one function."""

    def __init__(self, names: Mapping[Slot, _Value]) -> None:
        self.names = names
        self.lines: list[str] = []
        self.depth = 0
        self.count = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def fresh(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def value(self, node: typed.Typed) -> _Value:
        write = _WRITE.get(type(node))
        if write is None or self.depth > 60:
            raise NotForNumba(f"{type(node).__name__} is not for machine code")
        return write(self, node)

    def named(self, value: _Value) -> _Value:
        """Return a value as names, so that it may be written twice."""
        name = self.fresh()
        self.line(f"{name} = {value.text}")
        if value.null is None:
            return _Value(name)
        self.line(f"{name}_null = {value.null}")
        return _Value(name, f"{name}_null")

    def bad_if(self, condition: str, *operands: _Value) -> None:
        """Add a failure where a condition holds and no operand is null."""
        nulls = _any_null(*operands)
        self.line(f"if {f'not ({nulls}) and ' if nulls else ''}({condition}):")
        self.line("    bad = True")


def _any_null(*operands: _Value) -> str | None:
    nulls = list(dict.fromkeys(operand.null for operand in operands if operand.null is not None))
    return " or ".join(nulls) if nulls else None


def _constant(_writer: _Writer, node: typed.Constant) -> _Value:
    if node.value is None:
        return _Value(_ZERO[_kind(node.type)], "True")
    kind, number = _kind(node.type), _number_of(node.value)
    if kind == "int64":
        return _Value(f"({number})" if isinstance(number, int) and number < 0 else str(number))
    return _Value(f"({repr(number).replace('inf', 'INFINITE').replace('nan', 'NAN')})")


def _reference(writer: _Writer, node: typed.Reference) -> _Value:
    slot = node.bound.value
    if not isinstance(slot, Slot):
        raise NotForNumba(f"{node.name} is no slot")
    _kind(node.type)
    return writer.names[slot]


def _convert(writer: _Writer, node: typed.Convert) -> _Value:
    given, wanted = node.operand.type, node.type
    if given.kind == "null":
        return _Value(_ZERO[_kind(wanted)], "True")
    source, target = _kind(given), _kind(wanted)
    if given.kind in _TEMPORAL or wanted.kind in _TEMPORAL:
        raise NotForNumba(f"{given} as {wanted} is not for machine code")
    operand = writer.named(writer.value(node.operand))
    if source == "int64" and target == "int64":
        if can_fail(given, wanted):
            low, high = integer_bounds(wanted)
            writer.bad_if(f"{operand.text} < {low} or {operand.text} > {high}", operand)
        return operand
    if source in ("int64", "float64") and target == "float64":
        return _Value(f"float({operand.text})", operand.null)
    if source == "boolean" and target == "int64":
        return _Value(f"(ONE if {operand.text} else ZERO)", operand.null)
    raise NotForNumba(f"{given} as {wanted} is not for machine code")


def _required(writer: _Writer, node: typed.Required) -> _Value:
    operand = writer.named(writer.value(node.operand))
    if operand.null is not None:
        writer.bad_if(operand.null)
    return _Value(operand.text)


def _negate(writer: _Writer, node: typed.Negate) -> _Value:
    operand = writer.named(writer.value(node.operand))
    if _kind(node.type) == "int64":
        low, high = integer_bounds(node.type)
        above = "" if node.type.kind == "int64" else f" or {operand.text} > {-low}"
        writer.bad_if(f"{operand.text} < {-high}{above}", operand)
    return _Value(f"(-{operand.text})", operand.null)


_OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply"}


def _arithmetic(writer: _Writer, node: typed.Arithmetic) -> _Value:
    left = writer.named(writer.value(node.left))
    right = writer.named(writer.value(node.right))
    _kind(node.left.type), _kind(node.right.type)
    null = _any_null(left, right)
    if node.type.kind in _WHOLE:
        return _whole(writer, node, left, right)
    if node.type.kind != "float64" or node.operator == "^":
        raise NotForNumba(f"{node.operator} of {node.type} is not for machine code")
    a, b = f"float({left.text})", f"float({right.text})"
    if node.operator == "/":
        writer.bad_if(f"{right.text} == 0", left, right)
        return _Value(f"({a} / {b} if {right.text} != 0 else 0.0)", null)
    return _Value(f"({a} {node.operator} {b})", null)


def _whole(writer: _Writer, node: typed.Arithmetic, left: _Value, right: _Value) -> _Value:
    result, fits = writer.fresh(), writer.fresh()
    writer.line(f"{result}, {fits} = {_OPERATIONS[node.operator]}({left.text}, {right.text})")
    low, high = integer_bounds(node.type)
    condition = f"not {fits}"
    if node.type.kind != "int64":
        condition += f" or {result} < {low} or {result} > {high}"
    writer.bad_if(condition, left, right)
    return _Value(result, _any_null(left, right))


def _compare(writer: _Writer, node: typed.Compare) -> _Value:
    if _kind(node.left.type) != _kind(node.right.type):
        raise NotForNumba("numbers of two kinds are compared")
    left, right = writer.named(writer.value(node.left)), writer.named(writer.value(node.right))
    return _Value(compared(node, left.text, right.text), _any_null(left, right))


def _not(writer: _Writer, node: typed.Not) -> _Value:
    operand = writer.value(node.operand)
    return _Value(f"(not {operand.text})", operand.null)


def _logical(writer: _Writer, node: typed.Logical) -> _Value:
    left = writer.named(writer.value(node.left))
    result, decides = writer.fresh(), node.operator == "or"
    writer.line(f"{result} = {left.text}")
    writer.line(f"{result}_null = {left.null or 'False'}")
    writer.line(f"if {result}_null or {result} != {decides}:")
    writer.depth += 1
    right = writer.named(writer.value(node.right))
    null = right.null or "False"
    writer.line(f"if not {null} and {right.text} == {decides}:")
    writer.line(f"    {result} = {decides}")
    writer.line(f"    {result}_null = False")
    writer.line("else:")
    writer.line(f"    {result} = {not decides}")
    writer.line(f"    {result}_null = {result}_null or {null}")
    writer.depth -= 1
    return _Value(result, f"{result}_null" if left.null or right.null else None)


def _choose(writer: _Writer, node: typed.Choose) -> _Value:
    condition = writer.named(writer.value(node.condition))
    _kind(node.type)
    result = writer.fresh()
    test = condition.text if condition.null is None else f"{condition.text} and not {condition.null}"
    writer.line(f"if {test}:")
    for side, head in ((node.then, "else:"), (node.otherwise, None)):
        writer.depth += 1
        value = writer.value(side)
        writer.line(f"{result} = {value.text}")
        writer.line(f"{result}_null = {value.null or 'False'}")
        writer.depth -= 1
        if head:
            writer.line(head)
    return _Value(result, f"{result}_null")


def _call(writer: _Writer, node: typed.Call) -> _Value:
    name = node.function.name
    if name in ("IsNull", "IsNotNull"):
        operand = writer.value(node.arguments[0])
        null = operand.null or "False"
        return _Value(f"({null})" if name == "IsNull" else f"(not ({null}))")
    if name in ("NullToZero", "NullToValue") and node.arguments[0].type.kind == node.type.kind:
        return _if_null(writer, node)
    if name in ("Max", "Min") and all(_kind(each.type) == "int64" for each in (node, *node.arguments)):
        left, right = (writer.named(writer.value(each)) for each in node.arguments)
        return _Value(f"{name.lower()}({left.text}, {right.text})", _any_null(left, right))
    if name in ("Abs", "Fabs") and node.type.kind == "float64" == node.arguments[0].type.kind:
        operand = writer.value(node.arguments[0])
        return _Value(f"abs({operand.text})", operand.null)
    raise NotForNumba(f"{name} is not for machine code")


def _if_null(writer: _Writer, node: typed.Call) -> _Value:
    operand = writer.named(writer.value(node.arguments[0]))
    if operand.null is None:
        return operand
    if len(node.arguments) == 1:
        return _Value(f"({_ZERO[_kind(node.type)]} if {operand.null} else {operand.text})")
    other = writer.named(writer.value(node.arguments[1]))
    null = f"({operand.null} and {other.null})" if other.null else None
    return _Value(f"({other.text} if {operand.null} else {operand.text})", null)


_WRITE: Mapping[type[typed.Typed], Callable[[_Writer, Any], _Value]] = {
    typed.Constant: _constant,
    typed.Reference: _reference,
    typed.Convert: _convert,
    typed.Required: _required,
    typed.Negate: _negate,
    typed.Arithmetic: _arithmetic,
    typed.Compare: _compare,
    typed.Not: _not,
    typed.Logical: _logical,
    typed.Choose: _choose,
    typed.Call: _call,
}


def numba_source(program: KernelProgram) -> str:
    """Return the source that Numba compiles for a program.

    Raises:
        NotForNumba: If the program has something else than numbers in it.
    """
    columns, variables = len(program.inputs), len(program.variables)
    conditions = list(dict.fromkeys(output.when for output in program.outputs if output.when is not None))
    names = {IN_ROW: _Value("row"), OUT_ROW: _Value("row")}
    for index, (name, kind) in enumerate(program.inputs):
        _kind(kind)
        names[Slot("column", name)] = _Value(f"c{index}", f"c{index}_null")
    for index, variable in enumerate(program.variables):
        _kind(variable.type)
        names[Slot("variable", variable.name)] = _Value(f"v{index}", f"v{index}_null")
    writer = _Writer(names)
    arguments = [f"c{index}s, c{index}_nulls" for index in range(columns)]
    arguments += [f"v{index}, v{index}_null" for index in range(variables)]
    arguments += [f"o{index}s, o{index}_nulls" for index in range(len(program.outputs))]
    counters = ["row", *(f"taken{index}" for index in range(len(conditions)))]
    writer.line(f"def run(count, failed, {', '.join([*arguments, *counters])}):")
    writer.depth = 1
    writer.line("for i in range(count):")
    writer.depth = 2
    writer.line("row += ONE")
    writer.line("failing = False")
    for index in range(columns):
        writer.line(f"c{index} = c{index}s[i]")
        writer.line(f"c{index}_null = c{index}_nulls[i]")
    _write_rows(writer, program, names, conditions)
    writer.line("failed[i] = failing")
    writer.depth = 1
    state = [f"v{index}, v{index}_null" for index in range(variables)]
    writer.line(f"return ({', '.join([*state, *counters])},)")
    return "\n".join(writer.lines) + "\n"


def _write_rows(
    writer: _Writer, program: KernelProgram, names: dict[Slot, _Value], conditions: list[str]
) -> None:  # fmt: skip
    for index, variable in enumerate(program.variables):
        _write_one(writer, assign(variable.node, variable.type), f"v{index}", f"v{index}_null")
    results: dict[str, int] = {}
    for index, output in enumerate(program.outputs):
        results[output.name] = index
        node = assign(output.node, output.type)
        if output.when is None:
            _write_one(writer, node, f"r{index}", f"r{index}_null")
        else:
            test = results[output.when]
            writer.names = {**names, OUT_ROW: _Value(f"taken{conditions.index(output.when)}")}
            writer.line(f"r{index} = {_ZERO[_kind(output.type)]}")
            writer.line(f"r{index}_null = True")
            writer.line(f"if r{test} and not r{test}_null:")
            writer.depth += 1
            _write_one(writer, node, f"r{index}", f"r{index}_null")
            writer.depth -= 1
            writer.names = names
        writer.line(f"o{index}s[i] = r{index}")
        writer.line(f"o{index}_nulls[i] = r{index}_null")
        if output.name in conditions:
            writer.line(f"if r{index} and not r{index}_null:")
            writer.line(f"    taken{conditions.index(output.name)} += ONE")


def _write_one(writer: _Writer, node: typed.Typed, name: str, null: str) -> None:
    writer.line("bad = False")
    value = writer.value(node)
    _kind(node.type)
    writer.line(f"{name}, {null} = {value.text}, {value.null or 'False'}")
    writer.line("if bad:")
    writer.line(f"    {name} = {_ZERO[_kind(node.type)]}")
    writer.line(f"    {null} = True")
    writer.line("    failing = True")


class _Compiled:
    """A program as machine code."""

    def __init__(self, program: KernelProgram, run: Callable[..., tuple[Any, ...]]) -> None:
        self.program = program
        self.run = run

    def process(self, batch: Any, state: list[Any]) -> list[Any]:
        """Return the outputs and ``__failed`` as Arrow arrays; ``state`` is changed in place."""
        import numpy as np
        import pyarrow as pa

        program, count = self.program, batch.num_rows
        arguments: list[Any] = []
        for name, kind in program.inputs:
            arguments += _column_arrays(batch.column(name), kind)
        variables = len(program.variables)
        for value, variable in zip(state, program.variables, strict=False):
            arguments += [_scalar(value, variable.type), value is None]
        outputs = [
            (np.empty(count, _kind(each.type).replace("boolean", "bool")), np.empty(count, "bool"))
            for each in program.outputs
        ]
        for pair in outputs:
            arguments += pair
        failed = np.empty(count, "bool")
        ended = self.run(count, failed, *arguments, *(np.int64(each) for each in state[variables:]))
        for index, variable in enumerate(program.variables):
            number, null = ended[2 * index], ended[2 * index + 1]
            state[index] = None if null else _value_of(number, variable.type)
        state[variables:] = [int(each) for each in ended[2 * variables :]]
        arrays = [_arrow(*pair, each.type) for pair, each in zip(outputs, program.outputs, strict=True)]
        return [*arrays, pa.array(failed)]


def _scalar(value: Any, type: DataType) -> Any:
    import numpy as np

    number = 0 if value is None else _number_of(value)
    return {"int64": np.int64, "float64": np.float64, "boolean": np.bool_}[_kind(type)](number)


def _column_arrays(column: Any, type: DataType) -> list[Any]:
    """Return a column's numbers and which of them are null."""
    import numpy as np
    import pyarrow as pa

    wanted = arrow_type(type)
    if not column.type.equals(wanted):
        column = column.cast(wanted)
    nulls = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else np.zeros(len(column), "bool")
    if type.kind == "date":
        column = column.cast(pa.int32())
    elif type.kind in _TEMPORAL:
        column = column.view(pa.int64())
    if column.null_count:
        column = column.fill_null(pa.scalar(value=False) if type.kind == "boolean" else 0)
    values = column.to_numpy(zero_copy_only=False)
    return [values.astype("int64", copy=False) if _kind(type) == "int64" else values, nulls]


def _arrow(values: Any, nulls: Any, type: DataType) -> Any:
    import pyarrow as pa

    array = pa.array(values, mask=nulls) if nulls.any() else pa.array(values)
    if type.kind == "date":
        array = array.cast(pa.int32())
    wanted = arrow_type(type)
    return array if array.type.equals(wanted) else array.cast(wanted)


def compile_program(program: KernelProgram) -> _Compiled:
    """Return a program as machine code; it is compiled when the first batch comes, or found compiled.

    Raises:
        NotForNumba: If Numba is not installed, or the program has something else than numbers in it.
    """
    from riverstage.expressions import _numba_cache

    try:
        return _Compiled(program, _numba_cache.function(_module_source(program)))
    except ImportError as error:
        raise NotForNumba("Numba is not installed") from error


def is_compiled(program: KernelProgram) -> bool:
    """Return whether an earlier run of this user has compiled a program."""
    from riverstage.expressions import _numba_cache

    try:
        return _numba_cache.is_there(_module_source(program))
    except NotForNumba:
        return False


def _module_source(program: KernelProgram) -> str:
    """Return the text of a module whose function ``run`` is the program; it is made from the typed tree alone."""
    return f'{_HEAD}{_HELPERS}\n\n@numba.njit(cache=CACHE, error_model="numpy")\n{numba_source(program)}'
