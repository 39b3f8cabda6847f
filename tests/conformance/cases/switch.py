"""Switch: cases, their numbers and types, hash and auto, rows without a case, discarded rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "id int32 not null, k string(10), n int16, d date"
_ROWS = {
    1: (1, "a", 1, "2024-01-01"),
    2: (2, "b", -2, None),
    3: (3, None, None, "2024-01-02"),
    4: (4, "A", 0, "2024-01-01"),
    5: (5, "c=d", 1, "2024-01-02"),
    6: (6, "é", 7, "2024-01-03"),
}


def _rows(ids: Sequence[int], link: str = "") -> Rows:
    kind = "reject" if link == "rest" else "primary"
    return Rows(_COLUMNS, [_ROWS[number] for number in ids], schema=kind != "reject", kind=kind)


_IN = {"in": _rows([1, 2, 3, 4, 5, 6])}


def _case(
    name: str,
    key: str,
    outputs: Mapping[str, Sequence[int]],
    *case: str,
    counts: Mapping[str, int] | None = None,
    **more: Any,
) -> Case:
    """Return a case; an output called ``rest`` is the reject link, others have numbers in order."""
    configuration: dict[str, Any] = {"key": key, **({"case": list(case)} if case else {}), **more}
    found = {link: _rows(ids, link) for link, ids in outputs.items()}
    return Case(name, "Switch", _IN, configuration, found, ordered=True, counts=counts or {})


def _wrong(name: str, code: str, *, fails: bool = False, outputs: int = 1, **more: Any) -> Case:
    found = {f"out{number}": Rows(_COLUMNS) for number in range(outputs)}
    if fails:
        return Case(name, "Switch", _IN, more, found, fails=code)
    return Case(name, "Switch", _IN, more, found, problems=[code])


def _by_text(ids: Sequence[int], outputs: int) -> dict[str, list[int]]:
    """Return the rows by the output that the hash of ``k`` chooses, by the written rule."""
    found: dict[str, list[int]] = {f"out{number}": [] for number in range(outputs)}
    for number in ids:
        text = _ROWS[number][1]
        digits = "0" if text is None else hashlib.md5(str(text).encode()).hexdigest()[:15]
        found[f"out{int(digits, 16) % outputs}"].append(number)
    return found


_DROP: dict[str, Any] = {"if_not_found": "ignore"}
_REJECT: dict[str, Any] = {"if_not_found": "allow"}
_LEFT = "Stage#not found"
_GONE = "Stage#discarded"

CASES = [
    _case("cases by number", "k", {"x": [2], "y": [1, 6]}, "a=1", "b=0", "é=1", **_DROP, counts={_LEFT: 3}),
    _case("cases by place", "k", {"x": [1], "y": [2]}, "a", "b", **_DROP, counts={_LEFT: 4}),
    _case("a case with an equals sign in it", "k", {"x": [5], "y": [1]}, "c=d", "a", **_DROP),
    _case("a case with an equals sign and a number", "k", {"x": [1], "y": [5]}, "a=0", "c=d=1", **_DROP),
    _case("cases in quotes", "k", {"x": [5], "y": [1]}, "'c=d'=0", '"a"', **_DROP),
    _case("case matters", "k", {"x": [1]}, "a", **_DROP),
    _case("case does not matter", "k", {"x": [1, 4], "y": [6]}, "A=0", "É=1", ci_cs="ci", **_DROP),
    _case("numbers are compared as numbers", "n", {"x": [1, 5], "y": [2]}, "01", " -2 = 1", **_DROP),
    _case("dates", "d", {"x": [1, 4], "y": [6]}, "2024-01-01", "2024-01-03", **_DROP),
    _case("no case: rejected, null too", "k", {"x": [1], "y": [2], "rest": [3, 4, 5, 6]}, "a", "b", **_REJECT),
    _case("every row has a case", "id", {"x": [1, 3, 5], "y": [2, 4, 6]}, "1=0", "2=1", "3=0", "4=1", "5=0", "6=1"),
    _wrong("no case: the run ends", "RS-6220", fails=True, key="k", case=["a"]),
    _wrong("null has no case: the run ends", "RS-6220", fails=True, key="n", case=["1=0", "-2=0", "0=0", "7=0"]),
    _case("the first of equal cases holds", "n", {"x": [1, 5], "y": []}, "1=0", "1.0=1", **_DROP),
    _case(
        "a case is discarded", "n", {"x": [1, 5]}, "1=0", "-2=9", "7=9", discard=9, **_DROP, counts={_GONE: 2, _LEFT: 2}
    ),
    _case(
        "a value is discarded where no case is for it",
        "n",
        {"x": [1, 5]},
        "1=0",
        discard=7,
        **_DROP,
        counts={_GONE: 1, _LEFT: 3},
    ),
    _case(
        "discarded rows are not found otherwise either",
        "n",
        {"x": [1, 5], "rest": [2, 3, 4]},
        "1=0",
        discard=7,
        **_REJECT,
        counts={_GONE: 1},
    ),
    _case("hash of whole numbers", "n", {"x": [2, 3, 4], "y": [1, 5, 6]}, selection="hash"),
    _case("hash of whole numbers below zero", "n", {"x": [3, 4], "y": [1, 2, 5, 6], "z": []}, selection="hash"),
    _case("hash of texts", "k", _by_text([1, 2, 3, 4, 5, 6], 3), selection="hash"),
    _case("hash, a value discarded", "n", {"x": [2, 3, 4], "y": [6]}, selection="hash", discard=1, counts={_GONE: 2}),
    _case(
        "auto: an output for each value, ascending, null first",
        "n",
        {"n": [3], "a": [2], "b": [4], "c": [1, 5], "d": [6]},
        selection="auto",
    ),
    _case(
        "auto: more values than outputs", "n", {"n": [3], "a": [2], "rest": [1, 4, 5, 6]}, selection="auto", **_REJECT
    ),
    _case(
        "auto: more values than outputs, dropped",
        "n",
        {"n": [3], "a": [2]},
        selection="auto",
        **_DROP,
        counts={_LEFT: 4},
    ),
    _case("auto: case does not matter", "k", {"n": [3], "a": [1, 4], "b": [2]}, selection="auto", ci_cs="ci", **_DROP),
    _case(
        "auto: a value is discarded",
        "n",
        {"n": [3], "a": [2], "b": [1, 5]},
        selection="auto",
        discard=0,
        **_DROP,
        counts={_GONE: 1, _LEFT: 1},
    ),
    _wrong("auto: more values than outputs end the run", "RS-6220", fails=True, key="n", selection="auto"),
    Case("no rows", "Switch", {"in": Rows(_COLUMNS)}, {"key": "k", "case": ["a"]}, {"x": Rows(_COLUMNS)}),
    Case("auto: no rows", "Switch", {"in": Rows(_COLUMNS)}, {"key": "k", "selection": "auto"}, {"x": Rows(_COLUMNS)}),
    Case(
        "a parameter in a case, columns of the output chosen",
        "Switch",
        _IN,
        {"key": "k", "case": ["#value#=0"], **_DROP},
        {"x": Rows("id int64", [(2,)])},
        parameters={"value": "b"},
    ),
    Case(
        "a reject link that gets nothing",
        "Switch",
        _IN,
        {"key": "id", "case": [f"{number}=0" for number in range(1, 7)]},
        {"x": _rows([1, 2, 3, 4, 5, 6]), "rest": _rows([], "rest")},
        ordered=True,
    ),
    _wrong("no selector", "RS-4520", case=["a"]),
    _wrong("a selector that there is not", "RS-4521", key="kk", case=["a"]),
    _wrong("no cases", "RS-4523", key="k"),
    _wrong("a case for an output that there is not", "RS-4524", key="k", case=["a=1"]),
    _wrong("a case of another type", "RS-4525", key="n", case=["a"]),
    _wrong("a case that is too large", "RS-4525", key="n", case=["99999"]),
    _wrong("a case with digits that the selector has no room for", "RS-4525", key="n", case=["1.5"]),
    _wrong("a case that is there twice", "RS-4526", outputs=2, key="n", case=["1", "01"]),
    _wrong("rejects without a link", "RS-4527", key="k", case=["a"], **_REJECT),
    Case(
        "a discarded value that is no number",
        "Switch",
        _IN,
        {"key": "k", "case": ["a"], "discard": "#x#"},
        {"x": Rows(_COLUMNS)},
        problems=["RS-2103"],
        parameters={"x": "none"},
    ),
    Case(
        "a reject link for nothing",
        "Switch",
        _IN,
        {"key": "k", "case": ["a"]},
        {"x": Rows(_COLUMNS), "rest": _rows([], "rest")},
        problems=["RS-4528"],
    ),
]
