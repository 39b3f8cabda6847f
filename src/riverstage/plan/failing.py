"""How SQL ends a run: an error that says which value, in which column of which link, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.plan.context import StageContext
    from riverstage.types import Column, DataType

__all__ = ["VALUE", "fail_when", "unfit", "unfit_null"]

VALUE = "\0"
"""Stands in a message for a value that is shown."""

_WHYS = {
    "date": "it is no date in the form of that column",
    "time": "it is no time in the form of that column",
    "timestamp": "it is no timestamp in the form of that column",
    "boolean": "it is neither true nor false",
}


def fail_when(
    ctx: StageContext,
    condition: exp.Expression,
    value: exp.Expression,
    code: str,
    *,
    message: str,
    mend: str = "",
    link: str | None = None,
    column: str | None = None,
    shown: Sequence[exp.Expression] = (),
    null: tuple[str, str] | None = None,
) -> exp.Expression:
    """Return ``value`` as SQL that ends the run with an error where ``condition`` is true.

    The engine makes a ``RunFailed`` of it that names the stage, the link and the column.

    Args:
        ctx: The stage.
        condition: When the run ends.
        value: What the expression gives otherwise.
        code: The error's code.
        message: What happened; each ``VALUE`` in it stands for the next of the values shown.
        mend: What to do about it.
        link: The link's name.
        column: The column's name.
        shown: The values that the message shows, shortened; computed for the row alone that ends the run.
        null: The message and the mend where the first of them is null.
    """
    from riverstage.expressions.nodes import call, literal

    said = {"code": code, "stage": ctx.stage.label, "link": link, "column": column, "message": message, "mend": mend}
    if null is not None:
        said |= {"null": null[0], "null_mend": null[1]}
    return call("fail_when", condition, literal(json.dumps(said)), value, *shown)


def unfit(given: DataType | None, column: Column, *, where: str = "") -> tuple[str, str]:
    """Return why a value that is not null cannot be held by a column, as a message with ``VALUE``, and what to do.

    Args:
        given: The type of the value, where it is known.
        column: The column.
        where: Where the value comes from, as the end of a sentence (`` of the link 'a'``).
    """
    why = _WHYS.get(column.type.kind, "")
    if column.type.is_numeric:
        is_text = given is None or given.is_text
        why = "it is no number that fits" if is_text else "the number does not fit"
    message = f"The column '{column.name}' ({column.type}) cannot hold the value {VALUE}{where}"
    mend = "Give the column a type in the link's schema that holds it, or filter such rows out before."
    return f"{message}: {why}." if why else f"{message}.", mend


def unfit_null(column: Column, *, where: str = "") -> tuple[str, str]:
    """Return what is said of a null for a column that takes none, and what to do."""
    message = f"The column '{column.name}' takes no null, and a value{where} is null."
    return message, "Let the column be null in the link's schema, or give it a value before (NullToValue)."
