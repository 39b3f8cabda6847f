"""A kernel's program as the source of one function over the rows of a batch.

The function is made for what is known of a batch: columns without nulls and variables that cannot become null are not
asked whether they are. Sums that every row hands out are checked as columns, not one by one (``deferred``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.expressions import typed
from riverstage.expressions._python_source import Source, identifier
from riverstage.expressions.elaborate import assign
from riverstage.expressions.evaluate import Slot

if TYPE_CHECKING:
    from riverstage.expressions.python_code import KernelProgram, Output, Variable

__all__ = ["IN_ROW", "OUT_ROW", "RowFunction", "conditions", "row_function"]

IN_ROW = Slot("system", "@INROWNUM")
OUT_ROW = Slot("system", "@OUTROWNUM")


@dataclass(frozen=True, slots=True)
class RowFunction:
    """A function made for a program.

    Args:
        text: Its source.
        run: Itself: of columns, state and row count, it gives the outputs' values, the rows that have failed and the
            state at the end.
    """

    text: str
    run: Callable[[list[list[Any]], list[Any], int], tuple[list[list[Any]], list[int], list[Any]]]


def conditions(program: KernelProgram) -> list[str]:
    """Return the outputs that are conditions of others, each once."""
    return list(dict.fromkeys(output.when for output in program.outputs if output.when is not None))


def row_function(
    program: KernelProgram, nullable: frozenset[int], known: frozenset[int], *, deferred: bool
) -> RowFunction:
    """Return the function of a program.

    Args:
        program: The program.
        nullable: Which of its inputs can be null.
        known: Which of its variables are not null before the batch; those that stay so are found out.
        deferred: Whether sums that are outputs as they stand go unchecked: they may leave 64 bits, which shows when
            they become a column.
    """
    while True:
        writer = _Writer(program, nullable, known, deferred=deferred)
        writer.write()
        if known <= writer.kept:
            break
        known &= writer.kept
    text = "\n".join(writer.source.lines) + "\n"
    space = dict(writer.source.constants)
    # The text is made from the typed tree alone; strings of users are in it as literals.
    exec(compile(text, "<row kernel>", "exec"), space)  # noqa: S102
    return RowFunction(text, space["run"])


class _Writer:
    """Writes the function of a program."""

    def __init__(
        self, program: KernelProgram, nullable: frozenset[int], known: frozenset[int], *, deferred: bool
    ) -> None:
        self.program = program
        self.columns = [identifier(f"c{index}", name) for index, (name, _) in enumerate(program.inputs)]
        self.variables = [identifier(f"v{index}", each.name) for index, each in enumerate(program.variables)]
        self.taken = {name: f"taken{index}" for index, name in enumerate(conditions(program))}
        slots = {IN_ROW: "row", OUT_ROW: "row"}
        never_null = {IN_ROW, OUT_ROW}
        for index, (name, _) in enumerate(program.inputs):
            slots[Slot("column", name)] = self.columns[index]
            if index not in nullable:
                never_null.add(Slot("column", name))
        for index, variable in enumerate(program.variables):
            slots[Slot("variable", variable.name)] = self.variables[index]
            if index in known:
                never_null.add(Slot("variable", variable.name))
        self.slots = slots
        self.source = Source(slots, never_null=frozenset(never_null))
        self.counts = not program.outputs or self._asks_for_rows()
        self.here = "row - first" if not program.outputs else "len(o0)"
        self.kept: frozenset[int] = frozenset()
        if deferred:
            self.source.unchecked = frozenset(id(node) for node in self._deferred())

    def _asks_for_rows(self) -> bool:
        nodes = [*(each.node for each in self.program.variables), *(each.node for each in self.program.outputs)]
        parts = (part for node in nodes for part in typed.walk(node))
        return any(isinstance(part, typed.Reference) and part.bound.value in (IN_ROW, OUT_ROW) for part in parts)

    def _deferred(self) -> list[typed.Typed]:
        """Return the sums that need no check of their own: each is a variable that every row hands out as it is."""
        shown = {
            output.node.bound.value
            for output in self.program.outputs
            if isinstance(output.node, typed.Reference) and output.type.kind == "int64" and output.when is None
        }
        found: list[typed.Typed] = []
        for variable in self.program.variables:
            if Slot("variable", variable.name) in shown and variable.type.kind == "int64":
                found += [node for node in _ends(variable.node) if _is_plain_sum(node)]
        return found

    def write(self) -> None:
        """Write the function."""
        source, program = self.source, self.program
        state = ", ".join([*self.variables, "row", *self.taken.values()])
        lists = [f"o{index}" for index in range(len(program.outputs))]
        with source.block("def run(columns, state, count):"):
            source.line(f"{state}, = state")
            for name in lists:
                source.line(f"{name} = []")
                source.line(f"{name}_add = {name}.append")
            source.line("failed = []")
            source.line("first = row + 1")
            with source.block(self._loop()):
                if self.counts:
                    source.line("row += 1")
                kept = [self._variable(index, variable) for index, variable in enumerate(program.variables)]
                self._outputs()
                if not lists and not kept:
                    source.line("pass")
            if not self.counts:
                source.line("row += count")
            source.line(f"return [{', '.join(lists)}], failed, [{state}]")
        self.kept = frozenset(index for index, is_kept in enumerate(kept) if is_kept)

    def _loop(self) -> str:
        if not self.columns:
            return "for _ in range(count):"
        if len(self.columns) == 1:
            return f"for {self.columns[0]} in columns[0]:"
        return f"for {', '.join(self.columns)} in zip(*columns):"

    def _variable(self, index: int, variable: Variable) -> bool:
        """Write a variable; return whether it can never become null."""
        self.source.line(f"# {variable.name!r}: {variable.type}")
        return self._assignment(self.variables[index], assign(variable.node, variable.type))

    def _outputs(self) -> None:
        source = self.source
        results: dict[str, str] = {}
        for index, output in enumerate(self.program.outputs):
            result = results[output.name] = self._shown(output) or f"r{index}"
            source.line(f"# {output.name!r}: {output.type}")
            if result != f"r{index}":
                continue
            if output.when is None:
                self._assignment(result, assign(output.node, output.type))
            else:
                source.names = {**self.slots, OUT_ROW: self.taken[output.when]}
                source.line(f"{result} = None")
                with source.block(f"if {results[output.when]}:"):
                    self._assignment(result, assign(output.node, output.type))
                source.names = self.slots
            if output.name in self.taken:
                with source.block(f"if {result}:"):
                    source.line(f"{self.taken[output.name]} += 1")
        # Only now, so that the length of the first tells the row while it is computed.
        for index, result in enumerate(results.values()):
            source.line(f"o{index}_add({result})")

    def _shown(self, output: Output) -> str | None:
        """Return the name of the variable that an output is as it stands, or None."""
        node = output.node
        if output.when is not None or output.name in self.taken or not isinstance(node, typed.Reference):
            return None
        slot = node.bound.value
        if assign(node, output.type) is not node or not isinstance(slot, Slot) or slot.kind != "variable":
            return None
        return self.slots[slot]

    def _assignment(self, name: str, node: typed.Typed) -> bool:
        """Write what gives a name a value, None where it fails; return whether it is never None."""
        source = self.source
        start, depth = len(source.lines), source.depth
        source.may_fail = False
        source.depth += 1
        value = source.value(node)
        source.line(f"{name} = {value.text}")
        source.depth = depth
        if not source.may_fail:
            source.lines[start:] = [line[4:] for line in source.lines[start:]]
            return not value.nullable
        source.lines.insert(start, "    " * depth + "try:")
        with source.block("except Failed:"):
            source.line(f"{name} = None")
            source.line(f"failed.append({self.here})")
        return False


def _ends(node: typed.Typed) -> list[typed.Typed]:
    """Return the nodes of which one gives the value of a node: the sides of its Ifs."""
    found: list[typed.Typed] = []
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, typed.Choose):
            pending += [current.then, current.otherwise]
        else:
            found.append(current)
    return found


def _is_plain_sum(node: typed.Typed) -> bool:
    """Return whether a node adds to a reference what no variable has a part in, so that it grows row by row at most."""
    if not isinstance(node, typed.Arithmetic) or node.operator not in ("+", "-") or node.type.kind != "int64":
        return False
    grows, by = node.left, node.right
    if not isinstance(grows, typed.Reference):
        grows, by = by, grows
    return isinstance(grows, typed.Reference) and not any(
        isinstance(part, typed.Arithmetic | typed.Negate) or _is_variable(part) for part in typed.walk(by)
    )


def _is_variable(node: typed.Typed) -> bool:
    return (
        isinstance(node, typed.Reference) and isinstance(node.bound.value, Slot) and node.bound.value.kind == "variable"
    )
