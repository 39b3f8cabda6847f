"""Expressions with state from row to row, as one Python function made for them.

A ``KernelProgram`` says what to compute: stage variables, in order, and outputs. Opened, it becomes a ``Kernel``: the
program's expressions turned into the source of one function, compiled once, that goes over the rows of record batches
and keeps the variables between them. Programs of numbers alone run as machine code where Numba is installed.

For every row, in this order:

* Variables are computed from the top down. One that refers to itself or to a later one sees the value of the row
  before, in the first row the initial value. One that cannot be computed becomes null, and the row has failed.
* Outputs are computed. One with a condition only where that earlier output is true, otherwise it is null. One that
  cannot be computed is null, and the row has failed.
* ``@INROWNUM`` counts the rows from 1. ``@OUTROWNUM`` counts, in an output with a condition, the rows for which it
  was true; everywhere else all rows.

This module loads Arrow, and Numba where it is used; it loads no SQL library.
"""

from __future__ import annotations

import copyreg
from dataclasses import dataclass
from typing import Any

from riverstage.errors import ExpressionError
from riverstage.expressions import functions, typed
from riverstage.expressions._columns import column_of, values_of
from riverstage.expressions._python_source import Source, identifier
from riverstage.expressions.elaborate import assign
from riverstage.expressions.evaluate import Slot, evaluate
from riverstage.expressions.functions._function import Function
from riverstage.types import DataType

__all__ = ["FAILED", "Kernel", "KernelProgram", "Output", "Variable", "compile_kernel", "python_source"]

FAILED = "__failed"
"""The name of the boolean column that says which rows have failed."""

IN_ROW = Slot("system", "@INROWNUM")
OUT_ROW = Slot("system", "@OUTROWNUM")

# From here on a batch pays for what Numba takes to compile.
_WORTH_COMPILING = 300_000


def _function_by_name(function: Function) -> tuple[Any, tuple[str]]:
    return functions.find, (function.name,)


# Functions hold closures, which cannot be pickled; their names say it all.
copyreg.pickle(Function, _function_by_name)


@dataclass(frozen=True, slots=True)
class Variable:
    """A stage variable.

    Args:
        name: Its name; expressions refer to it as ``Slot("variable", name)``, which can always be null.
        node: Its typed expression; it is converted to ``type``.
        type: Its type.
        initial: Its value before the first row, a Python scalar of the type or None; or a typed expression without
            references.
    """

    name: str
    node: typed.Typed
    type: DataType
    initial: Any = None


@dataclass(frozen=True, slots=True)
class Output:
    """A column that the kernel gives.

    Args:
        name: Its name.
        node: Its typed expression; it is converted to ``type``.
        type: Its type.
        when: The name of an earlier boolean output; this one is computed only where that is true.
    """

    name: str
    node: typed.Typed
    type: DataType
    when: str | None = None


@dataclass(frozen=True, slots=True)
class KernelProgram:
    """What a kernel computes; it can be pickled.

    Args:
        inputs: The columns that expressions refer to, as ``Slot("column", name)``, with their types.
        variables: The stage variables, in the order in which they are computed.
        outputs: The columns to give.
        passing: Columns of the input to hand on as they are, before the outputs.
        use_numba: True demands Numba, False forbids it; None takes it where it is there, can run the program and
            there are rows enough.
    """

    inputs: tuple[tuple[str, DataType], ...]
    variables: tuple[Variable, ...] = ()
    outputs: tuple[Output, ...] = ()
    passing: tuple[str, ...] = ()
    use_numba: bool | None = None

    def open(self) -> Kernel:
        """Return a kernel that has seen no row yet."""
        return compile_kernel(self, use_numba=self.use_numba)


