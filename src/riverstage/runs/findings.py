"""What a check found, as a list that shows itself."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any, overload

from riverstage.errors import Diagnostic

__all__ = ["Findings"]

_MARKS = {"error": "✗", "warning": "!", "info": "·"}


class Findings(Sequence[Diagnostic]):
    """Everything that a check found about a flow: errors first, then warnings.

    Args:
        flow: The flow's name.
        found: The findings.
    """

    __slots__ = ("_found", "flow")

    def __init__(self, flow: str, found: Iterable[Diagnostic]) -> None:
        self.flow = flow
        self._found = tuple(found)

    @overload
    def __getitem__(self, index: int) -> Diagnostic: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Diagnostic, ...]: ...
    def __getitem__(self, index: int | slice) -> Diagnostic | tuple[Diagnostic, ...]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that stop a run."""
        return tuple(item for item in self._found if item.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The findings that do not."""
        return tuple(item for item in self._found if item.severity == "warning")

    @property
    def is_ok(self) -> bool:
        """Whether the flow can run."""
        return not self.errors

    def as_dict(self) -> dict[str, Any]:
        """Return the findings as JSON-ready data."""
        return {"flow": self.flow, "ok": self.is_ok, "findings": [item.as_dict() for item in self._found]}

    def __repr__(self) -> str:
        if not self._found:
            return f"✓ {self.flow}: no problems found"
        errors, warnings = len(self.errors), len(self.warnings)
        said = [
            f"{count} {word}{'' if count == 1 else 's'}"
            for count, word in ((errors, "error"), (warnings, "warning"))
            if count
        ]
        lines = [f"{_MARKS['error' if errors else 'warning']} {self.flow}: {', '.join(said) or 'remarks'}"]
        for item in self._found:
            place = ", ".join(part for part in str(item.place).split(", ") if not part.startswith("flow '"))
            lines.append(f"  {_MARKS[item.severity]} {item.code}  {place}{': ' if place else ''}{item.message}")
            if item.mend:
                lines.append(f"    → {item.mend}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
