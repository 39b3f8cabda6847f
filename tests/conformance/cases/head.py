"""Head: the first rows, after some, one out of so many."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "n int32, s string(3)"


def _rows(*numbers: int) -> Rows:
    return Rows(_COLUMNS, [(number, None if number % 4 == 0 else f"r{number}") for number in numbers])


_IN = {"in": _rows(*range(12, 0, -1))}


def _case(name: str, numbers: tuple[int, ...], **configuration: Any) -> Case:
    return Case(name, "Head", _IN, configuration, {"out": _rows(*numbers)}, ordered=True)


def _wrong(name: str, property: str, value: str) -> Case:
    said = {property: "#many#"}
    return Case(name, "Head", _IN, said, {"out": Rows(_COLUMNS)}, parameters={"many": value}, problems=["RS-2103"])


CASES = [
    _case("ten by default, in the input's order", tuple(range(12, 2, -1))),
    _case("three", (12, 11, 10), nrecs=3),
    _case("none", (), nrecs=0),
    _case("more than there are", tuple(range(12, 0, -1)), nrecs=99),
    _case("all", tuple(range(12, 0, -1)), nrecs=1, all=True),
    _case("after some", (10, 9, 8), nrecs=3, skip=2),
    _case("after more than there are", (), nrecs=3, skip=12),
    _case("every third", (12, 9, 6), nrecs=3, period=3),
    _case("every third after one", (11, 8, 5), nrecs=3, skip=1, period=3),
    _case("all of every fifth", (12, 7, 2), all=True, period=5),
    _case("all after some", (3, 2, 1), all=True, skip=9),
    _case("partition 0", (12, 11), nrecs=2, selection="part", part=[0, 3]),
    _case("other partitions have no rows", (), nrecs=2, selection="part", part=[1]),
    _case("partitions count for nothing where all are taken", (12, 11), nrecs=2, selection=" ", part=[1]),
    Case(
        "columns of the output chosen and converted",
        "Head",
        _IN,
        {"nrecs": 2, "skip": 3},
        {"out": Rows("s string(1), n int64", [("r", 9), (None, 8)])},
        ordered=True,
    ),
    Case(
        "hidden names do not meet columns of the input",
        "Head",
        {"in": Rows("#row int32", [(5,), (6,)])},
        {"skip": 1},
        {"out": Rows("#row int32", [(6,)])},
    ),
    Case("no rows", "Head", {"in": _rows()}, {"nrecs": 3, "skip": 1}, {"out": _rows()}),
    Case(
        "a parameter", "Head", _IN, {"nrecs": "#many#"}, {"out": _rows(12, 11)}, parameters={"many": "2"}, ordered=True
    ),
    _wrong("a parameter that is no number", "nrecs", "some"),
    _wrong("less than none", "nrecs", "-1"),
    _wrong("skipping less than none", "skip", "-1"),
    _wrong("every zeroth", "period", "0"),
    Case("more than can be counted", "Head", _IN, {"nrecs": 2**70}, {"out": Rows(_COLUMNS)}, problems=["RS-4460"]),
]
