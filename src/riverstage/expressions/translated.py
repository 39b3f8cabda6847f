"""What an expression becomes in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.types import DataType

__all__ = ["Translated"]


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression as SQL, with what a compiler must know about it.

    Args:
        value: The SQL tree; it never raises at run time: what cannot be computed is null.
        type: The type of the value.
        nullable: Whether the value can be null.
        fails_when: A boolean SQL tree, never null, that is true where the value could not be computed (a text that is
            no date, a division by zero …); None when that cannot happen. It is what makes rejects possible in SQL.
        deterministic: Whether the same row gives the same value again.
    """

    value: exp.Expression
    type: DataType
    nullable: bool = True
    fails_when: exp.Expression | None = None
    deterministic: bool = True
