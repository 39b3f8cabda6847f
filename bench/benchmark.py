"""What a benchmark is: contestants who do the same work, what they must agree on, and what is asked of Riverstage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bench.setting import Setting

__all__ = ["Benchmark", "Contestant", "Output", "Target", "Work"]

Work = Callable[[], "float | None"]
"""The work, done once; a number that it gives is taken for the seconds, else they are measured around it."""

Contestant = Callable[[Setting], Work]
"""Gets all ready (imports, the engine started, the flow or the query written) and gives the work."""


@dataclass(frozen=True)
class Output:
    """A file, or a folder of them, that every contestant writes, and what it is known by.

    Args:
        file: Its name; the ending says what it is.
        numbers: SQL expressions whose sums must agree to nine digits.
        texts: Columns of text whose values must be the same.
        together: SQL expressions whose values must be the same row by row, in whatever order the rows come.
        order: What the rows must be sorted by; ``-`` before it for falling.
    """

    file: str
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """What is asked of a contestant.

    Args:
        text: In words.
        subject: The contestant.
        limit: The figure at most.
        against: The contestants whose best it is held against; for ``figure='ratio'``.
        figure: Which figure of the subject: its paired ratio to the best of the others, its seconds or its memory.
    """

    text: str
    subject: str
    limit: float
    against: tuple[str, ...] = ()
    figure: Literal["ratio", "seconds", "peak_mb"] = "ratio"


@dataclass(frozen=True)
class Benchmark:
    """A benchmark.

    Args:
        name: Its name on the command line and of its file of results.
        title: What is measured, in a sentence.
        contestants: Who takes part.
        baseline: Whose best is 1 in the table of ratios; empty where contestants do different things.
        needs: The inputs.
        outputs: What everybody writes.
        targets: What is asked.
        apart: Contestants whose rows are other ones by intent; only their number must agree.
        requires: The packages that a contestant needs beside Riverstage and DuckDB.
        memory_mb: The memory limit, where it is another than usual.
        notes: What a reader of the table must know.
    """

    name: str
    title: str
    contestants: Mapping[str, Contestant]
    baseline: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    targets: tuple[Target, ...] = ()
    apart: frozenset[str] = frozenset()
    requires: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int | None = None
    notes: tuple[str, ...] = ()
