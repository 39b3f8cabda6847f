"""A compiled flow: its plan's SQL, what is missing, what counting costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riverstage.runs.findings import Findings

__all__ = ["CompiledFlow", "explain_text"]


@dataclass(frozen=True)
class CompiledFlow:
    """What a flow compiles to.

    Args:
        flow: The flow's name.
        findings: What the check found.
        plan: How the engine would run it, as ``flow.explain()`` gives it; None where the flow has errors.
    """

    flow: str
    findings: Findings
    plan: Mapping[str, Any] | None

    @property
    def is_ok(self) -> bool:
        """Whether it can run."""
        return self.plan is not None

    @property
    def sql(self) -> list[str]:
        """The statements, in order."""
        return [sql for round_ in (self.plan or {}).get("rounds", ()) for sql in round_]

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the flow from running, one sentence each."""
        return tuple(item.message for item in self.findings.errors)

    @property
    def ledger(self) -> Mapping[str, Any]:
        """What is known, what will be counted and how, and what needs a second pass."""
        ledger: Mapping[str, Any] = (self.plan or {}).get("ledger", {})
        return ledger

    def __repr__(self) -> str:
        return repr(self.findings) if self.plan is None else explain_text(self.plan)


def explain_text(plan: Mapping[str, Any]) -> str:
    """Return an explanation as text: rounds with their SQL, kernels, and how rows are counted."""
    lines = [f"{plan['flow']} on {plan['engine']}"]
    for number, round_ in enumerate(plan["rounds"], 1):
        lines.append(f"\nround {number}")
        lines.extend(_indented(sql) for sql in round_)
    for kernel in plan["kernels"]:
        reason = f": {kernel['reason']}" if kernel["reason"] else ""
        lines.append(f"\ncode between statements: stage {kernel['stage']} reads {kernel['reads']}{reason}")
    if plan["python_functions"]:
        lines.append(f"\nfunctions that run as Python: {', '.join(plan['python_functions'])}")
    ledger = plan["ledger"]
    lines.append("\nrow counts")
    for name, said in ledger["known"].items():
        lines.append(f"  {name}: {said['rows']:,} ({said['how']})")
    for item in ledger["observed"]:
        cost = (
            "free"
            if not item["price"]
            else "next to free"
            if item["price"] < 10
            else "a second pass"
            if item["price"] < 400
            else "kept to be counted"
        )
        lines.append(f"  {item['count']}: {item['how']} ({cost})")
    if ledger["unknown"]:
        lines.append(f"  unknown: {', '.join(ledger['unknown'])}")
    lines.append("  all other links follow from these by the stages' laws")
    lines.append(f"\nrow order is {'kept' if plan['keeps_order'] else 'not asked for by anybody'}")
    return "\n".join(lines)


def _indented(sql: str) -> str:
    return "\n".join(f"  {line}" for line in f"{sql};".splitlines())