class Kernel:
    """A program at work, with the state that it has reached."""

    def __init__(self, program: KernelProgram, *, use_numba: bool | None) -> None:
        self.program = program
        self.rows = 0
        self._state: list[Any] = [_initial(variable) for variable in program.variables]
        self._state += [0] * (1 + len(_conditions(program)))
        self._use_numba = use_numba
        self._numba: Any = None
        if use_numba:
            self._numba = self._in_numba()
        self._run = None if self._numba else _compiled(program)

    def process(self, batch: Any) -> Any:
        """Return a record batch of the columns that pass, the outputs and ``__failed`` for a batch of input rows."""
        import pyarrow as pa

        self.rows += batch.num_rows
        if self._numba is None and self._use_numba is None and self.rows >= _WORTH_COMPILING:
            self._numba = self._in_numba()
            self._use_numba = self._numba is not None
        computed = self._in_python(batch) if self._numba is None else self._numba.process(batch, self._state)
        names = [*self.program.passing, *(output.name for output in self.program.outputs), FAILED]
        passing = [batch.column(name) for name in self.program.passing]
        return pa.RecordBatch.from_arrays([*passing, *computed], names=names)

    def close(self) -> None:
        """End the work; nothing is held back."""

    def _in_python(self, batch: Any) -> list[Any]:
        import pyarrow as pa

        columns = [values_of(_column(batch, name), kind) for name, kind in self.program.inputs]
        run = self._run or _compiled(self.program)
        self._run = run
        outputs, failed, self._state = run(columns, self._state, batch.num_rows)
        arrays = [column_of(values, output.type) for values, output in zip(outputs, self.program.outputs, strict=True)]
        if not failed:
            return [*arrays, pa.repeat(pa.scalar(value=False), batch.num_rows)]
        flags = [False] * batch.num_rows
        for index in failed:
            flags[index] = True
        return [*arrays, pa.array(flags, pa.bool_())]

    def _in_numba(self) -> Any:
        """Return the program as machine code, or None where that cannot be."""
        from riverstage.expressions import _numba_code

        try:
            return _numba_code.compile_program(self.program)
        except _numba_code.NotForNumba as reason:
            if self._use_numba:
                raise ExpressionError(f"Numba cannot run this: {reason}.", code="RS-3064") from reason
            return None


def compile_kernel(program: KernelProgram, *, use_numba: bool | None = None) -> Kernel:
    """Return a kernel for a program.

    Args:
        program: What to compute.
        use_numba: True demands Numba, False forbids it, None takes it where it pays.

    Raises:
        ExpressionError: If Numba is demanded and cannot run the program, or a name in it is not known.
    """
    _check(program)
    return Kernel(program, use_numba=use_numba)


def _column(batch: Any, name: str) -> Any:
    index = batch.schema.get_field_index(name)
    if index < 0:
        raise ExpressionError(f"The rows have no column '{name}'.", code="RS-3063")
    return batch.column(index)


def _check(program: KernelProgram) -> None:
    known = {Slot("column", name) for name, _ in program.inputs}
    known |= {Slot("variable", variable.name) for variable in program.variables} | {IN_ROW, OUT_ROW}
    for node in (*(each.node for each in program.variables), *(each.node for each in program.outputs)):
        for part in typed.walk(node):
            if isinstance(part, typed.Reference) and part.bound.value not in known:
                raise ExpressionError(f"'{part.name}' is no column or variable of the program.", code="RS-3063")
    seen: dict[str, DataType] = {}
    for output in program.outputs:
        if output.when is not None and (output.when not in seen or seen[output.when].kind != "boolean"):
            raise ExpressionError(
                f"'{output.when}' is no boolean output before '{output.name}'.", code="RS-3063"
            )  # fmt: skip
        seen[output.name] = output.type


def _initial(variable: Variable) -> Any:
    if isinstance(variable.initial, typed.Typed):
        return evaluate(assign(variable.initial, variable.type))
    return variable.initial


def _conditions(program: KernelProgram) -> list[str]:
    """Return the outputs that are conditions of others, each once."""
    return list(dict.fromkeys(output.when for output in program.outputs if output.when is not None))


