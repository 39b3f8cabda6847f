"""A compiled flow: its plan's SQL, what is missing, what counting costs."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riverstage.runs._sql_text import pretty
from riverstage.runs.findings import Findings

__all__ = ["CompiledFlow", "Explanation", "explain_text"]


class Explanation(dict[str, Any]):
    """How an engine would run a flow: a dictionary, ready for JSON, that is shown as text."""

    def __repr__(self) -> str:
        return explain_text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as a plain dictionary."""
        return dict(self)


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
    plan: Explanation | None

    @property
    def is_ok(self) -> bool:
        """Whether it can run."""
        return self.plan is not None

    @property
    def sql(self) -> list[str]:
        """The statements, in order."""
        return [sql for round_ in (self.plan or Explanation()).get("rounds", ()) for sql in round_]

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the flow from running, one sentence each."""
        return tuple(item.message for item in self.findings.errors)

    @property
    def ledger(self) -> Mapping[str, Any]:
        """What is known, what will be counted and how, and what needs a second pass."""
        ledger: Mapping[str, Any] = (self.plan or Explanation()).get("ledger", {})
        return ledger

    def __repr__(self) -> str:
        return repr(self.findings) if self.plan is None else explain_text(self.plan)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def explain_text(plan: Mapping[str, Any], columns: int = 110) -> str:
    """Return an explanation as text: rounds with their SQL, kernels, and how rows are counted.

    Args:
        plan: The explanation, as ``flow.explain()`` gives it.
        columns: How wide lines of SQL may be.
    """
    lines = [f"{plan['flow']} on {plan['engine']}"]
    for number, round_ in enumerate(plan["rounds"], 1):
        lines.append(f"\nround {number}")
        lines.extend(pretty(f"{sql};", columns, 2) for sql in round_)
    for shortcut in plan["shortcuts"]:
        lines.append(f"\nstage {shortcut['stage']} has less to do where {shortcut['if']}; this is asked first")
        lines.append(pretty(f"{shortcut['asked']};", columns, 2))
    otherwise = "and as above where something in it is out of the ordinary"
    lines.extend(f"\nlink {link} is read by Arrow's reader, {otherwise}" for link in plan["read_plain"])
    for kernel in plan["kernels"]:
        reason = f": {kernel['reason']}" if kernel["reason"] else ""
        lines.append(f"\ncode between statements: stage {kernel['stage']} reads {kernel['reads']}{reason}")
    if plan["python_functions"]:
        lines.append(f"\nfunctions that run as Python: {', '.join(plan['python_functions'])}")
    lines.extend(["", "row counts", *_counts(plan["ledger"], plan.get("links", ()))])
    lines.append(f"\n{_order(plan['order'])}")
    return "\n".join(lines)


def _order(order: Mapping[str, Sequence[str]]) -> str:
    """Return whether rows keep their order, and which come in none although somebody below goes by it."""
    if not order["none"]:
        return f"row order is {'kept' if order['kept'] else 'not asked for by anybody'}"
    said = "row order is kept, but not everywhere: " if order["kept"] else ""
    return f"{said}the rows of {', '.join(order['none'])} come in no order"


def _counts(ledger: Mapping[str, Any], links: Iterable[str]) -> Iterator[str]:
    for name, said in ledger["known"].items():
        yield f"  {name}: {said['rows']:,} ({said['how']})"
    for item in ledger["observed"]:
        yield f"  {item['count']}: {item['how']} ({_cost(item['price'])})"
    if ledger["unknown"]:
        yield f"  unknown: {', '.join(ledger['unknown'])}"
    said = {*ledger["known"], *ledger["unknown"], *(item["count"] for item in ledger["observed"])}
    others = sum(link not in said for link in links)
    if not said:
        yield "  all links follow from the stages' laws"
    elif others:
        left = "the other link follows" if others == 1 else f"the other {others} links follow"
        yield f"  {left} from these by the stages' laws"


def _cost(price: float) -> str:
    if not price:
        return "free"
    return "next to free" if price < 10 else "a second pass" if price < 400 else "kept to be counted"
