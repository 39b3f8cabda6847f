"""Tail: the last rows, in their order."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "n int32, s string(3)"


def _rows(*numbers: int) -> Rows:
    return Rows(_COLUMNS, [(number, None if number % 4 == 0 else f"r{number}") for number in numbers])


_IN = {"in": _rows(*range(12, 0, -1))}


def _case(name: str, numbers: tuple[int, ...], **configuration: Any) -> Case:
    return Case(name, "Tail", _IN, configuration, {"out": _rows(*numbers)}, ordered=True)


CASES = [
    _case("ten by default, in the input's order", tuple(range(10, 0, -1))),
    _case("three", (3, 2, 1), nrecs=3),
    _case("none", (), nrecs=0),
    _case("more than there are", tuple(range(12, 0, -1)), nrecs=99),
    _case("partition 0", (2, 1), nrecs=2, selection="part", part=[0]),
    _case("other partitions have no rows", (), nrecs=2, selection="part", part=[1]),
    Case(
        "columns of the output chosen and converted",
        "Tail",
        _IN,
        {"nrecs": 2},
        {"out": Rows("s string(1), n int64", [("r", 2), ("r", 1)])},
        ordered=True,
    ),
    Case(
        "hidden names do not meet columns of the input",
        "Tail",
        {"in": Rows("#row int32", [(5,), (6,)])},
        {"nrecs": 1},
        {"out": Rows("#row int32", [(6,)])},
    ),
    Case("no rows", "Tail", {"in": _rows()}, {"nrecs": 3}, {"out": _rows()}),
    Case("more than can be counted", "Tail", _IN, {"nrecs": 2**70}, {"out": Rows(_COLUMNS)}, problems=["RS-4480"]),
]
