"""What a function of the Transformer language is: its signature, its typing, its one meaning.

The meaning is the Python reference implementation. Engines lower a function to SQL of their own where they can and
must agree with it; where they cannot, they call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from riverstage.types import DataType

__all__ = ["ConversionFailed", "Function", "Nulls", "Parameter", "ResultType"]

Nulls = Literal["propagate", "handled"]
ResultType = DataType | Callable[[Sequence[DataType]], DataType]


class ConversionFailed(ValueError):
    """A value that a function cannot convert: the row fails where the result is used."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Args:
        name: Its name, as help shows it; one that begins with ``_`` cannot be given, its default always stands.
        accepts: The family of types that it takes; arguments are converted to it by the language's implicit rules.
            ``any`` takes an argument as it is; all arguments of ``same`` get the type that they have in common.
        optional: Whether it may be left out.
        default: What is used where it is left out; None for nothing. A callable gives it from the types of the
            arguments before it.
        literal: Whether it must be a constant (format strings that decide the result's type).
        repeated: Whether any number of it may follow (last parameter only).
    """

    name: str
    accepts: Literal[
        "string",
        "integer",
        "number",
        "float",
        "decimal",
        "date",
        "time",
        "timestamp",
        "boolean",
        "binary",
        "any",
        "same",
    ]
    optional: bool = False
    default: object = None
    literal: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the Transformer language.

    Args:
        name: Its canonical spelling; names are looked up without regard to case.
        category: ``string``, ``null_handling``, ``logical``, ``mathematical``, ``number``, ``date_time``,
            ``type_conversion`` or ``utility``.
        summary: One sentence for help and completion.
        parameters: Its parameters in order.
        returns: The result's type, or a callable that gives it from the arguments' types.
        python: The reference implementation on Python scalars (str, int, float, Decimal, date, time, datetime, bool,
            bytes). With ``nulls='propagate'`` it is called only when no argument is None. It raises
            ``ConversionFailed`` for a value that it cannot convert.
        nulls: ``propagate``: null in, null out; ``handled``: the implementation sees None.
        can_fail: Whether ``python`` may raise ``ConversionFailed``. An engine then gives null instead, and the row
            fails exactly where the result is null although no argument is.
        deterministic: False for the clock, random numbers and row numbers.
        aliases: Other spellings of the same function.
        targeted: Whether the result takes the exact type of the column it is assigned to, where that is of the same
            kind (decimals of a precision and scale). ``python`` then takes the result's type as keyword ``returns``.
        catches: Whether failures of its arguments are caught: ``python`` sees None for them and the row goes on.
            Only with ``nulls='handled'``.
        safe: Whether it cannot fail with these arguments, of which those that are not known yet are left out (None);
            asked where ``can_fail``. None: nobody knows before the row.
    """

    name: str
    category: str
    summary: str
    parameters: tuple[Parameter, ...]
    returns: ResultType
    python: Callable[..., object]
    nulls: Nulls = "propagate"
    can_fail: bool = False
    deterministic: bool = True
    aliases: tuple[str, ...] = ()
    targeted: bool = False
    catches: bool = False
    safe: Callable[[Sequence[object]], bool] | None = None
