"""Filter: conditions, several outputs, the first one only, rejects, nulls, parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "id int32 not null, city string(10), amount decimal(7,2), day date"
_ROWS = {
    1: (1, "Oslo", "10.00", "2024-01-31"),
    2: (2, "oslo", "-3.50", "2024-02-29"),
    3: (3, None, "0", None),
    4: (4, "Århus", None, "2023-12-31"),
    5: (5, "O'Hare", "1000.00", "2024-02-01"),
    6: (6, "", "10.00", "2024-01-31"),
}


def _rows(ids: str) -> Rows:
    return Rows(_COLUMNS, [_ROWS[int(number)] for number in ids.split()])


_IN = {"in": _rows("1 2 3 4 5 6")}


def _where(name: str, where: str, ids: str, **more: Any) -> Case:
    """Return a case of one condition and one output."""
    configuration = {"where_properties": [{"where": where, "target": 0}], **more.pop("configuration", {})}
    return Case(name, "Filter", _IN, configuration, {"out": _rows(ids)}, ordered=True, **more)


def _split(name: str, wheres: Sequence[Mapping[str, Any]], outputs: Mapping[str, str], **more: Any) -> Case:
    """Return a case of several outputs; one called ``rest`` is the reject link."""
    found = {}
    for link, ids in outputs.items():
        rows = _rows(ids)
        kind = "reject" if link == "rest" else "primary"
        found[link] = Rows(rows.columns, rows.rows, schema=kind != "reject", kind=kind)
    return Case(name, "Filter", _IN, {"where_properties": list(wheres), **more}, found, ordered=True)


_TWO = ({"where": "amount >= 10", "target": 0}, {"where": "city = 'Oslo' or id > 5", "target": 1})

CASES = [
    _where("equal, byte by byte", "city = 'Oslo'", "1"),
    _where("texts in double quotes", 'city = "oslo"', "2"),
    _where("not equal: null is another value", "city <> 'Oslo'", "2 3 4 5 6"),
    _where("the empty text is no null", "city = ''", "6"),
    _where("greater", "amount > 10", "5"),
    _where("less: null is less than everything by default", "amount < 0", "2 4"),
    _where("less or equal", "amount <= -3.5", "2 4"),
    _where("nulls last: null is greater than everything", "amount < 0", "2", configuration={"nulls": "last"}),
    _where("nulls last: greater", "amount > 10", "4 5", configuration={"nulls": "last"}),
    _where("is null", "city is null", "3"),
    _where("is not null and", "city is not null and amount is not null", "1 2 5 6"),
    _where("or below and", "id = 1 or id = 2 and amount > 0", "1"),
    _where("brackets", "(id = 1 or id = 2) and amount < 0", "2"),
    _where("not", "not (id = 1 or id = 2)", "3 4 5 6"),
    _where("between, both ends", "id between 2 and 4", "2 3 4"),
    _where("not between", "id not between 2 and 4", "1 5 6"),
    _where("like is a regular expression on the whole text", "city like '[Oo]s.*'", "1 2"),
    _where("like beyond ASCII", "city like 'Å.*'", "4"),
    _where("dates as texts", "day >= '2024-02-01'", "2 5"),
    _where("the link's name before the column", "in.id = 3", "3"),
    _where("two columns", "amount > id", "1 5 6"),
    _where("true", "true", "1 2 3 4 5 6"),
    _where("false", "false", ""),
    _where(
        "a parameter is bound as text", "city = '#town#' and id < #most#", "1", parameters={"town": "Oslo", "most": "3"}
    ),
    _where("a parameter with a quote in it", 'city = "#town#"', "5", parameters={"town": "O'Hare"}),
    _where("a parameter with the very quote in it", "city = '#town#'", "5", parameters={"town": "O'Hare"}),
    _where("a parameter is a value without quotes too", "city = #town#", "5", parameters={"town": "O'Hare"}),
    _where("a parameter is a part of a text", "city = '#a#s#b#'", "1", parameters={"a": "O", "b": "lo"}),
    _where("no parameter changes the wording", "city = '#town#'", "", parameters={"town": "' or true or city = '"}),
    _where("nor without quotes", "city = #town#", "", parameters={"town": "'' or true"}),
    _where("a parameter between", "id between #a# and #b#", "2 3", parameters={"a": "2", "b": "3"}),
    _where("a parameter as a pattern", "city like #p# or city like '#p#'", "1 2", parameters={"p": "[Oo]s.*"}),
    _where("a parameter with the name of a column", "id = 2 and id = #id#", "2", parameters={"id": "2"}),
    _where("a parameter that is the whole condition", "#rule#", "1 2", parameters={"rule": "id < 3"}),
    _where("dates from parameters", "day >= #day# and day >= '#day#'", "2 5", parameters={"day": "2024-02-01"}),
    Case(
        "columns of the output are chosen, renamed and converted",
        "Filter",
        _IN,
        {"where_properties": [{"where": "id < 3"}]},
        {
            "out": Rows(
                "town string(2), id string(4)",
                [("Os", "1"), ("os", "2")],
                output={"valueDerivation": [{"columnName": "town", "parsedExpression": "in.city"}]},
            )
        },
        ordered=True,
    ),
    Case(
        "a value that does not fit the output ends the run, unless it is filtered out",
        "Filter",
        _IN,
        {"where_properties": [{"where": "amount < 100"}]},
        {"out": Rows("amount decimal(4,2)", [("10",), ("-3.5",), ("0",), (None,), ("10",)])},
        ordered=True,
    ),
    Case(
        "a value that does not fit the output",
        "Filter",
        _IN,
        {"where_properties": [{"where": "true"}]},
        {"out": Rows("amount decimal(4,2)")},
        fails="RS-6201",
    ),
    Case(
        "a text that is no number, compared with one",
        "Filter",
        _IN,
        {"where_properties": [{"where": "city > 5"}]},
        {"out": Rows(_COLUMNS)},
        fails="RS-6225",
    ),
    Case(
        "no rows",
        "Filter",
        {"in": Rows(_COLUMNS)},
        {"where_properties": [{"where": "id > 1"}]},
        {"out": Rows(_COLUMNS)},
    ),
    _split("a row goes to every output whose condition it meets", _TWO, {"a": "1 5 6", "b": "1 6"}),
    _split("to the first only", _TWO, {"a": "1 5 6", "b": ""}, first=True),
    _split("to the first only, in the order of the conditions", _TWO[::-1], {"a": "5", "b": "1 6"}, first=True),
    _split("what meets no condition is rejected", _TWO, {"a": "1 5 6", "b": "1 6", "rest": "2 3 4"}, reject=True),
    _split("a reject link is enough", _TWO, {"a": "1 5 6", "b": "1 6", "rest": "2 3 4"}),
    _split("first and reject", _TWO, {"a": "1 5 6", "b": "", "rest": "2 3 4"}, first=True, reject=True),
    _split("one output and a reject", [{"where": "id > 4"}], {"a": "5 6", "rest": "1 2 3 4"}, reject=True),
    _split(
        "two conditions for one output: a row goes down it once",
        [{"where": "id < 4", "target": 1}, {"where": "id > 2", "target": 0}, {"where": "id < 3", "target": 1}],
        {"a": "3 4 5 6", "b": "1 2 3"},
    ),
    _split(
        "two conditions for one output, to the first only",
        [{"where": "id = 2", "target": 1}, {"where": "id < 4", "target": 0}, {"where": "id < 5", "target": 1}],
        {"a": "1 3", "b": "2 4", "rest": "5 6"},
        first=True,
    ),
    _split(
        "targets as texts, and by place",
        [{"where": "id = 1", "target": "1"}, {"where": "id = 2", "target": "0"}],
        {"a": "2", "b": "1"},
    ),
    _split("without targets", [{"where": "id = 1"}, {"where": "id = 2"}], {"a": "1", "b": "2"}),
    _split("an output without a condition gets nothing", [{"where": "id = 1", "target": 1}], {"a": "", "b": "1"}),
    Case("no condition", "Filter", _IN, {}, {"out": Rows(_COLUMNS)}, problems=["RS-4320"]),
    Case(
        "a target that there is not",
        "Filter",
        _IN,
        {"where_properties": [{"where": "true", "target": 1}]},
        {"out": Rows(_COLUMNS)},
        problems=["RS-4321"],
    ),
    Case(
        "a condition that cannot be read",
        "Filter",
        _IN,
        {"where_properties": [{"where": "id >"}]},
        {"out": Rows(_COLUMNS)},
        problems=["RS-3001"],
    ),
    Case(
        "a column that there is not",
        "Filter",
        _IN,
        {"where_properties": [{"where": "town = 1"}]},
        {"out": Rows(_COLUMNS)},
        problems=["RS-3004"],
    ),
    Case(
        "types that cannot be compared",
        "Filter",
        _IN,
        {"where_properties": [{"where": "day > 1"}]},
        {"out": Rows(_COLUMNS)},
        problems=["RS-3005"],
    ),
    Case(
        "an output without a condition",
        "Filter",
        _IN,
        {"where_properties": [{"where": "true", "target": 1}]},
        {"a": Rows(_COLUMNS), "b": Rows(_COLUMNS)},
        problems=["RS-4322"],
    ),
    Case(
        "rejects without a link",
        "Filter",
        _IN,
        {"where_properties": [{"where": "true"}], "reject": True},
        {"out": Rows(_COLUMNS)},
        problems=["RS-4323"],
    ),
    Case(
        "a collation sequence",
        "Filter",
        _IN,
        {"where_properties": [{"where": "true"}], "collation_sequence": "#c#"},
        {"out": Rows(_COLUMNS)},
        problems=["RS-4326"],
        parameters={"c": "en"},
    ),
]
