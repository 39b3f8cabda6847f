"""A compiled flow: its plan's SQL, what is missing, what counting costs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
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

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def explain_text(plan: Mapping[str, Any], columns: int = 110) -> str:
    """Return an explanation as text: rounds with their SQL, kernels, and how rows are counted.

    Args:
        plan: The explanation, as ``flow.explain()`` gives it.
        columns: Where lines of SQL are broken; only blanks between words become line ends.
    """
    lines = [f"{plan['flow']} on {plan['engine']}"]
    for number, round_ in enumerate(plan["rounds"], 1):
        lines.append(f"\nround {number}")
        lines.extend(_folded(f"{sql};", columns) for sql in round_)
    for shortcut in plan["shortcuts"]:
        lines.append(f"\nstage {shortcut['stage']} has less to do where {shortcut['if']}; this is asked first")
        lines.append(_folded(f"{shortcut['asked']};", columns))
    for kernel in plan["kernels"]:
        reason = f": {kernel['reason']}" if kernel["reason"] else ""
        lines.append(f"\ncode between statements: stage {kernel['stage']} reads {kernel['reads']}{reason}")
    if plan["python_functions"]:
        lines.append(f"\nfunctions that run as Python: {', '.join(plan['python_functions'])}")
    lines.extend(["", "row counts", *_counts(plan["ledger"])])
    lines.append(f"\nrow order is {'kept' if plan['keeps_order'] else 'not asked for by anybody'}")
    return "\n".join(lines)


def _counts(ledger: Mapping[str, Any]) -> Iterator[str]:
    for name, said in ledger["known"].items():
        yield f"  {name}: {said['rows']:,} ({said['how']})"
    for item in ledger["observed"]:
        yield f"  {item['count']}: {item['how']} ({_cost(item['price'])})"
    if ledger["unknown"]:
        yield f"  unknown: {', '.join(ledger['unknown'])}"
    some = ledger["known"] or ledger["observed"]
    yield f"  {'all other links follow from these by' if some else 'all links follow from'} the stages' laws"


def _cost(price: float) -> str:
    if not price:
        return "free"
    return "next to free" if price < 10 else "a second pass" if price < 400 else "kept to be counted"


# What is never broken: a text, a quoted name, and what touches them.
_WORD = re.compile(r"""(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s'"])+""")

_BLANK = re.compile(r"\s")


def _folded(sql: str, columns: int) -> str:
    """Return SQL with long lines broken between words, the rest of a line a step to the right."""
    lines: list[str] = []
    for whole in sql.splitlines():
        words = _WORD.findall(whole)
        if len(whole) + 2 <= columns or _BLANK.sub("", "".join(words)) != _BLANK.sub("", whole) or _is_open(whole):
            lines.append(f"  {whole}")
            continue
        indent = "  " + whole[: len(whole) - len(whole.lstrip())]
        line = indent + words[0]
        for word in words[1:]:
            if len(line) + 1 + len(word) > columns:
                lines.append(line)
                line = f"{indent}    {word}"
            else:
                line += f" {word}"
        lines.append(line)
    return "\n".join(lines)


def _is_open(line: str) -> bool:
    """Return whether a text goes on in the next line."""
    return bool(line.count("'") % 2 or line.count('"') % 2)