def _compiled(program: KernelProgram) -> Any:
    text, constants = _source(program)
    space = dict(constants)
    # The text is made from the typed tree alone; strings of users are in it as literals.
    exec(compile(text, "<row kernel>", "exec"), space)  # noqa: S102
    return space["run"]


def python_source(program: KernelProgram) -> str:
    """Return the Python source that a program becomes, to look at."""
    return _source(program)[0]


class _Names:
    """The local names of a program: columns, variables, counters."""

    def __init__(self, program: KernelProgram) -> None:
        self.columns = [identifier(f"c{index}", name) for index, (name, _) in enumerate(program.inputs)]
        self.variables = [identifier(f"v{index}", each.name) for index, each in enumerate(program.variables)]
        self.conditions = {name: f"taken{index}" for index, name in enumerate(_conditions(program))}
        self.slots = {
            IN_ROW: "row",
            OUT_ROW: "row",
            **{Slot("column", name): here for (name, _), here in zip(program.inputs, self.columns, strict=True)},
            **{
                Slot("variable", each.name): here
                for each, here in zip(program.variables, self.variables, strict=True)
            },
        }  # fmt: skip


def _source(program: KernelProgram) -> tuple[str, dict[str, Any]]:
    """Return a program's source and the objects that it refers to."""
    names = _Names(program)
    source = Source(names.slots)
    state = ", ".join([*names.variables, "row", *names.conditions.values()])
    lists = [f"o{index}" for index in range(len(program.outputs))]
    with source.block("def run(columns, state, count):"):
        source.line(f"{state}, = state")
        for name in lists:
            source.line(f"{name} = []")
            source.line(f"{name}_add = {name}.append")
        source.line("failed = []")
        source.line("first = row + 1")
        with source.block(_loop(names.columns)):
            source.line("row += 1")
            _body(source, program, names)
        source.line(f"return [{', '.join(lists)}], failed, [{state}]")
    return "\n".join(source.lines) + "\n", source.constants


def _loop(columns: list[str]) -> str:
    if not columns:
        return "for _ in range(count):"
    if len(columns) == 1:
        return f"for {columns[0]} in columns[0]:"
    return f"for {', '.join(columns)} in zip(*columns):"


def _body(source: Source, program: KernelProgram, names: _Names) -> None:
    start = len(source.lines)
    failing = False
    for variable, here in zip(program.variables, names.variables, strict=True):
        source.line(f"# {variable.name!r}: {variable.type}")
        failing |= _assignment(source, here, assign(variable.node, variable.type))
    results: dict[str, str] = {}
    for index, output in enumerate(program.outputs):
        result = results[output.name] = f"r{index}"
        source.line(f"# {output.name!r}: {output.type}")
        if output.when is None:
            failing |= _assignment(source, result, assign(output.node, output.type))
        else:
            source.names = {**names.slots, OUT_ROW: names.conditions[output.when]}
            source.line(f"{result} = None")
            with source.block(f"if {results[output.when]}:"):
                failing |= _assignment(source, result, assign(output.node, output.type))
            source.names = names.slots
        source.line(f"o{index}_add({result})")
        if output.name in names.conditions:
            with source.block(f"if {result}:"):
                source.line(f"{names.conditions[output.name]} += 1")
    if failing:
        source.lines.insert(start, "    " * source.depth + "bad = False")
        with source.block("if bad:"):
            source.line("failed.append(row - first)")


def _assignment(source: Source, name: str, node: typed.Typed) -> bool:
    """Add the statements that give a name a value, None where it fails; return whether it can."""
    start, depth = len(source.lines), source.depth
    source.may_fail = False
    source.depth += 1
    source.line(f"{name} = {source.value(node).text}")
    source.depth = depth
    if not source.may_fail:
        source.lines[start:] = [line[4:] for line in source.lines[start:]]
        return False
    source.lines.insert(start, "    " * depth + "try:")
    with source.block("except Failed:"):
        source.line(f"{name} = None")
        source.line("bad = True")
    return True
