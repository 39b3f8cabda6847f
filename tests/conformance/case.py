"""What a conformance case is: a stage, what goes in, what must come out, on every engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Rows:
    """Rows of a link.

    Args:
        columns: ``name type`` a column, comma separated: ``"id int32 key, name string(10) not null, d decimal(7,2)"``.
            Types are written as ``str(DataType)`` prints them (``fixed string(3)``, ``timestamp(6)``); a column is
            nullable unless ``not null`` follows.
        rows: The rows; None is null; dates, times, timestamps and decimals as Python objects or as text.
        schema: False leaves the link without a schema of its own (outputs).
        properties: Directives a column (``{"id": {"cycle": {"init": 1}}}``).
        output: What the port of the stage that writes the link says about it, by wire names (constraints, derivations).
        input: What the port of the stage that reads the link says about it, by wire names (lookup keys …).
        kind: ``primary``, ``reference`` or ``reject``.
    """

    columns: str
    rows: Sequence[Row] = ()
    schema: bool = True
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "primary"


@dataclass(frozen=True)
class Case:
    """One case.

    Args:
        name: What it shows, a few words.
        stage: The stage type's catalogue name.
        inputs: Rows of each input link, by link name.
        configuration: What is set on the stage, by Python names.
        outputs: What must come out of each output link, by link name; columns, types and rows are compared.
        ordered: Whether the outputs' order is promised; else they are compared as multisets.
        log: Texts that must stand in the job log, each in one line of it.
        problems: Codes that ``check`` must find (then nothing is run).
        fails: The code of the error that the run must end with.
        parameters: Job parameters: name to value.
        counts: Exact row counts that the ledger must give, by link name (those of ``inputs`` and ``outputs`` are
            compared in any case).
        files: Text files to be written before the run, by name in the run's folder.
        written: What files must hold after the run, by name: text, bytes, or a callable that is given the path.
        propagate: The flow's runtime column propagation.
    """

    name: str
    stage: str
    inputs: Mapping[str, Rows] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Rows] = field(default_factory=dict)
    ordered: bool = False
    log: Sequence[str] = ()
    problems: Sequence[str] = ()
    fails: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    written: Mapping[str, str | bytes | Callable[[Any], bool]] = field(default_factory=dict)
    propagate: bool = False
