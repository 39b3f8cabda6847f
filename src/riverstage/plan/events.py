"""What an engine tells while it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["REASON", "REASON_ROWS", "Event", "Finished", "LogLine", "Observed", "Progress", "Refused", "Shown"]

REASON, REASON_ROWS = "#reason", "#rows"
"""The columns of a log sink whose rows are no rows of the flow: why rows failed, and how many for that reason."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is.

    Args:
        fraction: 0 to 1, approximate; it may rest between parts. None: not known.
        step: The part at work, from 1.
        steps: How many parts there are.
    """

    fraction: float | None
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line for the job log."""

    level: Literal["info", "warning", "error"]
    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows that a stage shows in the job log (a Peek), with the options of its sink."""

    stage: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """A count that was seen."""

    name: str
    rows: int
    how: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a source could not read records.

    Args:
        stage: Key of the stage.
        reasons: How many records for each reason, the most first.
        example: A sentence on one of them: where it stands, and what it looks like; empty for none.
    """

    stage: str
    reasons: Mapping[str, int]
    example: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """All parts are done; every target is written and waits for its commit."""

    written: dict[str, int]


Event = Progress | LogLine | Shown | Observed | Refused | Finished
