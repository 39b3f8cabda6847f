"""What a Transformer is made of, once it is understood: stage variables, outputs, columns, and what was found wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riverstage.types import STRING, Column, DataType

if TYPE_CHECKING:
    from riverstage.errors import Diagnostic
    from riverstage.expressions.scope import Bound
    from riverstage.expressions.translated import Translated
    from riverstage.expressions.tree import Node
    from riverstage.expressions.typed import Typed
    from riverstage.plan import StageContext
    from riverstage.stages._transformer_settings import OutputSettings, VariableSettings

__all__ = [
    "IN_ROW",
    "OUT_ROW",
    "Made",
    "Model",
    "OutputModel",
    "Variable",
    "failure_column",
    "previous_column",
    "variable_column",
]

IN_ROW, OUT_ROW = "#in", "#out"


def variable_column(name: str) -> str:
    """Return the name of the hidden column that holds a stage variable."""
    return f"#v.{name}"


def previous_column(name: str) -> str:
    """Return the name of the hidden column that holds a stage variable's value of the row before."""
    return f"#p.{name}"


def failure_column(name: str) -> str:
    """Return the name of the hidden column that says whether a stage variable could not be computed."""
    return f"#vf.{name}"


@dataclass(slots=True)
class Variable:
    """A stage variable.

    Args:
        settings: What is set on it.
        index: Its place in the order of computation.
        tree: Its expression; None where it keeps its initial value, or cannot be read.
        type: Its type.
        initial: Its value before the first row.
        needs: Names of the variables that its expression uses.
        previous: Those of them whose value of the row before is meant: itself and later ones.
        has_state: Whether it must be computed row by row.
        depends: Whether it is computed from variables with state.
        value: Its SQL, where it has no state.
        sql_typed: Its typed expression over SQL columns.
        constant: What it always is; a Bound with a constant, or None.
    """

    settings: VariableSettings
    index: int
    tree: Node | None = None
    type: DataType = STRING
    initial: Any = None
    needs: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    has_state: bool = False
    depends: bool = False
    value: Translated | None = None
    sql_typed: Typed | None = None
    constant: Bound | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.name

    @property
    def can_fail(self) -> bool:
        """Whether there may be rows for which it cannot be computed."""
        return self.value is not None and self.value.fails_when is not None


@dataclass(frozen=True, slots=True)
class Made:
    """A column of an output.

    Args:
        column: The column.
        value: Its value, converted to its type.
        source: The input column that it is, where it is one as it stands.
        counts_rows: Whether it uses the number of the output row.
        uses: Columns of the input that its expression uses.
        typed: Its expression, not yet converted to the column's type.
    """

    column: Column
    value: Translated | None
    source: str | None = None
    counts_rows: bool = False
    uses: frozenset[str] = frozenset()
    typed: Typed | None = None


@dataclass(slots=True)
class OutputModel:
    """An output that is no reject.

    Args:
        settings: What is set on it.
        columns: Its columns.
        constraint: The condition of its rows; None for every row.
        uses: Columns of the input that its constraint uses.
    """

    settings: OutputSettings
    columns: tuple[Made, ...] = ()
    constraint: Translated | None = None
    uses: frozenset[str] = frozenset()

    @property
    def counts_rows(self) -> bool:
        """Whether its rows must be numbered."""
        return self.settings.row_limit > 0 or any(made.counts_rows for made in self.columns)


@dataclass(slots=True)
class Model:
    """A Transformer understood."""

    ctx: StageContext
    variables: list[Variable] = field(default_factory=list)
    outputs: list[OutputModel] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    counts_input: bool = False

    @property
    def has_state(self) -> bool:
        """Whether some stage variable must be computed row by row."""
        return any(variable.has_state for variable in self.variables)

    @property
    def remembers(self) -> bool:
        """Whether the order of the rows bears on some stage variable."""
        return any(variable.previous for variable in self.variables)

    @property
    def lagging(self) -> list[Variable]:
        """The variables whose value of the row before is needed as a column: by others than the kernel's own."""
        stateful = {variable.name for variable in self.variables if variable.has_state}
        wanted = {
            name
            for variable in self.variables
            for name in variable.previous
            if not (variable.has_state and name in stateful)
        }
        return [variable for variable in self.variables if variable.name in wanted]

    @property
    def deterministic(self) -> bool:
        """Whether the same rows give the same rows again."""
        values = [variable.value for variable in self.variables]
        for output in self.outputs:
            values += [output.constraint, *(made.value for made in output.columns)]
        return all(value is None or value.deterministic for value in values)
