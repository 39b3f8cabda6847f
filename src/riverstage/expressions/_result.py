"""A value in SQL with what is known about it while a tree is translated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from riverstage.expressions._sql import all_of, any_of, is_null
from riverstage.types import DataType

__all__ = ["Result", "strict"]


@dataclass(frozen=True, slots=True)
class Result:
    """A value in SQL.

    Failures are kept short: along a chain of steps that give null for null, a step has failed where the value is null
    although the value that the chain began with is not.

    Args:
        value: The SQL tree.
        type: Its type.
        nullable: Whether it can be null, failures counted.
        failed: Where what the chain began with had failed already.
        origins: The values that the chain began with, those that can be null.
        chain_fails: Whether a step of the chain can fail.
        limit: The greatest magnitude of a whole number, where it is known.
        deterministic: Whether the same row gives it again.
        fixed: Whether it is a constant.
    """

    value: exp.Expression
    type: DataType
    nullable: bool
    failed: exp.Expression | None = None
    origins: tuple[exp.Expression, ...] = ()
    chain_fails: bool = False
    limit: int | None = None
    deterministic: bool = True
    fixed: bool = False

    @property
    def fails_when(self) -> exp.Expression | None:
        """The condition, never null, that it could not be computed; None where that cannot happen."""
        if not self.chain_fails:
            return self.failed
        present = [exp.Not(this=is_null(origin)) for origin in self.origins]
        return any_of([self.failed, all_of([is_null(self.value), *present])])


def strict(
    value: exp.Expression,
    type: DataType,
    operands: Sequence[Result],
    *,
    can_fail: bool,
    limit: int | None = None,
    deterministic: bool = True,
) -> Result:
    """Return a step that gives null for null and may fail otherwise."""
    moving = [operand for operand in operands if not operand.fixed]
    again = deterministic and all(operand.deterministic for operand in operands)
    if any(operand.fixed and operand.nullable for operand in operands):
        # Null for sure, and not because something has failed: a chain of its own begins.
        failed = any_of(operand.fails_when for operand in moving)
        return Result(value, type, nullable=True, failed=failed, origins=(value,), deterministic=again)
    if len(moving) == 1:
        (operand,) = moving
        fails = operand.chain_fails or can_fail
        nullable = operand.nullable or can_fail
        return replace(
            operand,
            value=value,
            type=type,
            nullable=nullable,
            chain_fails=fails,
            limit=limit,
            deterministic=again,
        )
    failed = any_of(operand.fails_when for operand in moving)
    nullable = can_fail or any(operand.nullable for operand in operands)
    origins = tuple(operand.value for operand in moving if operand.nullable)
    return Result(value, type, nullable, failed, origins, can_fail, limit, again)
