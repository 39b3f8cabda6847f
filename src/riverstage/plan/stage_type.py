"""What the Python file of a stage type offers: four functions, found by name in ``riverstage.stages.<module>``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from riverstage.errors import Diagnostic
    from riverstage.plan.context import StageContext
    from riverstage.plan.links import LinkTypes
    from riverstage.plan.nodes import Fragment, Law, Unsupported

__all__ = ["StageType"]


class StageType(Protocol):
    """How a stage type runs. The module stands in ``stages/<noun>.py`` in this order and holds nothing else."""

    def schema(self, ctx: StageContext) -> LinkTypes:
        """Return what the output links carry, from what the inputs carry."""

    def check(self, ctx: StageContext) -> Iterable[Diagnostic]:
        """Return what is wrong, all at once; never raises. Asked after ``schema``, with bound outputs."""

    def plan(self, ctx: StageContext) -> Fragment | Unsupported:
        """Return the nodes. Asked only when no check found an error."""

    def ledger(self, ctx: StageContext) -> tuple[Law, ...]:
        """Return the equations between the row counts of its links."""
