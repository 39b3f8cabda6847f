"""Why rows were rejected or dropped: by reason where that was counted, else the reason that the stage knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from riverstage.runs.result import RejectResult

if TYPE_CHECKING:
    from riverstage.plan import Graph
    from riverstage.plan.ledger import Ledger
    from riverstage.plan.plan import Plan

__all__ = ["rejects_of", "spelled", "stage_of"]

_MOST_REASONS = 5


def stage_of(graph: Graph, count: str) -> str | None:
    """Return the key of the stage that a count of dropped rows is about."""
    ends = [place for place, letter in enumerate(count) if letter == "#" and count[:place] in graph.stages]
    return count[: ends[-1]] if ends else None


def rejects_of(plan: Plan, ledger: Ledger, refused: Mapping[str, Mapping[str, int]]) -> Iterator[RejectResult]:
    """Yield the rows that went to reject links, then those that were dropped, with the reasons; no zeros.

    Args:
        plan: The plan that ran.
        ledger: What was counted.
        refused: By stage, how many records its source could not read for each reason.
    """
    for key, link in plan.graph.links.items():
        if link.kind == "reject" and not link.is_inner:
            yield from _of(plan, ledger, key, link.source, key, refused)
    for name in plan.dropped:
        yield from _of(plan, ledger, name, stage_of(plan.graph, name) or name, None, refused)


def _of(
    plan: Plan, ledger: Ledger, count: str, stage: str, link: str | None, refused: Mapping[str, Mapping[str, int]]
) -> Iterator[RejectResult]:
    rows = ledger.value(count)
    if not rows:
        return
    label = plan.graph.stages[stage].label if stage in plan.graph.stages else stage
    reasons = refused.get(stage, {})
    if sum(reasons.values()) != rows:
        reasons = {plan.reasons.get(count, ""): rows}
    for reason, number in reasons.items():
        yield RejectResult(label, link, number, _clause(reason), count in plan.asked)


def _clause(reason: str) -> str:
    """Return a reason as it stands behind a colon."""
    return reason[:1].lower() + reason[1:].removesuffix(".")


def spelled(reasons: Mapping[str, int]) -> str:
    """Return the reasons of dropped records for a sentence, with their numbers where there are several.

    Example:
        >>> spelled({"There are too few fields.": 2, "The quotes do not pair.": 1})
        ': there are too few fields (2), the quotes do not pair (1)'
    """
    if len(reasons) == 1:
        return f": {_clause(next(iter(reasons)))}"
    said = [f"{_clause(reason)} ({rows:,})" for reason, rows in list(reasons.items())[:_MOST_REASONS]]
    more = sum(list(reasons.values())[_MOST_REASONS:])
    said += [f"other reasons ({more:,})"] if more else []
    return f": {', '.join(said)}" if said else ""
