"""What the names in an expression stand for: asked by the typing of an expression, answered by whoever holds the row.

This module loads no SQL library: a bound value is whatever the asker will make of it (a SQL tree, the text of Python
code, a place in a row).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from riverstage.errors import ExpressionError
from riverstage.types import DataType

__all__ = ["Bound", "Names", "Scope", "unknown"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a name stands for.

    Args:
        value: What computes it: for SQL a ``sqlglot`` tree, for Python what the evaluator puts there; a Python scalar
            of the type (or None) when ``constant``.
        type: Its type.
        nullable: Whether it can be null.
        constant: Whether ``value`` is known now: a parameter, a macro.
        deterministic: Whether the same row gives it again.
    """

    value: object
    type: DataType
    nullable: bool = True
    constant: bool = False
    deterministic: bool = True


class Scope(Protocol):
    """The names that an expression may use. Each method raises ``ExpressionError`` for a name that it does not know."""

    def resolve(self, link: str | None, name: str) -> Bound:
        """Return what ``link.name`` or a bare name stands for.

        With a link: a column, else a parameter of a set. Without: a stage variable, a parameter or a column.
        """
        ...

    def parameter(self, set: str | None, name: str) -> Bound:
        """Return what ``#name#`` or ``#set.name#`` stands for."""
        ...

    def system(self, name: str) -> Bound:
        """Return what ``@INROWNUM`` and the like stand for; ``@TRUE``, ``@FALSE`` and ``@NULL`` are never asked for."""
        ...

    def macro(self, name: str) -> Bound:
        """Return what ``DSJobName`` and the like stand for."""
        ...


def unknown(said: str, name: str, known: Iterable[str]) -> ExpressionError:
    """Return the error for a name that a scope does not know, with near ones.

    Args:
        said: The sentence that says so.
        name: The name.
        known: Names that there are.
    """
    near = difflib.get_close_matches(name, list(known), n=3)
    if not near:
        lowered = {candidate.lower(): candidate for candidate in known}
        near = [lowered[match] for match in difflib.get_close_matches(name.lower(), list(lowered), n=3)]
    mend = "Did you mean " + " or ".join(f"'{one}'" for one in near) + "?" if near else ""
    return ExpressionError(said, code="RS-3004", mend=mend)


@dataclass(frozen=True, slots=True)
class Names:
    """A scope made of mappings.

    A bare name is a stage variable, else a parameter, else the column of that name when only one link has it; or,
    with ``bare_columns``, a column alone.

    Args:
        columns: Columns by link, then by name.
        variables: Stage variables by name.
        parameters: Job parameters by name; those of a set by ``set.name``.
        system_variables: System variables by name with ``@``, upper case.
        macros: Macros by name.
        bare_columns: Whether a bare name can be nothing but a column.
    """

    columns: Mapping[str, Mapping[str, Bound]] = field(default_factory=dict)
    variables: Mapping[str, Bound] = field(default_factory=dict)
    parameters: Mapping[str, Bound] = field(default_factory=dict)
    system_variables: Mapping[str, Bound] = field(default_factory=dict)
    macros: Mapping[str, Bound] = field(default_factory=dict)
    bare_columns: bool = False

    def resolve(self, link: str | None, name: str) -> Bound:
        """Return what ``link.name`` or a bare name stands for."""
        if link is None:
            return self._bare(name)
        columns = self.columns.get(link)
        if columns is None:
            if f"{link}.{name}" in self.parameters:
                return self.parameters[f"{link}.{name}"]
            sets = {key.partition(".")[0] for key in self.parameters if "." in key}
            raise unknown(f"There is no link or parameter set '{link}'.", link, [*self.columns, *sets])
        if name not in columns:
            raise unknown(f"Link '{link}' has no column '{name}'.", name, columns)
        return columns[name]

    def _bare(self, name: str) -> Bound:
        if not self.bare_columns:
            if name in self.variables:
                return self.variables[name]
            if name in self.parameters:
                return self.parameters[name]
        links = [link for link, columns in self.columns.items() if name in columns]
        if len(links) == 1:
            return self.columns[links[0]][name]
        if links:
            raise ExpressionError(
                f"'{name}' is a column of several links: {', '.join(links)}.",
                code="RS-3004",
                mend=f"Say which: {links[0]}.{name}",
            )
        known = [column for columns in self.columns.values() for column in columns]
        if self.bare_columns:
            raise unknown(f"There is no column '{name}'.", name, known)
        said = f"There is no stage variable, parameter or column '{name}'."
        raise unknown(said, name, [*self.variables, *self.parameters, *known])

    def parameter(self, set: str | None, name: str) -> Bound:
        """Return what ``#name#`` or ``#set.name#`` stands for."""
        key = name if set is None else f"{set}.{name}"
        if key not in self.parameters:
            raise unknown(f"There is no parameter '{key}'.", key, self.parameters)
        return self.parameters[key]

    def system(self, name: str) -> Bound:
        """Return what a system variable stands for."""
        if name not in self.system_variables:
            raise ExpressionError(f"{name} has no value here.", code="RS-3004")
        return self.system_variables[name]

    def macro(self, name: str) -> Bound:
        """Return what a macro stands for."""
        if name not in self.macros:
            raise ExpressionError(f"{name} has no value here.", code="RS-3004")
        return self.macros[name]
