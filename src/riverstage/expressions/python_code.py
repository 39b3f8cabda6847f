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
from datetime import datetime
from typing import Any

from riverstage.errors import ExpressionError
from riverstage.expressions import functions, typed
from riverstage.expressions._columns import column_of, values_of
from riverstage.expressions._row_function import IN_ROW, OUT_ROW, RowFunction, conditions, row_function
from riverstage.expressions.elaborate import assign
from riverstage.expressions.evaluate import Slot, evaluate
from riverstage.expressions.functions._function import Function
from riverstage.expressions.functions.date_time import moment, run_started
from riverstage.types import DataType

__all__ = ["FAILED", "Kernel", "KernelProgram", "Output", "Variable", "compile_kernel", "python_source"]

FAILED = "__failed"
"""The name of the boolean column that says which rows have failed."""

# By then Python has taken about as long as Numba takes to compile, or to be loaded where it has compiled before.
_WORTH_COMPILING, _WORTH_LOADING = 6_000_000, 1_000_000
# How many functions a kernel makes for columns and variables that can and cannot be null.
_VARIANTS = 16


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
        started: When the run started, for the clock functions; None: when the kernel is opened.
    """

    inputs: tuple[tuple[str, DataType], ...]
    variables: tuple[Variable, ...] = ()
    outputs: tuple[Output, ...] = ()
    passing: tuple[str, ...] = ()
    use_numba: bool | None = None
    started: datetime | None = None

    def open(self) -> Kernel:
        """Return a kernel that has seen no row yet."""
        return compile_kernel(self, use_numba=self.use_numba)


class Kernel:
    """A program at work, with the state that it has reached."""

    def __init__(self, program: KernelProgram, *, use_numba: bool | None) -> None:
        self.program = program
        self.rows = 0
        self._started = program.started or moment()
        self._state: list[Any] = [_initial(variable) for variable in program.variables]
        self._state += [0] * (1 + len(conditions(program)))
        self._use_numba = use_numba
        self._worth = min(_WORTH_LOADING, _WORTH_COMPILING)
        self._numba: Any = None
        if use_numba:
            self._numba = self._in_numba()
        self._functions: dict[tuple[frozenset[int], frozenset[int], bool], RowFunction] = {}

    def process(self, batch: Any) -> Any:
        """Return a record batch of the columns that pass, the outputs and ``__failed`` for a batch of input rows."""
        import pyarrow as pa

        self.rows += batch.num_rows
        if self._numba is None and self._use_numba is None and self.rows >= self._worth:
            self._worth = _WORTH_COMPILING
            if self.rows >= _WORTH_COMPILING or self._is_compiled():
                self._numba = self._in_numba()
                self._use_numba = self._numba is not None
        with run_started(self._started):
            computed = self._in_python(batch) if self._numba is None else self._numba.process(batch, self._state)
        names = [*self.program.passing, *(output.name for output in self.program.outputs), FAILED]
        passing = [batch.column(name) for name in self.program.passing]
        return pa.RecordBatch.from_arrays([*passing, *computed], names=names)

    def close(self) -> None:
        """End the work; nothing is held back."""

    def _in_python(self, batch: Any) -> list[Any]:
        import pyarrow as pa

        columns = [_column(batch, name) for name, _ in self.program.inputs]
        nullable = frozenset(index for index, column in enumerate(columns) if column.null_count)
        values = [values_of(column, kind) for column, (_, kind) in zip(columns, self.program.inputs, strict=True)]
        try:
            outputs, failed, state = self._function(nullable, deferred=True)(values, self._state, batch.num_rows)
            arrays = self._arrays(outputs)
        except (OverflowError, pa.ArrowInvalid):
            # Some whole number has left 64 bits: once more, with every step checked.
            outputs, failed, state = self._function(nullable, deferred=False)(values, self._state, batch.num_rows)
            arrays = self._arrays(outputs)
        self._state = state
        if not failed:
            return [*arrays, pa.repeat(pa.scalar(value=False), batch.num_rows)]
        flags = [False] * batch.num_rows
        for index in failed:
            flags[index] = True
        return [*arrays, pa.array(flags, pa.bool_())]

    def _arrays(self, outputs: list[list[Any]]) -> list[Any]:
        return [column_of(values, output.type) for values, output in zip(outputs, self.program.outputs, strict=True)]

    def _function(self, nullable: frozenset[int], *, deferred: bool) -> Any:
        """Return the function for columns of which those can be null, and the state as it is."""
        if len(self._functions) > _VARIANTS:
            nullable = frozenset(range(len(self.program.inputs)))
        known = frozenset(index for index in range(len(self.program.variables)) if self._state[index] is not None)
        key = nullable, known, deferred
        if key not in self._functions:
            self._functions[key] = row_function(self.program, nullable, known, deferred=deferred)
        return self._functions[key].run

    def _is_compiled(self) -> bool:
        from riverstage.expressions import _numba_code

        return _numba_code.is_compiled(self.program)

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


def python_source(program: KernelProgram) -> str:
    """Return the Python source that a program becomes for columns that may all be null, to look at."""
    return row_function(program, frozenset(range(len(program.inputs))), frozenset(), deferred=False).text
