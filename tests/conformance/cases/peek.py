"""Peek: rows in the job log, all rows handed on, or the shown ones to an output."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "n int32, s string(3), d date"


def _rows(*numbers: int) -> Rows:
    rows = [(number, None if number == 2 else f"r{number}", f"2024-01-{number:02d}") for number in numbers]
    return Rows(_COLUMNS, rows)


_NUMBERS = tuple(range(12, 0, -1))
_IN = {"in": _rows(*_NUMBERS)}


def _shown(name: str, /, *log: str, **configuration: Any) -> Case:
    """Return a case whose rows are all handed on."""
    return Case(name, "Peek", _IN, configuration, {"out": _rows(*_NUMBERS)}, ordered=True, log=log)


def _picked(name: str, numbers: tuple[int, ...], **configuration: Any) -> Case:
    """Return a case whose shown rows go to the output."""
    return Case(name, "Peek", _IN, {"dataset": True, **configuration}, {"out": _rows(*numbers)}, ordered=True)


def _wrong(name: str, code: str, outputs: int = 1, **configuration: Any) -> Case:
    links = {f"out{number}": Rows(_COLUMNS) for number in range(outputs)}
    return Case(name, "Peek", _IN, configuration, links, problems=[code])


CASES = [
    _shown("names and values, ten rows", "Stage,0: n:12 s:r12 d:2024-01-12", "Stage,0: n:3 s:r3 d:2024-01-03"),
    _shown("nulls are shown", "Stage,0: n:2 s:<NULL> d:2024-01-02", all=True),
    _shown("without names, with a delimiter", "Stage,0: 12|r12|2024-01-12", name=False, delim="|"),
    _shown("some columns, in the input's order", "Stage,0: n:12 d:2024-01-12", columns=False, field=["d", "n"]),
    _shown("a list of columns is enough", "Stage,0: s:r12", field=["s"]),
    _shown("all columns, whatever is listed", "Stage,0: n:12 s:r12 d:2024-01-12", columns=True, field=["s"]),
    _shown(
        "after some, every second",
        "Stage,0: n:11 s:r11 d:2024-01-11",
        "Stage,0: n:9 s:r9 d:2024-01-09",
        skip=1,
        period=2,
        nrecs=2,
    ),
    Case("without an output", "Peek", _IN, {"nrecs": 1}, {}, log=["Stage,0: n:12 s:r12 d:2024-01-12"]),
    Case(
        "two outputs with columns of their own",
        "Peek",
        _IN,
        {"nrecs": 2},
        {"a": _rows(*_NUMBERS), "b": Rows("n int64", [(number,) for number in _NUMBERS])},
        ordered=True,
    ),
    Case("no rows", "Peek", {"in": _rows()}, {}, {"out": _rows()}),
    _picked("the shown rows to an output", _NUMBERS[:10]),
    _picked("two of them", (12, 11), nrecs=2),
    _picked("all", _NUMBERS, all=True),
    _picked("after some, every fourth", (11, 7, 3), skip=1, period=4),
    _picked("another partition", (), part=[1], selection="part"),
    Case(
        "the shown columns to an output",
        "Peek",
        _IN,
        {"dataset": True, "nrecs": 2, "field": ["n"]},
        {"out": Rows("n int32", [(12,), (11,)], schema=False)},
        ordered=True,
    ),
    _wrong("a column that there is not", "RS-4240", field=["x"]),
    _wrong("more than can be counted", "RS-4241", nrecs=2**70),
    _wrong("shown rows to two outputs", "RS-4242", outputs=2, dataset=True),
    _wrong("a column that is not shown", "RS-4020", dataset=True, field=["n"]),
]
