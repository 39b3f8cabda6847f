"""Every error that Riverstage raises, and the diagnostics that errors are made of.

The tree::

    RiverstageError
    ├── UsageError (ValueError)          a call that cannot mean anything: bad name, bad value, foreign object
    │   ├── NotFoundError                nothing has that name or matches those filters
    │   └── RemovedError                 the object was removed from its flow
    ├── DocumentError (ValueError)       a flow document that cannot be read; names the place in it
    ├── CatalogueError (ValueError)      an unknown stage type, property or choice
    ├── ExpressionError (ValueError)     an expression that cannot be read or typed; names the position
    ├── CheckFailed                      a flow with errors; carries every diagnostic
    ├── ParameterError (ValueError)      a parameter that is missing or cannot hold its value
    ├── StoreError                       the project or workspace could not be read or written
    │   └── ConflictError                somebody else saved first
    ├── ConnectorError                   a file or system could not be read or written
    ├── EngineError                      the engine is missing, or refused a plan
    └── RunError                         a run that did not complete
        ├── RunFailed
        └── RunCancelled

Codes are stable: a code keeps its meaning for ever and is never used again for another. Ranges, by the room that
raises them: 1xxx document, 2xxx flow and catalogue, 3xxx expressions, 4xxx check and bind, 5xxx connectors, 6xxx
engine and run, 7xxx store, operations and client, 8xxx command line and service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

__all__ = [
    "CatalogueError",
    "CheckFailed",
    "ConflictError",
    "ConnectorError",
    "Diagnostic",
    "DocumentError",
    "EngineError",
    "ExpressionError",
    "NotFoundError",
    "ParameterError",
    "Place",
    "RemovedError",
    "RiverstageError",
    "RunCancelled",
    "RunError",
    "RunFailed",
    "Severity",
    "StoreError",
    "UsageError",
]

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: any of flow, stage, link, column, property, parameter, file and a path or position in it.

    Example:
        >>> str(Place(stage="Sort_1", property="key_properties"))
        "stage 'Sort_1', property 'key_properties'"
    """

    flow: str | None = None
    stage: str | None = None
    link: str | None = None
    column: str | None = None
    property: str | None = None
    parameter: str | None = None
    file: str | None = None
    path: str | None = None
    position: int | None = None

    def __str__(self) -> str:
        said = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if field.name == "path":
                said.append(str(value))
            elif field.name == "position":
                said.append(f"character {value + 1}")
            else:
                said.append(f"{field.name} '{value}'")
        return ", ".join(said)

    def as_dict(self) -> dict[str, object]:
        """Return the parts that are known, for JSON."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name) is not None
        }


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a flow: a stable code, what is wrong, where, and what to do.

    Args:
        code: Stable code, such as ``RS-4003``.
        severity: ``error`` stops a run; ``warning`` and ``info`` do not.
        message: What is wrong, one sentence.
        place: Where it is.
        mend: What to do about it, one sentence; empty when the message says it.
    """

    code: str
    severity: Severity
    message: str
    place: Place = Place()
    mend: str = ""

    def __str__(self) -> str:
        where = str(self.place)
        text = f"{self.severity} {self.code}" + (f" at {where}" if where else "") + f": {self.message}"
        return f"{text} {self.mend}" if self.mend else text

    def as_dict(self) -> dict[str, object]:
        """Return the finding as JSON-ready data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "place": self.place.as_dict(),
            "mend": self.mend,
        }


class RiverstageError(Exception):
    """The root of every error of this package.

    Args:
        message: What happened, one sentence.
        code: Stable code of the kind of problem.
        place: Where it happened.
        state: What state the data is in, when that matters.
        mend: What to do next.
    """

    default_code = "RS-0000"

    def __init__(
        self, message: str, *, code: str | None = None, place: Place | None = None, state: str = "", mend: str = ""
    ) -> None:
        self.message = message
        self.code = code or self.default_code
        self.place = place or Place()
        self.state = state
        self.mend = mend
        super().__init__(self._text())

    def _text(self) -> str:
        where = str(self.place)
        ends = not (self.state or self.mend) or self.message.endswith((".", "!", "?", ":", "\n"))
        parts = [
            self.message + ("" if ends else ".") + (f" ({where})" if where else ""),
            self.state,
            self.mend,
        ]
        return " ".join(part for part in parts if part) + f" [{self.code}]"

    def as_dict(self) -> Mapping[str, object]:
        """Return the error as JSON-ready data, the same form that every surface of the product shows."""
        return {
            "code": self.code,
            "message": self.message,
            "place": self.place.as_dict(),
            "state": self.state,
            "mend": self.mend,
        }


class UsageError(RiverstageError, ValueError):
    """A call that cannot mean anything."""

    default_code = "RS-2000"


class NotFoundError(UsageError):
    """Nothing has that name, or matches those filters."""

    default_code = "RS-2001"


class RemovedError(UsageError):
    """The object was removed from its flow."""

    default_code = "RS-2002"


class DocumentError(RiverstageError, ValueError):
    """A flow document that cannot be read; ``place.path`` says where in it."""

    default_code = "RS-1000"


class CatalogueError(RiverstageError, ValueError):
    """An unknown stage type, property or choice."""

    default_code = "RS-2100"


class ExpressionError(RiverstageError, ValueError):
    """An expression that cannot be read or typed; ``place.position`` is the 0-based offset in its text."""

    default_code = "RS-3000"


class CheckFailed(RiverstageError):
    """A flow that has errors. ``diagnostics`` holds every finding, not only the first."""

    default_code = "RS-4000"

    def __init__(self, diagnostics: Iterable[Diagnostic], *, place: Place | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [finding for finding in self.diagnostics if finding.severity == "error"]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        self._lines = "".join(f"\n  {finding}" for finding in errors)
        super().__init__(f"The flow cannot run: {count}.", place=place, state="Nothing was read or written.")

    def _text(self) -> str:
        return super()._text() + self._lines

    def as_dict(self) -> Mapping[str, object]:
        """Return the error with all its findings as JSON-ready data."""
        return {**super().as_dict(), "diagnostics": [finding.as_dict() for finding in self.diagnostics]}


class ParameterError(RiverstageError, ValueError):
    """A parameter that is missing or cannot hold its value."""

    default_code = "RS-4100"


class StoreError(RiverstageError):
    """The project or workspace could not be read or written."""

    default_code = "RS-7000"


class ConflictError(StoreError):
    """Somebody else saved first."""

    default_code = "RS-7001"


class ConnectorError(RiverstageError):
    """A file or system could not be read or written."""

    default_code = "RS-5000"


class EngineError(RiverstageError):
    """The engine is missing, or refused a plan."""

    default_code = "RS-6000"


class RunError(RiverstageError):
    """A run that did not complete."""

    default_code = "RS-6100"


class RunFailed(RunError):
    """A run that failed."""

    default_code = "RS-6101"


class RunCancelled(RunError):
    """A run that was cancelled."""

    default_code = "RS-6102"
